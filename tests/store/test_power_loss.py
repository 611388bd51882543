"""Promises about power loss: what was acknowledged is there, and the ledger is whole, whatever the disk lost.

The same cuts must do harm where they can: with settings that are not ours, and on a disk that lies.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

_spec = importlib.util.spec_from_file_location("power_loss", Path(__file__).parents[1] / "power_loss.py")
power_loss = importlib.util.module_from_spec(_spec)
sys.modules["power_loss"] = power_loss
_spec.loader.exec_module(power_loss)


def cuts(place, count, *, seed=1, groups, each, **setting):
    run = power_loss.Run(seed, **setting)
    found = run.cuts(count, place, groups=groups, each=each)
    run.close()
    return found


def test_after_two_thousand_cuts_nothing_acknowledged_is_lost_and_nothing_is_damaged(tmp_path):
    found = cuts(tmp_path, 2000, groups=90, each=0.9)
    assert found.cuts == 2000
    assert (found.corrupt, found.lost) == (0, 0)


@pytest.mark.parametrize(
    ("setting", "harm"),
    [
        ({"synchronous": "NORMAL"}, "lost"),
        ({"synchronous": "OFF"}, "corrupt"),
        ({"lies": True}, "corrupt"),
    ],
    ids=["synchronous=NORMAL", "synchronous=OFF", "a disk that lies"],
)
def test_the_same_cuts_do_harm_where_they_can(tmp_path, setting, harm):
    found = cuts(tmp_path, 120, groups=40, each=0.1, **setting)
    assert getattr(found, harm) > found.cuts / 10
