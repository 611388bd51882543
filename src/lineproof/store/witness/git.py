"""A git repository that other people hold: each checkpoint is a commit on a branch of the log's own.

The branch is only ever moved forward; a server that refuses anything else (`receive.denyNonFastForwards`, a
protected branch) keeps even us from changing it. No working tree is touched.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import ClassVar

from lineproof.errors import WitnessError
from lineproof.store.witness.interface import Kept

__all__ = ["GitKeeper"]

_TIMEOUT_S = 60.0
_FILE = "checkpoint"
# No prompt, no transport that runs commands, an author where the user has none configured.
_ENVIRONMENT = {
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ALLOW_PROTOCOL": "file:git:http:https:ssh",
    "GIT_AUTHOR_NAME": "lineproof",
    "GIT_AUTHOR_EMAIL": "lineproof@localhost",
    "GIT_COMMITTER_NAME": "lineproof",
    "GIT_COMMITTER_EMAIL": "lineproof@localhost",
}
# Of the repository that the user happens to stand in nothing counts here.
_FOREIGN = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_NAMESPACE")


class GitKeeper:
    """Keeps checkpoints as commits.

    Args:
        location: Path or URL of a repository that may be fetched from and pushed to.
    """

    kind: ClassVar[str] = "git"

    def __init__(self, location: str) -> None:
        self._location = location

    @property
    def nearby(self) -> bool:
        """Whether the repository is a folder."""
        return Path(self._location).is_dir()

    def kept(self, origin: str) -> Kept:
        """Give the checkpoint of each commit of the log's branch, oldest first."""
        with self._fetched(origin) as (repository, tip):
            if tip is None:
                return Kept(())
            commits = repository.run("rev-list", "--reverse", tip).split()
            notes, damage = [], []
            for commit, note in zip(commits, repository.files(commits), strict=True):
                if note is None or not note.startswith(f"{origin}\n"):
                    damage.append(f"commit {commit[:12]} of {self._location} holds no checkpoint of this log")
                else:
                    notes.append(note)
            return Kept(tuple(notes), tuple(damage))

    def keep(self, origin: str, note: str) -> str:
        """Push a commit on top of the log's branch; git refuses to move it any other way."""
        with self._fetched(origin) as (repository, tip):
            blob = repository.run("hash-object", "-w", "--stdin", given=note).strip()
            tree = repository.run("mktree", given=f"100644 blob {blob}\t{_FILE}\n").strip()
            parents = [] if tip is None else ["-p", tip]
            size = note.split("\n", 2)[1]
            message = f"Checkpoint of {size} entries"
            commit = repository.run("commit-tree", tree, *parents, "-m", message).strip()
            repository.run("push", "--quiet", "--", self._location, f"{commit}:{_branch(origin)}")
            return commit

    @contextmanager
    def _fetched(self, origin: str) -> Iterator[tuple[_Repository, str | None]]:
        """Give a repository of our own with the log's branch in it, and the branch's last commit."""
        with TemporaryDirectory(prefix="lineproof-witness-") as folder:
            repository = _Repository(folder)
            repository.run("init", "--quiet", "--bare", ".")
            branch = _branch(origin)
            there = repository.run("ls-remote", "--", self._location, branch).split()
            if not there:
                yield repository, None
                return
            repository.run("fetch", "--quiet", "--no-tags", "--", self._location, f"{branch}:{branch}")
            yield repository, repository.run("rev-parse", "--verify", branch).strip()


class _Repository:
    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._environment = {name: value for name, value in os.environ.items() if name not in _FOREIGN}
        self._environment |= _ENVIRONMENT

    def run(self, *arguments: str, given: str = "") -> str:
        """Call git; give what it writes.

        Raises:
            WitnessError: It cannot be called, or refuses.
        """
        return self._call(arguments, given.encode()).decode(errors="replace")

    def files(self, commits: Sequence[str]) -> Iterator[str | None]:
        """Give the checkpoint in each commit, or None where there is none."""
        asked = "".join(f"{commit}:{_FILE}\n" for commit in commits).encode()
        answer = self._call(("cat-file", "--batch"), asked)
        at = 0
        for _ in commits:
            stop = answer.index(b"\n", at)
            words = answer[at:stop].split()
            at = stop + 1
            if words[1:2] != [b"blob"]:  # `NAME missing` has no content after it
                if words[-1] != b"missing":
                    at += int(words[2]) + 1
                yield None
                continue
            size = int(words[2])
            yield answer[at : at + size].decode(errors="replace")
            at += size + 1

    def _call(self, arguments: Sequence[str], given: bytes) -> bytes:
        settings = ("-c", "commit.gpgSign=false", "-c", "core.hooksPath=/dev/null")
        try:
            done = subprocess.run(  # noqa: S603 - no shell; what follows `--` is no option
                ["git", *settings, *arguments],  # noqa: S607 - the git that the user would run
                cwd=self._folder,
                env=self._environment,
                input=given,
                capture_output=True,
                timeout=_TIMEOUT_S,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise WitnessError(f"git {arguments[0]} failed: {error}", "install git, or try later") from error
        if done.returncode:
            said = done.stderr.decode(errors="replace").strip().splitlines() or ["no reason given"]
            raise WitnessError(f"git {arguments[0]} failed: {said[-1]}")
        return done.stdout


def _branch(origin: str) -> str:
    return f"refs/heads/{origin}"
