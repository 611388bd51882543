"""What a program computes is the same to the last bit, recorded or not, whatever it does on the way."""

from __future__ import annotations

import pytest

TABLES = """
    import asyncio, hashlib, pickle, random, sys, threading
    import numpy as np, pandas as pd
    from sklearn.base import BaseEstimator, RegressorMixin
    from sklearn.compose import ColumnTransformer
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.linear_model import LinearRegression
    from sklearn.model_selection import GridSearchCV
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    def show(name, value):
        data = value if isinstance(value, bytes) else pickle.dumps(value, protocol=5)
        print(name, hashlib.sha256(data).hexdigest())

    frame = pd.read_csv("in.csv")
    frame["when"] = pd.to_datetime(frame["when"])
    frame["kind"] = frame["kind"].astype("category")
    frame["mixed"] = [n if n % 3 else str(n) for n in range(len(frame))]
    deep = frame.pivot_table(index="kind", columns=frame["when"].dt.year, values=["a", "b"], observed=True)
    wide = frame.set_index(["kind", "when"]).unstack(0)
    for name, table in (("deep", deep), ("wide", wide), ("mixed", frame)):
        show(name, table.to_csv().encode())
    show("columns", repr(wide.columns.tolist()).encode())

    # a generator is consumed once, by whom it was made for
    pulled = []
    def numbers():
        for n in range(5):
            pulled.append(n)
            yield n
    one = numbers()
    show("generator", pd.Series(one).tolist())
    rest = numbers(); next(rest)
    frame["g"] = np.fromiter((n * 2.5 for n in range(len(frame))), float)
    print(len(pulled), list(rest))

    # a mapped file is written through
    mapped = np.memmap("mapped.bin", dtype="f8", mode="w+", shape=(50, 3))
    mapped[:] = np.arange(150).reshape(50, 3) ** 0.5
    mapped.flush()
    model = LinearRegression().fit(mapped[:, :2], mapped[:, 2])
    show("mapped", model.coef_.tobytes() + open("mapped.bin", "rb").read())

    # an estimator in itself
    class Recursive(RegressorMixin, BaseEstimator):
        def __init__(self, depth=0):
            self.depth = depth
        def fit(self, X, y):
            self.inner_ = Recursive(self.depth - 1).fit(X, y) if self.depth else LinearRegression().fit(X, y)
            return self
        def predict(self, X):
            return self.inner_.predict(X)
    show("recursive", Recursive(30).fit(frame[["a"]], frame["b"]).predict(frame[["a"]]).tobytes())

    # an object that lies about its columns
    class Liar(pd.DataFrame):
        @property
        def columns(self):
            return pd.Index(["no", "such", "columns"])
    print(len(Liar({"a": [1.0, 2.0]})), Liar({"a": [1.0]}).columns.tolist())

    np.random.seed(7); random.seed(7)
    names = ["kind"]
    pipeline = make_pipeline(
        ColumnTransformer([("one", OneHotEncoder(), names), ("num", StandardScaler(), ["a", "b"])]),
        RandomForestClassifier(5, random_state=1),
    )
    search = GridSearchCV(pipeline, {"randomforestclassifier__max_depth": [2, 3]}, cv=2)
    search.fit(frame, frame["y"])
    show("search", search.predict_proba(frame).tobytes())
    show("pickled", pickle.dumps(search.best_estimator_))
    show("drawn", np.random.rand(5).tobytes() + repr(random.random()).encode())

    results = {}
    def work(n):
        part = frame[frame["a"] % 4 == n].assign(z=lambda f: f["a"] * n)
        results[n] = part.groupby("kind", observed=True)["z"].sum().tolist()
    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    [each.start() for each in threads]; [each.join() for each in threads]
    show("threads", sorted(results.items()))

    async def step(n):
        await asyncio.sleep(0)
        return float(frame["b"].rolling(n + 1).mean().sum())
    async def all_steps():
        return await asyncio.gather(*(step(n) for n in range(3)))
    show("asyncio", asyncio.run(all_steps()))

    try:
        frame.merge(frame, on="missing")
    except KeyError as error:
        print(type(error), error, error.__traceback__.tb_lineno)
    wide = pd.DataFrame(np.ones((2, 10_000)), columns=[f"c{n}" for n in range(10_000)])
    wide["c5"] = wide["c1"] + wide["c2"]
    wide = wide.rename(columns=str.upper).astype("f4").fillna(0)
    show("ten thousand columns", wide.to_numpy().tobytes())
    sys.exit(int(len(wide) == 2) + 1)
"""


@pytest.fixture
def table(project):
    rows = (
        f"{n},{n * 7 % 11}.25,{'xyz'[n % 3]},20{10 + n % 3}-01-{1 + n % 28:02},{int(n * 7 % 11 > 5)}\n"
        for n in range(60)
    )
    project.write("in.csv", "a,b,kind,when,y\n" + "".join(rows))


def test_results_are_bit_identical(project, table):
    name = project.script(TABLES)
    alone = project.plain(name)
    recorded = project.recorded(name)
    assert alone.code == 2, alone.err
    assert recorded == alone
    coverage = project.end()["run_facets"]["lineproof_coverage"]
    assert "faults" not in coverage, coverage["faults"]
