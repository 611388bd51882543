"""Runs cases the way a user's program would, and prints what `lineproof.origins` says of `out`.

python run.py CASES.json    ->  one JSON line per case
"""

import contextlib
import io
import json
import os
import sys
import tempfile
import traceback
from pathlib import Path


def main(path: str) -> None:
    root = Path(tempfile.mkdtemp())
    (root / ".lineproof").mkdir()
    os.environ["LINEPROOF_HOME"] = str(root / ".lineproof")
    import lineproof

    lineproof.autolog()
    for number, case in enumerate(json.loads(Path(path).read_text(encoding="utf-8"))):
        folder = root / f"case{number}"
        folder.mkdir()
        os.chdir(folder)
        for name, text in case["fixtures"].items():
            if name.rpartition(".")[0] in case["sources"]:
                Path(name).write_text(text, encoding="utf-8")
        try:
            found = {"columns": run(case, folder)}
        except Exception:  # noqa: BLE001 -- whatever a case may raise
            found = {"error": traceback.format_exc(limit=-3)}
        print(json.dumps({"id": case["id"], **found}), flush=True)


def run(case: dict, folder: Path) -> dict:
    import lineproof

    script = folder / "case.py"
    script.write_text(case["setup"] + case["code"], encoding="utf-8")
    variables = {"__name__": "__main__"}
    with contextlib.redirect_stdout(io.StringIO()):
        exec(compile(script.read_text(encoding="utf-8"), str(script), "exec"), variables)
    return {
        name: {
            "direct": sorted(f"{Path(each.dataset).stem}.{each.column}" for each in origin.direct),
            "indirect": sorted(f"{Path(each.dataset).stem}.{each.column}" for each in origin.indirect),
            "precision": origin.precision,
        }
        for name, origin in lineproof.origins(variables["out"]).items()
    }


if __name__ == "__main__":
    main(sys.argv[1])
