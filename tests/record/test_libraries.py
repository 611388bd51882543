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


def test_what_numpy_saves_and_loads(project):
    project.write("visits.csv", "cost,days\n1.5,2\n2.5,3\n")
    project.write(
        "arrays.py",
        """
        import numpy as np, pandas as pd
        X = pd.read_csv("visits.csv").to_numpy()
        np.save("x", X)
        np.savez("both.npz", x=X, days=X[:, 1])
        np.savetxt("x.txt", X)
        X.tofile("x.bin")
        mapped = np.memmap("x.dat", dtype="f8", mode="w+", shape=X.shape)
        mapped[:] = X
        mapped.flush()
        with np.load("both.npz") as archive:
            np.save("again.npy", archive["x"])
        np.save("few.npy", np.load("x.npy", mmap_mode="r"))
        print(np.genfromtxt("visits.csv", delimiter=",", names=True), np.fromfile("x.bin"), np.loadtxt("x.txt"))
        print(type(np.memmap("x.dat", dtype="f8", mode="r")))
        """,
    )
    assert project.unharmed("arrays.py").exit_code == 0
    outputs = project.last_run().datasets("outputs")
    assert outputs.keys() == {"x.npy", "both.npz", "x.txt", "x.bin", "x.dat", "again.npy", "few.npy"}
    days = {each.partition("@")[0] for each in edges(project, "column:again.npy#1")}
    assert "file::visits.csv#days" in days
    assert "file::visits.csv#cost" not in days
