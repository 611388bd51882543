"""The text of a program's own modules is kept, as long as it is what ran."""

from __future__ import annotations

import hashlib

import pytest

from lineproof.intake import take_in
from lineproof.store import Ledger


@pytest.fixture
def ledger(tmp_path) -> Ledger:
    return Ledger.create(tmp_path / ".lineproof")


def _digest(text: str) -> str:
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def test_modules_are_kept_unless_they_changed_or_hold_a_secret(tmp_path, new_spool, ledger):
    texts = {
        "beside.py": "K = 3\n",
        "changed.py": "K = 1\n",
        "secret.py": "token = 'ghp_012345678901234567890123'\n",
    }
    for name, text in texts.items():
        (tmp_path / name).write_text("K = 2\n" if name == "changed.py" else text, encoding="utf-8")
    spool = new_spool()
    spool.event("START")
    modules = [{"path": name, "digest": _digest(text)} for name, text in texts.items()]
    modules.append({"path": "gone.py", "digest": _digest("")})
    spool.end(lineproof_code={"modules": modules})
    spool.save(ledger.folder / "spool")
    assert not take_in(ledger).problems
    assert ledger.objects.get(_digest(texts["beside.py"])) == b"K = 3\n"
    assert not any(ledger.objects.has(_digest(texts[name])) for name in ("changed.py", "secret.py"))
    with ledger.connection() as connection:
        rows = connection.exec_driver_sql("select body from facet where name = 'lineproof_coverage'")
        told = "".join(row[0] for row in rows)
    for name in ("changed.py", "secret.py", "gone.py"):
        assert name in told, told
    assert "ghp_" not in told
