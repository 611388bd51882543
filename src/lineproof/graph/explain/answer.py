"""The explanation of one prediction, in the form that the contracts give it."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from lineproof.graph.checks import DriftRow
from lineproof.graph.origins import Origin
from lineproof.model.lineage import RunState

__all__ = [
    "ApprovalGiven",
    "Code",
    "ControlShown",
    "DatasetUsed",
    "DecisionMade",
    "DeploymentThen",
    "Explanation",
    "Feature",
    "ModelUsed",
    "Of",
    "Predicted",
    "RunUsed",
    "Table",
    "Threshold",
    "Who",
]


class Who(msgspec.Struct, kw_only=True):
    """A principal behind an entry.

    Attributes:
        name: None when it is destroyed.
        auth_method: `self_asserted` means that nobody checked who it was.
    """

    principal: str
    name: str | None
    auth_method: str | None


class Predicted(msgspec.Struct, kw_only=True):
    """The prediction itself.

    Attributes:
        output: Column name to value, after post-processing where the program logged it so.
        time: When it was made, as the program said; what was in force is asked for this moment.
        recorded: When its entry was recorded.
    """

    ref: str
    id: str
    output: dict[str, Any] | None
    time: str | None
    recorded: str
    entry: int
    segment: str | None


class DeploymentThen(msgspec.Struct, kw_only=True):
    """What served in an environment when the prediction was made.

    Attributes:
        this_version: Whether it is the version that predicted.
        since: When it was deployed.
    """

    env: str
    model: str
    this_version: bool
    since: str
    mechanism: str
    by: Who
    reason: str | None
    entry: int


class Table(msgspec.Struct, kw_only=True):
    """A table in memory that a model was fitted on: a version of the training data."""

    ref: str
    content: str
    rows: int | None


class ModelUsed(msgspec.Struct, kw_only=True):
    """The model version that predicted.

    Attributes:
        ref: None when it was never registered.
        digest: Its content, `sha256:...`; `run:...` for one that was never saved.
        training_data: What it was fitted on.
        deployments: What served under its name at the time of the prediction, by environment.
        systems: Systems it belonged to then.
    """

    ref: str | None
    name: str
    digest: str | None
    estimator: str | None
    training_data: list[Table]
    deployments: list[DeploymentThen]
    systems: list[str]


class RunUsed(msgspec.Struct, kw_only=True):
    """A run, the outermost one where runs happened in each other."""

    ref: str
    job: str
    state: RunState
    start: str | None
    end: str | None
    by: Who
    purpose: str | None
    metrics: dict[str, float | str | None]


class Code(msgspec.Struct, kw_only=True):
    """The program text of a run.

    Attributes:
        commit: None when it is not known.
        dirty: Whether the files differed from the commit; the difference is `patch_digest`.
        missing: What could not be recorded of it, in words.
    """

    run: str
    entry_point: str | None = None
    entry_digest: str | None = None
    commit: str | None = None
    branch: str | None = None
    dirty: bool | None = None
    patch_digest: str | None = None
    missing: list[str] = []


class Of(msgspec.Struct, kw_only=True):
    """A thing that there is of the run that trained and of the run that predicted; None: not known."""

    training: Any = None
    prediction: Any = None


class DecisionMade(msgspec.Struct, kw_only=True):
    """A decision in one of the two runs.

    Attributes:
        during: `training`, `prediction`, or `both` where one run did both.
    """

    ref: str
    during: str
    run: str
    kind: str
    chosen: Any
    candidates: list[Any]
    reason: str | None
    made_by: str
    site: str | None
    time: str | None
    entry: int


class ApprovalGiven(msgspec.Struct, kw_only=True):
    """A person's word on the model version.

    Attributes:
        before_prediction: Whether it was given by the time of the prediction; None when that is unknown.
    """

    outcome: str
    by: Who
    reason: str | None
    ticket: str | None
    time: str
    before_prediction: bool | None
    entry: int


class Feature(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One column of what the prediction was computed from.

    Attributes:
        used: Whether the model was fitted on it; None when the model's features are not known.
        value: Left out when it was not kept, or is withheld.
        withheld: Why the value is not shown.
        tags: What it holds, as people said of it or of what it came from.
        origins: Raw columns that the value came from.
        trained_on: Raw columns that the model learnt this feature from.
        origins_more: How many more there are than `origins` lists; `trained_on_more` likewise.
    """

    name: str
    used: bool | None
    origins: list[Origin]
    trained_on: list[Origin]
    origins_more: int = 0
    trained_on_more: int = 0
    tags: list[str] = []
    value: Any | UnsetType = UNSET
    withheld: str | None = None


class DatasetUsed(msgspec.Struct, kw_only=True):
    """A dataset version upstream.

    Attributes:
        during: `training`, `prediction` or `both`: what it went into.
        end: Whether nothing upstream of it is recorded.
        source: Where it comes from, as stated; None when nobody did.
        source_entries: Entries that state it.
        deidentified: Entry by which the run that wrote it is approved as de-identification: there tags of
            personal data end. None where it is not.
    """

    ref: str
    content: str
    during: str
    end: bool
    rows: int | None
    written_by: str | None
    deidentified: int | None
    source: dict[str, Any] | None
    source_entries: list[int]
    entry: int


class Threshold(msgspec.Struct, kw_only=True):
    """A threshold that was applied. `of` says where it is recorded."""

    name: str
    value: Any
    of: str


class ControlShown(msgspec.Struct, kw_only=True):
    """The latest result of a control that was judged for a moment before the prediction."""

    control: str
    framework: str
    clause: str
    subject: str
    result: str
    severity: str
    reason: str | None
    evaluated_at: str
    entry: int


class Explanation(msgspec.Struct, kw_only=True):
    """One prediction, back to raw columns.

    Attributes:
        run: The runs that trained and predicted.
        code: Their program text.
        post_processing: What was done to the model's output.
        drift_checks: How far data upstream was measured to be from other data.
        unknown: All that the record does not say, in plain words.
        as_of: Last entry that the answer rests on.
        complete: Whether lineage was followed to its ends; `cut_at` says where it was not.
    """

    prediction: Predicted
    model: ModelUsed | None
    run: Of
    decisions: list[DecisionMade]
    approvals: list[ApprovalGiven]
    features: list[Feature]
    datasets: list[DatasetUsed]
    code: Of
    controls: list[ControlShown]
    post_processing: Any
    thresholds: list[Threshold]
    drift_checks: list[DriftRow]
    unknown: list[str]
    as_of: int
    complete: bool
    cut_at: list[str]
