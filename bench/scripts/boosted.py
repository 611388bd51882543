"""The measured script: XGBoost over 1M rows, early stopping, saved. Ordinary code, nothing of ours."""

import os
import resource
import sys
import time

import pandas as pd
import xgboost as xgb
from sklearn.model_selection import train_test_split

folder = sys.argv[1]
loans = pd.read_csv(f"{folder}/loans.csv")
frame = loans.merge(pd.read_csv(f"{folder}/customers.csv"), on="customer", how="left")
frame["instalment"] = frame["amount"] / frame["months"]
X = frame[["amount", "months", "rate", "income", "age", "instalment"]]
X_train, X_test, y_train, y_test = train_test_split(X, frame["bad"], test_size=0.2, random_state=3)
train, test = xgb.DMatrix(X_train, y_train), xgb.DMatrix(X_test, y_test)
model = xgb.train(
    {
        "max_depth": 6,
        "eta": 0.2,
        "objective": "binary:logistic",
        "eval_metric": "auc",
        "nthread": 2,
        "seed": 1,
    },
    train,
    num_boost_round=40,
    evals=[(test, "test")],
    early_stopping_rounds=10,
    verbose_eval=False,
)
print(round(model.best_score, 4))
model.save_model(f"{folder}/boosted.json")

with open(os.environ["BENCH_CPU"], "w") as file:
    file.write(f"{time.process_time()} {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}")
