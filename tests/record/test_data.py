"""Data of every shape passes through unchanged, and its names come out as they went in."""

from __future__ import annotations

import hashlib
import sys
import time

NAMES = [
    "with space.csv",
    "müller-Ωmega-数据.csv",
    "a@b.csv",
    "a#b.csv",
    "a::b.csv",
    "100%25.csv",
    "quote'\"\\.csv",
    "-dash.csv",
    "line\nbreak.csv",
]


def test_any_name_of_a_file_or_column_is_recorded_as_it_is(project):
    columns = ["plain", "with space", "ü@#::%", "quote'\"", ""]
    project.write(
        "names.py",
        f"""
        import pandas as pd
        for name in {NAMES!r}:
            frame = pd.DataFrame([[1, 2, 3, 4, 5]], columns={columns!r})
            frame.to_csv(name, index=False)
            pd.read_csv(name, keep_default_na=False).to_csv("copy of " + name, index=False)
        print("done")
        """,
    )
    outcome = project.unharmed("names.py")
    assert outcome.exit_code == 0
    run = project.last_run()
    assert run.last["eventType"] == "COMPLETE"
    outputs = run.datasets("outputs")
    for name in NAMES:
        assert outputs[name] == "sha256:" + hashlib.sha256(outcome.files[name]).hexdigest()
        assert "copy of " + name in outputs
    project.verified()
    for name in ("a@b.csv", "a::b.csv", "100%25.csv"):
        quoted = name.replace("%", "%25").replace("@", "%40").replace("#", "%23").replace("::", "%3A%3A")
        shown = project.lineproof("show", f"dataset:{quoted}", "--json")
        assert shown.returncode == 0, shown.stderr.decode()


def test_a_script_with_an_odd_name_in_an_odd_folder(tmp_path, make_project):
    project = make_project(tmp_path / "pröject @#:: 1")
    project.write("sub dir/trä in.py", "print(__file__)\nopen('o.txt', 'w').write('x')\n")
    project.unharmed("sub dir/trä in.py")
    assert project.last_run().datasets("outputs").keys() == {"o.txt"}


def test_names_that_are_no_text(project):
    project.write("bytes.py", "open(b'caf\\xe9.txt', 'w').write('x')\nprint('done')\n")
    outcome = project.recorded("bytes.py")
    assert (outcome.exit_code, outcome.stderr) == (0, b"")
    run = project.last_run()
    assert run.last["eventType"] == "COMPLETE"
    assert list(run.datasets("outputs")) == ["caf\\udce9.txt"]  # as Python spells such a byte


def test_an_input_of_two_gigabytes_costs_its_hashing_and_little_more(project):
    large = project.root / "large.bin"
    with large.open("wb") as file:
        file.truncate(2 << 30)
    started = time.monotonic()
    with large.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    hashing_s = time.monotonic() - started
    project.write("peek.py", "file = open('large.bin', 'rb')\nfile.seek(1 << 30)\nprint(file.read(5))\n")
    started = time.monotonic()
    outcome = project.recorded("peek.py")
    assert time.monotonic() - started < 3 * hashing_s + 60  # a busy machine
    assert (outcome.exit_code, outcome.stdout) == (0, b"b'\\x00\\x00\\x00\\x00\\x00'\n")
    assert project.last_run().datasets("inputs")["large.bin"] == f"sha256:{digest}"


def test_duplicate_column_names(project):
    project.write(
        "duplicates.py",
        """
        import pandas as pd
        left = pd.DataFrame({"id": [1, 2], "x": [3, 4]})
        both = pd.concat([left, left], axis=1)
        print(both)
        print(both["x"].sum(), both.drop_duplicates().shape, both.rename(columns={"x": "z"}).columns.tolist())
        both.to_csv("both.csv", index=False)
        print(pd.read_csv("both.csv").columns.tolist())
        both.sort_values(both.columns[0] if both.columns.is_unique else [], ignore_index=True).to_csv("s.csv")
        """,
    )
    project.unharmed("duplicates.py")
    run = project.last_run()
    assert "both.csv" in run.datasets("outputs")
    assert run.coverage.get("faults", []) == []
    project.verified()


def test_a_model_that_cannot_be_pickled(project):
    project.write(
        "lambda.py",
        """
        import joblib, pickle
        import numpy as np
        from sklearn.linear_model import LinearRegression
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import FunctionTransformer

        X = np.arange(12.0).reshape(-1, 2)
        model = make_pipeline(FunctionTransformer(lambda x: x + 1), LinearRegression()).fit(X, X[:, 0])
        for dump in (lambda: joblib.dump(model, "m.joblib"), lambda: pickle.dump(model, open("m.pkl", "wb"))):
            try:
                dump()
            except Exception as error:
                print(type(error).__name__)  # its text holds an address of this process
        print(model.predict(X).round(6).tolist())
        """,
    )
    project.unharmed("lambda.py")
    run = project.last_run()
    assert run.last["eventType"] == "COMPLETE"
    assert run.datasets("outputs", "model") == {}
    assert set(run.children.values()) == {"COMPLETE"}
    assert run.coverage.get("faults", []) == []


PIPELINE = """
    import warnings
    import joblib
    import numpy as np
    import pandas as pd
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import GridSearchCV, train_test_split
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import StandardScaler

    people, visits = pd.read_csv("people.csv"), pd.read_csv("visits.csv")
    people["age"] = 2026 - pd.to_datetime(people["birth"]).dt.year
    table = visits.merge(people, on="id", how="left").dropna()
    table = table[table["age"] > 18].sort_values(["id", "visit"])
    table["ratio"] = table["weight"] / table["age"]
    table["region"] = table["region"].map({"n": 0, "s": 1}).astype(int)
    mean = table.groupby("region")["weight"].transform("mean")
    table = pd.get_dummies(table.assign(relative=table["weight"] - mean), columns=["kind"])
    table.to_csv("table.csv", index=False)
    X, y = table.drop(columns=["id", "visit", "birth", "sick"]), table["sick"]
    X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0, stratify=y)
    search = GridSearchCV(
        Pipeline([("scale", StandardScaler()), ("model", LogisticRegression())]),
        {"model__C": [0.1, 1.0, 10.0]}, cv=3,
    ).fit(X_train, y_train)
    forest = RandomForestClassifier(20, random_state=0).fit(X_train, y_train)
    for model in (search, forest):
        print(repr(roc_auc_score(y_test, model.predict_proba(X_test)[:, 1])))
    joblib.dump(forest, "forest.joblib")
    np.save("scores.npy", forest.predict_proba(X_test))
    pd.DataFrame({"score": search.predict_proba(X_test)[:, 1]}).to_json("scores.json")
    print(X.dtypes, np.random.random(), search.best_params_)
    warnings.warn("odd data", stacklevel=1)
"""

DATA = """
    import numpy as np, pandas as pd
    r = np.random.default_rng(3)
    ids = np.arange(200)
    pd.DataFrame({"id": ids, "birth": pd.to_datetime("1940-01-01") + pd.to_timedelta(r.integers(0, 28000, 200), "D"),
                  "region": r.choice(["n", "s"], 200)}).to_csv("people.csv", index=False)
    pd.DataFrame({"id": r.choice(ids, 600), "visit": range(600), "weight": r.normal(70, 9, 600),
                  "kind": r.choice(list("abc"), 600), "sick": r.integers(0, 2, 600)}).to_csv("visits.csv", index=False)
"""


def test_a_pipeline_gives_the_same_bytes_recorded_or_not(project):
    project.write("data.py", DATA)
    assert project.run(sys.executable, "data.py").returncode == 0
    project.write("train.py", "\n    import numpy; numpy.random.seed(5)\n" + PIPELINE)
    outcome = project.unharmed("train.py")
    assert outcome.exit_code == 0, outcome.stderr.decode()
    assert outcome.files.keys() == {"table.csv", "forest.joblib", "scores.npy", "scores.json"}
    run = project.last_run()
    assert run.last["eventType"] == "COMPLETE"
    assert run.coverage.get("faults", []) == []
    assert {"people.csv", "visits.csv"} <= run.datasets("inputs").keys()
    assert {"table.csv", "scores.npy", "scores.json"} <= run.datasets("outputs").keys()
    assert "forest" in run.datasets("outputs", "model")
    assert set(run.children.values()) == {"COMPLETE"}
    project.verified()


def test_coverage_counts_files_whoever_reads_and_writes_them(project):
    project.write("in.csv", "a\n1\n")
    project.write(
        "copy_all.py",
        """
        import pandas as pd
        pd.read_csv("in.csv").to_csv("out.csv", index=False)
        with open("in.csv") as source, open("plain.txt", "w") as target:
            target.write(source.read())
        """,
    )
    project.recorded("copy_all.py")
    coverage = project.last_run().coverage
    assert (coverage["files_read"], coverage["files_written"]) == (1, 2)
    assert coverage["unattributed"] == ["plain.txt"]
