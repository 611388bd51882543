"""What all parts of an explanation start from: the prediction, the model, the two runs."""

from __future__ import annotations

import msgspec
from sqlalchemy import select

from lineproof.graph.explain.answer import Who
from lineproof.graph.facts import Facts, VersionFacts
from lineproof.graph.resolve import Found
from lineproof.graph.segments import Kept, kept_of, table_of
from lineproof.graph.statements import Statements
from lineproof.graph.states import descendants
from lineproof.graph.training import outermost, training_of
from lineproof.graph.view import View
from lineproof.model.identity import in_utc
from lineproof.store.schema import entry, principal

__all__ = ["Case", "case_of", "who_wrote"]


class Case(msgspec.Struct, kw_only=True):
    """A prediction with what it leads to at once.

    Attributes:
        model: The model version; None when it was never registered.
        table: Node of the dataset version that the features came from.
        predicting: Node of the outermost run that predicted, `training` of the one that trained.
        then: Statements as they stood when the prediction was made.
        unknown: Where parts say what they do not find.
    """

    facts: Facts
    found: Found
    kept: Kept
    model: VersionFacts | None
    table: int | None
    predicting: int | None
    training: int | None
    statements: Statements
    then: Statements
    unknown: list[str]

    @property
    def model_name(self) -> str:
        """Name of the model, registered or not, for people."""
        if self.model is not None:
            return self.model.ref
        name = None if self.kept.segment is None else self.kept.segment.model_name
        return f"model {name!r}" if name else "the model"

    @property
    def time(self) -> str | None:
        """When the prediction was made, as the program said, in UTC."""
        return None if self.kept.segment is None else in_utc(self.kept.segment.time)

    def within(self, run: int | None) -> set[int]:
        """Give all runs in the run, itself included."""
        return set() if run is None else set(descendants(self.facts, [run]))


def case_of(facts: Facts, found: Found) -> Case:
    """Find the model, the table and the runs of a prediction."""
    kept = kept_of(facts, found)
    segment = kept.segment
    table = None if segment is None or not segment.features_from else table_of(segment.features_from)
    made = None if segment is None else in_utc(segment.time)
    then = View(as_of=facts.view.as_of, at=min(filter(None, (made, facts.view.at)), default=None))
    return Case(
        facts=facts,
        found=found,
        kept=kept,
        model=found.version,
        table=table if facts.versions([table or 0]) else None,
        predicting=None if segment is None or segment.run is None else outermost(facts, segment.run),
        training=None if found.version is None else training_of(facts, found.version),
        statements=Statements(facts.connection, facts.view),
        then=Statements(facts.connection, then),
        unknown=[],
    )


def who_wrote(facts: Facts, number: int) -> Who:
    """Give the principal whose entry it is."""
    leaf = facts.connection.scalar(select(entry.c.leaf).where(entry.c.seq == number))
    reference = str(msgspec.json.decode(leaf or b'{"principal":""}')["principal"])
    row = facts.connection.execute(select(principal).where(principal.c.ref == reference)).first()
    return Who(
        principal=reference,
        name=None if row is None else row.name,
        auth_method=None if row is None else row.auth_method,
    )
