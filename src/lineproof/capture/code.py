"""The program text that runs: its commit, what differs from it, and the script itself."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import UNSET

from lineproof.capture.place import text
from lineproof.capture.redaction import scrubbed
from lineproof.model.facets import Code

__all__ = ["Entry", "Program", "entry_of", "program_of"]

_GIT_TIMEOUT_S = 20.0
_MOST_UNTRACKED = 500
_LARGEST_OBJECT = 16 << 20
_INTERPRETER = re.compile(r"python(\d+(\.\d+)*)?t?d?$|pypy\d*(\.\d+)*$")
# Programs that only start another one, and modules that do. What follows their options is what runs.
_LAUNCHERS = frozenset(
    ("accelerate", "conda", "deepspeed", "env", "hatch", "mamba", "micromamba", "mpiexec", "mpirun", "nice", "nohup",
     "numactl", "pdm", "pipenv", "pixi", "poetry", "rye", "srun", "stdbuf", "taskset", "time", "timeout", "torchrun",
     "uv", "uvx")
)  # fmt: skip
_LAUNCHING_MODULES = frozenset(
    (
        "accelerate.commands.launch",
        "deepspeed.launcher.runner",
        "torch.distributed.launch",
        "torch.distributed.run",
    )
)
_NAMES_INTERPRETER = frozenset(("--python", "-p"))  # options of launchers
_WITH_VALUE = frozenset(("-W", "-X", "--check-hash-based-pycs"))


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """Where a program begins.

    Attributes:
        point: Script path relative to the root when inside it, module name, `-c`, or the command's name.
        path: The script, absolute; None when there is none.
    """

    point: str
    path: str | None = None


class Program(msgspec.Struct, frozen=True, kw_only=True):
    """The facet `lineproof_code` and the contents it names by digest."""

    code: Code
    objects: list[bytes] = []


def entry_of(command: Sequence[str], root: str) -> Entry:
    """Tell from a command line what it runs.

    Args:
        command: Words of the command; relative paths are relative to the working directory.
        root: Folder that paths are given relative to when they lie inside it.
    """
    name = os.path.basename(command[0])
    if name in _LAUNCHERS:
        return _launched(command[1:], root) or Entry(point=text(name))
    if not _INTERPRETER.match(name):
        return _script(command[0], root) if os.path.isfile(command[0]) else Entry(point=text(name))
    words = iter(command[1:])
    for word in words:
        if word in _WITH_VALUE:
            next(words, None)
        elif word in ("-m", "-c"):
            return _module(next(words, ""), [*words], root) if word == "-m" else Entry(point="-c")
        elif word == "-":
            break
        elif not word.startswith("-"):
            return _script(word, root)
        elif word[1:2] != "-" and word[-1] in "mc":  # options in one word: -Im
            return _module(next(words, ""), [*words], root) if word[-1] == "m" else Entry(point="-c")
    return Entry(point=text(name))


def _launched(words: Sequence[str], root: str) -> Entry | None:
    """Find what a launcher starts: an interpreter with its words, or a script that is there."""
    for at, word in enumerate(words):
        if _INTERPRETER.match(os.path.basename(word)):
            if at + 1 < len(words) and words[max(at - 1, 0)] not in _NAMES_INTERPRETER:
                return entry_of(words[at:], root)
        elif word.endswith(".py") and os.path.isfile(word):
            return _script(word, root)
        elif word == "-m" and at + 1 < len(words):
            return _module(words[at + 1], words[at + 2 :], root)
    return None


def _module(name: str, words: Sequence[str], root: str) -> Entry:
    """`-m name`: a launcher's module starts something else; the file of another one, where it lies here."""
    if name in _LAUNCHING_MODULES:
        found = _launched(words, root)
        if found is not None:
            return found
    inside = os.path.join(*name.split(".")) if name.strip(".") else name
    for path in (os.path.join(inside, "__main__.py"), f"{inside}.py"):
        if os.path.isfile(path):
            return Entry(point=text(name), path=os.path.abspath(path))
    return Entry(point=text(name))


def program_of(entry: Entry) -> Program:
    """Give commit, patch and script of a program. Reads; changes nothing in the repository."""
    missing: list[str] = []
    objects: list[bytes] = []
    code = Code(entry_point=entry.point)
    if entry.path is not None:
        code.entry_digest = _keep_script(entry.path, objects, missing)
    folder = os.getcwd() if entry.path is None else os.path.dirname(entry.path)
    status = _git(folder, "status", "--porcelain=v2", "--branch", "-z", "--untracked-files=normal")
    if isinstance(status, str):
        missing.append(status)
    else:
        _read_status(status, code, missing)
        if code.dirty and code.commit is not None:
            digest = _keep_patch(folder, objects, missing)
            code.patch_digest = UNSET if digest is None else digest
        code.submodules = _submodules(folder, objects, missing) or UNSET
    code.missing = missing or UNSET
    return Program(code=code, objects=objects)


def _script(word: str, root: str) -> Entry:
    path = os.path.abspath(word)
    return Entry(point=text(path.removeprefix(root.rstrip(os.sep) + os.sep)), path=path)


def _keep_script(path: str, objects: list[bytes], missing: list[str]) -> str | msgspec.UnsetType:
    try:
        with open(path, "rb") as file:
            content = file.read(_LARGEST_OBJECT + 1)
    except OSError as error:
        missing.append(f"the script could not be read: {error.strerror}")
        return UNSET
    if len(content) > _LARGEST_OBJECT:
        missing.append("the script is too large to keep")
        return UNSET
    if scrubbed(content.decode("utf-8", "surrogateescape"))[1]:
        missing.append("the script's text is not kept: it holds what looks like a secret")
    else:
        objects.append(content)
    return _digest(content)


def _read_status(status: bytes, code: Code, missing: list[str]) -> None:
    """Read `git status --porcelain=v2 --branch -z`: headers, changes, untracked names."""
    untracked: list[str] = []
    dirty = False
    records = iter(status.decode("utf-8", "surrogateescape").split("\0"))
    for record in records:
        mark, _, rest = record.partition(" ")
        if mark == "#":
            field, _, value = rest.partition(" ")
            if field == "branch.oid":
                code.commit = None if value == "(initial)" else value
            elif field == "branch.head":
                code.branch = None if value == "(detached)" else text(value)
        elif mark == "?":
            untracked.append(text(rest))
        elif mark:
            dirty = True
            if mark == "2":  # a rename: its old name follows as a record of its own
                next(records, None)
    code.dirty = dirty
    code.untracked = untracked[:_MOST_UNTRACKED] or UNSET
    if len(untracked) > _MOST_UNTRACKED:
        missing.append(f"{len(untracked) - _MOST_UNTRACKED} more untracked names")
    if code.commit is None:
        missing.append("the repository has no commit yet")


def _submodules(folder: str, objects: list[bytes], missing: list[str]) -> dict[str, dict[str, Any]]:
    """Give commit and changes of each submodule, at any depth."""
    top = _git(folder, "rev-parse", "--show-toplevel")
    if isinstance(top, str) or not os.path.exists(os.path.join(os.fsdecode(top).strip(), ".gitmodules")):
        return {}
    root = os.fsdecode(top).strip()
    listed = _git(root, "submodule", "status", "--recursive")
    if isinstance(listed, str):
        missing.append(f"the submodules: {listed}")
        return {}
    found: dict[str, dict[str, Any]] = {}
    for line in os.fsdecode(listed).splitlines():
        commit, _, rest = line[1:].partition(" ")
        path = rest.rpartition(" (")[0] or rest
        mark = line[:1]
        if mark == "-":
            missing.append(f"the submodule {text(path)} is not checked out")
            continue
        found[text(path)] = {"commit": commit} | _changes(os.path.join(root, path), objects, missing)
    return found


def _changes(folder: str, objects: list[bytes], missing: list[str]) -> dict[str, Any]:
    status = _git(folder, "status", "--porcelain=v2", "--branch", "-z", "--untracked-files=normal")
    if isinstance(status, str):
        return {"missing": status}
    code = Code()
    _read_status(status, code, missing)
    facts: dict[str, Any] = {"dirty": code.dirty}
    if code.dirty:
        facts["patch_digest"] = _keep_patch(folder, objects, missing)
    if code.untracked is not UNSET:
        facts["untracked"] = code.untracked
    return facts


def _keep_patch(folder: str, objects: list[bytes], missing: list[str]) -> str | None:
    """Keep what differs from the commit as an object; give its digest, None when it cannot be kept."""
    patch = _git(folder, "diff", "HEAD", "--binary", "--no-color", "--no-ext-diff", "--no-textconv")
    if isinstance(patch, str):
        missing.append(f"the patch: {patch}")
        return None
    clean, secrets = scrubbed(patch.decode("utf-8", "surrogateescape"))
    if secrets:
        patch = clean.encode("utf-8", "surrogateescape")
        missing.append(f"{secrets} values in the patch look like secrets and were taken out")
    if len(patch) > _LARGEST_OBJECT:
        missing.append(f"the patch is {len(patch)} bytes, too large to keep")
        return None
    objects.append(patch)
    return _digest(patch)


def _git(folder: str, *arguments: str) -> bytes | str:
    """Give what git prints, or in words why it does not."""
    environ = {**os.environ, "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}
    environ.pop("PYTHONPATH", None)
    try:
        done = subprocess.run(  # noqa: S603 — fixed words; the folder is the program's own
            ["git", "-C", folder, *arguments],  # noqa: S607 — the git that the user would run
            capture_output=True,
            stdin=subprocess.DEVNULL,
            env=environ,
            timeout=_GIT_TIMEOUT_S,
            check=False,
        )
    except FileNotFoundError:
        return "git is not installed"
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"git did not answer: {type(error).__name__}"
    if done.returncode == 0:
        return done.stdout
    said = done.stderr.decode("utf-8", "replace")
    if "not a git repository" in said:
        return "not a git repository"
    return (
        "git refuses: dubious ownership" if "dubious ownership" in said else f"git failed: {done.returncode}"
    )


def _digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"
