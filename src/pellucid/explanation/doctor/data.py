"""Illnesses of the data: not finite, not scaled, classes that are drowned."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np

from pellucid.explanation.doctor.case import Case, Finding
from pellucid.explanation.doctor.words import Remedy
from pellucid.explanation.numbers import shown
from pellucid.maths.typing import Array

LARGE = 10.0
"""Inputs or targets whose root mean square is beyond this are not scaled; standardised ones have 1."""

FEWEST = 5
"""Of fewer rows than this, a class says nothing."""

RARE, FREQUENT = 0.25, 0.7
MANY_COLUMNS = 2000
LEAST_ROWS_OF_A_LEAK = 30
NEARLY_ONE = 0.9999


def not_finite(case: Case) -> Iterator[Finding]:
    """NaN or infinity in the inputs, the parameters, the answers or the history."""
    places = []
    bad = int((~np.isfinite(case.X)).sum())
    if bad:
        row, column = (int(i) for i in np.argwhere(~np.isfinite(case.X))[0])
        places.append(f"{bad} input{'s' if bad > 1 else ''}, the first in row {row + 1}, {case.column(column)}")
    for group in case.network.groups:
        broken = int((~np.isfinite(group.of(case.network.theta))).sum())
        if broken:
            elements = "element" if broken == 1 else "elements"
            places.append(f"{broken} {elements} of {group.name} of layer {group.layer + 1}")
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
    are = "is" if len(large) == 1 else "are"
    yield case.finding(
        "unscaled inputs",
        f"{len(large)} of {case.X.shape[1]} input columns {are} far from mean 0 and spread 1: {case.column(worst)} has "
        f"mean {shown(float(case.X[:, worst].mean()))} and spread {shown(spread)}.",
        "The first layer's gradients grow with its inputs: one rate is too high for these columns, too low for the "
        "others; sigmoids and tanh saturate.",
        Remedy("scale"),
        text="subtract each column's mean and divide by its standard deviation",
    )


def unscaled_targets(case: Case) -> Iterator[Finding]:
    """A regression's targets in units that start far from what the network answers."""
    loss = case.network.loss
    if case.scales_itself or loss.task != "regression" or loss.name == "poisson":
        return
    size = float(np.sqrt(np.mean(case.Y.astype(np.float64) ** 2)))
    if size <= LARGE:
        return
    yield case.finding(
        "unscaled targets",
        f"The targets have mean {shown(float(case.Y.mean()))} and spread {shown(float(case.Y.std()))}.",
        "The loss and its gradients grow with the targets (the squared error with their square), and the network first "
        "has to learn their mean.",
        text="standardise the targets and turn predictions back (scikit-learn's TransformedTargetRegressor).",
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
            yield case.finding(
                "class imbalance ignored",
                f"{_capital(case.label(int(number)))} is {shares[number]:.1%} of the rows, and {found:.0%} of its "
                f"{counts[number]} rows are recognised; {case.label(largest)} is {shares[largest]:.1%}.",
                "Answering the frequent class is a cheap way to a low mean loss; accuracy hides it.",
                Remedy("class weight", float(case.n / (np.count_nonzero(counts) * counts[number]))),
                text="more rows of it, judged by balanced accuracy",
            )
            return


def constant_columns(case: Case) -> Iterator[Finding]:
    """Columns that hold one value: they tell nothing."""
    if case.n < 2:
        return
    constant = np.flatnonzero((case.X[0] == case.X).all(axis=0))
    margin = len(constant) <= case.X.shape[1] / 10 and not case.X[0, constant].any()  # of pictures, say: no harm
    if len(constant) and case.X.shape[1] > 1 and not margin:
        value = shown(float(case.X[0, constant[0]]))
        yield case.finding(
            "constant columns",
            f"{_capital(_listed(case, constant))} hold{'s' if len(constant) == 1 else ''} the same value in every row "
            f"({value} in {case.column(int(constant[0]))}).",
            "A column that never changes tells nothing; its weights do the work of a bias, at another speed.",
            Remedy("drop column", _listed(case, constant)),
        )


def duplicate_columns(case: Case) -> Iterator[Finding]:
    """Columns that are equal to another, or its multiple."""
    X = case.X.astype(np.float64)
    if case.n < 3 or not np.isfinite(X).all():
        return
    spread = X.std(axis=0)
    moving = np.flatnonzero(spread > 1e-12 * np.maximum(1.0, np.abs(X).max(axis=0)))
    if len(moving) < 2 or len(moving) > MANY_COLUMNS:
        return
    Z = (X[:, moving] - X[:, moving].mean(axis=0)) / spread[moving]
    alike = np.argwhere(np.triu(np.abs(Z.T @ Z) / case.n > 1 - 1e-9, k=1))
    if len(alike):
        first, second = (int(moving[i]) for i in alike[0])
        more = f" (and {len(alike) - 1} more pairs)" if len(alike) > 1 else ""
        yield case.finding(
            "duplicate columns",
            f"{_capital(case.column(second))} is {case.column(first)} again, up to scale and offset{more}.",
            "What the two say counts twice, in the gradient and in the penalty.",
            Remedy("drop column", case.column(second)),
        )


def leaks(case: Case) -> Iterator[Finding]:
    """A column that gives the answer away all by itself."""
    if case.n < LEAST_ROWS_OF_A_LEAK or case.X.shape[1] < 2 or not np.isfinite(case.X).all():
        return
    telling = [j for j in range(case.X.shape[1]) if _tells_all(case, case.X[:, j].astype(np.float64))]
    if len(telling) == 1 or 0 < len(telling) <= case.X.shape[1] // 4:
        yield case.finding(
            "a column gives the answer away",
            f"{_capital(case.column(telling[0]))} alone tells the target of each of the {case.n} rows.",
            "Where a single column knows the answer, it was often made from it. Is it known before the answer is?",
            Remedy("drop column", case.column(telling[0])),
        )


def _tells_all(case: Case, column: Array) -> bool:
    """Whether the classes lie side by side along a column, or its values are a straight line in a target."""
    truth = case.classes
    if truth is not None:
        counts = np.bincount(truth)
        present = np.flatnonzero(counts)
        if len(present) < 2 or counts[present].min() < 2 * FEWEST:
            return False
        spans = sorted((column[truth == k].min(), column[truth == k].max()) for k in present)
        return all(high < low for (_, high), (low, _) in itertools.pairwise(spans))
    if case.network.loss.task != "regression" or case.Y.shape[1] != 1 or column.std() == 0 or case.Y.std() == 0:
        return False
    return bool(abs(np.corrcoef(column, case.Y[:, 0].astype(np.float64))[0, 1]) > NEARLY_ONE)


def _capital(words: str) -> str:
    return words[0].upper() + words[1:]


def _listed(case: Case, columns: Array) -> str:
    words = ", ".join(case.column(int(j)) for j in columns[:3])
    return words if len(columns) <= 3 else f"{words} and {len(columns) - 3} more"
