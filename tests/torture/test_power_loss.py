"""A hundred thousand cuts of power: see tests/store/test_power_loss.py."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

_spec = importlib.util.spec_from_file_location("power_loss", Path(__file__).parents[1] / "power_loss.py")
power_loss = importlib.util.module_from_spec(_spec)
sys.modules["power_loss"] = power_loss
_spec.loader.exec_module(power_loss)

CUTS = 100_000
OF_A_RUN = 2500


@pytest.mark.timeout(3600)
def test_after_a_hundred_thousand_cuts_nothing_is_lost_or_damaged(tmp_path):
    cuts = 0
    for seed in range(CUTS // OF_A_RUN):
        run = power_loss.Run(seed)
        found = run.cuts(OF_A_RUN, tmp_path, groups=120, each=0.9)
        run.close()
        assert (found.corrupt, found.lost) == (0, 0), f"seed {seed}"
        cuts += found.cuts
    assert cuts == CUTS
