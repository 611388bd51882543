"""What people state about systems, data and models: the payloads of their entry types.

Who stated it is in the leaf of the entry, as its principal. A field that is None was not stated: no
control takes that for an answer.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

from lineproof.model.entries import EntryType

__all__ = [
    "STATEMENTS",
    "Access",
    "AiActClass",
    "AiActRole",
    "Approval",
    "Basis",
    "Compared",
    "ControlResult",
    "Deployment",
    "Document",
    "DriftCheck",
    "GdprRole",
    "HipaaRole",
    "Hold",
    "Purpose",
    "Report",
    "Retention",
    "RetentionAction",
    "Statement",
    "System",
    "Tag",
    "Waiver",
    "Witness",
]

GdprRole = Literal["none", "controller", "processor", "both"]
HipaaRole = Literal["none", "covered_entity", "business_associate"]
AiActRole = Literal["none", "provider", "deployer", "both"]
RetentionAction = Literal["delete", "anonymise", "review"]
AiActClass = Literal["prohibited", "high_annex_iii", "high_annex_i", "limited", "minimal", "unclassified"]

Name = Annotated[str, msgspec.Meta(min_length=1)]


class Statement(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What all statements have.

    Attributes:
        reason: Why, in the words of who states it.
        time: When it was stated, RFC 3339 in UTC.
    """

    reason: str | None = None
    time: str


class System(Statement, frozen=True, kw_only=True, omit_defaults=True):
    """Payload of `system`: a use of models that somebody answers for.

    Later entries about one system add to earlier ones, field by field.

    Attributes:
        models: Names of its models; `*` and `?` stand for any characters.
        owner: Who answers for it.
        intended_use: What it is for (AI Act Art. 3(12)).
        gdpr_role: Role under the GDPR (Art. 4(7), 4(8)).
        hipaa_role: Role under 45 CFR 160.103.
        sox_scope: Whether its output feeds financial reporting or a key control.
        ai_act_role: Role under the AI Act (Art. 3(3), 3(4)).
        ai_act_class: Risk class under the AI Act (Art. 5, 6, 50).
        oversight: Who can overrule and stop it (AI Act Art. 14).
    """

    name: Name
    models: tuple[str, ...] | None = None
    owner: str | None = None
    intended_use: str | None = None
    gdpr_role: GdprRole | None = None
    hipaa_role: HipaaRole | None = None
    sox_scope: bool | None = None
    ai_act_role: AiActRole | None = None
    ai_act_class: AiActClass | None = None
    oversight: str | None = None


class Purpose(Statement, frozen=True, kw_only=True, omit_defaults=True):
    """Payload of `purpose`: what personal data is processed for (GDPR Art. 5(1)(b)).

    Later entries about one purpose add to earlier ones, field by field.

    Attributes:
        jobs: Names of the jobs that serve it; runs may name it themselves as well.
        controller: Who decides about it.
        significant_decisions: Whether it decides about people with legal or similar effect (Art. 22).
        high_risk: Outcome of the screening for a high risk to people (Art. 35).
        compatible_with: Purposes for which the data may have been collected (Art. 6(4)).
        subject_categories: Whose data it is.
        recipient_categories: Who receives it.
        columns: Approved columns, `DATASET#COLUMN` (45 CFR 164.514(d)).
    """

    name: Name
    description: str | None = None
    jobs: tuple[str, ...] | None = None
    controller: str | None = None
    significant_decisions: bool | None = None
    high_risk: bool | None = None
    compatible_with: tuple[str, ...] | None = None
    subject_categories: tuple[str, ...] | None = None
    recipient_categories: tuple[str, ...] | None = None
    columns: tuple[str, ...] | None = None


class Basis(Statement, frozen=True, kw_only=True, omit_defaults=True):
    """Payload of `basis`: on which ground a purpose may process personal data.

    Attributes:
        basis: Identifier, UUID.
        article: `6(1)(a)` to `6(1)(f)` of the GDPR, or a ground of 45 CFR 164 such as `506_tpo`.
        art9_condition: `9(2)(a)` to `9(2)(j)`, for special categories.
        document: Digest or title of the assessment it rests on.
        valid_from: First day, `2026-01-31`.
        valid_to: Day on which it no longer holds.
    """

    basis: str
    purpose: Name
    article: Name
    art9_condition: str | None = None
    document: str | None = None
    valid_from: str | None = None
    valid_to: str | None = None


class Tag(Statement, frozen=True, kw_only=True, omit_defaults=True):
    """Payload of `tag`: what a column, or a whole dataset, holds. It stays with later versions.

    Attributes:
        column: None for all columns.
        tags: Upper-case words: PII, PHI, SPECIAL, or a class such as BIRTH_DATE.
        state: `confirmed`, or `rejected`: the column does not hold that, whatever else says so. Who rejects
            PII says that it holds nothing personal.
    """

    namespace: str
    dataset: Name
    column: str | None = None
    tags: tuple[str, ...]
    state: Literal["confirmed", "rejected"] = "confirmed"


class Approval(Statement, frozen=True, kw_only=True, omit_defaults=True):
    """Payload of `approval`: a person's word on one content of a model, or on a run.

    Attributes:
        approval: Identifier, UUID.
        model_name: Name of the model; empty where it is about a run.
        model_version: Its content, `sha256:...`: what was approved, byte for byte.
        run: UUID of a run that is approved as de-identification: tags of personal data end in it.
        method: How it de-identifies, such as `Safe Harbor`, `pseudonyms`, `k=10`.
        ticket: Where the change was asked for.
    """

    approval: str
    model_namespace: str = "model"
    model_name: str = ""
    model_version: str = ""
    run: str | None = None
    method: str | None = None
    outcome: Literal["approved", "rejected"] = "approved"
    ticket: str | None = None


class Compared(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One side of a comparison: a recorded dataset version, or a file that is not on record by its name."""

    namespace: str | None = None
    name: Name
    version: str | None = None


class DriftCheck(Statement, frozen=True, kw_only=True, omit_defaults=True):
    """Payload of `drift.check`: how far a table was from another. It holds figures, no values.

    Attributes:
        check: Identifier, UUID.
        reference: What is normal.
        current: What was judged.
        drifted: Whether anything had.
        columns: Of each column `drifted`, `kind`, `score`, `threshold`, `statistic`.
        schema: Columns `added` and `removed`.
        rows: Rows of both.
    """

    check: str
    reference: Compared
    current: Compared
    drifted: bool
    columns: dict[str, dict[str, Any]]
    schema: dict[str, list[str]] = {}
    rows: dict[str, int] = {}
    alpha: float = 0.01


class Deployment(Statement, frozen=True, kw_only=True, omit_defaults=True):
    """Payload of `deployment`: from now on a model version serves in an environment, or no longer.

    A deployment ends those of other versions of the model in the same environment.

    Attributes:
        deployment: Identifier, UUID.
        artifact: Content of what runs, where it was looked at; `sha256:...`.
        mechanism: `manual` by a person, `ci` by an automated, reviewed way.
        emergency: Released before its approval, on purpose.
    """

    deployment: str
    model_namespace: str = "model"
    model_name: Name
    model_version: str
    env: Name
    action: Literal["deploy", "retire"] = "deploy"
    artifact: str | None = None
    mechanism: Literal["manual", "ci"] = "manual"
    emergency: bool = False
    region: str | None = None


class Waiver(Statement, frozen=True, kw_only=True, omit_defaults=True):
    """Payload of `waiver`: a failed control is accepted for a time.

    Attributes:
        subject: What it is waived for, for example `system:credit`.
        expires: Last day on which it holds, `2026-12-31`.
    """

    control: Name
    subject: Name
    expires: str


class Document(Statement, frozen=True, kw_only=True, omit_defaults=True):
    """Payload of `document`: text that a person supplies, and answers for.

    Attributes:
        document: Identifier, UUID.
        kind: `dpia`, `technical_file`, `instructions_for_use`, `transfer_instrument`, ...
        digest: `sha256:...` of the file, kept as an object of the ledger.
        covers: What it is about: `purpose:NAME`, `system:NAME`, `model:NAME@N`, `dataset:NAME`.
        valid_until: Last day on which it holds.
        fields: Named parts of it, such as the points of Annex IV.
    """

    document: str
    kind: Name
    title: str | None = None
    digest: str | None = None
    covers: tuple[str, ...] = ()
    valid_until: str | None = None
    fields: dict[str, str] = {}


class Retention(Statement, frozen=True, kw_only=True, omit_defaults=True):
    """Payload of `retention`: how long something is kept at least and at most.

    Attributes:
        covers: Names of datasets (`*` and `?` allowed), types of entries (`kind:TYPE` where a dataset has the
            same name), `predictions`, or `ledger` for the types that no other policy covers.
        action: What is done then; `lineproof retention run` deletes, the rest is for people.
    """

    name: Name
    covers: tuple[str, ...]
    min_age_days: int | None = None
    max_age_days: int | None = None
    legal_ground: str | None = None
    action: RetentionAction = "delete"


class Hold(Statement, frozen=True, kw_only=True, omit_defaults=True):
    """Payload of `hold`: nothing that it covers may be destroyed until it is released.

    Attributes:
        hold: Identifier, UUID, of all entries about it.
        name: What people call it.
        action: `added`, or `released`.
        entries: Numbers of entries.
        kinds: Types of entries; `predictions` stands for `prediction.segment`.
        datasets: Names of datasets (`*` and `?` allowed): the entries of all runs that touched them.
        subjects: `subject_ref` of people, hex.
        objects: Digests of objects.
        everything: It covers all there is.
    """

    hold: str
    name: Name
    action: Literal["added", "released"] = "added"
    entries: tuple[int, ...] = ()
    kinds: tuple[str, ...] = ()
    datasets: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    objects: tuple[str, ...] = ()
    everything: bool = False


class Access(Statement, frozen=True, kw_only=True, omit_defaults=True):
    """Payload of `access`: somebody asked for something guarded, and got it or not."""

    action: str
    resource: str
    outcome: Literal["allow", "refused"]


class ControlResult(Statement, frozen=True, kw_only=True, omit_defaults=True):
    """Payload of `control.result`: one control, evaluated for one subject.

    Attributes:
        catalogue: Version of the catalogue.
        evaluator: Version of lineproof.
        as_of: Last entry that it rests on.
        evaluated_at: The moment it was judged for; the same entry and moment give the same result.
        evidence: Entries it rests on.
        items: What was judged, each with reference, result and reason; the first of `items_total`.
    """

    control: str
    framework: str
    clause: str
    catalogue: str
    evaluator: str
    as_of: int
    evaluated_at: str
    subject: str
    result: Literal["pass", "fail", "manual", "not_applicable", "waived", "unknown"]
    severity: str
    remedy: str | None = None
    evidence: tuple[int, ...] = ()
    items: tuple[dict[str, Any], ...] = ()
    items_total: int = 0


class Report(Statement, frozen=True, kw_only=True, omit_defaults=True):
    """Payload of `report`: something was written, or checked, for others to rely on.

    Attributes:
        report: Identifier, UUID.
        kind: `model` for a dossier, `verification` for an outcome of `lineproof verify`.
        as_of: Last entry that it rests on.
        content_sha256: Of the document, the same in every format.
        sections: Identifier of each section to the SHA-256 of its visible text.
        body_sha256: Of the file without its evidence.
        outcome: What a verification found.
    """

    report: str
    kind: Name
    subject: str
    as_of: int
    format: str | None = None
    content_sha256: str | None = None
    sections: dict[str, str] = {}
    body_sha256: str | None = None
    outcome: dict[str, Any] | None = None


class Witness(Statement, frozen=True, kw_only=True, omit_defaults=True):
    """Payload of `witness`: somebody outside keeps checkpoints of the log, or was handed one.

    Attributes:
        witness: Identifier, UUID, of all entries about it.
        name: What people call it.
        kind: What it is: `file`, `git`, `tsa`, `cosigner`, `memory` of a reader.
        location: Where it is.
        action: `added`, `removed`, `kept` when it was handed a checkpoint and keeps it; `accepted` when a reader
            (of kind `memory`) accepts that the log is not what they saw last.
        checkpoint: The signed note that it keeps, or that the reader had seen.
        receipt: What it gave for it: the commit that holds it, a time and its token, a cosignature.
        certificate: Of a `tsa`: certificates that are trusted, PEM. Of a `cosigner`: its verifier key.
        tokens: Of a `tsa`: the file elsewhere that keeps its tokens.
    """

    witness: str
    name: Name
    kind: str
    location: str
    action: Literal["added", "removed", "kept", "accepted"]
    checkpoint: str | None = None
    receipt: str | None = None
    certificate: str | None = None
    tokens: str | None = None


STATEMENTS: dict[EntryType, type[Statement]] = {
    EntryType.SYSTEM: System,
    EntryType.PURPOSE: Purpose,
    EntryType.BASIS: Basis,
    EntryType.TAG: Tag,
    EntryType.APPROVAL: Approval,
    EntryType.DEPLOYMENT: Deployment,
    EntryType.WAIVER: Waiver,
    EntryType.DOCUMENT: Document,
    EntryType.DRIFT_CHECK: DriftCheck,
    EntryType.RETENTION: Retention,
    EntryType.HOLD: Hold,
    EntryType.ACCESS: Access,
    EntryType.CONTROL_RESULT: ControlResult,
    EntryType.REPORT: Report,
    EntryType.WITNESS: Witness,
}
