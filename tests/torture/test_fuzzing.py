"""The long run of `tests/ledger/test_fuzzing.py`, and thousands of clean ledgers on which nothing may be found."""

from __future__ import annotations

import importlib.util
import random
import sys
from pathlib import Path

import pytest

from lineproof.store import Ledger

ROOT = Path(__file__).parent.parent
for _name, _folder in (("fuzzing", "ledger"), ("targets", "ledger"), ("store_case", "store")):
    _spec = importlib.util.spec_from_file_location(_name, ROOT / _folder / f"{_name}.py")
    sys.modules[_name] = importlib.util.module_from_spec(_spec)
    _spec.loader.exec_module(sys.modules[_name])
ROUNDS = 200_000
LEDGERS = 3_000


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("target", sys.modules["targets"].TARGETS, ids=lambda target: target.name)
def test_a_parser_raises_only_what_it_documents(target):
    sys.modules["fuzzing"].fuzz(
        target.call,
        target.allowed,
        target.corpus,
        module=target.module,
        rounds=ROUNDS,
        seed=random.randrange(2**32),
    )


@pytest.mark.timeout(7200)
def test_nothing_is_found_on_thousands_of_clean_ledgers(tmp_path):
    case = sys.modules["store_case"]
    for number in range(LEDGERS):
        chance = random.Random(number)
        ledger = Ledger.create(tmp_path / str(number) / ".lineproof")
        for _ in range(chance.randint(0, 4)):
            items = case.everything() if chance.random() < 0.3 else case.many(chance.choice([0, 1, 5, 40]))
            ledger.append(chance.sample(items, len(items)))
            match chance.randrange(6):
                case 0:
                    ledger.rotate_key("yearly")
                case 1:
                    ledger.rebuild()
                case 2 if ledger.size() > 2:
                    if (at := ledger.size() - 1) and str(ledger.entry(at).type) not in ("key", "shred"):
                        ledger.destroy_payload(at, "asked for")
        report = ledger.verify()
        assert report.ok, (number, report.failures)
        ledger.close()
