"""A pipeline of three runs, as capture tells it: prepare a table, fit and save a model, score a batch."""

from __future__ import annotations

import itertools

import msgspec

from lineproof.model.entries import Decision, EntryType, PredictionSegment
from lineproof.model.identity import uuid7
from lineproof.store import Ledger, NewEntry

PATIENTS = ("file", "data/patients.csv", "sha256:" + "a1" * 32)
MEASURED = ("file", "data/measurements.csv", "sha256:" + "b2" * 32)
CLEAN = ("file", "data/clean.csv", "sha256:" + "c3" * 32)
BATCH = ("file", "data/batch.csv", "sha256:" + "d4" * 32)
SCORES = ("file", "out/scores.csv", "sha256:" + "e5" * 32)
CREDIT = ("model", "credit", "sha256:" + "f6" * 32)
JOINED = ("memory", "prepare.py:20/write", "frame0:" + "11" * 16)
TRAIN_X = ("memory", "train.py:10/fit.X", "frame0:" + "22" * 16)
SCORE_X = ("memory", "score.py:7/predict.X", "frame0:" + "33" * 16)
PREDICTED = ("memory", "score.py:7/predict.result", "frame0:" + "44" * 16)

DIRECT = [{"type": "DIRECT"}]
INDIRECT = [{"type": "INDIRECT"}]


def field(source, column, transformations=DIRECT):
    namespace, name, version = source
    return {
        "namespace": namespace,
        "name": name,
        "field": column,
        "version": version,
        "transformations": transformations,
    }


def sources(*fields, precision="exact", rule="merge"):
    return {"inputFields": list(fields), "how": "observed", "precision": precision, "rule": rule}


def dataset(key, *, columns=(), lineage=None, wide=(), type_=None, links=()):
    namespace, name, version = key
    facets = {}
    if version is not None:
        facets["version"] = {"datasetVersion": version}
    if columns:
        facets["schema"] = {"fields": [{"name": column, "type": "float64"} for column in columns]}
    if lineage is not None:
        facets["columnLineage"] = {"fields": lineage}
        if wide:
            facets["columnLineage"]["dataset"] = list(wide)
    if type_:
        facets["datasetType"] = {"datasetType": type_}
    if links:
        facets["symlinks"] = {
            "identifiers": [{"namespace": "file", "name": link, "type": "FILE"} for link in links]
        }
    return {"namespace": namespace, "name": name, "facets": facets}


class Story:
    """Writes events into a ledger, a second apart."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self._seconds = itertools.count()
        self.runs: dict[str, str] = {}

    def time(self):
        second = next(self._seconds)
        return f"2026-03-01T10:{second // 60:02}:{second % 60:02}.000000Z"

    def event(self, job, kind, *, inputs=(), outputs=(), facets=None, parent=None, run=None):
        """Record one event; `job` names the run as well, unless `run` does."""
        uuid = self.runs.setdefault(run or job, uuid7())
        facets = dict(facets or {})
        if parent is not None:
            facets["parent"] = {
                "run": {"runId": self.runs[parent]},
                "job": {"namespace": "default", "name": parent},
            }
        body = {
            "eventTime": self.time(),
            "eventType": kind,
            "run": {"runId": uuid, "facets": facets},
            "job": {"namespace": "default", "name": job},
            "inputs": list(inputs),
            "outputs": list(outputs),
        }
        return self.append(EntryType.LINEAGE_EVENT, body)

    def append(self, type_, body):
        payload = body if isinstance(body, bytes) else msgspec.json.encode(body)
        return self.ledger.append([NewEntry(type_, payload)]).entries[0]

    def prepare(self):
        code = {"lineproof_code": {"entry_point": "prepare.py", "commit": "0123456789abcdef" * 2}}
        self.event("prepare.py", "START", facets=code)
        self.event(
            "prepare.py",
            "RUNNING",
            inputs=[
                dataset(PATIENTS, columns=["id", "name", "birth_date", "ssn"]),
                dataset(MEASURED, columns=["id", "radius"]),
            ],
        )
        lineage = {
            "age": sources(field(PATIENTS, "birth_date"), rule="sub"),
            "radius": sources(field(MEASURED, "radius")),
        }
        joined = dataset(
            JOINED,
            columns=["age", "radius"],
            lineage=lineage,
            wide=[field(PATIENTS, "id", INDIRECT), field(MEASURED, "id", INDIRECT)],
        )
        written = {name: sources(field(JOINED, name), rule="write") for name in ("age", "radius")}
        self.event(
            "prepare.py",
            "RUNNING",
            inputs=[dataset(PATIENTS), dataset(MEASURED)],
            outputs=[joined, dataset(CLEAN, columns=["age", "radius"], lineage=written)],
        )
        self.event("prepare.py", "COMPLETE", facets={"lineproof_coverage": {"features": {"exact": 2}}})

    def train(self, credit=CREDIT, run="train.py"):
        self.event("train.py", "START", run=run)
        self.event("train.py", "RUNNING", run=run, inputs=[dataset(CLEAN, columns=["age", "radius"])])
        fit = f"{run}/fit"
        self.event("fit.LogisticRegression", "START", run=fit, parent=run)
        fitted = ("memory", "train.py:10/LogisticRegression", f"run:{self.runs[fit]}")
        read = {name: sources(field(CLEAN, name), rule="read_csv") for name in ("age", "radius")}
        learnt = {name: sources(field(TRAIN_X, name), rule="fit") for name in ("age", "radius")}
        self.event(
            "fit.LogisticRegression",
            "COMPLETE",
            run=fit,
            parent=run,
            inputs=[dataset(CLEAN)],
            outputs=[
                dataset(TRAIN_X, columns=["age", "radius"], lineage=read),
                dataset(fitted, columns=["age", "radius"], lineage=learnt, type_="MODEL"),
            ],
            facets={
                "lineproof_hyperparameters": {
                    "estimator": "sklearn.linear_model.LogisticRegression",
                    "given": {"C": 0.5},
                    "resolved": {"C": 0.5, "tol": 0.0001},
                },
                "lineproof_metrics": {"metrics": [{"name": "auc", "value": 0.97}]},
            },
        )
        self.append(
            EntryType.DECISION,
            Decision(
                decision=uuid7(),
                run=self.runs[fit],
                kind="hyperparameter_search",
                chosen={"C": 0.5},
                candidates=[{"C": 0.5, "score": 0.97}, {"C": 1.0, "score": 0.95}],
                site="train.py:10",
                time=self.time(),
            ),
        )
        saved = {name: sources(field(fitted, name), rule="joblib.dump") for name in ("age", "radius")}
        self.event(
            "train.py",
            "RUNNING",
            run=run,
            inputs=[dataset(fitted, type_="MODEL")],
            outputs=[
                dataset(
                    credit,
                    columns=["age", "radius"],
                    lineage=saved,
                    type_="MODEL",
                    links=["models/credit.joblib"],
                )
            ],
        )
        self.event("train.py", "COMPLETE", run=run)

    def score(self):
        self.event("score.py", "START")
        self.event("score.py", "RUNNING", inputs=[dataset(BATCH, columns=["age", "radius"])])
        self.event("predict", "START", run="predict", parent="score.py")
        read = {name: sources(field(BATCH, name), rule="read_csv") for name in ("age", "radius")}
        predicted = {"score": sources(field(SCORE_X, "age"), field(SCORE_X, "radius"), rule="predict")}
        self.event(
            "predict",
            "COMPLETE",
            run="predict",
            parent="score.py",
            inputs=[dataset(BATCH), dataset(CREDIT, type_="MODEL")],
            outputs=[
                dataset(SCORE_X, columns=["age", "radius"], lineage=read),
                dataset(
                    PREDICTED,
                    columns=["score"],
                    lineage=predicted,
                    wide=[field(CREDIT, name, INDIRECT) for name in ("age", "radius")],
                ),
            ],
        )
        written = {"score": sources(field(PREDICTED, "score"), rule="write")}
        self.event("score.py", "RUNNING", outputs=[dataset(SCORES, columns=["score"], lineage=written)])
        self.append(
            EntryType.PREDICTION_SEGMENT,
            PredictionSegment(
                segment=uuid7(),
                run=self.runs["predict"],
                model_name=CREDIT[1],
                model_version=CREDIT[2],
                ids=["4711", "4712"],
                outputs={"score": [0.25, 0.75]},
                inputs={"age": [40, 50], "radius": [1.0, 2.0]},
                post_processing={"threshold": 0.5},
                features_from=dict(zip(("namespace", "name", "version"), SCORE_X, strict=True)),
                time=self.time(),
            ),
        )
        self.event("score.py", "COMPLETE")


def tell(ledger: Ledger) -> Story:
    """Record the whole pipeline."""
    story = Story(ledger)
    story.prepare()
    story.train()
    story.score()
    return story
