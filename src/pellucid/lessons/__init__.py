"""The tutorials that Pellucid grew from, as scripts to read from top to bottom.

Each module is one lesson that uses only public names of the package, so that a reader can repeat all of it. A lesson
prints its results, explains them in a few sentences, points out errors of its tutorial, and writes its figures. Five
tutorials are followed (`sources`); the settings are theirs, the text and the code are not.

>>> from pellucid import lessons
>>> list(lessons.LESSONS)  # doctest: +NORMALIZE_WHITESPACE
['gradient-descent', 'activations', 'neuron', 'by-hand', 'logistic-regression', 'moons', 'moons-elu',
 'moons-squared-error', 'clouds', 'hidden-sizes', 'digits', 'learning-rate', 'optimizers', 'normalisation', 'symmetry',
 'vanishing-gradients', 'overfitting', 'universal', 'homework']

Run one with ``lessons.run("moons")``, or from a shell with ``pellucid lesson moons``.
"""

from pathlib import Path

from pellucid.lessons import (
    activations,
    by_hand,
    clouds,
    digits,
    gradient_descent,
    hidden_sizes,
    homework,
    learning_rate,
    logistic_regression,
    moons,
    moons_elu,
    moons_squared_error,
    neuron,
    normalisation,
    optimizers,
    overfitting,
    symmetry,
    universal,
    vanishing_gradients,
)
from pellucid.lessons.lesson import Lesson, Settings
from pellucid.maths.registry import unknown_name

__all__ = ["LESSONS", "Lesson", "Settings", "find", "run"]

# In the recommended order of reading.
LESSONS: dict[str, Lesson] = {
    module.LESSON.name: module.LESSON
    for module in (
        gradient_descent,
        activations,
        neuron,
        by_hand,
        logistic_regression,
        moons,
        moons_elu,
        moons_squared_error,
        clouds,
        hidden_sizes,
        digits,
        learning_rate,
        optimizers,
        normalisation,
        symmetry,
        vanishing_gradients,
        overfitting,
        universal,
        homework,
    )
}


def find(name: str) -> Lesson:
    """The lesson of this name, or ValueError with the nearest known names."""
    key = name.strip().lower().replace("_", "-")
    if key not in LESSONS:
        raise ValueError(unknown_name("lesson", name, LESSONS))
    return LESSONS[key]


def run(
    name: str,
    *,
    hidden: int | None = None,
    passes: int | None = None,
    seed: int | None = None,
    out: str | Path | None = None,
    plots: bool = True,
) -> None:
    """Run the lesson `name`; see `Lesson` for the settings."""
    find(name)(hidden=hidden, passes=passes, seed=seed, out=out, plots=plots)
