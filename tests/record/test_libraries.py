"""What programs read and write by other libraries than pandas is on record, and nothing about them changes."""

from __future__ import annotations

import json


def edges(project, column):
    """Give the sources of a column as `trace` names them: name of the dataset and column."""
    done = project.lineproof("trace", column, "--up", "--json")
    assert done.returncode == 0, done.stderr.decode()
    return {each["ref"].removeprefix("column:") for each in json.loads(done.stdout)["nodes"]}


def test_what_arrow_reads_and_writes(project):
    project.write("visits.csv", "vid,pid,cost\n1,11,2.5\n2,12,3.5\n3,11,1.5\n")
    project.write(
        "arrow.py",
        """
        import pickle
        import pyarrow as pa, pyarrow.compute as pc, pyarrow.csv, pyarrow.dataset as ds, pyarrow.feather as pf
        import pyarrow.parquet as pq
        visits = pa.csv.read_csv("visits.csv")
        double = visits.append_column("double", pc.multiply(visits["cost"], 2))
        pq.write_table(double, "double.parquet")
        pf.write_feather(pq.read_table("double.parquet", columns=["double"], filters=[("pid", ">", 11)]), "few.arrow")
        ds.write_dataset(double, "parts", format="parquet", partitioning=["pid"], partitioning_flavor="hive",
                         existing_data_behavior="overwrite_or_ignore")
        with pa.ipc.new_file("batches.arrow", double.schema) as out:
            for batch in pq.ParquetFile("double.parquet").iter_batches():
                out.write_batch(batch)
        pa.csv.write_csv(ds.dataset("parts", partitioning="hive").to_table(filter=pc.field("cost") > 2), "again.csv")
        print(isinstance(double, pa.Table), pickle.loads(pickle.dumps(double)).equals(double), pa.Table.select.__doc__)
        try:
            double.select(["nothing"])
        except KeyError as error:
            print(error)
        """,
    )
    assert project.unharmed("arrow.py").exit_code == 0
    outputs = project.last_run().datasets("outputs")
    parts = {name for name in outputs if name.startswith("parts/")}
    assert {"double.parquet", "few.arrow", "batches.arrow", "again.csv"} <= outputs.keys()
    assert len(parts) == 2
    assert "file::visits.csv#cost" in {
        each.partition("@")[0] for each in edges(project, "column:again.csv#double")
    }
    few = {each.partition("@")[0] for each in edges(project, "column:few.arrow#double")}
    assert {"file::visits.csv#cost", "file::visits.csv#pid"} <= few
    project.verified()
