"""Losses of one's own: what they answer and whether their gradient is theirs."""

from __future__ import annotations

import pytest

from pellucid import Dense, MLPRegressor, Network
from pellucid.losses import Loss

from .data import not_converged, numbers

X, Y = numbers(60, 2)


class Squares(Loss):
    """Right, and twice the registered one."""

    def value(self, Y, A):
        return ((A - Y) ** 2).sum(axis=1)

    def gradient(self, Y, A):
        return 2 * (A - Y)


class AScalar(Squares):
    def value(self, Y, A):
        return float(((A - Y) ** 2).sum())


class AMean(Squares):
    def gradient(self, Y, A):
        return 2 * (A - Y).mean(axis=0)


class AColumn(Squares):
    def value(self, Y, A):
        return ((A - Y) ** 2).sum(axis=1, keepdims=True)


class HalfTheGradient(Squares):
    def gradient(self, Y, A):
        return A - Y


def fit_network(loss):
    Network([Dense(5, 2)], loss).fit(X, Y, epochs=2, engine="reference")


def fit_estimator(loss):
    with not_converged():
        MLPRegressor(loss=loss, max_iter=2, engine="reference", random_state=0).fit(X, Y)


@pytest.mark.parametrize("fit", [fit_network, fit_estimator])
@pytest.mark.parametrize(
    ("loss", "message"),
    [
        (
            AScalar,
            r"loss AScalar: value\(Y, A\) must give .* one number per sample, .*got float .*sum over the outputs",
        ),
        (AColumn, r"loss AColumn: value\(Y, A\) must give .* one number per sample, .*got shape \(\d+, 1\)"),
        (AMean, r"loss AMean: gradient\(Y, A\) must give .*got shape \(2,\): no sum, no mean over samples"),
    ],
)
def test_other_shapes_are_named(fit, loss, message):
    with pytest.raises(ValueError, match=message):
        fit(loss())


def test_the_gradient_is_that_of_the_value():
    fit_estimator(Squares())
    with pytest.raises(ValueError, match=r"loss HalfTheGradient: gradient\(Y, A\) is .* but its value has slope"):
        fit_estimator(HalfTheGradient())
