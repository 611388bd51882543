"""Every file that belongs to the record is in it by its content, and no other is."""

from __future__ import annotations

import hashlib
import os
import sys

import pytest


def digest(text: str) -> str:
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def test_a_file_is_hashed_as_it_was_when_it_was_first_read(project):
    project.write("in.csv", "old")
    name = project.script(
        """
        open("in.csv").read()
        open("in.csv").read()
        with open("in.csv", "w") as file:
            file.write("new")
        """
    )
    project.recorded(name)
    facts = project.files()["in.csv"]
    assert [(fact["action"], fact.get("digest")) for fact in facts] == [
        ("read", digest("old")),
        ("opened", None),
        ("written", digest("new")),
    ]


def test_a_file_that_another_program_changes_meanwhile_is_said_to_have_changed(project):
    project.write("in.csv", "old")
    name = project.script(
        "import subprocess; open('in.csv').read(); subprocess.run(['sh', '-c', 'echo newer > in.csv'])"
    )
    project.recorded(name)
    facts = project.files()["in.csv"]
    assert [(fact["action"], fact["digest"]) for fact in facts] == [
        ("read", digest("old")),
        ("changed", digest("newer\n")),
    ]


def test_a_file_that_is_touched_and_not_changed_has_not_changed(project):
    project.write("in.csv")
    project.recorded(project.script("import os; open('in.csv').read(); os.utime('in.csv', (1, 1))"))
    assert project.actions() == {"in.csv": ["read"]}


def test_what_was_written_is_hashed_before_it_is_written_over(project):
    name = project.script(
        """
        for text in ("first", "second"):
            with open("out.txt", "w") as file:
                file.write(text)
        """
    )
    project.recorded(name)
    written = [fact["digest"] for fact in project.files()["out.txt"] if fact["action"] == "written"]
    assert written == [digest("first"), digest("second")]


def test_appending_reads_what_was_there(project):
    project.write("log.txt", "one ")
    project.recorded(project.script("with open('log.txt', 'a') as file: file.write('two')"))
    facts = project.files()["log.txt"]
    assert [(fact["action"], fact.get("digest")) for fact in facts] == [
        ("read", digest("one ")),
        ("opened", None),
        ("written", digest("one two")),
    ]


def test_a_file_written_aside_and_renamed_is_recorded_under_its_last_name(project):
    name = project.script(
        """
        import os
        with open("out.tmp", "w") as file:
            file.write("x")
        os.replace("out.tmp", "out.txt")
        with open("gone.txt", "w") as file:
            file.write("y")
        os.remove("gone.txt")
        """
    )
    project.recorded(name)
    files = project.files()
    assert files["out.txt"][-1] | {"time": ""} == {
        "path": str(project.root / "out.txt"),
        "action": "written",
        "time": "",
        "digest": digest("x"),
        "size_bytes": 1,
    }
    assert files["out.tmp"][-1]["explained"]
    assert files["gone.txt"][-1]["problem"] == "removed by the program"


def test_a_file_still_open_at_the_end_is_left_to_be_hashed_afterwards(project):
    project.recorded(project.script("file = open('out.txt', 'w'); file.write('not flushed')"))
    assert project.actions() == {"out.txt": ["opened"]}


def test_a_file_opened_for_update_and_left_alone_is_no_output(project):
    project.write("in.csv")
    project.recorded(project.script("open('in.csv', 'r+').close()"))
    facts = project.files()["in.csv"]
    assert [fact["action"] for fact in facts] == ["read", "opened", "written"]
    assert facts[-1]["explained"]


def test_what_is_no_data_of_the_program_is_not_recorded(project):
    name = project.script(
        """
        import json, os, tempfile, email.mime.text, sysconfig
        open("/etc/passwd").read(); open("/proc/self/status").read(); open(os.devnull).read()
        open(json.__file__).read(); open(__file__).read()
        with tempfile.TemporaryFile() as file:
            file.write(b"x")
        with tempfile.NamedTemporaryFile() as file:
            file.write(b"x")
        open(".lineproof/note", "w").close()
        try:
            open("missing.csv")
        except OSError:
            pass
        try:
            open("missing/folder.csv", "w")
        except OSError:
            pass
        os.listdir(".")
        """
    )
    project.recorded(name)
    assert project.files() == {}


def test_a_pipe_is_never_opened_by_us(project):
    name = project.script(
        """
        import os, threading
        os.mkfifo("pipe")
        def write():
            with open("pipe", "w") as file:
                file.write("through the pipe")
        thread = threading.Thread(target=write)
        thread.start()
        print(open("pipe").read())
        thread.join()
        """
    )
    assert project.recorded(name).out == b"through the pipe\n"
    assert project.files() == {}


@pytest.mark.parametrize(
    "name", ["plain.csv", "with space.csv", "a@b#c::d%.csv", "žluťoučký 🐎.csv", "ta\tb'\".csv"]
)
def test_any_name_of_a_file_is_recorded_as_it_is(project, name):
    project.write(name)
    script = project.script(f"open({name!r}).read(); open('out ' + {name!r}, 'w').close()")
    project.recorded(script)
    assert set(project.files()) == {name, f"out {name}"}


def test_a_name_that_is_no_text_is_spelt_out(project):
    with open(os.fsencode(project.root) + b"/caf\xe9.csv", "wb") as file:
        file.write(b"1")
    name = project.script("open(b'caf\\xe9.csv').read()")
    assert project.recorded(name) == project.plain(name)
    assert list(project.files()) == ["caf\\udce9.csv"]
    assert project.end()["state"] == "COMPLETE"


def test_a_link_into_the_project_leads_to_the_name_inside_it(project, tmp_path):
    project.write("in.csv")
    link = tmp_path / "elsewhere"
    link.symlink_to(project.root)
    project.recorded(project.script(f"open({str(link / 'in.csv')!r}).read()"))
    assert set(project.files()) == {"in.csv"}


def test_a_database_is_a_file_too(project):
    name = project.script(
        """
        import sqlite3
        connection = sqlite3.connect("data.db")
        connection.execute("create table t (a)")
        connection.commit()
        connection.close()
        """
    )
    project.recorded(name)
    assert project.actions() == {"data.db": ["opened", "written"]}


def test_two_gigabytes_are_hashed_once(project):
    with (project.root / "large.bin").open("wb") as file:
        file.truncate(2 << 30)
    os.utime(project.root / "large.bin", (1, 1))
    name = project.script(
        """
        for _ in range(5):
            with open("large.bin", "rb") as file:
                file.read(10)
        """
    )
    project.recorded(name)
    coverage = project.end()["run_facets"]["lineproof_coverage"]
    assert coverage["hashed_bytes"] == 2 << 30
    assert coverage["hashing_s"] > 0.1
    assert coverage["hooks_s"] < coverage["hashing_s"] / 2
    assert project.actions() == {"large.bin": ["read"]}


def test_pandas_reads_and_writes_are_events_and_no_file_is_unexplained(project):
    pytest.importorskip("pandas")
    project.write("in.csv")
    name = project.script("import pandas as pd; pd.read_csv('in.csv').to_csv('out.csv', index=False)")
    alone = project.plain(name)
    assert project.recorded(name) == alone
    named = {
        dataset["name"]: dataset["facets"]["version"]["datasetVersion"]
        for event in project.events("RUNNING")
        for dataset in (*event.get("inputs", ()), *event.get("outputs", ()))
        if dataset["namespace"] == "file"
    }
    assert named == {"in.csv": digest("a,b\n1,2\n"), "out.csv": digest("a,b\n1,2\n")}
    coverage = project.end()["run_facets"]["lineproof_coverage"]
    assert "faults" not in coverage


def test_hashing_does_not_count_as_time_of_hooks(project):
    pytest.importorskip("pandas")
    rows = "\n".join("1,2" for _ in range(200_000))
    project.write("in.csv", f"a,b\n{rows}\n")
    project.recorded(project.script("import pandas as pd; pd.read_csv('in.csv')"))
    coverage = project.end()["run_facets"]["lineproof_coverage"]
    assert coverage["hashed_bytes"] == (project.root / "in.csv").stat().st_size
    assert coverage["hashing_s"] > 0


def test_start_up_stays_light(project):
    name = project.script("import sys; open('modules.txt', 'w').write(' '.join(sys.modules))")
    project.recorded(name)
    loaded = set((project.root / "modules.txt").read_text().split())
    third_party = {module.partition(".")[0] for module in loaded} - set(sys.stdlib_module_names)
    assert third_party <= {"__main__", "lineproof", "_distutils_hack", "sitecustomize"}
