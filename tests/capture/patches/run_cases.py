"""Runs conformance cases the way a user's program would, and prints what `lineproof.origins` says of `out`.

python run_cases.py CASES.yaml    ->  one JSON line per case
"""

import json
import os
import sys
import tempfile
from pathlib import Path

import yaml


def main(path: str) -> None:
    root = Path(tempfile.mkdtemp())
    (root / ".lineproof").mkdir()
    os.environ["LINEPROOF_HOME"] = str(root / ".lineproof")
    import lineproof

    lineproof.autolog()
    document = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    for number, case in enumerate(document["cases"]):
        folder = root / f"case{number}"
        folder.mkdir()
        os.chdir(folder)
        for name, text in document["fixtures"].items():
            if name.rpartition(".")[0] in case["sources"]:
                Path(name).write_text(text, encoding="utf-8")
        case.setdefault("setup", document.get("setup", ""))
        print(json.dumps({"id": case["id"], **run(case, folder)}), flush=True)


def run(case: dict, folder: Path) -> dict:
    import lineproof

    script = folder / "case.py"
    script.write_text(case["setup"] + case["code"], encoding="utf-8")
    variables = {"__name__": "__main__"}
    exec(compile(script.read_text(encoding="utf-8"), str(script), "exec"), variables)
    return {
        "columns": {
            name: {
                "direct": sorted(f"{Path(each.dataset).stem}.{each.column}" for each in origin.direct),
                "indirect": sorted(f"{Path(each.dataset).stem}.{each.column}" for each in origin.indirect),
                "how": origin.how,
                "precision": origin.precision,
            }
            for name, origin in lineproof.origins(variables["out"]).items()
        }
    }


if __name__ == "__main__":
    main(sys.argv[1])
