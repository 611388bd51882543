"""Which columns a result of scikit-learn came from, over the library's own transformers and the user's."""

import numpy as np
import pandas as pd
import pytest
import sklearn
import yaml
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.cluster import FeatureAgglomeration, KMeans
from sklearn.compose import ColumnTransformer, make_column_selector, make_column_transformer
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import IsolationForest, StackingClassifier, VotingClassifier
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.feature_selection import RFE, SelectKBest, VarianceThreshold, f_classif
from sklearn.impute import KNNImputer, MissingIndicator, SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    KBinsDiscretizer,
    LabelEncoder,
    Normalizer,
    OneHotEncoder,
    OrdinalEncoder,
    PolynomialFeatures,
    SplineTransformer,
    StandardScaler,
    TargetEncoder,
)
from sklearn.tree import DecisionTreeClassifier

AGE, INCOME, DEBT, JOB, MEMO, BAD, ID = (
    {f"loan.{name}"} for name in ("age", "income", "debt", "job", "memo", "bad", "id")
)


def direct(recording, obj):
    return [found[0] for found in recording.origins(obj).values()]


def reported(recording, obj):
    return [found[0] | found[1] for found in recording.origins(obj).values()]


def precisions(recording, obj):
    return {found[2] for found in recording.origins(obj).values()}


ONE_INPUT_EACH = [
    (StandardScaler(), ["age", "id"], [AGE, ID]),
    (OrdinalEncoder(), ["job", "id"], [JOB, ID]),
    (OneHotEncoder(), ["job", "bad"], [JOB] * 3 + [BAD] * 2),
    (OneHotEncoder(drop="first", sparse_output=False), ["job", "bad"], [JOB] * 2 + [BAD]),
    (OneHotEncoder(min_frequency=5, sparse_output=False), ["job", "bad"], [JOB] + [BAD] * 2),
    (SimpleImputer(add_indicator=True), ["age", "debt"], [AGE, DEBT, DEBT]),
    (MissingIndicator(), ["age", "debt", "income"], [DEBT, INCOME]),
    (KBinsDiscretizer(3, encode="onehot-dense", strategy="uniform"), ["age", "id"], [AGE] * 3 + [ID] * 3),
    (SplineTransformer(n_knots=3), ["age", "id"], [AGE] * 5 + [ID] * 5),
    (PolynomialFeatures(2), ["age", "id"], [set(), AGE, ID, AGE, AGE | ID, ID]),
    (VarianceThreshold(0.3), ["bad", "age"], [AGE]),
    (FunctionTransformer(np.log1p), ["age", "id"], [AGE, ID]),
    (FunctionTransformer(), ["age", "id"], [AGE, ID]),
]


@pytest.mark.parametrize(("transformer", "columns", "expected"), ONE_INPUT_EACH)
@pytest.mark.parametrize("how", ["fit_transform", "fit then transform"])
def test_an_output_names_just_the_columns_it_was_made_of(
    recording, loan, transformer, columns, expected, how
):
    transformer, x = clone(transformer), loan[columns]
    result = transformer.fit_transform(x) if how == "fit_transform" else transformer.fit(x).transform(x)
    assert direct(recording, result) == expected
    assert precisions(recording, result) == {"exact"}


MIXING = [PCA(2), Normalizer(), FeatureUnion([("p", PCA(1)), ("k", KMeans(2, n_init=1))])]


@pytest.mark.parametrize("transformer", MIXING, ids=lambda one: type(one).__name__)
def test_what_mixes_its_inputs_names_all_of_them(recording, loan, transformer):
    result = clone(transformer).fit_transform(loan[["age", "id"]])
    assert all(found == AGE | ID for found in direct(recording, result))


def test_clusters_of_columns_keep_apart(recording, loan):
    x = loan[["age", "id"]].assign(again=loan["age"])
    result = FeatureAgglomeration(2).fit(x).transform(x)
    assert sorted(map(sorted, direct(recording, result))) == [["loan.age"], ["loan.id"]]


def test_text_becomes_words_of_its_column(recording, loan):
    words = TfidfVectorizer().fit_transform(loan["memo"])
    assert set(map(frozenset, direct(recording, words))) == {frozenset(MEMO)}
    columns = make_column_transformer((CountVectorizer(), "memo"), ("passthrough", ["age"]))
    found = direct(recording, columns.fit_transform(loan))
    assert found[0] == MEMO
    assert found[-1] == AGE


def test_encoding_by_the_target_is_the_target(recording, loan):
    result = TargetEncoder(cv=2).fit_transform(loan[["job"]], loan["bad"])
    ((found, indirect, _),) = recording.origins(result).values()
    assert found == BAD
    assert indirect == JOB


def test_selection_by_the_label_names_the_label(recording, loan):
    x = loan[["age", "id"]]
    result = SelectKBest(f_classif, k=1).fit(x, loan["bad"]).transform(x)
    ((found, indirect, _),) = recording.origins(result).values()
    assert found in (AGE, ID)
    assert indirect == BAD


def test_a_supervised_projection_names_the_label(recording, loan):
    x = LinearDiscriminantAnalysis().fit_transform(loan[["age", "id"]], loan["bad"])
    assert reported(recording, x) == [AGE | ID | BAD]


def test_neighbours_decide_what_fills_a_gap(recording, loan):
    x = KNNImputer(n_neighbors=2).fit_transform(loan[["age", "debt"]])
    age, debt = recording.origins(x).values()
    assert age[:2] == (AGE, set())
    assert debt[:2] == (DEBT, AGE)


def test_columns_dropped_renamed_and_passed_through(recording, loan):
    columns = ColumnTransformer(
        [("n", make_pipeline(SimpleImputer(), StandardScaler()), ["income"]), ("d", "drop", ["memo", "job"])],
        remainder="passthrough",
    )
    result = columns.set_output(transform="pandas").fit_transform(loan)
    found = {name: origin[0] for name, origin in recording.origins(result).items()}
    assert found["n__income"] == INCOME
    assert found["remainder__age"] == AGE
    assert len(found) == 5


def test_columns_selected_by_type_are_followed(recording, loan):
    columns = make_column_transformer((StandardScaler(), make_column_selector(dtype_include=float)))
    assert direct(recording, columns.fit_transform(loan)) == [INCOME, DEBT]


def test_code_of_the_user_inside_a_step_is_followed(recording, loan):
    ratio = FunctionTransformer(lambda part: (part["income"] / part["age"]).to_frame("ratio"))
    columns = make_column_transformer((ratio, ["income", "age", "debt"]), (StandardScaler(), ["id"]))
    assert direct(recording, columns.fit_transform(loan)) == [INCOME | AGE, ID]


class Relative(TransformerMixin, BaseEstimator):
    def fit(self, x, y=None):
        self.mean_ = x["age"].mean()
        return self

    def transform(self, x):
        return x[["id"]].assign(relative=x["bad"] / self.mean_)


def test_a_transformer_of_the_user_is_followed(recording, loan):
    found = recording.origins(Relative().fit(loan).transform(loan))
    assert found["id"][0] == ID
    assert found["relative"][0] == BAD | AGE


def test_a_transformer_that_cannot_be_followed_is_said_to_need_everything(recording, loan):
    class Opaque(TransformerMixin, BaseEstimator):
        def fit(self, x, y=None):
            return self

        def transform(self, x):
            return np.array(
                [
                    [float(repr(value).strip("()").split(",")[0] or 0)]
                    for value in x.itertuples(index=False, name=None)
                ]
            )

    result = Opaque().fit(loan[["age", "id"]]).transform(loan[["age", "id"]])
    ((found, indirect, precision),) = recording.origins(result).values()
    assert found | indirect >= AGE | ID
    assert precision != "exact"


@pytest.mark.parametrize(
    "model",
    [
        LogisticRegression(),
        make_pipeline(StandardScaler(), LogisticRegression()),
        GridSearchCV(DecisionTreeClassifier(random_state=0), {"max_depth": [1, 2]}, cv=2),
        VotingClassifier([("a", LogisticRegression()), ("b", DecisionTreeClassifier())]),
        StackingClassifier([("a", LogisticRegression())], cv=2),
        CalibratedClassifierCV(LogisticRegression(), cv=2),
        RFE(LogisticRegression(), n_features_to_select=2),
    ],
    ids=lambda model: type(model).__name__,
)
def test_a_prediction_names_features_and_label(recording, loan, model):
    x = loan[["age", "id"]]
    predictions = clone(model).fit(x, loan["bad"]).predict(x)
    ((found, indirect, precision),) = recording.origins(predictions).values()
    assert (found, indirect, precision) == (AGE | ID, BAD, "exact")


def test_a_prediction_leaves_out_columns_that_never_reach_the_model(recording, loan):
    columns = make_column_transformer((StandardScaler(), ["age"]), (OneHotEncoder(), ["job"]))
    model = make_pipeline(columns, LogisticRegression()).fit(loan, loan["bad"])
    for found in recording.origins(model.predict_proba(loan)).values():
        assert found[:2] == (AGE | JOB, BAD)


def test_a_model_that_ignores_its_features_names_the_label_alone(recording, loan):
    predictions = DummyClassifier().fit(loan[["age"]], loan["bad"]).predict(loan[["age"]])
    assert [found[:2] for found in recording.origins(predictions).values()] == [(set(), BAD)]


def test_predictions_on_other_data_name_the_training_data_too(recording, loan):
    (recording.root / "new.csv").write_text("age\n30\n40\n", encoding="utf-8")
    new = pd.read_csv("new.csv")
    predictions = LinearRegression().fit(loan[["age"]], loan["bad"]).predict(new)
    ((found, indirect, _),) = recording.origins(predictions).values()
    assert found == {"new.age"}
    assert indirect == AGE | BAD
    ((found, indirect, _),) = recording.origins(StandardScaler().fit(loan[["age"]]).transform(new)).values()
    assert (found, indirect) == ({"new.age"}, AGE)


def test_clusters_outliers_and_labels_are_followed(recording, loan):
    x = loan[["age", "id"]]
    assert direct(recording, KMeans(2, n_init=1).fit(x).labels_) == [AGE | ID]
    assert direct(recording, IsolationForest(random_state=0).fit_predict(x)) == [AGE | ID]
    assert direct(recording, LabelEncoder().fit_transform(loan["job"])) == [JOB]


def test_what_a_model_learned_comes_from_its_training_data(recording, loan):
    model = LinearRegression().fit(loan[["age", "id"]], loan["bad"])
    assert reported(recording, model.coef_) == [AGE | ID | BAD]


def test_predictions_of_folds_name_features_and_label(recording, loan):
    columns = make_column_transformer((StandardScaler(), ["age"]))
    predictions = sklearn.model_selection.cross_val_predict(
        make_pipeline(columns, LinearRegression()), loan, loan["bad"], cv=2
    )
    assert [found[:2] for found in recording.origins(predictions).values()] == [(AGE, BAD)]


def test_parts_of_a_split_have_the_columns_of_the_whole(recording, loan):
    train, test = sklearn.model_selection.train_test_split(
        loan[["age", "id"]], random_state=0, stratify=loan["bad"]
    )
    assert recording.origins(train) == recording.origins(test)
    assert recording.origins(train)["age"][:2] == (AGE, BAD)
    again = sklearn.utils.resample(sklearn.utils.shuffle(loan[["age"]], random_state=0), random_state=0)
    assert recording.origins(again)["age"][0] == AGE


def test_scaling_there_and_back_keeps_columns_apart(recording, loan):
    scaler = StandardScaler()
    scaled = scaler.fit_transform(loan[["age", "id"]])
    assert direct(recording, scaler.inverse_transform(scaled)) == [AGE, ID]


def test_a_copy_of_a_fitted_model_is_said_to_be_unknown(recording, loan):
    import copy

    x = loan[["age"]]
    model = LinearRegression().fit(x, loan["bad"])
    ((found, _, precision),) = recording.origins(copy.deepcopy(model).predict(x)).values()
    assert found == AGE
    assert precision == "unknown"


def _cases(vectors):
    return yaml.safe_load((vectors / "columns" / "sklearn.yaml").read_text(encoding="utf-8"))


@pytest.mark.filterwarnings("ignore:`TargetEncoder:FutureWarning")
def test_the_published_cases_hold(recording, vectors):
    document = _cases(vectors)
    for name, text in document["fixtures"].items():
        (recording.root / name).write_text(text, encoding="utf-8")
    wrong = {}
    for case in document["cases"]:
        out = recording.script(case["setup"] + case["code"], f"{case['id']}.py")["out"]
        found = recording.origins(out)
        problems = [
            problem
            for column, expected in case["expect"].items()
            for problem in _problems(column, found[column], expected)
        ]
        if problems:
            wrong[case["id"]] = problems
    assert not wrong


def _problems(column, found, expected):
    direct, indirect, _ = found
    wanted, deciding, either, may = (
        set(expected.get(key) or ()) for key in ("direct", "indirect", "either", "may")
    )
    missed = (wanted - direct) | ((deciding | either) - direct - indirect)
    over = (direct - wanted - either - may) | (indirect - wanted - deciding - either - may)
    return [f"{column} {word} {sorted(what)}" for word, what in (("missed", missed), ("over", over)) if what]
