import numpy as np
import pytest

from pellucid import schedules
from pellucid.schedules import SCHEDULES

T = 100


@pytest.mark.parametrize("name", sorted(SCHEDULES))
def test_factors_are_pure_finite_and_never_above_one(name):
    schedule = SCHEDULES.resolve(name)
    times = np.linspace(0, T, 401)
    factors = [schedule.factor(t, T) for t in times]
    assert all(0 <= f <= 1 for f in factors)
    assert factors == [schedule.factor(t, T) for t in times]


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        (schedules.Constant(), {0: 1, 50: 1, 100: 1}),
        (schedules.Step(step_size=10, gamma=0.5), {0: 1, 9.99: 1, 10: 0.5, 25: 0.25}),
        (schedules.Exponential(gamma=0.9), {0: 1, 2: 0.81}),
        (schedules.InverseScaling(power=0.5, decay_rate=3.0), {0: 1, 1: 0.5, 5: 0.25}),
        (schedules.Cosine(min_factor=0.2), {0: 1, 50: 0.6, 100: 0.2}),
        (schedules.WarmupCosine(warmup_ratio=0.2, min_factor=0.1), {0: 0, 10: 0.5, 20: 1, 60: 0.55, 100: 0.1}),
        (schedules.OneCycle(pct_start=0.5, div_factor=10, final_div_factor=10), {0: 0.1, 25: 0.55, 50: 1, 100: 0.01}),
    ],
)
def test_factors_at_known_times(schedule, expected):
    for t, factor in expected.items():
        assert schedule.factor(t, T) == pytest.approx(factor)


def test_plateau_lowers_down_to_its_minimum():
    plateau = schedules.ReduceOnPlateau(gamma=0.5, min_factor=0.3)
    assert plateau.lowered(1.0) == 0.5
    assert plateau.lowered(0.5) == 0.3


@pytest.mark.parametrize(
    "make",
    [
        lambda: schedules.Step(step_size=0),
        lambda: schedules.Exponential(gamma=0),
        lambda: schedules.InverseScaling(power=-1),
        lambda: schedules.Cosine(min_factor=2),
        lambda: schedules.WarmupCosine(warmup_ratio=1),
        lambda: schedules.OneCycle(pct_start=0),
        lambda: schedules.ReduceOnPlateau(patience=0),
    ],
)
def test_bad_options_are_refused(make):
    with pytest.raises(ValueError, match="must be a"):
        make()
