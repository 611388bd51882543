"""However a program ends, the record says so, and what it did before stays."""

from __future__ import annotations

import hashlib
import os
import sys

import pytest


def digest(text: str) -> str:
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def test_an_exception_is_recorded_by_type_and_place_and_never_by_its_text(project):
    name = project.script(
        """
        class OwnError(Exception):
            pass

        def load():
            raise OwnError("Ann Example, born 1970")

        load()
        """
    )
    assert project.recorded(name).code == 1
    end = project.end()
    assert end["state"] == "FAIL"
    message = end["run_facets"]["errorMessage"]
    assert message["message"] == "__main__.OwnError at train.py:6 in load"
    assert message["stackTrace"] == "train.py:8 in <module>\ntrain.py:6 in load"
    assert b"Ann Example" not in b"".join(path.read_bytes() for path in project.spool.iterdir())


def test_a_program_that_ends_well_says_complete(project):
    project.recorded(project.script("pass"))
    assert project.end()["state"] == "COMPLETE"
    assert project.report["report"]["exit_code"] == 0


def test_os_exit_leaves_the_record_without_an_end(project):
    project.write("in.csv")
    name = project.script("import os; open('in.csv').read(); os._exit(4)")
    assert project.recorded(name).code == 4
    assert project.end() is None
    assert project.actions() == {"in.csv": ["read"]}
    assert project.report["report"]["exit_code"] == 4


def test_a_fork_records_its_own_files_in_its_own_spool(project):
    project.write("parent.csv")
    project.write("child.csv", "c\n")
    name = project.script(
        """
        import os
        open("parent.csv").read()
        pid = os.fork()
        if pid == 0:
            open("child.csv").read()
            os._exit(0)
        os.waitpid(pid, 0)
        print("parent ends")
        """
    )
    assert project.recorded(name) == project.plain(name)
    assert {path: facts[0]["digest"] for path, facts in project.files().items()} == {
        "parent.csv": digest("a,b\n1,2\n"),
        "child.csv": digest("c\n"),
    }
    assert len(project.spools()) == 3  # the program, its fork, the parent of both
    assert [lines[0]["body"]["owner"] for lines in project.spools()] == [True, False, False]
    assert project.end()["state"] == "COMPLETE"


def test_a_fork_that_reads_nothing_leaves_nothing(project):
    name = project.script("import os\nif os.fork(): os.wait()\n")
    project.recorded(name)
    assert len(project.spools()) == 2


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_worker_processes_record_their_files(project, method):
    project.write("in.csv")
    name = project.script(
        f"""
        import multiprocessing

        def work(number):
            open("in.csv").read()
            with open(f"out{{number}}.txt", "w") as file:
                file.write(str(number))
            return number

        if __name__ == "__main__":
            with multiprocessing.get_context("{method}").Pool(2) as pool:
                print(pool.map(work, range(4)))
                pool.close()
                pool.join()
        """
    )
    assert project.recorded(name) == project.plain(name)
    files = project.files()
    assert {"in.csv", "out0.txt", "out1.txt", "out2.txt", "out3.txt"} <= set(files)
    assert files["out3.txt"][-1]["digest"] == digest("3")
    assert sum(lines[0]["body"]["owner"] for lines in project.spools()) == 1


def test_joblib_workers_record_their_files(project):
    pytest.importorskip("joblib")
    project.write("in.csv")
    name = project.script(
        """
        from joblib import Parallel, delayed

        def work(number):
            return number + len(open("in.csv").read())

        print(Parallel(n_jobs=2)(delayed(work)(number) for number in range(4)))
        """
    )
    assert project.recorded(name) == project.plain(name)
    assert "in.csv" in project.files()
    assert sum(lines[0]["body"]["owner"] for lines in project.spools()) == 1


def test_threads_write_one_unbroken_chain(project):
    name = project.script(
        """
        import threading
        def work(number):
            for at in range(20):
                with open(f"{number}-{at}.txt", "w") as file:
                    file.write("x")
                open(f"{number}-{at}.txt").read()
        threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
        for thread in threads: thread.start()
        for thread in threads: thread.join()
        """
    )
    project.recorded(name)
    lines = project.owner
    assert [line["seq"] for line in lines] == list(range(len(lines)))
    assert sum(line["kind"] == "file" and line["body"]["action"] == "written" for line in lines) == 160


def test_a_python_program_that_the_program_starts_belongs_to_the_run(project):
    project.write("in.csv")
    inner = project.script("open('in.csv').read()", "inner.py")
    name = project.script(f"import subprocess, sys; subprocess.run([sys.executable, '{inner}'], check=True)")
    project.recorded(name)
    runs = {lines[0]["body"]["run"] for lines in project.spools()}
    assert len(runs) == 1
    assert "in.csv" in project.files()


def test_a_recorded_run_in_a_recorded_run_names_it_as_its_parent(project):
    inner = project.script("print('inner')", "inner.py")
    parent = project.parent(sys.executable, inner)
    parent[3] = str(project.said) + "2"
    name = project.script(f"import subprocess; subprocess.run({parent!r}, check=True)")
    assert project.recorded(name).out == b"inner\n"
    owners = {
        lines[0]["body"]["job_name"]: lines[0]["body"]["run"]
        for lines in project.spools()
        if lines[0]["body"]["owner"]
    }
    assert set(owners) == {"inner.py", "train.py"}
    parents = {
        event["run"]["runId"]: event["run"]["facets"]["parent"]["run"]["runId"]
        for event in project.events("START")
        if "parent" in event["run"]["facets"]
    }
    # What starts the inner recording is a process of the outer one, and a child run of it like any other.
    assert parents[owners["inner.py"]] == owners["train.py"]
    assert set(parents.values()) == {owners["train.py"]}


def test_a_program_that_is_not_python_is_recorded_from_outside(project):
    done = project.launched("/bin/sh", "-c", "echo hi; exit 3")
    assert (done.code, done.out) == (3, b"hi\n")
    assert project.end()["state"] == "FAIL"
    assert "no Python program" in project.gaps()[0]
    assert project.facet("lineproof_process")["argv"] == ["/bin/sh", "-c", "echo hi; exit 3"]


def test_python_started_by_a_shell_is_recorded(project):
    project.write("in.csv")
    name = project.script("open('in.csv').read()")
    project.launched("/bin/sh", "-c", f"{sys.executable} {name}; exit 0")
    assert project.actions() == {"in.csv": ["read"]}
    assert project.end()["state"] == "COMPLETE"


def test_python_without_its_site_is_recorded_from_outside(project):
    assert project.recorded("-I", "-c", "print(1)").out == b"1\n"
    assert "recorded nothing" in project.gaps()[0]


def test_a_program_that_replaces_itself_is_recorded_in_both_its_lives(project):
    project.write("first.csv")
    project.write("second.csv")
    name = project.script(
        """
        import os, sys
        if "again" not in sys.argv:
            open("first.csv").read()
            os.execv(sys.executable, [sys.executable, "train.py", "again"])
        open("second.csv").read()
        sys.exit(6)
        """
    )
    assert project.recorded(name) == project.plain(name)
    assert set(project.files()) == {"first.csv", "second.csv"}
    owners = [lines for lines in project.spools() if lines[0]["body"]["owner"]]
    assert [lines[-1]["kind"] for lines in owners] == ["end", "end"]
    assert any("replaced itself" in gap for gap in project.gaps())


@pytest.mark.parametrize(
    ("leave", "code", "state"),
    [
        ("sys.exit(1)", 1, "FAIL"),
        ("raise SystemExit(int('3'))", 3, "FAIL"),
        ("sys.exit()", 0, "COMPLETE"),
        ("1", 0, "COMPLETE"),
    ],
)
def test_a_program_that_records_itself_reads_as_its_exit_code_says(project, leave, code, state, wait):
    from lineproof.graph import open_ledger
    from lineproof.store import Ledger

    Ledger.create(project.root / ".lineproof")
    name = project.script(
        f"""
        import sys, lineproof
        lineproof.autolog()
        def main():
            {leave}
        main()
        """
    )
    assert project.plain(name).code == code
    ledger = open_ledger(project.root)
    wait(lambda: (rows := list(ledger.log())) and rows[0].state != "RUNNING", seconds=120)
    (row,) = ledger.log()
    assert row.state == state
    wait(lambda: not [path for path in os.listdir(project.spool) if "lock" not in path], seconds=120)
