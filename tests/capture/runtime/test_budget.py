"""Where hooks cost too much, places are followed less, and the record says where and what that means."""

from __future__ import annotations

import json
import time
import types

from lineproof.capture.budget import Budget
from lineproof.capture.instrument import quiet

LOOP = """
    import pandas as pd
    from sklearn.linear_model import LinearRegression

    frame, other = pd.read_csv("in.csv"), pd.read_csv("other.csv")
    out = frame.copy()
    for i in range(2500):
        out.loc[i % 50, "a"] = frame.loc[i % 50, "b"] + other.loc[i % 10, "z"]
    print(repr(LinearRegression().fit(out[["a"]], out["b"]).coef_))
"""


class Light:
    changes = False

    def __init__(self):
        self.doubted = []

    def frame(self):
        import sys

        return sys._getframe(1)

    def begun(self, place):
        self.doubted.append(place)


def test_a_scalar_loop_is_followed_less_and_nothing_of_it_is_missed(project):
    project.write("in.csv", "a,b\n" + "".join(f"{n}.5,{n * 2}.5\n" for n in range(50)))
    project.write("other.csv", "z\n" + "1.25\n" * 10)
    name = project.script(LOOP)
    recorded = project.recorded(name)
    assert recorded == project.plain(name)
    coverage = project.end()["run_facets"]["lineproof_coverage"]
    demoted = {(one["operation"], one["site"]) for one in coverage["demoted"]}
    assert ("pandas._LocationIndexer.__setitem__", "train.py:8") in demoted
    assert all(one["times"] > 0 for one in coverage["demoted"])
    assert coverage["features"]["unknown"] == 1  # the feature that the loop wrote into
    # Sources stay named, as a superset of what is known.
    events = json.dumps(project.events())
    assert '"field": "b"' in events
    assert "in.csv" in events


def test_a_program_without_loops_is_followed_throughout(project):
    project.write("in.csv", "a,b\n1,2\n")
    name = project.script("import pandas as pd; f = pd.read_csv('in.csv'); f['c'] = f['a'] + f['b']")
    project.recorded(name)
    assert "demoted" not in project.end()["run_facets"]["lineproof_coverage"]


def test_what_is_called_most_goes_first_and_only_as_far_as_it_must():
    cost = 10**12  # more than any hundredth of this process
    light = Light()
    costs = iter((cost, 2 * cost))
    budget = Budget(lambda: next(costs), lambda: "train.py:1")
    budget.review(cost)
    assert budget.watching
    assert not budget.demoted  # it watches first
    for _ in range(1000):
        budget.count("often", light, cost // 2000)
    for _ in range(150):
        budget.count("rarely", light, cost // 1000)
    for _ in range(10):
        budget.count("no loop", light, cost // 10)
    budget.review(2 * cost)
    assert [site.operation for site in budget.demoted] == ["often"]
    assert list(budget.of("often").values()) == budget.demoted
    assert not budget.of("rarely")
    assert budget.facts() == []  # nothing has passed it yet
    assert len(light.doubted) == 1


def test_a_busy_machine_demotes_nothing(recording):
    """While another program has the processor, hooks cost nothing."""
    owner = types.SimpleNamespace(read=lambda: None)
    recording.session.instrument.wrap(owner, "read", name="owner.read", after=lambda _: time.sleep(0.05))
    owner.read()
    assert recording.session.coverage().hooks_s < 0.04


def test_hooks_that_cost_little_are_left_alone():
    budget = Budget(lambda: 0)
    budget.review(10**9)
    assert not budget.watching
    assert budget.look_at > 10**9


def test_what_hashing_takes_is_left_out_of_the_hook_that_did_it_and_of_no_other(recording):
    session, owner = recording.session, types.SimpleNamespace(read=lambda: None)

    def busy(*_: object) -> None:
        with session.apart():
            began = time.thread_time()
            while time.thread_time() < began + 0.05:
                pass

    session.instrument.wrap(owner, "read", name="owner.read", after=busy)
    before = session.coverage().hooks_s
    owner.read()
    after = session.coverage().hooks_s
    assert before <= after < before + 0.04
    busy()  # outside of hooks, and where our own code is quiet
    with quiet():
        busy()
    assert session.coverage().hooks_s == after
