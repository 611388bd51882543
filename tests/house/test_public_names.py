"""The public names are few and deliberate."""

from __future__ import annotations

import subprocess
import sys

import lineproof

PUBLIC = {
    "ColumnRef",
    "Origins",
    "__version__",
    "autolog",
    "decision",
    "declare",
    "log_predictions",
    "metric",
    "open",
    "origins",
    "parameter",
    "register_model",
    "run",
    "step",
}


def test_the_public_names_are_these():
    assert set(lineproof.__all__) == PUBLIC
    for name in PUBLIC:
        assert getattr(lineproof, name) is not None


def test_importing_lineproof_loads_no_other_third_party_module():
    script = (
        "import sys, msgspec, json, hashlib; before = set(sys.modules); import lineproof; "
        "new = {name.partition('.')[0] for name in set(sys.modules) - before} - set(sys.stdlib_module_names); "
        "print(sorted(new))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['lineproof']"
