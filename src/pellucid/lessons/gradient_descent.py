"""Gradient descent on f(x, y) = x²+y²: the whole idea of training, on a function one can see."""

import numpy as np
from numpy.typing import NDArray

from pellucid import optimizers, plots
from pellucid.lessons import sources
from pellucid.lessons.lesson import Lesson, Settings
from pellucid.lessons.page import count, heading, say, when


def f(point: NDArray[np.float64]) -> float:
    """The function: a bowl with its lowest point, 0, at the origin."""
    return float(point @ point)


def slope(point: NDArray[np.float64]) -> NDArray[np.float64]:
    """Its gradient (2x, 2y), which points straight uphill."""
    return 2.0 * point


def descend(start: NDArray[np.float64], rate: float, steps: int) -> NDArray[np.float64]:
    """All points of a descent, the start first: (steps + 1, 2). The optimizer is the one that trains networks."""
    optimizer = optimizers.GradientDescent(rate)
    point, path = start.copy(), [start.copy()]
    state = optimizer.init(point)
    for _ in range(steps):
        optimizer.step(point, slope(point), state, rate)
        path.append(point.copy())
    return np.array(path)


def run(settings: Settings) -> None:
    """Walk down a bowl, then see what the rate does."""
    say("""
        To learn is to make a number smaller: the loss, a function of all weights. Gradient descent does it with one
        move, repeated. Ask for the gradient, the direction in which the function grows fastest, and take a small step
        the other way. Here the function is x²+y², so that every step can be checked by hand.

            point ← point − rate · gradient          gradient of x²+y² = (2x, 2y)
        """)

    heading(f"{count(settings.passes, 'step')} at rate 0.01")
    start = np.random.RandomState(settings.seed).rand(2)
    path = descend(start, 0.01, settings.passes)
    print(f"{'step':>6}  {'x':>12}  {'y':>12}  {'f(x, y)':>12}")
    for step in sorted({0, 1, 10, 100, settings.passes // 2, settings.passes}):
        if step <= settings.passes:
            print(f"{step:6d}  {path[step, 0]:12.4e}  {path[step, 1]:12.4e}  {f(path[step]):12.4e}")
    end, by_formula = f(path[-1]), f(start) * 0.98 ** (2 * settings.passes)
    say(
        f"""

        A step multiplies the point by 1 − 2 · 0.01 = 0.98, so n steps multiply f by 0.98²ⁿ. After
        {count(settings.passes, "step")} that is {f(start):.4f} · 0.98^{2 * settings.passes} = {by_formula:.4e},
        """,
        when(f"{by_formula:.4e}" == f"{end:.4e}", "which is what the loop found.", f"and the loop found {end:.4e}."),
        when(
            end > 0.0,
            "The gradient gets small near the minimum, so the steps do too: the path slows down, and is not quite "
            "there.",
            "The path came so close to the minimum that f is smaller than any number a computer holds, and is "
            "rounded to 0.",
        ),
    )
    exact = descend(np.array([0.54, 0.71]), 0.01, settings.passes)[-1]
    say(f"""

        The tutorial gives its start as (0.54, 0.71). Its seed, 0, draws (0.5488, 0.7152): cut, not rounded. From
        exactly (0.54, 0.71) the walk ends at f = {f(exact):.4e}.
        """)

    heading("The rate decides everything")
    print(f"{'rate':>6}  {'factor':>7}  {'f after 50 steps':>17}")
    for rate, what in (
        (0.01, "safe and slow"),
        (0.1, "ten times as fast"),
        (0.5, "this bowl's perfect rate: one step, and there"),
        (0.9, "jumps over the minimum each time, and still gets there"),
        (1.0, "jumps to the mirror image and back, for ever"),
        (1.1, "each jump lands higher: the run diverges"),
    ):
        print(f"{rate:6.2f}  {1 - 2 * rate:7.2f}  {f(descend(start, rate, 50)[-1]):17.4e}  {what}")
    say("""

        The limit is set by how steeply the bowl curves: here the second derivative is 2 and any rate below 2/2 = 1
        works. A network's loss curves differently in each direction and at each point, so its limit is not known
        beforehand; when a training run blows up, the rate is the first suspect.
        """)

    if settings.plots:
        settings.save(plots.descent(f, path, title="x²+y², rate 0.01"), "path.png")
        axes = plots.loss_curve([f(point) for point in path], log=True, x="step", y="f(x, y)", title="rate 0.01")
        settings.save(axes, "values.png")


LESSON = Lesson(
    name="gradient-descent",
    title="Gradient descent on x² + y²",
    source=sources.CLOUDS,
    run=run,
    defaults={"passes": 1000, "seed": 0},
)
