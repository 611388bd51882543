"""What makes a ledger trustworthy to others: its key, its witnesses, what verifications found."""

from __future__ import annotations

import os
from collections.abc import Sequence

from lineproof import access, graph, store
from lineproof.model.identity import now, uuid7
from lineproof.model.statements import Report

__all__ = ["Trusted"]


class Trusted(graph.Ledger):
    """Keys, witnesses, and what was found by verifying."""

    def record_verification(self, report: store.VerifyReport) -> int:
        """Record what a verification found, as evidence that the record is tested; give the entry."""
        found = {
            "ok": report.ok,
            "checked": report.checked,
            "total": report.total,
            "failures": report.failure_count,
            "log": report.scope.log,
            "tables": report.scope.tables,
        }
        return access.state(
            self.stored,
            Report(
                report=uuid7(),
                kind="verification",
                subject="ledger",
                as_of=report.total - 1,
                outcome=found,
                time=now(),
            ),
        )

    def rotate_key(self, *, reason: str, acting_as: str | None = None) -> store.Rotated:
        """Let a new key sign from now on, handed over to by the old one; see `store.Ledger.rotate_key`."""
        return self.stored.rotate_key(reason, acting_as=acting_as)

    def accept_restored(self, *, reason: str, acting_as: str | None = None) -> int | None:
        """Accept a ledger that was restored on purpose; see `store.Ledger.accept_restored`."""
        return self.stored.accept_restored(reason, acting_as=acting_as)

    def forget_again(self) -> store.Forgotten:
        """Destroy again what a restored backup brought back, as far as the key store or a witness lists it."""
        return store.forget_again(self.stored)

    def add_witness(
        self,
        kind: str,
        location: str | os.PathLike[str],
        *,
        name: str | None = None,
        certificate: str | None = None,
        tokens: str | os.PathLike[str] | None = None,
        reason: str | None = None,
        acting_as: str | None = None,
    ) -> store.KnownWitness:
        """Add somebody outside who keeps checkpoints, and hand over the first; see `store.witness.hand`."""
        from lineproof.store.witness.hand import add_witness  # noqa: PLC0415 - only who has witnesses pays

        return add_witness(
            self.stored,
            kind,
            os.fspath(location),
            name=name,
            certificate=certificate,
            tokens=None if tokens is None else os.fspath(tokens),
            reason=reason,
            acting_as=acting_as,
        )

    def hand_over(
        self, names: Sequence[str] = (), *, acting_as: str | None = None
    ) -> list[tuple[store.KnownWitness, int]]:
        """Hand the present checkpoint to witnesses; see `store.witness.hand.hand_over`."""
        from lineproof.store.witness.hand import hand_over  # noqa: PLC0415 - same

        return hand_over(self.stored, names, acting_as=acting_as)

    def remove_witness(self, name: str, *, reason: str, acting_as: str | None = None) -> int:
        """Record that a witness is not asked any more; see `store.witness.hand.remove_witness`."""
        from lineproof.store.witness.hand import remove_witness  # noqa: PLC0415 - same

        return remove_witness(self.stored, name, reason=reason, acting_as=acting_as)

    def witnesses(self) -> list[store.KnownWitness]:
        """Give the witnesses that the ledger names; what they keep is asked by `ask_witnesses`."""
        with self.stored.snapshot() as connection:
            return store.known_witnesses(connection)

    def ask_witnesses(self, names: Sequence[str] = (), *, at: str | None = None) -> list[store.WitnessAnswer]:
        """Ask witnesses what they keep, and hold the log against it.

        Args:
            names: Of witnesses that the ledger names; all of them when left out.
            at: A file or git repository instead, whether the ledger names it or not: one that was restored
                from a backup may not know its witnesses.

        Raises:
            UnknownReferenceError: There is no witness of such a name.
        """
        with self.stored.snapshot() as connection:
            keys = self.stored.verifier_keys(connection)
            if at is not None:
                return [store.ask_place(connection, keys, at)]
            return store.ask_witnesses(connection, keys, names=names)
