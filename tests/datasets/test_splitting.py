"""A split is one: every row on one side, classes in their proportion, the same again from the same seed."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pellucid import datasets


@given(st.lists(st.integers(0, 4), min_size=2, max_size=80), st.floats(0.01, 0.99), st.integers(0, 5))
def test_every_row_is_on_one_side_and_classes_keep_their_proportion(labels, share, seed):
    y = np.array(labels)
    X = np.arange(len(y))[:, None]
    X_train, X_test, y_train, y_test = datasets.split(X, y, test_share=share, random_state=seed)
    assert sorted([*X_train[:, 0], *X_test[:, 0]]) == list(range(len(y)))
    np.testing.assert_array_equal(y[X_train[:, 0]], y_train)
    np.testing.assert_array_equal(y[X_test[:, 0]], y_test)
    assert len(y_test)
    assert len(y_train)
    counts, kept = np.bincount(y), np.bincount(y_test, minlength=y.max() + 1)
    for count, number in zip(counts, kept, strict=True):
        if count > 1:
            assert 1 <= number < count
            assert abs(number - share * count) <= 1
    again = datasets.split(X, y, test_share=share, random_state=seed)
    np.testing.assert_array_equal(again[0], X_train)


def test_values_are_split_by_lot():
    y = np.linspace(0, 1, 40)
    _, _, y_train, y_test = datasets.split(y[:, None], y, test_share=0.25, random_state=0)
    assert len(y_test) == 10
    assert not np.array_equal(y_train, np.sort(y_train))


def test_what_cannot_be_split_is_told():
    with pytest.raises(ValueError, match="test_share must be a number > 0 and < 1, got 1"):
        datasets.split([[0], [1]], [0, 1], test_share=1)
    with pytest.raises(ValueError, match="two rows or more"):
        datasets.split([[0]], [0])
    with pytest.raises(ValueError, match="equally many rows, got 2 and 1"):
        datasets.split([[0], [1]], [0])
