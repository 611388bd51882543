"""What is recorded of a run's code and surroundings, and what is kept out of it."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys

import pytest

from lineproof.capture.code import entry_of
from lineproof.capture.redaction import REDACTED, argv_without_secrets, is_secret_name, scrubbed

IDENTITY = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "init.defaultBranch=main"]


def git(project, *words: str) -> str:
    done = subprocess.run(
        ["git", *IDENTITY, *words], cwd=project.root, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


@pytest.fixture
def repository(project):
    git(project, "init")
    project.write(".gitignore", ".lineproof\n")
    name = project.script("print('first')\n")
    git(project, "add", ".")
    git(project, "commit", "-m", "first")
    return name


def test_a_clean_checkout_is_its_commit(project, repository):
    project.recorded(repository)
    code = project.facet("lineproof_code")
    assert code["commit"] == git(project, "rev-parse", "HEAD")
    assert (code["branch"], code["dirty"]) == ("main", False)
    assert code["entry_point"] == "train.py"
    text = (project.root / "train.py").read_bytes()
    assert code["entry_digest"] == f"sha256:{hashlib.sha256(text).hexdigest()}"
    assert "missing" not in code


def test_a_dirty_checkout_is_its_commit_and_a_patch_that_applies(project, repository):
    project.script("print('second')\n")
    project.write("new.py", "")
    project.recorded(repository)
    code = project.facet("lineproof_code")
    assert code["dirty"] is True
    assert code["untracked"] == ["new.py"]
    objects = {f"sha256:{hashlib.sha256(each).hexdigest()}": each for each in map(_bytes, _objects(project))}
    patch = objects[code["patch_digest"]]
    git(project, "checkout", "--", ".")
    (project.root / "x.patch").write_bytes(patch)
    git(project, "apply", "x.patch")
    assert (project.root / "train.py").read_text() == "print('second')\n"


def _objects(project) -> list[str]:
    return project.report["report"]["objects"]


def _bytes(text: str) -> bytes:
    import base64

    return base64.b64decode(text)


def test_secrets_in_the_patch_are_taken_out(project, repository):
    project.script("API_TOKEN = 'abcdef123456'\nurl = 'https://ann:hunter2@example.org/'\n")
    project.recorded(repository)
    code = project.facet("lineproof_code")
    assert any("look like secrets" in missing for missing in code["missing"])
    kept = b"".join(map(_bytes, _objects(project)))
    assert b"abcdef123456" not in kept
    assert b"hunter2" not in kept
    assert code["entry_digest"].startswith("sha256:")


def test_a_repository_without_a_commit_says_so(project):
    git(project, "init")
    project.recorded(project.script("pass"))
    code = project.facet("lineproof_code")
    assert code["commit"] is None
    assert "the repository has no commit yet" in code["missing"]


def test_no_repository_says_so(project):
    project.recorded(project.script("pass"))
    code = project.facet("lineproof_code")
    assert code["commit"] is None
    assert code["missing"] == ["not a git repository"]


def test_no_git_says_so(project):
    bare = {"PATH": str(project.root)}
    assert project.recorded(project.script("pass"), **bare).code == 0
    assert project.facet("lineproof_code")["missing"] == ["git is not installed"]


def test_the_surroundings_of_a_run(project):
    variables = {
        "GITHUB_RUN_ID": "77",
        "AIRFLOW_CTX_DAG_ID": "dag",
        "AIRFLOW_CTX_API_TOKEN": "hidden-1",
        "OMP_NUM_THREADS": "3",
        "PYTHONHASHSEED": "5",
        "MY_PASSWORD": "hidden-2",
        "HOME_TOWN": "hidden-3",
        "TZ": "Europe/Rome",
    }
    project.recorded(project.script("import random; random.seed(1)"), **variables)
    facet = project.facet("lineproof_environment")
    secret = facet["ci"].pop("AIRFLOW_CTX_API_TOKEN")
    assert secret.startswith(f"{REDACTED} hmac-sha256:")
    assert facet["ci"] == {
        "AIRFLOW_CTX_DAG_ID": "dag",
        "GITHUB_RUN_ID": "77",
    }
    assert facet["variables"]["OMP_NUM_THREADS"] == "3"
    assert facet["seeds"]["PYTHONHASHSEED"] == "5"
    assert facet["seeds"]["random"].startswith("sha256:")
    assert facet["locale"]["timezone"] == "Europe/Rome"
    assert facet["python"]["version"] == ".".join(map(str, sys.version_info[:3]))
    assert facet["packages"]["msgspec"]
    assert facet["cpu"]["count"] >= 1
    assert b"hidden-" not in b"".join(path.read_bytes() for path in project.spool.iterdir())


def test_numerics_are_those_that_the_program_loaded(project):
    pytest.importorskip("sklearn")
    project.recorded(project.script("import sklearn, numpy; numpy.random.seed(3)"))
    facet = project.facet("lineproof_environment")
    assert facet["numerics"]["pools"]
    assert facet["numerics"]["blas"]["name"]
    assert facet["seeds"]["numpy.random"].startswith("sha256:")


def test_the_process_of_a_run(project):
    folder = project.root / "sub"
    folder.mkdir()
    project.script("pass", "sub/train.py")
    project.recorded("sub/train.py", "--password", "hidden", "--api-key=hidden", "--rate", "0.1")
    facet = project.facet("lineproof_process")
    assert facet["argv"][1:] == [
        "sub/train.py",
        "--password",
        REDACTED,
        f"--api-key={REDACTED}",
        "--rate",
        "0.1",
    ]
    assert facet["working_directory"] == "."
    assert facet["pid"] == project.owner[0]["body"]["pid"]
    assert b"hidden" not in b"".join(path.read_bytes() for path in project.spool.iterdir())


@pytest.mark.parametrize(
    ("name", "secret"),
    [
        ("API_KEY", True),
        ("apiKey", True),
        ("db-password", True),
        ("AWS_SECRET_ACCESS_KEY", True),
        ("GITHUB_TOKEN", True),
        ("PGPASSWORD", True),
        ("monkey", False),
        ("passengers", False),
        ("author", False),
        ("rate", False),
    ],
)
def test_secrets_are_known_by_name(name, secret):
    assert is_secret_name(name) is secret


@pytest.mark.parametrize(
    "text",
    [
        "postgres://ann:hunter2@db/x",
        "password = hunter2",
        '"client_secret": "hunter2xyz"',
        "AKIAABCDEFGHIJKLMNOP",
        "-----BEGIN RSA PRIVATE KEY-----\nhunter2\n-----END RSA PRIVATE KEY-----",
        "ghp_abcdefghijklmnopqrstuvwxyz",
    ],
)
def test_secrets_are_known_by_shape(text):
    clean, found = scrubbed(f"before {text} after")
    assert found
    assert "hunter2" not in clean
    assert "AKIAABC" not in clean
    assert "ghp_abc" not in clean
    assert clean.startswith("before ")


def test_ordinary_words_are_left_alone():
    words = ["python", "train.py", "--rate", "0.1", "key=", "--verbose", "data/monkey.csv"]
    assert argv_without_secrets(words) == [
        "python",
        "train.py",
        "--rate",
        "0.1",
        f"key={REDACTED}",
        *words[5:],
    ]


@pytest.mark.parametrize(
    ("command", "point"),
    [
        (["python", "train.py"], "train.py"),
        (["/usr/bin/python3.11", "-u", "-W", "error", "sub/train.py", "-m"], "sub/train.py"),
        (["python3", "-m", "package.train", "x"], "package.train"),
        (["python3", "-Im", "package.train"], "package.train"),
        (["python", "-X", "dev", "-c", "print(1)"], "-c"),
        (["python", "/elsewhere/train.py"], "/elsewhere/train.py"),
        (["python"], "python"),
        (["make", "all"], "make"),
    ],
)
def test_a_job_is_named_after_what_is_run(command, point, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert entry_of(command, str(tmp_path)).point == point


def test_a_report_is_json(project):
    project.recorded(project.script("pass"))
    assert json.dumps(project.report)


def test_submodules_are_on_record_with_their_own_changes(project, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    (other / "lib.py").write_text("VALUE = 1\n")
    for words in (["init"], ["add", "."], ["commit", "-m", "lib"]):
        subprocess.run(["git", "-C", other, *IDENTITY, *words], check=True, capture_output=True)
    git(project, "init")
    git(project, "-c", "protocol.file.allow=always", "submodule", "add", str(other), "third party")
    name = project.script("pass")
    git(project, "add", ".")
    git(project, "commit", "-m", "all")
    (project.root / "third party" / "lib.py").write_text("VALUE = 2\n")
    project.recorded(name)
    module = project.facet("lineproof_code")["submodules"]["third party"]
    assert len(module["commit"]) == 40
    assert module["dirty"] is True
    kept = {f"sha256:{hashlib.sha256(each).hexdigest()}": each for each in map(_bytes, _objects(project))}
    assert b"+VALUE = 2" in kept[module["patch_digest"]]


def test_the_environment_says_who_made_it_and_from_which_lock_file(project):
    lock = project.write("uv.lock", "version = 1\n")
    project.recorded(project.script("pass"), CI_JOB_IMAGE=f"registry.example/train@sha256:{'ab' * 32}")
    facet = project.facet("lineproof_environment")
    assert facet["manager"]["name"] in ("uv", "venv", "virtualenv", "conda", "system")
    assert facet["lock"]["path"] == "uv.lock"
    assert facet["lock"]["digest"] == f"sha256:{hashlib.sha256(lock.read_bytes()).hexdigest()}"
    assert facet["container"]["digest"] == f"sha256:{'ab' * 32}"
    assert facet["hardware"]["memory_bytes"] > 1 << 20


def test_an_equal_secret_is_told_from_another_without_being_told(project):
    name = project.script("pass")
    found = []
    for secret in ("hidden-1", "hidden-1", "hidden-2"):
        project.recorded(name, AIRFLOW_CTX_API_TOKEN=secret)
        facets = [
            facet["ci"]["AIRFLOW_CTX_API_TOKEN"]
            for event in project.events()
            if "ci" in (facet := event["run"].get("facets", {}).get("lineproof_environment", {}))
        ]
        found.append(facets[-1])
    spools = b"".join(path.read_bytes() for path in project.spool.iterdir())
    assert b"hidden-" not in spools
    assert len(set(found)) == 2


def test_random_states_are_known_at_the_start_and_at_the_end(project):
    pytest.importorskip("numpy")
    project.recorded(project.script("import numpy as np; np.random.seed(3); np.random.rand()"))
    facet = project.facet("lineproof_environment")
    assert facet["seeds_at_start"]["numpy.random"].startswith("sha256:")
    assert facet["seeds_at_start"]["numpy.random"] != facet["seeds"]["numpy.random"]
