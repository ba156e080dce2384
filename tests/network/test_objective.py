import numpy as np
import pytest

from pellucid import Dense, Network
from pellucid.penalties import L2


@pytest.fixture
def setting(rng):
    net = Network([Dense(2, 4, "tanh"), Dense(4, 3, "softmax")]).initialize(random_state=0)
    return net, rng.normal(size=(12, 2)), rng.integers(0, 3, 12), rng.integers(0, 4, 12).astype(float)


@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_integer_weights_are_repeated_rows(setting, reduction):
    net, X, y, weight = setting
    rows = np.repeat(np.arange(12), weight.astype(int))
    options = {"penalty": L2(0.1), "reduction": reduction}
    weighted, repeated = (
        net.backward(net.forward(X), y, weight, **options),
        net.backward(net.forward(X[rows]), y[rows], **options),
    )
    assert weighted.theta == pytest.approx(repeated.theta, rel=1e-12, abs=1e-14)
    assert net.loss_value(X, y, weight, **options) == pytest.approx(
        net.loss_value(X[rows], y[rows], **options), rel=1e-12
    )


def test_the_shares_of_batches_add_up_to_the_whole_objective_with_sum(setting):
    net, X, y, weight = setting
    objective = net.objective(L2(0.3), "sum")
    whole = net.backward(net.forward(X), y, weight, penalty=L2(0.3), reduction="sum").theta
    parts = np.zeros_like(whole)
    for rows in np.split(np.arange(12), 4):
        flat = np.empty_like(whole)
        pieces = [(g.of(flat), h.of(flat)) for g, h in zip(net.groups[::2], net.groups[1::2], strict=True)]
        share = weight[rows].sum() / weight.sum()
        objective.gradient(net.layers, net.forward(X[rows]), net.encode(y[rows]), pieces, weight[rows], share)
        parts += flat
    assert parts == pytest.approx(whole, rel=1e-12)


def test_a_batch_without_weight_pulls_by_its_penalty_only(setting):
    net, X, y, _ = setting
    flat = np.empty_like(net.theta)
    pieces = [(g.of(flat), h.of(flat)) for g, h in zip(net.groups[::2], net.groups[1::2], strict=True)]
    net.objective(L2(0.3)).gradient(net.layers, net.forward(X), net.encode(y), pieces, np.zeros(12))
    assert pieces[0][0] == pytest.approx(0.3 * net.layers[0].W)
    assert not pieces[0][1].any()


def test_bad_reductions_and_penalties_are_named(setting):
    net, X, y, _ = setting
    with pytest.raises(ValueError, match="unknown reduction 'summ': did you mean 'sum'"):
        net.loss_value(X, y, reduction="summ")
    with pytest.raises(TypeError, match=r"penalty must be None or a penalty object such as L2\(0.01\), got 0.01"):
        net.loss_value(X, y, penalty=0.01)
