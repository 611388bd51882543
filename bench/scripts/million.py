"""The measured script: pandas on 1M rows, then gradient boosting. Ordinary code, nothing of ours."""

import os
import resource
import sys
import time

if os.environ.get("BENCH_MLFLOW"):
    import mlflow

    mlflow.set_tracking_uri(f"sqlite:///{os.environ['BENCH_MLFLOW']}")
    mlflow.sklearn.autolog(log_models=os.environ.get("BENCH_MLFLOW_MODELS") == "1")

import joblib
import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

folder = sys.argv[1]
loans = pd.read_csv(f"{folder}/loans.csv")
customers = pd.read_csv(f"{folder}/customers.csv")
loans = loans[loans["amount"] > 100]
frame = loans.merge(customers, on="customer", how="left")
frame["instalment"] = frame["amount"] / frame["months"]
frame["burden"] = frame["instalment"] * 12 / frame["income"]
frame["age_group"] = pd.cut(frame["age"], [0, 30, 50, 120], labels=["young", "middle", "old"]).astype(str)
frame["expensive"] = np.where(frame["rate"] > frame["rate"].median(), 1, 0)
by_customer = frame.groupby("customer").agg(total=("amount", "sum"), loans=("loan", "count")).reset_index()
frame = frame.merge(by_customer, on="customer")
frame["share"] = frame["amount"] / frame["total"]
frame = frame.sort_values("loan").reset_index(drop=True)

X = frame.drop(columns=["loan", "customer", "bad"])
X_train, X_test, y_train, y_test = train_test_split(X, frame["bad"], test_size=0.2, random_state=3)
names = ["kind", "region", "age_group"]
model = make_pipeline(
    ColumnTransformer([("one", OneHotEncoder(sparse_output=False), names)], remainder="passthrough"),
    HistGradientBoostingClassifier(max_iter=25, random_state=3),
)
model.fit(X_train, y_train)
print(round(roc_auc_score(y_test, model.predict_proba(X_test)[:, 1]), 6))
joblib.dump(model, f"{folder}/million.joblib")

with open(os.environ["BENCH_CPU"], "w") as file:
    file.write(f"{time.process_time()} {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}")
