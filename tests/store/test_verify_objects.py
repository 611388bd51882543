"""Promises about the files that a ledger keeps beside its log: none is changed or removed unnoticed."""

from __future__ import annotations

import json

import pytest
from store_case import event, facet

from lineproof.access.documents import add_document
from lineproof.store import Scope


@pytest.fixture
def kept(ledger):
    """A ledger whose entry 2 names a patch, and which keeps a script that nothing names."""
    patch, script = ledger.objects.put(b"a patch"), ledger.objects.put(b"a script")
    ledger.append([event(lineproof_code=facet(patch_digest=patch))])
    assert ledger.verify().ok
    return ledger, patch, script


def path(ledger, digest):
    value = digest.removeprefix("sha256:")
    return ledger.folder / "objects" / "sha256" / value[:2] / value


def failures(ledger):
    return [(one.kind, one.entry, one.field, one.expected, one.found) for one in ledger.verify().failures]


def test_a_changed_object_names_the_entry_and_the_field_that_speak_of_it(kept):
    ledger, patch, script = kept
    path(ledger, patch).chmod(0o600)
    path(ledger, patch).write_bytes(b"another patch")
    assert failures(ledger) == [("object", 2, "patch_digest", patch, "other bytes than it is named after")]
    path(ledger, patch).write_bytes(b"a patch")
    path(ledger, script).chmod(0o600)
    path(ledger, script).write_bytes(b"")
    assert failures(ledger) == [("object", None, None, script, "other bytes than it is named after")]


def test_a_removed_object_names_the_entry_that_needs_it(kept):
    ledger, patch, _ = kept
    path(ledger, patch).unlink()
    assert failures(ledger) == [("object", 2, "patch_digest", patch, None)]
    assert ledger.verify(scope=Scope.LOG).ok


def test_a_document_that_is_gone_is_named(ledger, tmp_path):
    (tmp_path / "plan.txt").write_text("a plan")
    number = add_document(ledger, "plan", file=tmp_path / "plan.txt", covers=["model:credit"])
    assert ledger.verify().ok
    digest = json.loads(ledger.entry(number).payload)["digest"]
    path(ledger, digest).unlink()
    assert failures(ledger) == [("object", number, "digest", digest, None)]
