"""Second half of the derivation: δ layer by layer, the gradients, their check, and the optimizer's step.

Each formula appears three times: in general, with the derivative of this activation, and with numbers.
"""

from __future__ import annotations

import numpy as np

from pellucid.explanation import operations
from pellucid.explanation.document import CLOSE, OPEN, Block, Formula, Grid, Heading, Prose, Table, numbers, table
from pellucid.explanation.numbers import as_latex, format_number
from pellucid.explanation.step import Step
from pellucid.explanation.symbols import glossary, options, symbol
from pellucid.explanation.views import Views, upper
from pellucid.gradcheck.finite_differences import DerivativeEstimate
from pellucid.gradcheck.verdicts import GradientCheck, GroupCheck, compare
from pellucid.maths.typing import Array
from pellucid.optimizers import SecondOrder

TOLERANCE = 1e-6
"""Largest relative error at which an element agrees, beyond what rounding explains."""

MAX_FULL_CHECK_WORK = 200_000
"""Check every parameter by differences if parameters × rows × parameters is at most this; else only those displayed."""


def backward_pass(step: Step, views: Views) -> list[Block]:
    """δ and the gradients of each layer, from the last layer to the first; then the gradient check."""
    last = len(step.network.layers) - 1
    blocks: list[Block] = [
        Heading("Backward: from the loss to every parameter"),
        Prose(
            r"Let $\delta = \partial J / \partial Z$, the gradient of $J$ at the pre-activations. It is computed at "
            "the last layer first; the chain rule then takes it from each layer to the one below."
        ),
        Heading(f"Layer {last + 1}, the last", 3),
        *_last_delta(step, views),
        *_gradients(step, views, last),
    ]
    for i in range(last - 1, -1, -1):
        blocks += [Heading(f"Layer {i + 1}", 3), *_delta(step, views, i), *_gradients(step, views, i)]
    return [*blocks, *check(step, views)]


def _last_delta(step: Step, views: Views) -> list[Block]:
    last = len(step.network.layers) - 1
    layer, loss = step.network.layers[-1], step.objective.loss
    Z, A, delta = upper("Z", last), upper("A", last), upper(r"\delta", last)
    f = layer.activation
    scale, scale_grid = _scale(step, views)
    outputs = views.rows(A, step.forward_pass.output, last + 1)
    result = views.rows(delta, step.gradient.deltas[last], last + 1)
    if loss.is_canonical_with(f):
        name = loss.name.replace("_", " ")
        return [
            Formula(rf"{delta} = {scale} \frac{{\partial \ell}}{{\partial {Z}}}"),
            Prose(f"{name.capitalize()} and {f.name} are a canonical pair: the activation's derivative cancels, and"),
            Formula(rf"\frac{{\partial \ell}}{{\partial {Z}}} = {A} - Y,\quad {delta} = {scale} ({A} - Y)"),
            numbers(*scale_grid, OPEN, outputs, "-", views.rows("Y", step.Y, last + 1), CLOSE, "=", result),
        ]
    with np.errstate(all="ignore"):
        slope = loss.gradient(step.Y, step.forward_pass.output)
        derivative = f.derivative(step.forward_pass.Z[last], step.forward_pass.output)
    G = views.rows(r"\partial \ell / \partial A", slope, last + 1)
    blocks: list[Block] = [Formula(rf"{delta} = {scale} f'({Z}) \odot \frac{{\partial \ell}}{{\partial {A}}}")]
    if not f.elementwise:
        return [
            Formula(rf"{delta} = {scale} \frac{{\partial \ell}}{{\partial {A}}} \frac{{\partial {A}}}{{\partial {Z}}}"),
            Formula(
                rf"\frac{{\partial \ell}}{{\partial a_j}} = {loss.gradient_formula},\quad "
                rf"\frac{{\partial a_j}}{{\partial z_i}} = {f.derivative_formula}"
            ),
            Prose("Each output depends on its whole row, so the derivative is one matrix per sample:"),
            numbers(outputs, "", G, r"\rightarrow", result),
        ]
    return [
        *blocks,
        Formula(
            rf"\frac{{\partial \ell}}{{\partial a_j}} = {loss.gradient_formula},\quad f'(z) = {f.derivative_formula}"
        ),
        numbers(*scale_grid, views.rows(f"f'({Z})", derivative, last + 1), r"\odot", G, "=", result),
    ]


def _scale(step: Step, views: Views) -> tuple[str, tuple[Grid | str, ...]]:
    """Factor on each sample's loss in J, as a formula and as numbers."""
    if step.weight is not None:
        return r"s \odot", (views.column("s", step.scales), r"\odot")
    if step.objective.reduction == "sum" or len(step.X) == 1:
        return "", ()
    fraction = rf"\frac{{1}}{{{len(step.X)}}}"
    return fraction, (fraction,)


def _delta(step: Step, views: Views, i: int) -> list[Block]:
    """δ of a hidden layer, from the δ of the layer above."""
    layer, above = step.network.layers[i], step.network.layers[i + 1]
    if not (operations.is_affine(layer) and operations.is_affine(above)):
        return _delta_of_operation(step, views, i)
    f, forward_pass = layer.activation, step.forward_pass
    Z, delta, delta_above, W = upper("Z", i), upper(r"\delta", i), upper(r"\delta", i + 1), upper("W", i + 1)
    mask = None if forward_pass.masks is None else forward_pass.masks[i]
    M = rf" \odot {upper('M', i)}" if mask is not None else ""
    with np.errstate(all="ignore"):
        slope = f.derivative(forward_pass.Z[i], forward_pass.H[i])
    slope_name = f"f'({Z})"
    masked: tuple[Grid | str, ...] = () if mask is None else (r"\odot", views.rows(upper("M", i), mask, i + 1))
    return [
        Formula(rf"{delta} = f'({Z}) \odot \left({delta_above} \left({W}\right)^{{\top}}\right){M}"),
        Prose(f"Here $f$ is {f.name}, $a = f(z)$, and"),
        Formula(rf"f'(z) = {f.derivative_formula}"),
        *(Prose(letters) for letters in glossary(f, f.derivative_formula)),
        numbers(
            views.rows(slope_name, slope, i + 1),
            r"\odot",
            OPEN,
            views.rows(delta_above, step.gradient.deltas[i + 1], i + 2),
            views.weights(W, above.W, i + 1).transposed,
            CLOSE,
            *masked,
            "=",
            views.rows(delta, step.gradient.deltas[i], i + 1),
        ),
    ]


def _delta_of_operation(step: Step, views: Views, i: int) -> list[Block]:
    """δ of a hidden layer where it, or the one above, is not affine: in two steps, first ∂J/∂A."""
    layer, forward_pass = step.network.layers[i], step.forward_pass
    Z, A, delta = upper("Z", i), upper("A", i), upper(r"\delta", i)
    received = rf"\frac{{\partial J}}{{\partial {A}}}"
    blocks = operations.handed_down(step, views, i)
    if layer.activate is None:
        return [*blocks, Formula(rf"{delta} = {received},\quad {A} = {Z}")]
    f, mask = layer.activation, None if forward_pass.masks is None else forward_pass.masks[i]
    with np.errstate(all="ignore"):
        slope = f.derivative(forward_pass.Z[i], forward_pass.H[i])
    masked: tuple[Grid | str, ...] = ()
    if mask is not None:
        received, masked = rf"{received} \odot {upper('M', i)}", (r"\odot", views.rows(upper("M", i), mask, i + 1))
    return [
        *blocks,
        Formula(rf"{delta} = f'({Z}) \odot {received}"),
        Prose(f"Here $f$ is {f.name}, $a = f(z)$, and"),
        Formula(rf"f'(z) = {f.derivative_formula}"),
        *(Prose(letters) for letters in glossary(f, f.derivative_formula)),
        numbers(
            views.rows(f"f'({Z})", slope, i + 1),
            r"\odot",
            views.rows(rf"\partial J / \partial {A}", operations.from_above(step, i), i + 1),
            *masked,
            "=",
            views.rows(delta, step.gradient.deltas[i], i + 1),
        ),
    ]


def _gradients(step: Step, views: Views, i: int) -> list[Block]:
    """∂J/∂W and ∂J/∂b of a layer, or ∂J/∂θ of whatever parameters it has."""
    if not operations.is_affine(step.network.layers[i]):
        return operations.gradients(step, views, i)
    source = operations.source(i)
    W, b, delta = upper("W", i), upper("b", i), upper(r"\delta", i)
    dW, db = step.gradient.layers[i]
    penalty = step.objective.penalty
    penalty_term: tuple[Grid | str, ...] = ()
    tail = ""
    if penalty is not None:
        penalty_gradient = penalty.gradient(step.network.layers[i].W)
        penalty_term = ("+", views.weights(f"P'({W})", penalty_gradient, i))
        tail = rf" + P'({W}),\quad P'(w) = {penalty.gradient_formula}"
    return [
        Formula(rf"\frac{{\partial J}}{{\partial {W}}} = {_transposed(source)} {delta}{tail}"),
        numbers(
            views.rows(source, step.forward_pass.inputs_of(i), i).transposed,
            views.rows(delta, step.gradient.deltas[i], i + 1),
            *penalty_term,
            "=",
            views.weights(rf"\partial J / \partial {W}", dW, i),
        ),
        Formula(rf"\frac{{\partial J}}{{\partial {b}}} = \sum_i {delta}_i"),
        numbers(views.biases(rf"\partial J / \partial {b}", db, i)),
    ]


def _transposed(name: str) -> str:
    return rf"{name}^{{\top}}" if len(name) == 1 else rf"\left({name}\right)^{{\top}}"


def check(step: Step, views: Views) -> list[Block]:
    """The gradients next to finite differences of J."""
    probe = step.probe()
    size, groups = probe.network.theta.size, probe.network.groups
    whole = size * size * len(step.X) <= MAX_FULL_CHECK_WORK
    picked = {group: _largest(group.of(step.gradient.theta), 3 if whole else 2) for group in groups}
    chosen = [group.start + int(i) for group in groups for i in picked[group]]
    wanted = np.ones(size, dtype=bool) if whole else np.isin(np.arange(size), chosen)
    found = probe.numeric(np.flatnonzero(wanted))
    analytic = step.gradient.theta.astype(np.float64)
    rounding = probe.rounding(float(np.finfo(step.network.dtype).eps))
    rows, judged = [], []
    for group in groups:
        looked_at = group.of(wanted)
        slopes = found.of(group)
        slopes = DerivativeEstimate(slopes.value[looked_at], slopes.error[looked_at], slopes.kinked[looked_at])
        given, limit = group.of(analytic)[looked_at], group.of(rounding)[looked_at]
        result = compare(group.layer, group.name, given, slopes, limit, TOLERANCE)
        judged.append(result)
        for position, i in enumerate(picked[group]):
            where = ",".join(str(int(j) + 1) for j in np.unravel_index(int(i), group.shape))
            slope, kinked = found.value[group.start + int(i)], found.kinked[group.start + int(i)]
            missing = "at a kink" if kinked else "not finite"
            rows.append(
                (
                    f"${upper(group.name.lower(), group.layer)}_{{{where}}}$",
                    format_number(analytic[group.start + int(i)], 6),
                    missing if np.isnan(slope) else format_number(slope, 6),
                    _outcome(result) if position == 0 else "",
                )
            )
    checked = "every parameter" if whole else "the parameters shown"
    return [
        Heading("Is it right? The gradient next to differences of J", 3),
        Formula(r"\frac{\partial J}{\partial \theta_i} \approx \frac{J(\theta_i + h) - J(\theta_i - h)}{2 h}"),
        Prose("computed with several $h$, which gives the slope and a bound on its error."),
        Prose(f"Checked for {checked}{';' if whole else ','} the largest of each group:"),
        table(("parameter", "back-propagation", "differences", "relative error"), rows, right=(1, 2, 3)),
        Prose(_agreement(GradientCheck(tuple(judged), TOLERANCE))),
    ]


def _outcome(result: GroupCheck) -> str:
    return "cannot be told" if result.verdict == "undetermined" else format_number(result.error, 2)


def _agreement(result: GradientCheck) -> str:
    """Verdict on the gradient check, as a sentence."""
    if not result.passed:
        return "They do NOT agree: see check_gradients for the likely cause."
    if not result.undetermined:
        return "They agree."
    reasons = result.verdict.split(". ", 1)[1]
    agreement = "They agree where differences can tell." if result.determined else "It cannot be told."
    return f"{agreement} {reasons}"


def _largest(values: Array, count: int) -> Array:
    flat = np.abs(values.ravel())
    return np.sort(np.argsort(-flat, kind="stable")[:count])


def update(step: Step, views: Views) -> list[Block]:
    """The optimizer's step, and the change of J."""
    rule = step.rule
    title = rule.name.replace("_", " ")
    blocks: list[Block] = [
        Heading(f"The step: {title}"),
        Prose(rule.formula_note),
        Formula(rule.formula),
        *(Prose(letters) for letters in glossary(rule, rule.formula)),
    ]
    if isinstance(rule, SecondOrder):
        blocks += _search(rule, step)
    else:
        settings = options(rule, without=("learning_rate",))
        rate = f"${symbol(rule, 'learning_rate')} = {as_latex(format_number(step.rate or 0.0))}$"
        blocks.append(Prose(f"Here {rate}{', ' + settings if settings else ''}."))
        blocks += _counters(step)
    for group in step.network.groups:
        name = upper(group.name, group.layer)
        if group.rate_factor != 1:
            blocks.append(Prose(f"The learning rate of ${name}$ is that times {format_number(group.rate_factor)}:"))
        states: list[Grid | str] = []
        for key, array in step.state_after.items():
            if array.shape == step.network.theta.shape and key != "decayed":
                label = rf"{symbol(rule, key)}\;\mathrm{{of}}\;{name}"
                states += [views.group(label, group.of(array), group.layer), ""]
        if states:
            blocks.append(numbers(*states[:-1]))
        blocks.append(
            numbers(
                views.group(rf"{name}\;\mathrm{{before}}", group.of(step.network.theta), group.layer),
                r"\rightarrow",
                views.group(rf"{name}\;\mathrm{{after}}", group.of(step.after.theta), group.layer),
            )
        )
    return [*blocks, *gain(step)]


def _counters(step: Step) -> list[Block]:
    """A sentence on the optimizer's state: its arrays, how they start, and its scalars."""
    counters = [
        f"${symbol(step.rule, name)} = {as_latex(format_number(array[0], 6))}$"
        for name, array in step.state_after.items()
        if array.shape == (1,) and step.network.theta.shape != (1,)
    ]
    kept = [f"${symbol(step.rule, name)}$" for name, array in step.state_after.items() if array.shape != (1,)]
    kept = [name for name in kept if "decayed" not in name]
    if not kept:
        return []
    start = "starts at 0" if not any(array.any() for array in _moving(step)) else "continues from the previous step"
    count = f"; after this step {', '.join(counters)}" if counters else ""
    return [Prose(f"The optimizer keeps {' and '.join(kept)} for each parameter: its state {start}{count}.")]


def _moving(step: Step) -> list[Array]:
    return [array for name, array in step.state_before.items() if name not in ("decayed", "product")]


def _search(rule: SecondOrder, step: Step) -> list[Block]:
    rows = [(f"{i + 1}", format_number(value, 6)) for i, value in enumerate(step.trials)]
    return [
        Prose(
            f"{rule.title or type(rule).__name__} has no learning rate: {rule.search_note} "
            "This is its first iteration, without earlier steps."
        ),
        Table(("point tried", "J"), tuple(rows), right=(0, 1)),
    ]


def gain(step: Step) -> list[Block]:
    """J after the step, next to the change that the gradient predicts."""
    moved = (step.after.theta - step.network.theta).astype(np.float64)
    predicted = float(step.gradient.theta.astype(np.float64) @ moved)
    change = step.value_after - step.value
    words = "J fell" if change < 0 else "J rose: the step was too long" if change > 0 else "J did not change"
    held = " (with the same dropout masks)" if step.masks is not None else ""
    return [
        Heading("After the step", 3),
        Formula(
            rf"J = {as_latex(format_number(step.value, 6))} \;\rightarrow\; "
            rf"{as_latex(format_number(step.value_after, 6))},\quad \Delta J = {as_latex(format_number(change))}"
        ),
        Formula(rf"g \cdot \Delta\theta = {as_latex(format_number(predicted))}"),
        Prose(f"{words}{held}. The second line is the change that the gradient predicts, to first order."),
    ]
