"""What an entry of the ledger may be about, and the payloads that are ours.

A `lineage.event` carries one OpenLineage event as received; its form is in `openlineage.py`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, UnsetType

__all__ = [
    "AuthMethod",
    "Decision",
    "EntryType",
    "Grant",
    "KeyAdded",
    "PredictionSegment",
    "Shred",
]


class EntryType(StrEnum):
    """The closed list of entry types; a new one needs an ADR."""

    LINEAGE_EVENT = "lineage.event"
    DECISION = "decision"
    APPROVAL = "approval"
    DEPLOYMENT = "deployment"
    PREDICTION_SEGMENT = "prediction.segment"
    TAG = "tag"
    SYSTEM = "system"
    PURPOSE = "purpose"
    BASIS = "basis"
    CONSENT = "consent"
    DOCUMENT = "document"
    RETENTION = "retention"
    HOLD = "hold"
    GRANT = "grant"
    POLICY = "policy"
    ACCESS = "access"
    SUBJECT_REQUEST = "subject.request"
    SHRED = "shred"
    DRIFT_CHECK = "drift.check"
    ALERT = "alert"
    INCIDENT = "incident"
    CONTROL_RESULT = "control.result"
    FINDING = "finding"
    WAIVER = "waiver"
    REPORT = "report"
    REPRODUCTION = "reproduction"
    KEY = "key"
    WITNESS = "witness"


class AuthMethod(StrEnum):
    """How a principal's identity is known."""

    SELF_ASSERTED = "self_asserted"  # no control accepts it as proof of who acted
    TOKEN = "token"  # noqa: S105 - a server checked a token of the principal


class KeyAdded(msgspec.Struct, frozen=True, kw_only=True):
    """Payload of `key`: checkpoints that cover this entry are signed with this key.

    Attributes:
        verifier_key: C2SP signed-note verifier key, `name+id+base64`.
        use: What the key signs.
        endorsement: Signed note in which the key before hands over to this one; None for the first.
        reason: Why it took over.
    """

    verifier_key: str
    use: str = "checkpoint"
    time: str
    endorsement: str | None = None
    reason: str | None = None


class Grant(msgspec.Struct, frozen=True, kw_only=True):
    """Payload of `grant`: who stands behind a random principal reference.

    The name lives in this destroyable payload; leaves carry the reference alone.
    """

    principal: str
    kind: str  # person | service
    name: str
    auth_method: AuthMethod
    roles: tuple[str, ...] = ()
    time: str


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """Payload of `decision`: what was chosen, among which candidates, by whom and why.

    Attributes:
        decision: Identifier, UUID.
        run: Run it was made in, UUID, or None outside a run.
        kind: What was decided, for example `hyperparameter_search`, `threshold`.
        chosen: The chosen candidate, as JSON.
        candidates: All candidates, the chosen one among them, with scores where there are any.
        made_by: `code` (with the place in `site`) or `person`.
    """

    decision: str
    run: str | None = None
    kind: str
    chosen: Any
    candidates: list[Any] = msgspec.field(default_factory=list)
    reason: str | None = None
    made_by: str = "code"
    site: str | None = None
    time: str


class PredictionSegment(msgspec.Struct, frozen=True, kw_only=True):
    """Payload of `prediction.segment`: some predictions of one model version, column-wise.

    Attributes:
        segment: Identifier, UUID.
        run: Run that predicted, UUID.
        model_namespace: OpenLineage namespace of the model, normally `model`.
        model_name: Its name.
        model_version: Its content, `sha256:...`; None when the model was never registered.
        ids: One id per prediction, as text; unique per model version.
        subject_space: The predictions are about people of this space; left out when nobody said so.
        subjects: Who each is about, where the ids are not the people's own.
        outputs: Column name to one value per prediction.
        inputs: The features used, likewise; None when they are not kept.
        post_processing: What was done to the model's output (rule names, threshold), as JSON.
        features_from: Memory dataset the features came from (`namespace`, `name`, `version`).
    """

    segment: str
    run: str | None = None
    model_namespace: str = "model"
    model_name: str
    model_version: str | None = None
    ids: list[str]
    subject_space: str | UnsetType | None = UNSET
    subjects: list[str] | UnsetType | None = UNSET
    outputs: dict[str, list[Any]]
    inputs: dict[str, list[Any]] | None = None
    post_processing: Any = None
    features_from: dict[str, str] | None = None
    time: str


_EntryNumber = Annotated[int, msgspec.Meta(ge=0, le=2**53 - 1)]


class Shred(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Payload of `shred`: payloads of other entries, or keys of people, were destroyed, and why.

    Attributes:
        entry: The entry, where it is one.
        entries: The entries, where they are none or several.
        people: Those whose keys are gone: where the key lay, and `subject_ref` in hex. Nothing leads from
            there to a person any more.
        numbers: What stood for them in sets of people; nothing leads from there to a person any more either.
        action: `asked` when somebody asked for it; a second person must confirm it.
        asked: Entry in which it was asked for.
    """

    entry: _EntryNumber | None = None
    entries: tuple[_EntryNumber, ...] = ()
    people: tuple[tuple[int, str], ...] = ()
    numbers: tuple[int, ...] = ()
    action: Literal["destroyed", "asked"] = "destroyed"
    asked: _EntryNumber | None = None
    reason: str
    time: str

    @property
    def named(self) -> tuple[int, ...]:
        """All entries that it names."""
        return self.entries if self.entry is None else (self.entry, *self.entries)

    @property
    def destroyed(self) -> tuple[int, ...]:
        """The entries whose payloads are gone by it."""
        return self.named if self.action == "destroyed" else ()
