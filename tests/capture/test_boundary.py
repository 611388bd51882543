"""Tables in memory as datasets of the record: names, versions, lineage of any width and shape."""

import time

import numpy as np
import pandas as pd
import pytest

from lineproof.capture.boundary import memory_frame, record_frames
from lineproof.capture.columns import column_names
from lineproof.capture.edges import lineage_facet
from lineproof.capture.provenance.attachment import attach
from lineproof.capture.provenance.table import SourceColumn, Table, combined, source_origin


def sources(count):
    return [source_origin(SourceColumn("file", "a.csv", "sha256:0", f"c{at}"), "read") for at in range(count)]


@pytest.mark.parametrize(
    ("labels", "names"),
    [
        (["a", "b"], ("a", "b")),
        (["a", "a", "a"], ("a", "a.1", "a.2")),
        (["a", "a.1", "a"], ("a", "a.1", "a.2")),
        ([("a", 1), ("a", "x")], ("a|1", "a|x")),
        ([0, 1.5, None, "0"], ("0", "1.5", "None", "0.1")),
    ],
)
def test_column_names_become_text_without_repeats(labels, names):
    assert column_names(labels) == names


def test_repeated_names_are_those_that_pandas_reads_back(tmp_path):
    frame = pd.DataFrame([[1, 2, 3]], columns=["a", "b", "a"])
    frame.to_csv(tmp_path / "f.csv", index=False)
    assert column_names(frame.columns) == tuple(pd.read_csv(tmp_path / "f.csv").columns)


def test_a_table_nobody_can_trace_says_unknown(recording):
    frame = memory_frame(recording.session, np.ones((2, 2)), "fit.X")
    fields = frame.as_output().facets["columnLineage"].fields
    assert {field.precision for field in fields.values()} == {"unknown"}
    assert all(field.input_fields == [] for field in fields.values())


def test_the_same_content_at_one_place_is_recorded_once(recording, loan):
    before = len(recording.events())
    for _ in range(3):
        record_frames(recording.session, [memory_frame(recording.session, loan, "x", site="a.py:1")])
    assert len(recording.events()) == before + 1


def test_a_written_file_leads_to_the_table_and_on_to_what_was_read(recording, loan):
    recording.script(
        "import pandas as pd\npd.read_csv('loan.csv')[['age', 'id']].to_csv('out.csv', index=False)\n"
    )
    event = recording.events(type_="RUNNING")[-1]
    frame, file = event["outputs"]
    assert (file["name"], frame["namespace"]) == ("out.csv", "memory")
    (step,) = file["facets"]["columnLineage"]["fields"]["age"]["inputFields"]
    assert (step["name"], step["version"]) == (frame["name"], frame["facets"]["version"]["datasetVersion"])
    assert step["transformations"] == [{"type": "DIRECT", "subtype": "IDENTITY"}]
    (source,) = frame["facets"]["columnLineage"]["fields"]["age"]["inputFields"]
    assert source["name"] == "loan.csv"
    assert [data["name"] for data in event["inputs"]] == ["loan.csv"]


def test_an_index_that_is_written_is_a_column_under_the_name_it_is_read_back(recording, loan):
    recording.script("import pandas as pd\npd.read_csv('loan.csv')[['age']].to_csv('out.csv')\n")
    file = recording.events(type_="RUNNING")[-1]["outputs"][1]
    assert [field["name"] for field in file["facets"]["schema"]["fields"]] == list(
        pd.read_csv("out.csv").columns
    )


def test_ten_thousand_columns_take_no_time_worth_naming(recording):
    wide = pd.DataFrame(np.zeros((3, 10_000)), columns=[f"c{at}" for at in range(10_000)])
    attach(wide, Table(wide.columns, sources(10_000)))
    started = time.process_time()
    record_frames(recording.session, [memory_frame(recording.session, wide, "fit.X")])
    assert time.process_time() - started < 3
    assert len(recording.events()[-1]["outputs"][0]["facets"]["columnLineage"]["fields"]) == 10_000


def test_what_all_of_very_many_columns_share_is_said_once():
    mixture = combined(sources(1_000), "mix")
    facet = lineage_facet([f"p{at}" for at in range(100)], [mixture] * 100)
    assert len(facet.dataset) == 1_000
    assert all(field.input_fields == [] for field in facet.fields.values())


def test_an_object_that_is_no_table_does_not_harm(recording):
    frame = memory_frame(recording.session, object(), "fit.X")
    assert frame.version == "unversioned"
    assert "version" not in frame.as_output().facets


def test_hashing_counts_as_hashing_and_not_as_hooks(recording):
    memory_frame(recording.session, np.zeros(1_000_000), "fit.X")
    found = recording.coverage
    assert found.hashed_bytes == 8_000_000
    assert found.hashing_s > 0
