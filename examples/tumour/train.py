"""Choose between two algorithms by cross-validation and keep the better one."""

import argparse

import joblib
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, roc_auc_score
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--test-size", type=float, default=0.25)
options = parser.parse_args()

features = pd.read_csv("data/features.csv")
y = features["malignant"]
X = features.drop(columns=["patient_id", "malignant"])
numeric = [name for name in X.columns if name != "size_group"]

X_train, X_test, y_train, y_test = train_test_split(
    X, y, test_size=options.test_size, random_state=7, stratify=y
)

model = Pipeline(
    [
        (
            "columns",
            ColumnTransformer(
                [
                    ("numeric", StandardScaler(), numeric),
                    ("groups", OneHotEncoder(sparse_output=False), ["size_group"]),
                ]
            ),
        ),
        ("classifier", LogisticRegression()),
    ]
)
search = GridSearchCV(
    model,
    [
        {"classifier": [LogisticRegression(max_iter=500)], "classifier__C": [0.1, 1.0]},
        {
            "classifier": [HistGradientBoostingClassifier(max_iter=60, random_state=7)],
            "classifier__learning_rate": [0.1],
        },
    ],
    scoring="roc_auc",
    cv=3,
)
search.fit(X_train, y_train)

score = search.predict_proba(X_test)[:, 1]
print(f"roc_auc {roc_auc_score(y_test, score):.3f}  accuracy {accuracy_score(y_test, score > 0.5):.3f}")
joblib.dump(search.best_estimator_, "tumour.joblib")
