import pickle

import pytest

from pellucid import activations, optimizers, schedules

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
    (activations.LeakyReLU, {"slope": 0.2}, {"negative_slope": 0.2}),
    (
        optimizers.LBFGS,
        {"memory": 3, "tolerance": 1e-3, "relative_change": 1e-9, "max_evaluations": 7},
        {"history_size": 3, "tolerance_grad": 1e-3, "tolerance_change": 1e-9, "max_eval": 7},
    ),
    (optimizers.RMSProp, {"decay": 0.5}, {"rho": 0.5}),
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
