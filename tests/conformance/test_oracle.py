"""The oracle sees what it must: without it, cases that nobody wrote expectations for would prove nothing."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

_spec = importlib.util.spec_from_file_location("oracle", Path(__file__).with_name("oracle.py"))
oracle = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(oracle)

DATA = {"t.csv": "k,v,n\na,1.5,3\nb,2.5,1\na,4.5,2\nc,0.5,5\n", "u.csv": "z\n1\n2\n"}


@pytest.fixture
def truth(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def look(code):
        setup = "import pandas as pd\nt = pd.read_csv('t.csv')\n"
        return oracle.look({"library": "pandas", "setup": setup, "code": code, "fixtures": DATA}, tmp_path)

    return look


def test_what_decides_about_rows_matters_but_does_not_flow(truth):
    found = truth("out = t[t['n'] > 1][['v']]\n")
    assert found.matters == {"v": {"t.v", "t.n"}}
    assert found.flows == {"v": {"t.v"}}


def test_texts_are_followed_by_a_mark(truth):
    found = truth("out = t.assign(w=t['k'].str.upper())[['w']]\n")
    assert found.flows == {"w": {"t.k"}}


def test_a_dependency_that_is_not_reported_is_a_miss(truth):
    found = truth("out = t[['v']] - t['v'].mean()\n")
    told = {"direct": [], "indirect": ["t.v"], "precision": "exact"}
    assert [score for score, _ in oracle.differences(found, {"columns": {"v": told}})] == ["missed"]
    told = {"direct": ["t.v", "u.z"], "indirect": [], "precision": "superset"}
    assert [score for score, _ in oracle.differences(found, {"columns": {"v": told}})] == ["wider"]
