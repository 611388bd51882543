"""Files that Arrow writes and reads by objects that do not say where they are."""

from __future__ import annotations

import sys

import pyarrow.csv
import pyarrow.parquet
import pytest

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="which file is behind a descriptor is told by /proc"
)

WRITES = {
    "osfile_csv": 'with pa.OSFile("out", "wb") as file:\n    pc.write_csv(made, file)',
    "osfile_parquet": 'with pa.OSFile("out", "wb") as file:\n    pq.write_table(made, file)',
    "osfile_ipc": 'with pa.OSFile("out", "wb") as file, pa.ipc.new_file(file, made.schema) as writer:\n    writer.write_table(made)',
    "output_stream": 'with pa.output_stream("out") as file:\n    pc.write_csv(made, file)',
    "python_file": 'with open("out", "wb") as file:\n    pc.write_csv(made, file)',
    "csv_writer": 'with pc.CSVWriter("out", made.schema) as writer:\n    writer.write_table(made)',
    "two_writers": 'with pc.CSVWriter("out", made.schema) as writer, pc.CSVWriter("other", made.schema) as second:\n'
    "    second.write_table(made)\n    writer.write_table(made)",
}
MAKE = """
import pyarrow as pa, pyarrow.csv as pc, pyarrow.parquet as pq
read = pc.read_csv(pa.OSFile("loan.csv", "rb"))
made = read.select(["id"]).append_column("twice", read["income"])
"""


@pytest.mark.parametrize("way", WRITES)
def test_columns_reach_the_file_however_arrow_is_told_of_it(recording, way):
    (recording.root / "loan.csv").write_text("id,income\n1,2.5\n2,3.5\n", encoding="utf-8")
    recording.script(MAKE + WRITES[way])
    written = {
        each["name"]: each["facets"]["columnLineage"]["fields"]
        for event in recording.events()
        for each in event.get("outputs", ())
        if each["namespace"] in ("file", "memory")
    }
    fields = written["out"]
    if any(source["namespace"] == "memory" for source in fields["twice"]["inputFields"]):
        (memory,) = [name for name in written if name.endswith("/write")]
        assert memory.startswith("train.py:")
        fields = written[memory]
    sources = {name: {each["field"] for each in field["inputFields"]} for name, field in fields.items()}
    assert sources == {"id": {"id"}, "twice": {"income"}}


def test_the_version_of_a_file_is_what_it_holds_when_it_is_whole(recording):
    (recording.root / "loan.csv").write_text("id,income\n1,2.5\n2,3.5\n", encoding="utf-8")
    recording.script(MAKE + WRITES["python_file"])
    import hashlib

    digest = f"sha256:{hashlib.sha256((recording.root / 'out').read_bytes()).hexdigest()}"
    (version,) = {
        each["facets"]["version"]["datasetVersion"]
        for event in recording.events()
        for each in event.get("outputs", ())
        if each["name"] == "out"
    }
    assert version == digest


def test_arrow_gives_back_what_it_gives_alone(recording):
    table = pyarrow.table({"a": [1, 2]})
    with pyarrow.OSFile(str(recording.root / "x"), "wb") as file:
        assert type(file) is pyarrow.OSFile
        pyarrow.csv.write_csv(table, file)
    assert (recording.root / "x").read_bytes() == b'"a"\n1\n2\n'
    writer = pyarrow.csv.CSVWriter(str(recording.root / "y"), table.schema)
    assert type(writer) is pyarrow.csv.CSVWriter
    writer.close()
    assert any("CSVWriter" in gap for gap in recording.coverage.gaps or ()) is False
