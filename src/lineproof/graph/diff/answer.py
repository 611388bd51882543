"""The difference between two runs, in the form that the contracts give it. Only what differs is there."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

__all__ = [
    "Change",
    "CodeDiff",
    "ColumnsDiff",
    "DataChange",
    "Diff",
    "FeatureChange",
    "MetricChange",
    "ParameterChange",
    "TextDiff",
]


class Change(msgspec.Struct, kw_only=True):
    """A named fact that differs; a side that does not have it is left out."""

    name: str
    a: Any | UnsetType = UNSET
    b: Any | UnsetType = UNSET


class TextDiff(msgspec.Struct, kw_only=True):
    """The lines of a text that differ, as a unified diff.

    Attributes:
        cut: Whether more lines differ than are given.
    """

    name: str
    added: int
    removed: int
    lines: list[str]
    cut: bool


class CodeDiff(msgspec.Struct, kw_only=True):
    """How the program text differs.

    Attributes:
        changes: Commit, whether there were changes beside it, script and their digests.
        script: The script line by line, where both texts were kept.
        files: Of two runs on the same commit, files whose uncommitted changes differ.
    """

    changes: list[Change]
    script: TextDiff | None
    files: list[str]


class ColumnsDiff(msgspec.Struct, kw_only=True):
    """How the columns of two versions differ.

    Attributes:
        content_changed: Columns in both whose values differ; None where no fingerprints were kept.
    """

    added: list[str]
    removed: list[str]
    type_changed: list[Change]
    content_changed: list[str] | None


class DataChange(msgspec.Struct, kw_only=True):
    """An input that differs.

    Attributes:
        dataset: Without a version; of a table in memory the place in the code it was used at.
        role: `input`, or of a table in memory what it was used for, such as `fit.X`.
        change: `changed`, `added` (only b has it), `removed`, or `renamed` (same content).
        a: Version that the first run read, `b` the second.
        rows: Numbers of rows on both sides, as far as recorded.
    """

    dataset: str
    role: str
    change: str
    a: str | None
    b: str | None
    a_content: str | None
    b_content: str | None
    rows: Change
    columns: ColumnsDiff | None


class ParameterChange(msgspec.Struct, kw_only=True):
    """A setting that differs.

    Attributes:
        estimator: Whose setting it is, with `#2` for the second of its class in the run; None for the
            program's own.
        name: None where one side does not have the estimator; its settings are the value then.
        a: Effective value; a side that does not have it is left out.
        given: Which sides set it in the program: `both`, `a`, `b` or `neither`.
    """

    estimator: str | None
    name: str | None
    a: Any | UnsetType = UNSET
    b: Any | UnsetType = UNSET
    given: str


class MetricChange(msgspec.Struct, kw_only=True):
    """A measured figure that differs.

    Attributes:
        a: Last value; a side that did not measure it is left out.
        delta: b - a, where both are numbers.
        earlier: Whether figures measured before the last ones differ too.
    """

    name: str
    a: float | str | UnsetType | None = UNSET
    b: float | str | UnsetType | None = UNSET
    delta: float | None = None
    earlier: bool = False


class FeatureChange(msgspec.Struct, kw_only=True):
    """A column of what the runs wrote that differs.

    Attributes:
        of: The model or dataset, without a version.
        change: `added`, `removed`, or `origins` when it comes from other columns.
        origins_added: Raw columns that it comes from in b only, without versions of their datasets.
        origins_removed: Raw columns that it comes from in a only.
    """

    of: str
    name: str
    change: str
    origins_added: list[str]
    origins_removed: list[str]


class Diff(msgspec.Struct, kw_only=True):
    """What changed between two runs, the runs inside them included.

    Attributes:
        notes: What to know before comparing, such as that the jobs differ.
        unknown: What could not be compared, in plain words.
    """

    a: str
    b: str
    code: CodeDiff | None
    data: list[DataChange]
    parameters: list[ParameterChange]
    environment: list[Change]
    metrics: list[MetricChange]
    features: list[FeatureChange]
    notes: list[str]
    unknown: list[str]
    as_of: int

    @property
    def same(self) -> bool:
        """Whether no difference is recorded."""
        return not any((self.code, self.data, self.parameters, self.environment, self.metrics, self.features))
