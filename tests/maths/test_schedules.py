import pickle

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


RENAMED = [
    (schedules.Step, {"every": 10, "drop": 0.5}, {"step_size": 10, "gamma": 0.5}),
    (schedules.Exponential, {"decay": 0.9}, {"gamma": 0.9}),
    (schedules.InverseScaling, {"speed": 3.0}, {"decay_rate": 3.0}),
    (schedules.Cosine, {"floor": 0.2}, {"min_factor": 0.2}),
    (schedules.WarmupCosine, {"warmup": 0.2, "floor": 0.1}, {"warmup_ratio": 0.2, "min_factor": 0.1}),
    (
        schedules.OneCycle,
        {"rise": 0.5, "start": 10.0, "end": 100.0},
        {"pct_start": 0.5, "div_factor": 10.0, "final_div_factor": 10.0},
    ),
    (schedules.OneCycle, {"end": 100.0}, {"final_div_factor": 4.0}),
    (schedules.ReduceOnPlateau, {"drop": 0.5, "floor": 0.3}, {"gamma": 0.5, "min_factor": 0.3}),
]


@pytest.mark.parametrize(("cls", "old", "new"), RENAMED)
def test_old_names_of_options_are_accepted_with_a_warning(cls, old, new):
    with pytest.warns(FutureWarning) as caught:
        made = cls(**old)
    assert made == cls(**new)
    assert {warning.filename for warning in caught} == {__file__}
    for warning, name in zip(caught, old, strict=True):
        assert str(warning.message).startswith(f"{cls.__name__}({name}=…) is deprecated: write ")
    for name, value in old.items():
        with pytest.warns(FutureWarning, match=rf"{cls.__name__}\.{name} is deprecated: read \w+"):
            assert getattr(made, name) == value


@pytest.mark.parametrize(("cls", "old", "new"), RENAMED)
def test_pickles_with_old_names_are_read(cls, old, new):
    expected = cls(**new)
    assert pickle.loads(pickle.dumps(expected)) == expected
    state = {name: value for name, value in vars(cls()).items() if name not in new} | old
    restored = cls.__new__(cls)
    restored.__setstate__(state)
    assert restored == expected


def test_an_old_name_beside_its_new_one_is_refused():
    with pytest.raises(TypeError, match="drop is the old name of gamma"):
        schedules.Step(drop=0.5, gamma=0.5)
