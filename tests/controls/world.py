"""A ledger with a small pipeline, to which a case adds what people state."""

from __future__ import annotations

import importlib.util
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from lineproof import access
from lineproof.model.entries import AuthMethod, EntryType, Grant, PredictionSegment
from lineproof.model.facets import Classification, Source
from lineproof.model.identity import now, uuid7
from lineproof.model.openlineage import Dataset, DatasetEvent, DatasetVersion
from lineproof.model.statements import (
    Approval,
    Basis,
    Deployment,
    Document,
    Hold,
    Purpose,
    Report,
    Retention,
    System,
    Tag,
    Witness,
)
from lineproof.questions import Ledger, open_ledger
from lineproof.store import Ledger as Stored
from lineproof.store import NewEntry
from lineproof.store.database import transaction
from lineproof.store.sequencer import append_group

_spec = importlib.util.spec_from_file_location("story", Path(__file__).parents[1] / "graph" / "story.py")
story = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(story)

MODEL = story.CREDIT[2]
DURING = "2026-03-15T00:00:00.000000Z"  # two weeks after the story


class World:
    """Adds entries to a ledger; every method gives the world, so that a case is one expression."""

    def __init__(self, folder: Path, create=Stored.create) -> None:
        self.story = story.Story(create(folder / ".lineproof"))
        self.ledger: Ledger = open_ledger(self.story.ledger.folder)
        self.stored = self.ledger.stored

    def pipeline(self, *, commit: str | None = "0123456789abcdef", dirty: bool = False) -> World:
        self.story.prepare()
        self.story.train()
        code = {"entry_point": "train.py", "dirty": dirty} | ({"commit": commit} if commit else {})
        self.story.event("train.py", "RUNNING", facets={"lineproof_code": code})
        self.story.score()
        return self

    def unmeasured(self) -> World:
        """Record a model whose runs measured nothing."""
        self.story.event("train.py", "START")
        self.story.event("train.py", "COMPLETE", outputs=[story.dataset(story.CREDIT, type_="MODEL")])
        return self

    def replaced(self) -> World:
        """Let a file that a run wrote be read with a content that no run wrote."""
        other = (*story.CLEAN[:2], "sha256:" + "99" * 32)
        self.story.event("audit.py", "COMPLETE", inputs=[story.dataset(other, columns=["age"])])
        return self

    def unregistered(self) -> World:
        """Log predictions of the model by name, without its version."""
        segment = PredictionSegment(
            segment=uuid7(), model_name="credit", ids=["x"], outputs={"score": [1]}, time=now()
        )
        self.stored.append([NewEntry(EntryType.PREDICTION_SEGMENT, msgspec.json.encode(segment))])
        return self

    def _state(self, statement, who=None) -> World:
        self.ledger.state(statement, acting_as=who)
        return self

    def system(self, **fields) -> World:
        return self._state(System(name="lending", models=("credit",), time=now(), **fields))

    def tagged(self, *tags: str, dataset=story.PATIENTS, column="birth_date") -> World:
        """Tag one column, and say of every other source that it holds nothing of the kind."""
        self._state(Tag(namespace="file", dataset=dataset[1], column=column, tags=tags, time=now()))
        return self.harmless()

    def looked_at(self, **tags: list[str]) -> World:
        """Have the columns of every source classified by their values, personal ones of the patients given."""
        for source in (story.PATIENTS, story.MEASURED, story.BATCH):
            found = tags if source is story.PATIENTS else {}
            facets = {
                "version": DatasetVersion(dataset_version=source[2]),
                "lineproof_classification": Classification(columns={}, tags=found),
            }
            said = Dataset(namespace=source[0], name=source[1], facets=facets)
            event = DatasetEvent(event_time=now(), dataset=said)
            self.stored.append([NewEntry(EntryType.LINEAGE_EVENT, event.encode())])
        return self

    def harmless(self) -> World:
        for namespace, name, _ in (story.PATIENTS, story.MEASURED, story.BATCH):
            self._state(
                Tag(
                    namespace=namespace,
                    dataset=name,
                    column="id",
                    tags=("PII",),
                    state="rejected",
                    time=now(),
                )
            )
        return self

    def purpose(self, **fields) -> World:
        return self._state(Purpose(name="scoring", jobs=("*.py",), time=now(), **fields))

    def basis(self, article="6(1)(b)", since="2026-01-01", **fields) -> World:
        return self._state(
            Basis(basis=uuid7(), purpose="scoring", article=article, valid_from=since, time=now(), **fields)
        )

    def source(self, dataset=story.PATIENTS, **fields) -> World:
        access.set_source(self.stored, f"dataset:{dataset[1]}", Source(**fields))
        return self

    def sources(self, **fields) -> World:
        return self.source(story.PATIENTS, **fields).source(story.MEASURED, **fields)

    def retention(self, *covers: str, least=None, most=None) -> World:
        return self._state(
            Retention(name=covers[0], covers=covers, min_age_days=least, max_age_days=most, time=now())
        )

    def hold(self, *datasets: str) -> World:
        return self._state(Hold(hold=uuid7(), name="case", datasets=datasets, reason="claim", time=now()))

    def document(self, kind: str, covers="system:lending", fields=None, **more) -> World:
        return self._state(
            Document(document=uuid7(), kind=kind, covers=(covers,), fields=fields or {}, time=now(), **more)
        )

    def approve(self, who="second", ticket="T-1", outcome="approved") -> World:
        approval = Approval(
            approval=uuid7(),
            model_name="credit",
            model_version=MODEL,
            ticket=ticket,
            outcome=outcome,
            time=now(),
        )
        return self._state(approval, who)

    def deploy(self, who=None, artifact=MODEL, mechanism="ci", **more) -> World:
        deployment = Deployment(
            deployment=uuid7(),
            model_name="credit",
            model_version=MODEL,
            env="prod",
            artifact=artifact,
            mechanism=mechanism,
            time=now(),
            **more,
        )
        return self._state(deployment, who)

    def verified(self, *, ok=True) -> World:
        return self._state(
            Report(
                report=uuid7(), kind="verification", subject="ledger", as_of=0, outcome={"ok": ok}, time=now()
            )
        )

    def witnessed(self) -> World:
        kept = Witness(
            witness=uuid7(), name="audit", kind="file", location="/audit", action="kept", time=now()
        )
        self.stored.append([NewEntry(EntryType.WITNESS, msgspec.json.encode(kept))])
        return self

    def proven(self, statement, name: str) -> World:
        """State something as a person whose identity a server checked."""
        reference = f"principal:{uuid7()}"
        grant = Grant(principal=reference, kind="person", name=name, auth_method=AuthMethod.TOKEN, time=now())
        items = [
            NewEntry(EntryType.GRANT, msgspec.json.encode(grant)),
            NewEntry(
                EntryType.APPROVAL if isinstance(statement, Approval) else EntryType.DEPLOYMENT,
                msgspec.json.encode(statement),
            ),
        ]
        with self.stored._writing() as session, transaction(session) as cursor:
            key = self.stored._signing_key(session)
            append_group(cursor, self.stored.id, reference, key, items)
        return self

    def separated(self) -> World:
        approval = Approval(
            approval=uuid7(), model_name="credit", model_version=MODEL, ticket="T-1", time=now()
        )
        deployment = Deployment(
            deployment=uuid7(),
            model_name="credit",
            model_version=MODEL,
            env="prod",
            mechanism="ci",
            time=now(),
        )
        return self.proven(approval, "approver").proven(deployment, "pipeline")


def later(days: float) -> str:
    """Give the time so many days from now."""
    return (datetime.fromisoformat(now()) + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
