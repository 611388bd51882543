"""Tags of a few columns cost what lies upstream of them, and are those that the whole graph gives."""

import random

import pytest

from lineproof.graph import view
from lineproof.graph.facts import Facts
from lineproof.graph.tags import Tags
from lineproof.model.entries import EntryType
from lineproof.model.identity import now, uuid7
from lineproof.store.schema import col, version

RUNS = 14


def name_of(chance):
    return "file", f"d{chance.randrange(6)}.csv", f"sha256:{chance.randrange(3):064x}"


def told(story_text, chance, story):
    """A graph as foreign events may make it: circles, datasets without columns, lineage of some columns."""
    for number in range(RUNS):
        source, other, target = (name_of(chance) for _ in range(3))
        columns = ["a", "b", "c"][: chance.randrange(4)]
        lineage = None
        if columns and chance.random() < 0.7:
            lineage = {
                one: story_text.sources(
                    story_text.field(
                        chance.choice((source, other)),
                        chance.choice("abc"),
                        chance.choice((story_text.DIRECT, story_text.INDIRECT)),
                    )
                )
                for one in columns
                if chance.random() < 0.8
            }
        known = {one: chance.random() < 0.7 for one in (source, other)}
        story.event(
            f"job{number}",
            "COMPLETE",
            inputs=[story_text.dataset(one, columns="abc" if known[one] else ()) for one in (source, other)],
            outputs=[story_text.dataset(target, columns=columns, lineage=lineage)],
        )
        if chance.random() < 0.3:
            found = story_text.dataset(source)
            found["facets"]["lineproof_classification"] = {"tags": {chance.choice("abc"): ["PII"]}}
            story.event(f"looked{number}", "COMPLETE", inputs=[found])
        if chance.random() < 0.2:
            stated = {
                "namespace": "file",
                "dataset": target[1],
                "column": chance.choice(("a", None)),
                "tags": ["PHI"],
                "state": chance.choice(("confirmed", "rejected")),
                "time": now(),
            }
            story.append(EntryType.TAG, stated)
        if chance.random() < 0.3:
            masked = story.runs[f"job{chance.randrange(number + 1)}"]
            approval = {
                "approval": uuid7(),
                "run": masked,
                "outcome": "approved",
                "reason": "masked",
                "time": now(),
            }
            story.append(EntryType.APPROVAL, approval)


@pytest.mark.parametrize("seed", range(12))
def test_what_is_asked_of_a_few_is_what_the_whole_graph_says(stored, story_text, seed):
    chance = random.Random(seed)
    told(story_text, chance, story_text.Story(stored))
    with stored.connection() as connection:
        facts = Facts(connection, view(connection))
        everything = Tags.of(connection, facts.view)
        nodes = [row[0] for table in (col, version) for row in connection.execute(table.select())]
        assert everything.carried, "a graph without tags shows nothing"
        for one in nodes:
            near = Tags.near(Facts(connection, facts.view), [one])
            assert near.carried.get(one) == everything.carried.get(one)
            assert near.ended.get(one) == everything.ended.get(one)
        few = chance.sample(nodes, 3)
        near = Tags.near(facts, few)
        assert [near.carried.get(one) for one in few] == [everything.carried.get(one) for one in few]
