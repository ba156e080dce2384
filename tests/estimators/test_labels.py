"""Labels and inputs as people bring them: kept, or named with row and column."""

from __future__ import annotations

import datetime
import warnings

import numpy as np
import pandas as pd
import polars as pl
import pytest

from pellucid import Dense, MLPClassifier, MLPRegressor, Network

from .data import not_converged

X = np.random.default_rng(0).normal(size=(60, 3))
SIDE = X[:, 0] > 0
BIG = 2**60 + 1


def fitted(y, **options):
    with not_converged():
        return MLPClassifier((4,), max_iter=3, random_state=0, **options).fit(X, y)


KEPT = {
    "truth values of dtype object": (SIDE.astype(object), [False, True]),
    "truth values after dropna": (pd.Series([*SIDE, None], dtype=object).dropna(), [False, True]),
    "whole numbers of dtype object": (np.where(SIDE, 7, 3).astype(object), [3, 7]),
    "neighbours beyond 2**53": (np.where(SIDE, BIG, BIG + 1), [BIG, BIG + 1]),
    "of dtype object": (np.where(SIDE, BIG, BIG + 1).astype(object), [BIG, BIG + 1]),
    "in a list": (np.where(SIDE, BIG, BIG + 1).tolist(), [BIG, BIG + 1]),
    "beyond int64, in a list": ([2**63 + int(s) for s in SIDE], [2**63, 2**63 + 1]),
    "uint64": (np.where(SIDE, np.uint64(2**64 - 1), np.uint64(2**64 - 2)), [2**64 - 2, 2**64 - 1]),
    "pandas Int64": (pd.Series(np.where(SIDE, BIG, BIG + 1), dtype="Int64"), [BIG, BIG + 1]),
    "polars": (pl.Series(np.where(SIDE, BIG, BIG + 1)), [BIG, BIG + 1]),
    "polars words": (pl.Series(np.where(SIDE, "a", "b")), ["a", "b"]),
    "polars truth values": (pl.Series(SIDE), [False, True]),
    "pandas boolean": (pd.Series(SIDE, dtype="boolean"), [False, True]),
    "pandas string": (pd.Series(np.where(SIDE, "a", "b"), dtype="string"), ["a", "b"]),
    "categories, one unused": (pd.Categorical(np.where(SIDE, "a", "b"), categories=["c", "b", "a"]), ["a", "b"]),
    "a Series of categories": (pd.Series(np.where(SIDE, "a", "b"), dtype="category"), ["a", "b"]),
    "NumPy's words in a list": ([np.str_("a" if s else "b") for s in SIDE], ["a", "b"]),
    "NumPy's and Python's numbers": ([np.int64(1) if s else 2 for s in SIDE], [1, 2]),
    "floats that are whole": (np.where(SIDE, 1.0, 2.0).astype(object), [1.0, 2.0]),
}


@pytest.mark.parametrize("case", KEPT)
def test_every_label_is_kept(case):
    y, classes = KEPT[case]
    model = fitted(y)
    assert model.classes_.tolist() == classes
    assert set(model.predict(X).tolist()) <= set(classes)
    assert 0 <= model.score(X, y) <= 1
    assert model.encode_targets(y).shape == (60, 1)
    with not_converged():
        assert MLPClassifier(random_state=0).partial_fit(X, y, classes=classes).classes_.tolist() == classes


def test_whole_numbers_beyond_2_to_the_53_are_learned_apart():
    y = np.where(X[:, 0] > 0.5, BIG, np.where(X[:, 0] > -0.5, BIG + 1, BIG + 2))
    with not_converged():
        model = MLPClassifier((10,), solver="lbfgs", max_iter=300, random_state=0).fit(X, y)
    assert model.score(X, y) > 0.95


NAMED = {
    "pandas string": (pd.Series(["a", "b", None] * 20, dtype="string"), r"got <NA> in row 3 \(20 labels are missing"),
    "pandas boolean": (pd.Series([True, False, None] * 20, dtype="boolean"), "got <NA> in row 3"),
    "pandas Int64": (pd.Series([1, 2, None] * 20, dtype="Int64"), "got <NA> in row 3"),
    "categories": (pd.Series(["a", "b", None] * 20, dtype="category"), "got nan in row 3"),
    "dtype object": (np.array(["a", "b", None] * 20, dtype=object), "got None in row 3"),
    "NaN among words": (np.array(["a", "b", np.nan] * 20, dtype=object), "got nan in row 3"),
    "a list": (["a", "b", None] * 20, "got None in row 3"),
    "NumPy's words": ([np.str_("a"), np.str_("b"), None] * 20, "got None in row 3"),
    "numbers in a list": ([1, 2, None] * 20, "got None in row 3"),
    "polars": (pl.Series(["a", "b", None] * 20), "got None in row 3"),
    "polars numbers": (pl.Series([BIG, 2, None] * 20), "got None in row 3"),
    "a data frame of one column": (pd.DataFrame({"y": ["a", "b", None] * 20}), "got .* in row 3"),
    "words and numbers": (["1", 1, 1] * 20, r"one kind, got word and number \(the first in row 2\)"),
    "truth values and numbers": ([True, 2, 1] * 20, r"one kind, got truth value and number \(the first in row 2\)"),
    "more than 64 bits": ([2**70, 2**70 + 1, 2] * 20, r"more digits than NumPy's keep.*y.astype\(str\)"),
    "no float holds both": ([2**63 + 1, -1, 5] * 20, r"more digits than NumPy's keep.*y.astype\(str\)"),
    "dates and words": ([datetime.date(2020, 1, 1), "a", "a"] * 20, "one kind, got date and word"),
}


@pytest.mark.parametrize("case", NAMED)
def test_what_is_no_label_is_named(case):
    y, message = NAMED[case]
    with pytest.raises(ValueError, match=message):
        fitted(y)


def test_a_class_without_weight_is_named():
    weight = np.where(SIDE, 1.0, 0.0)
    with pytest.raises(ValueError, match=r"class_weight='balanced' needs .* in each class, and class 'b' has none"):
        MLPClassifier(class_weight="balanced").fit(X, np.where(SIDE, "a", "b"), weight)


def test_whole_numbers_to_predict_that_lose_digits_are_told():
    y = np.arange(60) + 2**60
    with (
        pytest.warns(UserWarning, match=r"y holds whole numbers beyond 2\*\*53, such as 1152921504606846977"),
        not_converged(),
    ):
        MLPRegressor(max_iter=1, scale="standard", random_state=0).fit(X, y)
    with warnings.catch_warnings(), not_converged():
        warnings.filterwarnings("error", message=".*beyond 2")
        MLPRegressor(max_iter=1, scale="standard", random_state=0).fit(X, np.arange(60) * 2**60 // 2**55 * 2**55)


DATES = pd.date_range("2020-01-01", periods=60)


@pytest.mark.parametrize(
    ("when", "message"),
    [
        (pd.DataFrame({"a": X[:, 0], "when": DATES}), "column 'when' holds dates"),
        (pd.DataFrame({"when": DATES}), "column 'when' holds dates"),
        (pd.DataFrame({"when": DATES.tz_localize("UTC")}), "column 'when' holds dates"),
        (pd.DataFrame({"a": X[:, 0], "age": DATES - DATES[0]}), "column 'age' holds durations"),
        (pl.DataFrame({"a": X[:, 0], "when": DATES.to_numpy()}), "column 'when' holds dates"),
        (DATES.to_numpy()[:, None], "it holds dates"),
        ((DATES - DATES[0]).to_numpy()[:, None], "it holds durations"),
    ],
)
def test_dates_are_named(when, message):
    for model in (MLPClassifier(), MLPRegressor(), Network([Dense(when.shape[1], 1)], "squared_error")):
        with pytest.raises(ValueError, match=f"X must hold numbers, and {message}: turn them into numbers first"):
            model.fit(when, SIDE.astype(int))


@pytest.mark.parametrize("frame", [pd.DataFrame, pl.DataFrame])
def test_text_is_named(frame):
    mixed = frame({"height": X[:, 0].tolist(), "city": ["Lima"] * 60})
    message = r"X holds 'Lima' in row 1 of column 'city': encode .*OneHotEncoder.*\['city'\].*pellucid train"
    for model in (MLPClassifier(), MLPRegressor(), Network([Dense(2, 1)], "squared_error")):
        with pytest.raises(ValueError, match=message):
            model.fit(mixed, SIDE.astype(int))
    array = np.array([[1.0, "x"]] * 60, dtype=object)
    with pytest.raises(ValueError, match="X holds 'x' in row 1 of column 2"):
        MLPClassifier().fit(array, SIDE)


def test_missing_numbers_of_pandas_are_named():
    mixed = pd.DataFrame({"a": X[:, 0], "b": pd.array([1, None] * 30, dtype="Int64")})
    with pytest.raises(ValueError, match="X has no value in row 2 of column 'b'"):
        Network([Dense(2, 1)], "squared_error").fit(mixed, X[:, 0])


def test_columns_of_numbers_and_truth_values_are_numbers():
    mixed = pd.DataFrame({"a": X[:, 0], "b": SIDE})
    networks = [Network([Dense(2, 1)], "squared_error").initialize(random_state=0) for _ in range(2)]
    networks[0].fit(mixed, X[:, 0], epochs=2)
    networks[1].fit(mixed.to_numpy(dtype=float), X[:, 0], epochs=2)
    np.testing.assert_array_equal(networks[0].theta, networks[1].theta)
