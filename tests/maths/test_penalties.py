import numpy as np
import pytest

from pellucid.penalties import L1, L2, PENALTIES, ElasticNet


@pytest.mark.parametrize("name", sorted(PENALTIES))
def test_gradient_is_the_slope_of_the_value(name, rng):
    penalty, W = PENALTIES[name](strength=0.3), rng.normal(size=(3, 2))
    gradient, h = penalty.gradient(W), 1e-4
    for index in np.ndindex(W.shape):
        step = np.zeros_like(W)
        step[index] = h
        f = [penalty.value(W + c * step) for c in (-2, -1, 1, 2)]
        assert gradient[index] == pytest.approx((f[0] - 8 * f[1] + 8 * f[2] - f[3]) / (12 * h), rel=1e-9)


def test_elastic_net_lies_between():
    W = np.array([[1.0, -2.0]])
    assert ElasticNet(0.5, l1_ratio=1.0).value(W) == L1(0.5).value(W) == 1.5
    assert ElasticNet(0.5, l1_ratio=0.0).value(W) == L2(0.5).value(W) == 1.25


@pytest.mark.parametrize("name", sorted(PENALTIES))
def test_dtype_is_kept(name):
    assert PENALTIES[name](0.1).gradient(np.ones((2, 2), dtype=np.float32)).dtype == np.float32


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: L2(-0.1), "L2 strength must be a number >= 0, got -0.1"),
        (lambda: ElasticNet(0.1, l1_ratio=2), "l1_ratio must be a number >= 0 and <= 1, got 2"),
    ],
)
def test_bad_options_are_named(make, message):
    with pytest.raises(ValueError, match=message):
        make()
