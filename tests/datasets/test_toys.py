"""Toy data: shapes, balance, range, repeatability, and what each set is by its formula."""

import numpy as np
import pytest
from sklearn.datasets import make_moons

from pellucid import datasets
from pellucid.datasets import DATASETS

CLASSES = [name for name, toy in DATASETS.items() if toy.task == "classification"]
VALUES = [name for name, toy in DATASETS.items() if toy.task == "regression"]
CHOICES = [
    (name, k)
    for name in CLASSES
    for k in (range(DATASETS[name].classes[0], DATASETS[name].classes[1] + 1) if DATASETS[name].classes else [None])
]


@pytest.mark.parametrize(("name", "k"), CHOICES)
@pytest.mark.parametrize("n", [50, 201])
def test_classes_are_balanced_and_in_random_order(name, k, n):
    X, y = datasets.make(name, n, classes=k, noise=0.1, random_state=0)
    assert X.shape == (n, 2)
    assert X.dtype == np.float64
    assert y.shape == (n,)
    assert y.dtype == np.int64
    k = k or 2
    counts = np.bincount(y)
    assert len(counts) == k
    assert np.ptp(counts) <= 1
    assert len(set(y[: n // 2])) == k  # not class after class


@pytest.mark.parametrize("name", VALUES)
def test_values_are_floats_around_zero(name):
    X, y = datasets.make(name, 500, noise=0, random_state=0)
    assert X.shape == (500, 2)
    assert y.shape == (500,)
    assert y.dtype == np.float64
    assert 0.7 < np.abs(y).max() <= 1


@pytest.mark.parametrize("name", DATASETS)
def test_inputs_fill_the_picture(name):
    X, _ = datasets.make(name, 400, noise=0, random_state=1)
    assert np.abs(X).max() <= 1.25
    assert np.ptp(X, axis=0).min() > 1


@pytest.mark.parametrize("name", DATASETS)
def test_a_seed_repeats_to_the_bit_and_another_differs(name):
    first, second, other = (datasets.make(name, 60, noise=0.2, random_state=seed) for seed in (3, 3, 4))
    assert first[0].tobytes() == second[0].tobytes()
    assert first[1].tobytes() == second[1].tobytes()
    assert not np.array_equal(first[0], other[0])


@pytest.mark.parametrize("name", DATASETS)
@pytest.mark.parametrize("kind", [np.random.RandomState, np.random.default_rng])
def test_a_generator_goes_on_from_where_it_is(name, kind):
    random = kind(0)
    first, second = (datasets.make(name, 60, random_state=random) for _ in range(2))
    assert not np.array_equal(first[0], second[0])
    assert np.array_equal(first[0], datasets.make(name, 60, random_state=kind(0))[0])


@pytest.mark.parametrize("name", DATASETS)
def test_make_is_the_function_of_that_name(name):
    X, y = datasets.make(name, 40, noise=0.3, random_state=5)
    X_direct, y_direct = getattr(datasets, name)(40, noise=0.3, random_state=5)
    assert X.tobytes() == X_direct.tobytes()
    assert y.tobytes() == y_direct.tobytes()


def test_moons_are_those_of_scikit_learn():
    X, y = datasets.moons(100, noise=0, random_state=0)
    expected, classes = make_moons(100, shuffle=False)
    for label in (0, 1):
        ours = np.array(sorted((X[y == label] / 0.8 + [0.5, 0.25]).tolist()))
        np.testing.assert_allclose(ours, sorted(expected[classes == label].tolist()), atol=1e-12)


def test_circles_have_their_radii():
    X, y = datasets.circles(100, noise=0, random_state=0)
    np.testing.assert_allclose(np.hypot(*X.T), np.where(y == 0, 1.0, 0.5))


@pytest.mark.parametrize("k", [2, 3, 8])
def test_spirals_follow_their_formula_and_their_arms_are_apart(k):
    X, y = datasets.spirals(800, noise=0, classes=k, random_state=0)
    radius = np.hypot(*X.T)
    turn = np.arctan2(X[:, 1], X[:, 0]) / (2 * np.pi)
    away = turn - y / k - radius / (0.4 * k)
    np.testing.assert_allclose(away, np.round(away), atol=1e-12)
    assert radius.min() >= 0.1


@pytest.mark.parametrize("k", [2, 5])
def test_clouds_are_nearest_to_their_own_centre(k):
    X, y = datasets.clouds(4000, noise=0.1, classes=k, random_state=0)
    centres = np.array([X[y == label].mean(axis=0) for label in range(k)])
    np.testing.assert_allclose(np.hypot(*centres.T), 0.8, atol=0.03)
    spread = np.mean([X[y == label].std(axis=0) for label in range(k)])
    assert spread == pytest.approx(np.hypot(0.15, 0.1), rel=0.03)


@pytest.mark.parametrize(("name", "share"), [("moons", 1), ("circles", 1), ("xor", 1), ("spirals", 0.4)])
def test_noise_is_a_standard_deviation(name, share):
    """Of the same points: noise is drawn last."""
    still, _ = datasets.make(name, 4000, noise=0, random_state=0)
    blurred, _ = datasets.make(name, 4000, noise=0.25, random_state=0)
    np.testing.assert_allclose((blurred - still).std(axis=0), 0.25 * share, rtol=0.05)


@pytest.mark.parametrize("name", VALUES)
def test_noise_on_values_is_a_standard_deviation_and_leaves_inputs_alone(name):
    X_still, still = datasets.make(name, 4000, noise=0, random_state=0)
    X, blurred = datasets.make(name, 4000, noise=0.25, random_state=0)
    assert np.array_equal(X, X_still)
    assert (blurred - still).std() == pytest.approx(0.25, rel=0.05)


def test_hills_stand_where_they_are_said_to():
    """A straight line from the middle hill to a hollow goes down."""
    X, y = datasets.hills(20_000, noise=0, random_state=0)

    def near(point):
        return y[((X - point) ** 2).sum(axis=1) < 0.05**2].mean()

    assert near((0, 0)) > 0.8
    assert near((-0.5, 0.5)) > 0.8
    assert near((0.5, 0.5)) < -0.8


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: datasets.make("moon", 10), ValueError, "unknown data set 'moon': did you mean 'moons'"),
        (
            lambda: datasets.make("moons", 10, classes=3),
            ValueError,
            "classes must be None for 'moons', got 3: only clouds and spirals",
        ),
        (lambda: datasets.make("hills", 10, classes=2), ValueError, "classes must be None for 'hills'"),
        (lambda: datasets.clouds(10, classes=9), ValueError, "classes must be a whole number from 2 to 8, got 9"),
        (lambda: datasets.spirals(10, classes=1), ValueError, "classes must be a whole number >= 2, got 1"),
        (lambda: datasets.spirals(2, classes=3), ValueError, "n must be a whole number >= 3, got 2"),
        (lambda: datasets.xor(10.0), TypeError, "n must be a whole number >= 2, got 10.0"),
        (lambda: datasets.xor(10, noise=-0.1), ValueError, "noise must be a number >= 0, got -0.1"),
        (lambda: datasets.waves(10, noise=float("nan")), ValueError, "noise must be"),
        (lambda: datasets.features([[1.0]], ["x1"]), ValueError, "X must have two columns"),
        (lambda: datasets.features([[1.0, 2.0]], ["x3"]), ValueError, "unknown feature 'x3'"),
        (lambda: datasets.features([[1.0, 2.0]], []), ValueError, "got none"),
        (lambda: datasets.features([[1.0, 2.0]], "x1"), TypeError, "list of names"),
    ],
)
def test_what_cannot_be_is_told(call, error, words):
    with pytest.raises(error) as raised:
        call()
    assert words in str(raised.value)


def test_features_are_columns_in_the_order_asked_for(rng):
    X = rng.uniform(-1, 1, (7, 2))
    x1, x2 = X.T
    expected = [x1, x2, x1**2, x2**2, x1 * x2, np.sin(np.pi * x1), np.sin(np.pi * x2)]
    names = list(datasets.FEATURES)
    np.testing.assert_allclose(datasets.features(X, names), np.column_stack(expected))
    np.testing.assert_allclose(datasets.features(X, names[::-1]), np.column_stack(expected[::-1]))
