"""`lineproof digest`."""

import hashlib
import json
import subprocess
import sys

from typer.testing import CliRunner

from lineproof.cli.app import app


def test_a_folder_is_recorded_with_the_digest_of_its_files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LINEPROOF_HOME", raising=False)
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "a.png").write_bytes(b"x")
    line = f"sha256:{hashlib.sha256(b'x').hexdigest()}  a.png\n"
    run = CliRunner().invoke
    assert run(app, ["init"]).exit_code == 0
    found = json.loads(run(app, ["digest", "images", "--record", "--json"]).stdout)
    assert found["digest"] == f"sha256-folder:{hashlib.sha256(line.encode()).hexdigest()}"
    assert (found["files"], found["size"]) == (1, 1)
    shown = json.loads(run(app, ["show", "dataset:images@v1", "--json"]).stdout)
    assert found["digest"] in json.dumps(shown)
    assert run(app, ["verify"]).exit_code == 0
    assert found["digest"] in run(app, ["digest", "images"]).stdout
    missing = run(app, ["digest", "none", "--json"])
    assert json.loads(missing.stderr)["error"]["code"] == "LP-DATA-09"


def test_a_thread_of_a_library_cannot_take_the_exit_code_of_a_failed_command(tmp_path):
    """Such a thread aborts the process once the interpreter is taken apart; ours ends before."""
    program = (
        "import sys, pyarrow, lineproof.cli\n"
        "class Late:\n"
        "    def __del__(self): import os; os.abort()\n"
        f"sys.late, sys.argv = Late(), ['lineproof', 'scan', {str(tmp_path / 'none.csv')!r}]\n"
        "lineproof.cli.main()\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "LP-DATA-09" in done.stderr


def test_a_plain_command_line_is_answered_as_by_the_parser(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a b.txt").write_text("a")
    for words in (["a b.txt"], ["a b.txt", "--json"], ["--json", "none"], ["none"], ["--jso", "a b.txt"], []):
        parsed = CliRunner().invoke(app, ["digest", *words])
        command = [sys.executable, "-m", "lineproof.cli", "digest", *words]
        plain = subprocess.run(command, capture_output=True, text=True, check=False)
        assert (plain.returncode, plain.stdout) == (parsed.exit_code, parsed.stdout), words
        assert plain.stderr.splitlines()[-1:] == parsed.stderr.splitlines()[-1:], words
