"""What a comparison says: tests with their noise floors, a verdict per column, a report per table."""

from __future__ import annotations

import msgspec

__all__ = [
    "ColumnDrift",
    "ConceptDrift",
    "DriftReport",
    "Finding",
    "MultivariateDrift",
    "SchemaDrift",
    "StreamDrift",
    "TypeChange",
]


class Finding(msgspec.Struct, frozen=True, rename={"p": "p_value"}):
    """The result of one test on one column.

    `score` is an effect size that does not grow with the number of rows; `floor` is the score that an
    unchanged column of this size and cardinality exceeds with the chance that the test was given;
    `threshold` is the floor, or the least effect worth telling where that is larger.
    """

    test: str
    kind: str  # what a drift found by this test is called
    score: float
    floor: float
    threshold: float
    p: float
    effect: float | None = None  # with its sign, where the score has one: up is positive

    @property
    def drifted(self) -> bool:
        """Whether the effect is beyond the noise and worth telling."""
        return self.score > self.threshold

    @property
    def margin(self) -> float:
        """How many times its threshold the score is; comparable between tests."""
        return self.score / self.threshold if self.threshold > 0 else 0.0


class ColumnDrift(msgspec.Struct, kw_only=True):
    """The verdict on one column, with the finding that decided it.

    `kind` is `mean`, `spread`, `shape`, `categories`, `new_category`, `vanished_category`, `nulls`,
    `label`, `type` where it drifted; otherwise `none`, or `seasonal`, `time`, `order`, `identifier`,
    `not_compared` where that says more.
    """

    drifted: bool
    kind: str
    score: float
    threshold: float
    statistic: str
    effect: float = 0.0
    noise_floor: float = 0.0
    p_value: float = 1.0
    type: str = ""
    reference: dict[str, float | int | None] = {}
    current: dict[str, float | int | None] = {}
    measures: dict[str, float] = {}
    tests: list[Finding] = []
    new_categories: dict[str, float] = {}
    vanished_categories: dict[str, float] = {}
    notes: list[str] = []


class TypeChange(msgspec.Struct, frozen=True):
    """The type of a column on both sides."""

    reference: str
    current: str


class SchemaDrift(msgspec.Struct, frozen=True):
    """Columns on one side only, and columns whose type is another."""

    added: list[str]
    removed: list[str]
    changed: dict[str, TypeChange]


class StreamDrift(msgspec.Struct):
    """What a detector found in one stream."""

    drifted: bool = False
    at: str | None = None  # when the label came that made it certain
    before: float | None = None  # mean over the reference
    after: float | None = None  # mean over the current window
    examples: int = 0


class ConceptDrift(msgspec.Struct, kw_only=True):
    """What labels say about a model between two windows."""

    drifted: bool  # the relation between score and label changed
    detector: str
    relation: StreamDrift
    label: StreamDrift
    error: StreamDrift
    labels: int  # of the current window, that had come
    waiting: int  # predictions of the current window without a label as yet


class MultivariateDrift(msgspec.Struct, frozen=True, kw_only=True):
    """How well the windows can be told apart; 0.5 is not at all."""

    drifted: bool
    score: float
    threshold: float
    statistic: str = "domain_classifier_auc"
    columns: list[str]


class DriftReport(msgspec.Struct, kw_only=True):
    """The comparison of two tables."""

    columns: dict[str, ColumnDrift]
    schema: SchemaDrift
    rows: dict[str, int]
    order: str | None
    alpha: float
    concept: ConceptDrift | None = None
    multivariate: MultivariateDrift | None = None

    @property
    def drifted(self) -> bool:
        """Whether anything drifted, columns that came or went included."""
        moved = bool(self.schema.added or self.schema.removed)
        streams = (
            () if self.concept is None else (self.concept.relation, self.concept.label, self.concept.error)
        )
        together = self.multivariate is not None and self.multivariate.drifted
        return moved or together or any(one.drifted for one in (*self.columns.values(), *streams))
