"""What a program says itself is recorded, and nothing happens where nothing is recorded."""

from __future__ import annotations

import os
import subprocess

import pytest

import lineproof
from lineproof.capture import session as sessions
from lineproof.errors import CaptureUsageError


def jobs(project) -> dict[str, dict]:
    """The last event of each job, with the facets of all its events."""
    found: dict[str, dict] = {}
    for event in project.events():
        name = event["job"]["name"]
        facets = found.get(name, {}).get("run", {}).get("facets", {}) | event["run"].get("facets", {})
        found[name] = event | {"run": event["run"] | {"facets": facets}}
    return found


def test_autolog_records_the_program_from_there_on(project):
    project.write("before.csv")
    project.write("after.csv")
    name = project.script(
        "import lineproof; open('before.csv').read(); lineproof.autolog(); open('after.csv').read()"
    )
    done = project.plain(name)
    assert (done.code, done.out, done.err) == (0, b"", b"")
    assert project.actions() == {"after.csv": ["read"]}
    start = project.events("START")[0]
    assert start["job"] == {
        "namespace": "default",
        "name": "train.py",
        "facets": start["job"]["facets"],
    }
    assert start["run"]["facets"]["lineproof_process"]["argv"][1:] == ["train.py"]
    assert project.end()["state"] == "COMPLETE"


def test_autolog_has_code_and_machine_found_out_beside_the_program(project, wait):
    project.plain(project.script("import lineproof; lineproof.autolog()"))
    wait(lambda: len(project.spools()) == 2 and project.spools()[1][-1]["kind"] == "end")
    assert project.facet("lineproof_code")["missing"] == ["not a git repository"]
    digest = project.facet("lineproof_code")["entry_digest"].removeprefix("sha256:")
    kept = project.root / ".lineproof" / "objects" / "sha256" / digest[:2] / digest
    assert kept.read_bytes() == (project.root / "train.py").read_bytes()


def test_autolog_twice_or_below_lineproof_run_changes_nothing(project):
    name = project.script("import lineproof; lineproof.autolog(); lineproof.autolog(); print('runs')")
    assert project.recorded(name).out == b"runs\n"
    assert len(project.spools()) == 2
    assert len(project.events("START")) == 1


def test_autolog_wraps_libraries_that_are_imported_already(project):
    pytest.importorskip("pandas")
    project.write("in.csv")
    name = project.script(
        "import pandas as pd, lineproof; lineproof.autolog(); pd.read_csv('in.csv').to_csv('out.csv')"
    )
    project.plain(name)
    outputs = {dataset["name"] for event in project.events() for dataset in event.get("outputs", ())}
    assert "out.csv" in outputs


def test_without_a_ledger_autolog_warns_once_and_everything_is_a_pass_through(tmp_path, project):
    text = """
        import lineproof
        lineproof.autolog()
        lineproof.metric("a", 1)
        lineproof.parameter("b", 2)
        lineproof.decision("c", chosen=1)
        with lineproof.run("part") as run:
            print(run)
        @lineproof.step(inputs="x")
        def double(value):
            return 2 * value
        print(double(2))
    """
    (project.root / ".lineproof").rmdir()
    done = project.plain(project.script(text))
    assert (done.code, done.out) == (0, b"None\n4\n")
    assert b"no .lineproof folder here or above" in done.err
    assert sorted(os.listdir(project.root)) == ["train.py"]
    done = project.plain(project.script(text), LINEPROOF_DISABLE="1")
    assert (done.code, done.out, done.err) == (0, b"None\n4\n", b"")


def test_a_ledger_named_by_lineproof_home_is_used(project, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "train.py").write_text("import lineproof; lineproof.autolog()")
    home = project.root / ".lineproof"
    command = ["python", str(elsewhere / "train.py")]
    done = subprocess.run(
        [lineproof_python(), *command[1:]],
        cwd=elsewhere,
        env=project.environment(LINEPROOF_HOME=str(home)),
        capture_output=True,
        check=True,
    )
    assert done.stderr == b""
    assert project.owner[0]["body"]["job_name"] == str(elsewhere / "train.py")


def lineproof_python() -> str:
    import sys

    return sys.executable


def test_a_run_within_the_script_has_facts_of_its_own(project):
    name = project.script(
        """
        import lineproof
        with lineproof.run("train", namespace="credit", purpose="credit scoring") as run:
            lineproof.parameter("rate", 0.1)
            lineproof.metric("auc", 0.9)
            lineproof.metric("loss", float("nan"), step=3)
        lineproof.metric("outside", 1)
        """
    )
    project.recorded(name)
    train = jobs(project)["train"]
    assert train["eventType"] == "COMPLETE"
    assert train["job"]["namespace"] == "credit"
    facets = train["run"]["facets"]
    assert facets["parent"]["run"]["runId"] == project.owner[0]["body"]["run"]
    assert facets["lineproof_process"]["purpose"] == "credit scoring"
    assert facets["lineproof_hyperparameters"]["given"] == {"rate": 0.1}
    metrics = facets["lineproof_metrics"]["metrics"]
    assert metrics == [
        {"name": "auc", "value": 0.9, "site": "train.py:5"},
        {"name": "loss", "value": None, "text": "nan", "step": 3, "site": "train.py:6"},
    ]
    (outside,) = project.end()["run_facets"]["lineproof_metrics"]["metrics"]
    assert outside["name"] == "outside"


def test_a_run_that_fails_says_where_and_lets_the_exception_through(project):
    name = project.script(
        """
        import lineproof
        try:
            with lineproof.run("outer"):
                with lineproof.run("inner"):
                    raise KeyError("Ann Example")
        except KeyError as error:
            print("caught", error)
        """
    )
    assert project.recorded(name).out == b"caught 'Ann Example'\n"
    found = jobs(project)
    assert found["inner"]["eventType"] == found["outer"]["eventType"] == "FAIL"
    message = found["inner"]["run"]["facets"]["errorMessage"]
    assert message["message"] == "KeyError at train.py:6 in <module>"
    inner_parent = found["inner"]["run"]["facets"]["parent"]["run"]["runId"]
    assert inner_parent == found["outer"]["run"]["runId"]


def test_a_step_names_what_it_reads_and_writes(project):
    project.write("in.bin", "x")
    name = project.script(
        """
        import asyncio, lineproof

        @lineproof.step(inputs=["in.bin", "warehouse::sales"], outputs="out.bin")
        def convert(source, *, times):
            '''Convert.'''
            with open("out.bin", "w") as file:
                file.write("y" * times)
            return times

        @lineproof.step(name="wait")
        async def wait():
            return 5

        print(convert("in.bin", times=3), convert.__name__, convert.__doc__, asyncio.run(wait()))
        """
    )
    assert project.recorded(name).out == b"3 convert Convert. 5\n"
    step = jobs(project)["__main__.convert"]
    assert [(each["namespace"], each["name"]) for each in step["inputs"]] == [
        ("file", "in.bin"),
        ("warehouse", "sales"),
    ]
    (output,) = step["outputs"]
    assert output["name"] == "out.bin"
    assert output["facets"]["version"]["datasetVersion"].startswith("sha256:")
    assert jobs(project)["wait"]["eventType"] == "COMPLETE"


def test_the_traceback_of_a_step_has_no_frame_of_ours(project):
    name = project.script(
        """
        import lineproof

        @lineproof.step()
        def work():
            raise ValueError("x")

        work()
        """
    )
    error = project.recorded(name).err
    assert error.count(b"File") == 2
    assert b"api.py" not in error


def test_a_decision_is_an_entry_with_its_candidates(project):
    name = project.script(
        """
        import lineproof
        lineproof.decision("threshold", chosen=0.4, candidates=(0.3, 0.5), reason="recall first")
        """
    )
    project.recorded(name)
    (line,) = [line for line in project.owner if line.get("type") == "decision"]
    body = line["body"]
    assert (body["kind"], body["chosen"], body["candidates"]) == ("threshold", 0.4, [0.3, 0.5, 0.4])
    assert (body["reason"], body["made_by"], body["site"]) == ("recall first", "code", "train.py:3")
    assert body["run"] == project.owner[0]["body"]["run"]


def test_metrics_of_a_killed_program_are_not_all_lost(project):
    name = project.script(
        """
        import os, lineproof
        for step in range(250):
            lineproof.metric("loss", 1 / (step + 1), step)
        os._exit(0)
        """
    )
    project.recorded(name)
    written = [
        metric
        for event in project.events("RUNNING")
        for metric in event["run"].get("facets", {}).get("lineproof_metrics", {}).get("metrics", [])
    ]
    assert [metric["step"] for metric in written] == list(range(200))


def test_a_metric_without_a_number_is_an_error_of_the_caller():
    with pytest.raises(CaptureUsageError, match="no number but a str"):
        lineproof.metric("auc", "high")  # type: ignore[arg-type]
    with pytest.raises(CaptureUsageError):
        lineproof.run("")


def test_without_a_recording_nothing_is_active():
    assert sessions.active() is None
