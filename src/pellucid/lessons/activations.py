"""Activation functions beside their derivatives, and the softmax that turns scores into probabilities."""

import numpy as np

from pellucid import activations, plots
from pellucid.lessons import sources
from pellucid.lessons.lesson import Lesson, Settings
from pellucid.lessons.page import heading, say

PLACES = np.array([[-5.0], [0.0], [0.5], [5.0]])


def run(settings: Settings) -> None:
    """Tabulate, check and draw every activation the library knows."""
    say("""
        A layer without an activation is a linear map, and linear maps in a row are one linear map again: however
        deep, such a network draws straight lines. The activation bends them. Training needs its derivative too: what
        a unit learns from a sample is multiplied by its slope there. Where the slope is 0, it learns nothing.
        """)

    heading("Values and slopes")
    elementwise = [cls() for _, cls in sorted(activations.ACTIVATIONS.items()) if cls.elementwise]
    print(f"{'':12}{'f(−5)':>9}{'f(0)':>9}{'f(0.5)':>9}{'f(5)':>10}{'slope at 0.5':>14}{'error':>10}")
    for function in elementwise:
        low, zero, half, high = function.value(PLACES)[:, 0]
        step, z = 1e-5, np.array([[0.5]])
        slope = function.derivative(z, function.value(z))[0, 0]
        measured = (function.value(z + step)[0, 0] - function.value(z - step)[0, 0]) / (2 * step)
        error = abs(slope - measured)
        print(f"{function.name:12}{low:9.4f}{zero:9.4f}{half:9.4f}{high:10.4f}{slope:14.6f}{error:10.0e}")
    say("""

        The last column is a check that every derivative should pass: the slope by the formula is compared with the
        slope measured between z − 0.00001 and z + 0.00001. One tutorial codes ELU's slope as 0 for z > 0, beside its
        own formula that says 1; here that would be an error of 1, and the lesson moons-elu shows what it costs.

        Sigmoid and tanh flatten out on both sides: a unit with a large |z| is saturated and hardly learns. One
        tutorial says that the sigmoid is close to 1 for an input above 0.5. It is not: σ(0.5) ≈ 0.62, and it takes
        z ≈ 4.6 to reach 0.99.
        """)

    heading("Softmax: scores to probabilities")
    scores = np.array([[5.0, 1.0, 1.0]])
    probabilities = activations.Softmax().value(scores)[0]
    print("softmax(5, 1, 1) =", "  ".join(f"{p:.8f}" for p in probabilities), f"  sum {probabilities.sum():.8f}")
    say("""

        Each score's exponential, over the sum of them all: positive numbers that add up to 1, the largest score
        with the largest share. Only the differences between scores count, so the largest score may be subtracted from
        all of them first. Without that, large scores overflow:
        """)
    large = scores + 1000.0
    with np.errstate(over="ignore", invalid="ignore"):
        naive = np.exp(large) / np.exp(large).sum()
    print("\nsoftmax(1005, 1001, 1001)")
    print("  as the tutorials write it:", "  ".join(f"{p:.8f}" for p in naive[0]))
    print("  here:                     ", "  ".join(f"{p:.8f}" for p in activations.Softmax().value(large)[0]))
    say("""

        exp(1000) is infinite in floating point, and infinity divided by infinity is not a number. The sigmoid has
        the same problem at −1000, and so has a loss that takes the logarithm of a probability that was rounded to 0.
        The library's sigmoid, softmax and losses are written so that they are right for every finite score.
        """)

    if settings.plots:
        settings.save(plots.activations(elementwise), "activations.png")
        settings.save(plots.activation(activations.Sigmoid(), span=(-10, 10)), "sigmoid.png")


LESSON = Lesson(
    name="activations",
    title="Activation functions and softmax",
    source=f"{sources.CLOUDS}; {sources.NEURON}",
    run=run,
)
