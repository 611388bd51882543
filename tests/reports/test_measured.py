"""What was found out about the data reaches dossiers and explanations."""

from __future__ import annotations

import json

from lineproof import access
from lineproof.model.identity import now, uuid7
from lineproof.model.statements import Compared, DriftCheck


def test_a_drift_check_and_an_approved_masking_are_in_the_dossier_and_the_explanation(
    ledger, story_text, tmp_path
):
    namespace, name, content = story_text.CLEAN
    check = DriftCheck(
        check=uuid7(),
        reference=Compared(namespace=namespace, name=name, version=content),
        current=Compared(name="june.csv"),
        drifted=True,
        columns={"radius": {"drifted": True, "kind": "mean", "score": 0.4, "threshold": 0.1}},
        time=now(),
    )
    number = ledger.state(check)
    made = ledger.show(f"dataset:{name}").written_by[0]
    approval = access.approve_deidentification(ledger.stored, made, method="k = 10", acting_as="dpo")
    ledger.report("model:credit@1", tmp_path / "dossier.json", format="json")
    text = (tmp_path / "dossier.json").read_text()
    assert "june.csv" in text
    assert "Where tags of personal data end" in text
    document = json.loads(text)
    assert {number, approval} <= set(_numbers(document))
    explained = ledger.explain("prediction:4711")
    assert [one.entry for one in explained.drift_checks] == [number]
    assert [one.deidentified for one in explained.datasets if name in one.ref] == [approval]
    assert [one.entry for one in ledger.show(f"dataset:{name}").drift_checks] == [number]


def _numbers(node):
    if isinstance(node, dict):
        for one in node.values():
            yield from _numbers(one)
    elif isinstance(node, list):
        for one in node:
            yield from _numbers(one)
    elif isinstance(node, int):
        yield node
