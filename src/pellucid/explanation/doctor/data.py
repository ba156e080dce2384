"""Illnesses of the data: not finite, not scaled, classes that are drowned."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from pellucid.explanation.doctor.case import Case, Finding
from pellucid.explanation.numbers import shown

LARGE = 10.0
"""Inputs or targets whose root mean square is beyond this are not scaled; standardised ones have 1."""

FEWEST = 5
"""Of fewer rows than this, a class says nothing."""

RARE, FREQUENT = 0.25, 0.7


def not_finite(case: Case) -> Iterator[Finding]:
    """NaN or infinity in the inputs, the parameters, the answers or the history."""
    places = []
    bad = int((~np.isfinite(case.X)).sum())
    if bad:
        row, column = (int(i) for i in np.argwhere(~np.isfinite(case.X))[0])
        places.append(f"{bad} input(s), the first in row {row}, column {column}")
    for group in case.network.groups:
        broken = int((~np.isfinite(group.of(case.network.theta))).sum())
        if broken:
            places.append(f"{broken} element(s) of {group.name} of layer {group.layer + 1}")
    if case.passed is not None:
        for i, Z in enumerate(case.passed.Z):
            if not (np.isfinite(Z).all() and np.isfinite(case.passed.A[i]).all()):
                places.append(f"the outputs of layer {i + 1}")
                break
    if case.history is not None:
        losses = np.array(case.history["loss"], dtype=np.float64)
        if not np.isfinite(losses).all():
            places.append(f"the loss of epoch {int(np.flatnonzero(~np.isfinite(losses))[0]) + 1}")
    if places:
        yield Finding(
            "non-finite values",
            f"NaN or infinity in {', '.join(places)}.",
            "Every number that is computed from one becomes NaN, too, and nothing is learned from then on.",
            "fill or drop missing inputs; for parameters, a smaller learning rate and scaled inputs.",
        )


def unscaled_inputs(case: Case) -> Iterator[Finding]:
    """Columns far from standardised."""
    with np.errstate(all="ignore"):
        sizes = np.sqrt(np.mean(case.X.astype(np.float64) ** 2, axis=0))
    large = np.flatnonzero(sizes > LARGE)
    if case.scales_itself or not len(large):
        return
    worst = int(large[sizes[large].argmax()])
    spread = float(case.X[:, worst].std())
    yield Finding(
        "unscaled inputs",
        f"{len(large)} of {case.X.shape[1]} input columns are far from mean 0 and spread 1: column {worst} has mean "
        f"{shown(float(case.X[:, worst].mean()))} and spread {shown(spread)}.",
        "The first layer's gradients grow with its inputs: one rate is too high for these columns, too low for the "
        "others; sigmoids and tanh saturate.",
        "subtract each column's mean and divide by its standard deviation (scikit-learn's StandardScaler), learned on "
        "the training rows.",
    )


def unscaled_targets(case: Case) -> Iterator[Finding]:
    """A regression's targets in units that start far from what the network answers."""
    loss = case.network.loss
    if case.scales_itself or loss.task != "regression" or loss.name == "poisson":
        return
    size = float(np.sqrt(np.mean(case.Y.astype(np.float64) ** 2)))
    if size <= LARGE:
        return
    yield Finding(
        "unscaled targets",
        f"The targets have mean {shown(float(case.Y.mean()))} and spread {shown(float(case.Y.std()))}.",
        "The loss and its gradients grow with the targets (the squared error with their square), and the network first "
        "has to learn their mean.",
        "standardise the targets and turn predictions back (scikit-learn's TransformedTargetRegressor).",
    )


def ignored_classes(case: Case) -> Iterator[Finding]:
    """A rare class that is hardly ever answered beside a frequent one."""
    truth = case.classes
    if truth is None or case.passed is None or case.weight is not None:
        return
    answers = np.asarray(case.network.decide(case.passed.output)).reshape(-1)
    counts = np.bincount(truth, minlength=max(2, case.network.n_outputs))
    shares = counts / case.n
    largest = int(shares.argmax())
    if shares[largest] < FREQUENT:
        return
    for number in np.flatnonzero((counts >= FEWEST) & (shares < RARE)):
        rows = truth == number
        found = float((answers[rows] == number).mean())
        if found < 0.2:
            yield Finding(
                "class imbalance ignored",
                f"Class {number} is {shares[number]:.1%} of the rows, and {found:.0%} of its {counts[number]} rows are "
                f"recognised; class {largest} is {shares[largest]:.1%}.",
                "Answering the frequent class is a cheap way to a low mean loss; accuracy hides it.",
                f"sample_weight (n / (classes × count): {case.n / (np.count_nonzero(counts) * counts[number]):.3g} for "
                "this class), or more rows of it; judge by balanced accuracy.",
            )
            return
