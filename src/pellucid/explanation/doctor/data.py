"""Problems of the data: non-finite or unscaled values, constant, duplicate or leaking columns, ignored classes."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from pellucid.explanation.doctor.case import Case, Finding
from pellucid.explanation.doctor.probe import standardised
from pellucid.explanation.doctor.remedies import Remedy
from pellucid.explanation.numbers import format_number
from pellucid.maths.typing import Array
from pellucid.training.history import History

LARGE = 10.0
"""Root mean square above which inputs or targets count as unscaled; standardised ones have 1."""

MIN_CLASS_ROWS = 5
"""Rows of a class needed to judge it."""

RARE, FREQUENT = 0.25, 0.7

MIN_ROWS = 30
"""Rows needed to look for leaks and missing signal: with fewer, both happen by chance."""

MIN_ROWS_IF_RARE = 150
"""The same if classes are imbalanced, counted after subsampling the frequent class."""

WIDE = 30
"""Number of columns from which on columns of zeros are usual (pixels, word counts) and harmless."""

OUTLYING = 100.0
"""Distance from the median, in (normal) standard deviations, above which a value is an outlier."""

MAX_NAMED = 5
"""Columns to name in one sentence."""


def not_finite(case: Case) -> Iterator[Finding]:
    """NaN or infinity in the inputs, the parameters, the outputs or the history."""
    places, remedies = [], []
    bad = int((~np.isfinite(case.X)).sum())
    if bad:
        row, column = (int(i) for i in np.argwhere(~np.isfinite(case.X))[0])
        places.append(f"{bad} input(s), the first in row {row + 1}, column {case.column(column)}")
        remedies.append(Remedy("fill_missing"))
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
        if len(places) > len(remedies):
            remedies += [*smaller_rate(case), Remedy("scale_inputs")]
        yield Finding(
            "non-finite values",
            f"NaN or infinity in {', '.join(places)}.",
            "Every number computed from these becomes NaN, too, and nothing is learned from then on.",
            tuple(remedies),
            {"inputs": bad},
        )


def near_overflow(case: Case) -> Iterator[Finding]:
    """A finite loss that is absurdly large."""
    sizes = [] if case.loss is None else [case.loss]
    if case.history is not None:
        sizes += [loss for loss in case.history["loss"] if loss is not None]
    finite = [size for size in sizes if np.isfinite(size)]
    scale = float(np.abs(case.Y).max()) if np.isfinite(case.Y).all() else 1.0
    usual = max(1.0, scale) ** 2 if scale < 1e100 else 1e200
    largest = max(finite, default=0.0)
    if largest > 1e12 * usual or largest > 1e100:
        remedies = []
        with np.errstate(all="ignore"):
            if not case.scales_itself and np.abs(case.Y).max() > 1e3:
                remedies.append(Remedy("scale_targets"))
            if not case.scales_itself and np.abs(case.X).max() > 1e3:
                remedies.append(Remedy("scale_inputs"))
        if not remedies:
            rising = len(sizes) > 2 and sizes[-1] > 10 * sizes[1]
            remedies = smaller_rate(case) if rising else [Remedy("initializer", initializer_for(case))]
        yield Finding(
            "loss near overflow",
            f"The loss reached {format_number(largest)}; numbers end at 1.8e+308, and squares overflow beyond 1e+154.",
            "Parameters or targets are so large that the next step may overflow; nothing is learned from such steps.",
            tuple(remedies),
            {"largest loss": largest},
        )


def smaller_rate(case: Case) -> list[Remedy]:
    """A tenth of the current learning rate, if the history has it."""
    rate = case.history["rate"][-1] if case.history is not None and len(case.history) else None
    return [] if rate is None else [Remedy("learning_rate", float(rate) / 10)]


def initializer_for(case: Case) -> str:
    """An initializer that suits the hidden activations."""
    bounded = all(np.isfinite(spec.activation.image).all() for spec in case.network.specs[:-1])
    return "xavier_uniform" if bounded else "he_normal"


def unscaled_inputs(case: Case) -> Iterator[Finding]:
    """Columns that are far from standardised."""
    with np.errstate(all="ignore"):
        sizes = np.sqrt(np.mean(case.X.astype(np.float64) ** 2, axis=0))
    large = np.flatnonzero(sizes > LARGE)
    if case.scales_itself or not len(large):
        return
    worst = int(large[sizes[large].argmax()])
    if any(outliers(case)) and all(_usual_size(case.X[:, i]) <= LARGE for i in large):
        return
    with np.errstate(all="ignore"):
        mean, spread = float(case.X[:, worst].mean()), float(case.X[:, worst].std())
    yield Finding(
        "unscaled inputs",
        f"{len(large)} of {case.X.shape[1]} input columns are far from mean 0 and standard deviation 1: column "
        f"{case.column(worst)} has mean {format_number(mean)} and standard deviation {format_number(spread)}.",
        "The first layer's gradients grow with its inputs: one learning rate is too high for these columns and too low "
        "for the others; sigmoids and tanh saturate.",
        (Remedy("scale_inputs"),),
        {"columns": len(large), "mean": mean, "spread": spread},
    )


def _usual_size(column: Array) -> float:
    """The median of |x|, which is robust to single errors."""
    return float(np.median(np.abs(column)))


def unscaled_targets(case: Case) -> Iterator[Finding]:
    """Regression targets that are far too large or far too small for a network that starts near 0."""
    loss = case.network.loss
    if case.scales_itself or loss.task != "regression" or loss.name == "poisson":
        return
    with np.errstate(all="ignore"):
        size = float(np.sqrt(np.mean(case.Y.astype(np.float64) ** 2)))
        mean, spread = float(case.Y.mean()), float(case.Y.std())
    if not (size > LARGE or 0 < size < 1e-3):
        return
    yield Finding(
        "unscaled targets",
        f"The targets have mean {format_number(mean)} and standard deviation {format_number(spread)}.",
        "The loss and its gradients grow with the targets (the squared error with their square), and the network first "
        "has to learn their mean; targets far below 1 vanish beside the initial outputs.",
        (Remedy("scale_targets"),),
        {"mean": mean, "spread": spread},
    )


def outliers(case: Case) -> Iterator[Finding]:
    """Single values that are far from all others in their column."""
    if case.n < MIN_ROWS or not np.isfinite(case.X).all():
        return
    X = case.X.astype(np.float64)
    middle = np.median(X, axis=0)
    with np.errstate(all="ignore"):
        quartiles = np.quantile(X, [0.25, 0.75], axis=0)
        spread = (quartiles[1] - quartiles[0]) / 1.35
        distance = np.where(spread > 0, np.abs(X - middle) / np.where(spread > 0, spread, 1), 0)
    far = distance > OUTLYING
    if 0 < far.sum() <= max(1, 0.02 * case.n):
        row, column = (int(i) for i in np.unravel_index(int(distance.argmax()), distance.shape))
        yield Finding(
            "outliers",
            f"{int(far.sum())} input(s) are far from all others: {format_number(X[row, column])} in row {row + 1} "
            f"(X[{row}]), column {case.column(column)}, is {distance[row, column]:.0f} times the usual deviation away "
            f"from the median, {format_number(middle[column])}.",
            "One such value dominates the scale of its column and the gradient.",
            (Remedy("check_values"),),
            {"count": int(far.sum()), "distance": float(distance[row, column])},
        )


def constant_columns(case: Case) -> Iterator[Finding]:
    """Columns with a single value; columns of zeros in a wide table are not reported."""
    if case.n < 2 or not np.isfinite(case.X).all():
        return
    constant = (case.X[0] == case.X).all(axis=0)
    if case.X.shape[1] >= WIDE:
        constant &= case.X[0] != 0
    columns = np.flatnonzero(constant)
    if len(columns):
        names = _named(case, columns)
        value = float(case.X[0, columns[0]])
        yield Finding(
            "constant columns",
            f"{len(columns)} of {case.X.shape[1]} input columns have the same value in all {case.n} rows: {names} "
            f"(the first: {format_number(value)}).",
            "They carry no information: to the network they act as a second bias.",
            (Remedy("drop_columns", tuple(case.column(int(i)) for i in columns)),),
            {"columns": len(columns)},
        )


def duplicate_columns(case: Case) -> Iterator[Finding]:
    """Columns that are equal up to their scale."""
    if case.n < MIN_CLASS_ROWS or not np.isfinite(case.X).all() or not 2 <= case.X.shape[1] <= 2000:
        return
    varying = np.flatnonzero((case.X[0] != case.X).any(axis=0))
    if case.n < max(MIN_CLASS_ROWS, 8):
        return
    Z = standardised(case.X[:, varying])
    if Z.shape[1] != len(varying):
        return
    alike = np.triu(Z.T @ Z / case.n > 1 - 1e-9, 1)
    # Pixels that differ from 0 in one or two rows only may be equal by chance.
    pairs = [
        (i, j) for i, j in np.argwhere(alike).tolist() if _rows_off_mode(Z[:, j]) >= min(MIN_CLASS_ROWS, case.n // 4)
    ]
    if pairs:
        firsts: dict[int, int] = {}
        for i, j in pairs:
            firsts.setdefault(int(varying[j]), int(varying[i]))
        copies = sorted(firsts)
        listed = ", ".join(f"{case.column(j)} of {case.column(firsts[j])}" for j in copies[:MAX_NAMED])
        yield Finding(
            "duplicate columns",
            f"{len(copies)} of {case.X.shape[1]} input columns are copies of others, up to their scale: {listed}"
            f"{' …' if len(copies) > MAX_NAMED else ''}.",
            "Duplicated information counts twice: the penalty and the learning rate act differently on it, and the "
            "weights of copies cannot be interpreted.",
            (Remedy("drop_columns", tuple(case.column(j) for j in copies)),),
            {"columns": len(copies)},
        )


def _rows_off_mode(column: Array) -> int:
    """Number of rows whose value is not the most frequent one."""
    return int(len(column) - np.unique(column, return_counts=True)[1].max())


def leak(case: Case) -> Iterator[Finding]:
    """A column that determines the target alone, while most others do not."""
    if case.n < MIN_ROWS or case.X.shape[1] < 2 or not np.isfinite(case.X).all():
        return
    found = [i for i in range(case.X.shape[1]) if _gives_away(case, case.X[:, i].astype(np.float64))]
    if not found or len(found) > max(1, case.X.shape[1] // 2):
        return
    names = _named(case, np.array(found))
    yield Finding(
        "a column gives the answer away",
        f"{'Each of the columns' if len(found) > 1 else 'Column'} {names} alone determines the target in all {case.n} "
        "rows.",
        "Is it known before the target is? If it is derived from the target, scores look perfect here and mean nothing "
        "for new rows.",
        (Remedy("drop_columns", tuple(case.column(i) for i in found)),),
        {"columns": len(found)},
    )


def _gives_away(case: Case, column: Array) -> bool:
    """Whether classes form tight, well separated clusters in the column, or the target is a linear or monotone
    function of it.
    """
    spread = column.std()
    if not np.isfinite(spread) or spread == 0:
        return False
    classes = case.classes
    if classes is None:
        if case.network.loss.task != "regression" or case.Y.shape[1] != 1 or case.Y.std() == 0:
            return False
        truth = case.Y[:, 0].astype(np.float64)
        ranks = (_ranks(column), _ranks(truth))
        straight = abs(float(np.corrcoef(column, truth)[0, 1]))
        monotone = abs(float(np.corrcoef(*ranks)[0, 1])) if len(np.unique(column)) > case.n / 2 else 0.0
        return max(straight, monotone) > 0.9995
    numbers, counts = np.unique(classes, return_counts=True)
    if len(numbers) < 2 or counts.min() < 2:
        return False
    means = np.array([column[classes == number].mean() for number in numbers])
    within = max(float(column[classes == number].std()) for number in numbers)
    gap = float(np.diff(np.sort(means)).min())
    return gap > 0 and within < 0.06 * gap


def _ranks(values: Array) -> Array:
    ranks: Array = np.argsort(np.argsort(values, kind="stable"), kind="stable").astype(np.float64)
    return ranks


def no_signal(case: Case) -> Iterator[Finding]:
    """Reference models predict the targets no better than shuffled targets."""
    probe = case.signal
    if case.n < MIN_ROWS or probe is None or probe.has_signal:
        return
    if case.is_imbalanced and probe.n < MIN_ROWS_IF_RARE:
        return
    history = case.history
    if history is not None and history.has_validation and _validates(case, history):
        return
    chance = max(probe.by_chance)
    scores = f"it explains {max(0.0, probe.curve):.1%} of their variance in held-out rows, against up to {chance:.1%} "
    yield Finding(
        "labels without a signal",
        f"Neither a linear nor a smooth nonlinear model of {probe.n} rows predicts the targets better than shuffled "
        f"targets: {scores}of shuffled ones.",
        "From such rows the network can only memorise; nothing carries over to new rows.",
        (Remedy("check_labels"), Remedy("other_columns"), Remedy("more_rows")),
        {"explained": probe.curve, "by chance": chance},
    )


def _validates(case: Case, history: History) -> bool:
    """Whether the validation loss fell clearly below its start, or for classes below the baseline."""
    watched = np.array(history["validation_loss"], dtype=np.float64)
    if not np.isfinite(watched).all():
        return False
    baseline = np.median(watched[:1]) if case.classes is None else baseline_loss(case)
    return bool(np.min(watched) < 0.8 * baseline)


def baseline_loss(case: Case) -> float:
    """The loss of the best constant prediction: the class frequencies, or the mean of the targets."""
    classes = case.classes
    Y = case.Y.astype(np.float64)
    with np.errstate(all="ignore"):
        if classes is not None and case.network.loss.name in ("cross_entropy", "binary_cross_entropy"):
            shares = np.bincount(classes) / case.n
            shares = shares[shares > 0]
            return float(-(shares * np.log(shares)).sum())
        if case.network.loss.task == "classification":
            return float(np.log(2) * case.network.n_outputs)
        return float(0.5 * ((Y - Y.mean(axis=0)) ** 2).sum(axis=1).mean())


def ignored_classes(case: Case) -> Iterator[Finding]:
    """A rare class that is hardly ever predicted, next to a frequent one."""
    truth = case.classes
    if truth is None or case.passed is None or case.weight is not None:
        return
    predicted = np.asarray(case.network.decide(case.passed.output)).reshape(-1)
    counts = np.bincount(truth, minlength=max(2, case.network.n_outputs))
    shares = counts / case.n
    largest = int(shares.argmax())
    if shares[largest] < FREQUENT:
        return
    for number in np.flatnonzero((counts >= MIN_CLASS_ROWS) & (shares < RARE)):
        rows = truth == number
        found = float((predicted[rows] == number).mean())
        if found < 0.2:
            weight = case.n / (np.count_nonzero(counts) * counts[number])
            yield Finding(
                "class imbalance ignored",
                f"Class {case.class_name(int(number))} is {shares[number]:.1%} of the rows, and {found:.0%} of its "
                f"{counts[number]} rows are recognised; class {case.class_name(largest)} is {shares[largest]:.1%}.",
                "Predicting the frequent class is an easy way to a low mean loss, and accuracy hides it. Evaluate with "
                "balanced accuracy.",
                (Remedy("class_weight", f"{weight:.3g}"), Remedy("more_rows")),
                {"share": float(shares[number]), "recognised": found},
            )
            return


def _named(case: Case, columns: Array) -> str:
    """Names of the first few columns, for a sentence."""
    names = [case.column(int(i)) for i in columns[:MAX_NAMED]]
    return ", ".join(names) + (" …" if len(columns) > MAX_NAMED else "")
