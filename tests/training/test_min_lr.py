"""`min_lr`: the smallest learning rate itself, whatever rate a training begins with."""

import copy
import math
import pickle

import numpy as np
import pytest

from pellucid import MLPClassifier, MLPRegressor, Network, schedules
from pellucid.optimizers import Adam, GradientDescent, Momentum

ENGINES = ("reference", "compiled")
WITH_MINIMUM = (schedules.Cosine, schedules.WarmupCosine, schedules.ReduceOnPlateau)
X = np.linspace(-1, 1, 24).reshape(12, 2)
Y = np.arange(12) % 2


def network():
    return Network([2, 3, 2], "tanh").initialize(random_state=0)


def rates(schedule, learning_rate, engine):
    rule = GradientDescent(learning_rate=learning_rate)
    history = network().fit(X, Y, optimizer=rule, schedule=schedule, epochs=8, engine=engine, progress=False)
    return np.array(history["rate"])


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("learning_rate", [0.1, 0.03])
def test_cosine_gives_the_rates_of_cosine_annealing(engine, learning_rate):
    eta_min, T = 0.02, 8
    # PyTorch's recurrence, CosineAnnealingLR.get_lr
    expected = [learning_rate]
    for t in range(1, T):
        share = (1 + math.cos(math.pi * t / T)) / (1 + math.cos(math.pi * (t - 1) / T))
        expected.append(share * (expected[-1] - eta_min) + eta_min)
    found = rates(schedules.Cosine(min_lr=eta_min), learning_rate, engine)
    np.testing.assert_allclose(found, expected, rtol=1e-13)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("learning_rate", [0.1, 0.03])
def test_a_plateau_never_lowers_the_rate_below_min_lr(engine, learning_rate):
    schedule = schedules.ReduceOnPlateau(gamma=0.3, patience=1, min_delta=10.0, min_lr=0.007)
    found = rates(schedule, learning_rate, engine)
    assert found[0] == learning_rate
    assert found.min() == found[-1] == pytest.approx(0.007, rel=1e-15)
    assert found.min() >= 0.007


@pytest.mark.parametrize("learning_rate", [0.1, 0.03])
def test_warmup_cosine_falls_to_min_lr(learning_rate):
    schedule = schedules.WarmupCosine(warmup_ratio=0.25, min_lr=0.01).for_rate(learning_rate)
    assert schedule.factor(0, 8) == 0
    assert schedule.factor(2, 8) == 1
    assert learning_rate * schedule.factor(8, 8) == pytest.approx(0.01, rel=1e-15)


def test_weights_are_those_of_the_same_share():
    by_rate, by_share = network(), network()
    for net, schedule in ((by_rate, schedules.Cosine(min_lr=0.025)), (by_share, schedules.Cosine(min_factor=0.25))):
        net.fit(X, Y, optimizer=Adam(learning_rate=0.1), schedule=schedule, epochs=5, batch_size=5, random_state=0,
                progress=False)  # fmt: skip
    assert (by_rate.theta == by_share.theta).all()


@pytest.mark.parametrize("learning_rate", np.random.default_rng(0).uniform(1e-4, 1.0, 50))
def test_rounding_does_not_lower_the_minimum(learning_rate):
    smallest = learning_rate / 3.1
    schedule = schedules.ReduceOnPlateau(gamma=0.1, min_lr=smallest).for_rate(learning_rate)
    assert smallest <= schedule.lowered(1e-9) * learning_rate <= smallest * (1 + 1e-15)


@pytest.mark.parametrize("cls", WITH_MINIMUM)
def test_repr_copies_and_pickles_keep_it(cls):
    schedule = cls(min_lr=0.01)
    assert "min_lr=0.01" in repr(schedule)
    assert eval(repr(schedule), vars(schedules)) == schedule
    assert pickle.loads(pickle.dumps(schedule)) == copy.deepcopy(schedule) == schedule != cls()
    restored = cls.__new__(cls)
    restored.__setstate__({name: value for name, value in vars(cls()).items() if name != "min_lr"})  # an older pickle
    assert restored == cls()


@pytest.mark.parametrize("cls", WITH_MINIMUM)
def test_it_is_keyword_only_and_excludes_min_factor(cls):
    with pytest.raises(ValueError, match=rf"{cls.__name__} takes min_factor or min_lr, not both, .*0\.1 .*0\.01"):
        cls(min_factor=0.1, min_lr=0.01)
    with pytest.raises(ValueError, match=rf"{cls.__name__} min_lr must be a number >= 0, got -1"):
        cls(min_lr=-1)
    with pytest.raises(TypeError, match="positional argument"):
        cls(*[1] * 5)


@pytest.mark.parametrize("cls", WITH_MINIMUM)
def test_without_a_learning_rate_there_is_no_factor(cls):
    schedule = cls(min_lr=0.01)
    with pytest.raises(ValueError, match=r"min_lr=0\.01.* use \.for_rate\(learning_rate\), or min_factor"):
        schedule.lowered(1.0) if schedule.watches_loss else schedule.factor(50, 100)
    resolved = schedule.for_rate(0.1)
    assert resolved == cls(min_factor=resolved.min_factor)
    assert resolved.for_rate(0.5) is resolved
    assert cls(min_lr=0.0).for_rate(0.1) == cls()


@pytest.mark.parametrize("cls", WITH_MINIMUM)
def test_a_minimum_above_the_learning_rate_is_refused_before_training(cls):
    untrained = Network([2, 3, 2], "tanh")
    with pytest.raises(ValueError, match=rf"{cls.__name__} min_lr must be at most the learning rate, 0\.01, got 0\.1"):
        untrained.fit(X, Y, optimizer=Adam(learning_rate=0.01), schedule=cls(min_lr=0.1), epochs=2)
    assert not untrained.initialized


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("learning_rate", [0.1, 0.02])
def test_it_holds_after_continuing_with_another_learning_rate(engine, learning_rate):
    schedule = schedules.ReduceOnPlateau(gamma=0.1, patience=1, min_delta=10.0, min_lr=0.01)
    options = {"schedule": schedule, "engine": engine, "progress": False}
    net = network()
    state = net.fit(X, Y, optimizer=Momentum(learning_rate=0.2), epochs=5, **options).state
    history = net.fit(X, Y, optimizer=Momentum(learning_rate=learning_rate), epochs=9, resume=state, **options)
    assert min(history["rate"]) >= 0.01
    assert history["rate"][-1] == pytest.approx(0.01)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_run_in_two_parts_equals_one(engine):
    options = {"optimizer": Adam(learning_rate=0.05), "schedule": schedules.Cosine(min_lr=0.01), "engine": engine,
               "batch_size": 5, "progress": False}  # fmt: skip
    whole, part = network(), network()
    whole.fit(X, Y, epochs=6, random_state=1, **options)
    paused = part.fit(X, Y, epochs=6, random_state=1, callbacks=[lambda run: run.epoch >= 3 and run.stop()], **options)
    part.fit(X, Y, epochs=6, resume=paused.state, **options)
    assert (part.theta == whole.theta).all()


@pytest.mark.parametrize("kind", [MLPClassifier, MLPRegressor])
def test_estimators_take_it(kind):
    options = {"hidden_layer_sizes": (3,), "max_iter": 6, "random_state": 0, "learning_rate_init": 0.04}
    by_rate, by_share = (
        kind(learning_rate=schedule, **options).fit(X, Y)
        for schedule in (schedules.Cosine(min_lr=0.01), schedules.Cosine(min_factor=0.25))
    )
    assert by_rate.loss_curve_ == by_share.loss_curve_
    halves = [kind(learning_rate=whole.learning_rate, **options) for whole in (by_rate, by_share)]
    for _ in range(3):
        for half in halves:
            half.partial_fit(X, Y, **({"classes": [0, 1]} if kind is MLPClassifier else {}))
    assert halves[0].loss_curve_ == halves[1].loss_curve_
    with pytest.raises(ValueError, match=r"min_lr must be at most the learning rate, 0\.04, got 1"):
        kind(learning_rate=schedules.Cosine(min_lr=1), **options).fit(X, Y)
    # The rate that counts is that of a solver with options of its own.
    kind(learning_rate=schedules.Cosine(min_lr=1), solver=GradientDescent(learning_rate=1.5), **options).fit(X, Y)
