"""The main job, told step by step, from recording three scripts to a report that anybody can check.

Run by `make demo`. The ledger stays in examples/tumour/.lineproof for you to ask more, the report in
examples/tumour/dossier.html for you to open.
"""

import json
import os
import re
import shlex
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).resolve().parent
LINEPROOF = [sys.executable, "-m", "lineproof.cli"]
FEATURE = "column:model::tumour#age_at_visit"
PATIENT = "prediction:P-0042"
COLOURED = sys.stdout.isatty() and "NO_COLOR" not in os.environ


def say(heading: str, *lines: str) -> None:
    """Print a heading of the story, and what to look at."""
    print(f"\n\033[1m{heading}\033[0m" if COLOURED else f"\n{heading}")
    for line in lines:
        print(f"  {line}")
    sys.stdout.flush()


def run(*command: str, expect: int = 0, quiet: bool = False, env: dict[str, str] | None = None) -> str:
    """Show a command, run it here, insist on its exit code; give what it printed."""
    ours = list(command[: len(LINEPROOF)]) == LINEPROOF
    shown = ["lineproof", *command[len(LINEPROOF) :]] if ours else list(command)
    print("$ " + shlex.join("python" if part == sys.executable else part for part in shown))
    sys.stdout.flush()
    started = time.monotonic()
    done = subprocess.run(command, cwd=HERE, check=False, env=env, stdout=subprocess.PIPE, text=True)
    if not quiet:
        print(done.stdout, end="")
    print(
        f"  ({time.monotonic() - started:.1f} s{f', exit code {done.returncode}' if done.returncode else ''})"
    )
    sys.stdout.flush()
    if done.returncode != expect:
        print(done.stdout if quiet else "", end="")
        sys.exit(f"demo: expected exit code {expect}, got {done.returncode}")
    return done.stdout


def lineproof(
    *arguments: str, expect: int = 0, quiet: bool = False, env: dict[str, str] | None = None
) -> str:
    """Show and run one lineproof command."""
    return run(*LINEPROOF, *arguments, expect=expect, quiet=quiet, env=env)


def training_runs() -> list[str]:
    """Give the references of the runs of train.py, oldest first."""
    listed = subprocess.run(
        [*LINEPROOF, "log", "--json"], cwd=HERE, check=True, capture_output=True, text=True
    )
    rows = [json.loads(line) for line in listed.stdout.splitlines()]
    return [row["run"] for row in reversed(rows) if row["job"].endswith("train.py")]


@contextmanager
def forged_ledger() -> Iterator[dict[str, str]]:
    """Do what a quiet forger would, in a copy: improve one metric in the tables people look at."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / ".lineproof"
        shutil.copytree(HERE / ".lineproof", copy)
        with sqlite3.connect(copy / "ledger.db") as database:
            database.execute("UPDATE metric SET value = 0.999 WHERE name = 'roc_auc_score'")
        database.close()
        yield {**os.environ, "LINEPROOF_HOME": str(copy)}


@contextmanager
def forged_report() -> Iterator[Path]:
    """Do the same to the report: another digit in a figure that is shown."""
    text = (HERE / "dossier.html").read_text(encoding="utf-8")
    shown = re.search(r">0\.9\d+<", text)
    if shown is None:
        sys.exit("demo: the report shows no metric to forge")
    forged = text[: shown.start()] + ">0.999<" + text[shown.end() :]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "forged.html"
        path.write_text(forged, encoding="utf-8")
        yield path


def record() -> None:
    """Make the data, record the scripts, and trace one feature."""
    say("The raw data: real measurements and an invented patient register")
    run(sys.executable, "make_data.py")
    say(
        "1. Record: three ordinary scripts",
        "prepare.py and train.py hold not one line of lineproof; score.py one, to name its predictions.",
    )
    lineproof("init")
    for script in ("prepare.py", "train.py", "score.py"):
        lineproof("run", "--", sys.executable, script)
    lineproof("log")
    say("2. Trace: one feature of the model, back to the raw columns, across two processes")
    lineproof("trace", FEATURE, "--up", "--columns")


def state() -> None:
    """State what no program can know."""
    say("3. State what no program can know: what it is for, who answers, what is personal")
    for words in (
        ("system", "set", "triage", "--model", "tumour", "--owner", "Head of radiology", "--gdpr-role",
         "controller", "--hipaa-role", "none", "--sox-scope", "--ai-act-role", "provider", "--ai-act-class",
         "high_annex_i", "--intended-use", "Which patients a radiologist sees first"),
        ("tag", "add", "column:patients#birth_date", "PII", "PHI", "BIRTH_DATE"),
        ("dataset", "source", "set", "dataset:patients", "--origin", "ward register (invented)", "--region",
         "EU", "--licence", "internal", "--obtained", "at admission", "--purpose", "care"),
        ("purpose", "add", "care", "--job", "*.py", "--controller", "The clinic", "--no-high-risk"),
        ("basis", "add", "care", "--article", "6(1)(c)", "--art9", "9(2)(h)", "--reason", "duty to treat"),
    ):  # fmt: skip
        lineproof(*words)


def explain_and_diff() -> None:
    """Answer the affected person's question, then the engineer's."""
    say(
        "4. Explain: why was this patient referred?",
        "The birth date reaches the model as age_at_visit; values that carry it are withheld unless asked for.",
    )
    lineproof("explain", PATIENT)
    say("5. Diff: train again with a larger test set; what changed?")
    lineproof("run", "--", sys.executable, "train.py", "--test-size", "0.3")
    lineproof("diff", *training_runs())


def check_and_approve() -> None:
    """Release without approval, be told, and mend it."""
    say("6. Check: version 2 goes to production without anybody's approval")
    lineproof("deploy", "model:tumour@2", "--env", "prod", "--ci", "--reason", "weekly release")
    lineproof("check", "--framework", "SOX", expect=3)
    say(
        "   SOX-CM-1 fails, honestly: nobody approved what runs. So a second person looks at it.",
        "Whoever trained the model may not approve it:",
    )
    lineproof("approve", "model:tumour@2", "--reason", "looks fine to me", expect=4)
    lineproof("approve", "model:tumour@2", "--as", "approver", "--reason", "AUC holds on the test set",
              "--ticket", "CR-12")  # fmt: skip
    lineproof(
        "deploy", "model:tumour@2", "--env", "prod", "--ci", "--reason", "release of the approved version"
    )
    say(
        "   What stays open is said as well: a name typed after --as proves nobody's identity, so duties",
        "count as separate only when a person judges so, and what nobody recorded is unknown, never passed.",
    )
    lineproof("check", "--framework", "SOX", expect=3)


def report_and_tamper() -> None:
    """Write the report, then show that neither it nor the ledger can be changed quietly."""
    say("7. Report: one file for the auditor, which checks itself when it is opened, offline")
    lineproof("report", "model:tumour@2", "-o", "dossier.html")
    lineproof("verify", "dossier.html", "--key", ".lineproof/keys/ledger.vkey")
    say("8. Verify: the log, and that the tables still say what the log says")
    lineproof("verify")
    say("9. Tamper: in a copy of the ledger somebody raises a metric with sqlite3, another one in the report")
    with forged_ledger() as environment:
        lineproof("verify", expect=5, env=environment)
    with forged_report() as path:
        lineproof("verify", str(path), "--key", ".lineproof/keys/ledger.vkey", expect=5)


def main() -> None:
    """Tell the story."""
    os.environ.pop("LINEPROOF_HOME", None)
    started = time.monotonic()
    record()
    state()
    explain_and_diff()
    check_and_approve()
    report_and_tamper()
    say(f"Done in {time.monotonic() - started:.0f} s. What to type next, in examples/tumour:")
    print("  open dossier.html                      in any browser: it checks itself")
    print("  lineproof events                       everything that happened, in order")
    print("  lineproof check                        all controls, with what to do about each")
    print("  lineproof explain prediction:P-0042 --values")
    print("  lineproof trace column:patients#birth_date --down --columns")


if __name__ == "__main__":
    main()
