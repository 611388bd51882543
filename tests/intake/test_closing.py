"""How a run ended is told from what its processes and its parent know, and nothing is made up."""

from __future__ import annotations

import hashlib
import json

import msgspec
import pytest

from lineproof.files import hashing
from lineproof.intake.account import ProcessAccount, RunAccount
from lineproof.intake.closing import close_late_process, close_run
from lineproof.model.identity import now
from lineproof.model.spool import LaunchReport, decode_line


def account_of(*texts):
    account = RunAccount(texts[0].start.run)
    for number, text in enumerate(texts):
        process = ProcessAccount(f"{number}.spool", text.start, "2026-01-01T00:00:00.000000Z")
        account.processes.append(process)
        for line in text.lines:
            account.add(process, decode_line(line))
    return account


def closing(*texts, report=None, alive=0):
    return [json.loads(each.payload) for each in close_run(account_of(*texts), report, alive=alive)]


def last(*texts, **more):
    return closing(*texts, **more)[-1]


def digest(content: bytes) -> str:
    return "sha256:" + hashlib.sha256(content).hexdigest()


def launch(text, exit_code=None, signal=None):
    return LaunchReport(run=text.start.run, ended=now(), exit_code=exit_code, signal=signal)


def names(datasets):
    return [dataset["name"] for dataset in datasets]


def worker_of(text, new_spool):
    return new_spool(run=text.start.run, end_id=text.start.end_id, owner=False, pid=2)


def test_a_run_that_said_how_it_ended_ends_so(new_spool):
    text = new_spool()
    text.end("COMPLETE")
    assert last(text)["eventType"] == "COMPLETE"
    failed = new_spool()
    failed.end("FAIL", errorMessage={"message": "ValueError"})
    event = last(failed)
    assert event["eventType"] == "FAIL"
    assert event["run"]["facets"]["errorMessage"] == {"message": "ValueError"}


def test_a_run_that_fell_silent_is_incomplete_whatever_its_exit_code(new_spool):
    text = new_spool()
    for report in (None, launch(text, signal="SIGKILL"), launch(text, exit_code=0)):
        event = last(text, report=report)
        assert event["eventType"] == "ABORT"
        assert event["run"]["facets"]["lineproof_process"]["complete"] is False
        assert "without saying how" in event["run"]["facets"]["lineproof_coverage"]["gaps"][0]


def test_the_parents_word_on_exit_code_and_signal_is_kept(new_spool):
    text = new_spool()
    text.end("COMPLETE")
    process = last(text, report=launch(text, exit_code=3))["run"]["facets"]["lineproof_process"]
    assert process["exit_code"] == 3
    event = last(text, report=launch(text, signal="SIGSEGV"))
    assert event["eventType"] == "FAIL"
    assert event["run"]["facets"]["lineproof_process"]["signal"] == "SIGSEGV"


def test_the_process_facet_of_the_end_repeats_that_of_the_start(new_spool):
    text = new_spool()
    text.event("START", run_facets={"lineproof_process": {"argv": ["train.py", "--rows", "5"], "pid": 7}})
    text.end()
    process = last(text)["run"]["facets"]["lineproof_process"]
    assert process["argv"] == ["train.py", "--rows", "5"]
    assert process["complete"] is True
    assert "ended" in process


def test_a_program_that_recorded_nothing_from_inside_is_incomplete_and_says_so(new_spool):
    parent = new_spool(owner=False)
    event = last(parent, report=launch(parent, exit_code=0))
    assert event["eventType"] == "ABORT"
    assert "nothing from inside" in event["run"]["facets"]["lineproof_coverage"]["gaps"][0]


def test_child_runs_left_open_are_ended(new_spool):
    text = new_spool()
    done, left = "00000000-0000-7000-8000-000000000001", "00000000-0000-7000-8000-000000000002"
    parent = {"run": {"runId": text.start.run}, "job": {"namespace": "test", "name": "train.py"}}
    for run in (done, left):
        text.event("START", run=run, job="fit", run_facets={"parent": parent})
    text.event("COMPLETE", run=done, job="fit")
    ended = [event for event in closing(text) if event["run"]["runId"] != text.start.run]
    assert [event["run"]["runId"] for event in ended] == [left]
    assert ended[0]["eventType"] == "ABORT"
    assert ended[0]["job"]["name"] == "fit"
    assert ended[0]["run"]["facets"]["parent"] == parent
    assert ended[0]["run"]["facets"]["lineproof_process"]["complete"] is False


def test_files_that_no_event_names_are_inputs_and_outputs_of_the_run(new_spool, tmp_path):
    text = new_spool()
    text.file(tmp_path / "in put.csv", "read", digest="sha256:aa")
    text.file("/elsewhere/x.bin", "read", digest="sha256:bb")
    text.file(tmp_path / "out.txt", "opened")
    text.file(tmp_path / "out.txt", "written", digest="sha256:cc", size_bytes=5)
    text.end()
    events = closing(text)
    written = next(event for event in events if event.get("outputs"))
    assert names(written["inputs"]) == ["in put.csv", "/elsewhere/x.bin"]
    assert names(written["outputs"]) == ["out.txt"]
    assert written["outputs"][0]["facets"]["version"]["datasetVersion"] == "sha256:cc"
    assert written["outputs"][0]["outputFacets"]["outputStatistics"]["size"] == 5
    coverage = events[-1]["run"]["facets"]["lineproof_coverage"]
    assert coverage["unattributed"] == ["in put.csv", "/elsewhere/x.bin", "out.txt"]
    assert (coverage["files_read"], coverage["files_written"]) == (2, 1)


def test_files_that_events_name_are_not_told_twice(new_spool, tmp_path):
    def version(content):
        return {"version": {"datasetVersion": content}}

    text = new_spool()
    link = {"identifiers": [{"namespace": "file", "name": "m.joblib", "type": "FILE"}]}
    text.event(inputs=[{"namespace": "file", "name": "in.csv", "facets": version("sha256:aa")}])
    text.event(
        outputs=[{"namespace": "model", "name": "m", "facets": {**version("sha256:bb"), "symlinks": link}}]
    )
    text.file(tmp_path / "in.csv", "read", digest="sha256:aa")
    text.file(tmp_path / "m.joblib", "written", digest="sha256:bb")
    text.end()
    assert len(closing(text)) == 1
    assert last(text)["run"]["facets"]["lineproof_coverage"]["unattributed"] == []


def test_what_a_wrapper_read_may_be_in_what_was_written_by_hand(new_spool, tmp_path):
    text = new_spool()
    facets = {"version": {"datasetVersion": "sha256:aa"}}
    text.event(inputs=[{"namespace": "file", "name": "in.csv", "facets": facets}])
    text.file(tmp_path / "in.csv", "read", digest="sha256:aa")
    text.file(tmp_path / "out.txt", "written", digest="sha256:bb")
    text.end()
    written = next(event for event in closing(text) if event.get("outputs"))
    assert written["inputs"][0]["name"] == "in.csv"
    assert written["inputs"][0]["facets"]["version"]["datasetVersion"] == "sha256:aa"


def test_a_file_left_open_by_a_killed_process_is_hashed_afterwards_and_marked_so(new_spool, tmp_path):
    (tmp_path / "half.txt").write_bytes(b"half")
    text = new_spool()
    text.file(tmp_path / "half.txt", "opened")
    text.file(tmp_path / "gone.txt", "opened")
    events = closing(text)
    assert names(events[0]["outputs"]) == ["half.txt"]
    assert events[0]["outputs"][0]["facets"]["version"]["datasetVersion"] == digest(b"half")
    gaps = events[-1]["run"]["facets"]["lineproof_coverage"]["gaps"]
    assert "the digest of half.txt was taken after the process had ended" in gaps
    assert "gone.txt was opened for writing and is no file any more" in gaps


def test_a_file_removed_or_renamed_by_the_program_is_not_an_output(new_spool, tmp_path):
    text = new_spool()
    text.file(tmp_path / "tmp", "opened")
    text.file(tmp_path / "tmp", "written", explained=True, problem="removed by the program")
    text.end()
    assert len(closing(text)) == 1


def test_a_file_whose_content_could_not_be_read_is_named_with_the_reason(new_spool, tmp_path):
    text = new_spool()
    text.file(tmp_path / "secret", "read", problem="Permission denied")
    text.end()
    events = closing(text)
    assert events[0]["inputs"][0]["name"] == "secret"
    assert "version" not in events[0]["inputs"][0]["facets"]
    gaps = events[-1]["run"]["facets"]["lineproof_coverage"]["gaps"]
    assert gaps == ["the content of secret is not known: Permission denied"]


def test_many_files_are_linked_by_way_of_the_runs_memory_and_events_stay_small(new_spool, tmp_path):
    text = new_spool()
    for number in range(1200):
        text.file(tmp_path / f"in{number}", "read", digest=f"sha256:{number:064x}")
        text.file(tmp_path / f"out{number}", "written", digest=f"sha256:{number:064x}")
    text.end()
    *events, end = closing(text)
    assert len(end["run"]["facets"]["lineproof_coverage"]["unattributed"]) == 2400
    assert all(len(event.get("inputs", [])) + len(event.get("outputs", [])) <= 500 for event in events)
    memory = "train.py/process"
    into = [name for e in events if names(e["outputs"]) == [memory] for name in names(e["inputs"])]
    out_of = [name for e in events if names(e["inputs"]) == [memory] for name in names(e["outputs"])]
    assert {f"in{number}" for number in range(1200)} <= set(into)
    assert sorted(out_of) == sorted(f"out{number}" for number in range(1200))


def test_what_several_processes_say_adds_up(new_spool, tmp_path):
    owner = new_spool()
    worker = worker_of(owner, new_spool)
    for text, fault in ((owner, "pandas.merge"), (worker, "pandas.merge")):
        text.end(
            lineproof_coverage={
                "features": {"exact": 2},
                "without_rule": {"np.fft": 1},
                "faults": [{"hook": fault, "error": "TypeError", "times": 2}],
                "gaps": ["same gap"],
                "hooks_s": 0.5,
            },
            lineproof_metrics={"metrics": [{"name": "auc", "value": 0.5}]},
        )
    facets = last(owner, worker)["run"]["facets"]
    coverage = facets["lineproof_coverage"]
    assert coverage["features"] == {"exact": 4}
    assert coverage["without_rule"] == {"np.fft": 2}
    assert coverage["faults"] == [{"hook": "pandas.merge", "error": "TypeError", "times": 4}]
    assert coverage["gaps"] == ["same gap"]
    assert coverage["hooks_s"] == 1.0
    assert len(facets["lineproof_metrics"]["metrics"]) == 2


def test_a_worker_that_outlives_the_run_is_told_of_and_its_files_follow(new_spool, tmp_path):
    owner = new_spool()
    owner.file(tmp_path / "in.csv", "read", digest="sha256:aa")
    owner.end()
    events = closing(owner, alive=1)
    assert "processes of the run that had not ended when it did: 1" in str(events[-1]["run"]["facets"])
    worker = worker_of(owner, new_spool)
    worker.file(tmp_path / "late.txt", "written", digest="sha256:bb")
    account = account_of(worker)
    late = [json.loads(event.payload) for event in close_late_process(account, account.processes[0])]
    memory = next(event["outputs"][0] for event in events if event.get("outputs"))
    assert late[0]["inputs"] == [memory]
    assert names(late[0]["outputs"]) == ["late.txt"]


@pytest.mark.parametrize("alive", [0, 1])
def test_closing_again_gives_the_same_entries(new_spool, tmp_path, alive):
    owner = new_spool()
    worker = worker_of(owner, new_spool)
    for text in (owner, worker):
        text.file(tmp_path / f"in{text.start.pid}", "read", digest="sha256:aa")
        text.file(tmp_path / f"out{text.start.pid}", "written", digest="sha256:bb")
        text.end()
    first = close_run(account_of(owner, worker), None, alive=alive)
    again = close_run(account_of(owner, worker), None, alive=alive)
    assert first == again
    assert first[-1].id == owner.start.end_id
    account = account_of(owner, worker)
    late = [event.id for process in account.processes for event in close_late_process(account, process)]
    assert set(late) <= {event.id for event in first}


def test_every_composed_event_is_an_openlineage_run_event(new_spool, tmp_path):
    text = new_spool()
    text.file(tmp_path / "a", "read", digest="sha256:aa")
    text.end()
    for event in closing(text):
        assert {"eventTime", "producer", "schemaURL", "run", "job"} <= event.keys()
        for facet in event["run"].get("facets", {}).values():
            assert {"_producer", "_schemaURL"} <= facet.keys()
    assert msgspec.json.encode(closing(text))


def test_a_thousand_gaps_are_told_in_short(new_spool, tmp_path):
    text = new_spool()
    for number in range(1000):
        text.file(tmp_path / f"in{number}", "changed")
    text.end()
    gaps = last(text)["run"]["facets"]["lineproof_coverage"]["gaps"]
    assert gaps[0] == "in0 changed while the run used it"
    assert gaps[-1] == "and 800 more"


def test_a_file_left_open_beyond_the_limit_is_named_without_a_digest(new_spool, tmp_path, monkeypatch):
    monkeypatch.setenv("LINEPROOF_HASH_LIMIT", "3")
    (tmp_path / "half.txt").write_bytes(b"half")
    text = new_spool()
    text.file(tmp_path / "half.txt", "opened")
    events = closing(text)
    assert "version" not in events[0]["outputs"][0]["facets"]
    gaps = events[-1]["run"]["facets"]["lineproof_coverage"]["gaps"]
    assert "the content of half.txt is not known: not hashed: 4 bytes, and LINEPROOF_HASH_LIMIT is 3" in gaps


def test_a_file_left_open_that_still_changes_is_on_record_as_unstable(new_spool, tmp_path, monkeypatch):
    path = tmp_path / "half.txt"
    path.write_bytes(b"half")
    hashed = hashing.plain_sha256

    def slowly(*given):
        with path.open("ab") as file:
            file.write(b"more")
        return hashed(*given)

    monkeypatch.setattr(hashing, "plain_sha256", slowly)
    text = new_spool()
    text.file(path, "opened")
    events = closing(text)
    assert "version" not in events[0]["outputs"][0]["facets"]
    gaps = events[-1]["run"]["facets"]["lineproof_coverage"]["gaps"]
    assert any("half.txt is not known: unstable" in gap for gap in gaps)
