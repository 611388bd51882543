"""From a file at hand to the dataset that the record knows it as."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import select

from lineproof.data.digest import file_digest
from lineproof.graph import view
from lineproof.graph.facts import Facts, VersionFacts
from lineproof.intake.content import name_of
from lineproof.model.identity import node_id
from lineproof.model.openlineage import FILE_NAMESPACE
from lineproof.store import Ledger
from lineproof.store.schema import dataset

__all__ = ["digest_of", "is_known", "version_of"]


def is_known(ledger: Ledger, path: Path) -> bool:
    """Tell whether any content of a file is on record."""
    owner = node_id("dataset", FILE_NAMESPACE, name_of(ledger, path))
    with ledger.connection() as connection:
        return connection.execute(select(dataset.c.id).where(dataset.c.id == owner)).first() is not None


def version_of(ledger: Ledger, path: Path) -> VersionFacts:
    """Give the version that a file is now; one that is not on record as yet is made up.

    Raises:
        DataAccessError: The file cannot be read.
    """
    name, content = name_of(ledger, path), digest_of(path)
    node = node_id("version", FILE_NAMESPACE, name, content)
    with ledger.connection() as connection:
        known = Facts(connection, view(connection)).versions([node])
    if node in known:
        return known[node]
    owner = node_id("dataset", FILE_NAMESPACE, name)
    return VersionFacts(node, owner, FILE_NAMESPACE, name, "FILE", content, -1, None, None)


def digest_of(path: Path) -> str:
    """Give the digest by which runs record a file.

    Raises:
        DataAccessError: It cannot be read.
    """
    return file_digest(path, tree_from=None)
