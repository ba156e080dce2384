"""Activation functions and their derivatives."""

import re
from collections.abc import Sequence
from math import ceil
from typing import Any, Protocol

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.mathtext import MathTextParser
from numpy.typing import NDArray

from pellucid.maths.activations import ACTIVATIONS
from pellucid.plots import style
from pellucid.plots.models import described


class Activation(Protocol):
    """An elementwise function with its derivative: ``value(Z)`` and ``derivative(Z, A)`` with ``A = value(Z)``."""

    def value(self, Z: NDArray[np.float64], /) -> Any:
        """The function at each element of Z."""
        ...

    def derivative(self, Z: NDArray[np.float64], A: NDArray[np.float64], /) -> Any:
        """The derivative at each element of Z."""
        ...


def activation(
    function: Activation | str,
    *,
    span: tuple[float, float] = (-5.0, 5.0),
    title: str | None = None,
    legend: bool = True,
    ax: Axes | None = None,
) -> Axes:
    """Draw an activation, and its derivative as a dashed line, over the pre-activations in `span`.

    `function` is an activation, or the name of a registered one.
    Domain: elementwise activations. Softmax has no such curve, because its outputs depend on each other.
    The default title is the function's ``name`` and, if it can be typeset, its ``formula``.

    >>> class Square:
    ...     name = "square"
    ...     def value(self, Z):
    ...         return Z**2
    ...     def derivative(self, Z, A):
    ...         return 2 * Z
    >>> axes = activation(Square(), span=(-1, 1))
    >>> axes.get_title(), [line.get_label() for line in axes.lines[-2:]]
    ('square', ['value', 'derivative'])
    """
    drawn: Activation = _resolved(function)
    if not getattr(drawn, "elementwise", True):
        raise ValueError(f"{_name(drawn)} is not elementwise: its outputs depend on each other, it has no curve")
    # A column: one unit and many samples, the shape of pre-activations in a network.
    Z = np.linspace(*span, 1001).reshape(-1, 1)
    A = np.asarray(drawn.value(Z), dtype=np.float64)
    slope = np.asarray(drawn.derivative(Z, A), dtype=np.float64)

    ax = style.new_axes(ax, style.SMALL)
    ax.axhline(0.0, color=style.INK, linewidth=0.6)
    ax.axvline(0.0, color=style.INK, linewidth=0.6)
    ax.plot(Z[:, 0], A[:, 0], color=style.color(0), linewidth=2.0, label="value")
    ax.plot(Z[:, 0], slope[:, 0], color=style.color(4), linewidth=1.6, linestyle="--", label="derivative")
    if legend:
        style.legend(ax, loc="upper left")
    return style.finish(ax, x="pre-activation $z$", y="", title=title or _title(drawn), grid=True)


def activations(
    functions: Sequence[Activation | str] | None = None,
    *,
    columns: int = 3,
    span: tuple[float, float] = (-5.0, 5.0),
    title: str | None = None,
    figure: Figure | None = None,
) -> NDArray[Any]:
    """Draw several activations with their derivatives: the given ones, or all registered elementwise ones.

    Returns the Axes, a flat array; `figure` is the matplotlib Figure to draw into.

    >>> from pellucid.activations import ReLU, Tanh
    >>> len(activations([ReLU(), Tanh()]))
    2
    """
    if functions is None:
        functions = [cls() for _, cls in sorted(ACTIVATIONS.items()) if cls.elementwise]
    if not functions:
        raise ValueError("functions is empty: a sheet needs at least one activation")
    if columns < 1:
        raise ValueError(f"columns={columns!r}: expected 1 or more")
    columns = min(columns, len(functions))
    rows = ceil(len(functions) / columns)
    if figure is None:
        figure = style.new_figure((3.5 * columns, 2.6 * rows + (0.3 if title else 0.0)))
    panels = []
    for place, function in enumerate(functions):
        panel = figure.add_subplot(rows, columns, place + 1)
        panels.append(activation(function, span=span, legend=place == 0, ax=panel))
    if title:
        figure.suptitle(title, color=style.INK, fontsize="medium")
    return np.array(panels, dtype=object)


def _resolved(function: Any) -> Any:
    """Resolve a name to an activation; TypeError for anything that is not an activation."""
    if isinstance(function, str):
        return ACTIVATIONS.resolve(function)
    if isinstance(function, type) or not (hasattr(function, "value") and hasattr(function, "derivative")):
        raise TypeError(
            "function must be an activation: a name such as 'tanh', or an object with value(Z) and derivative(Z, A), "
            f"got {described(function)}"
        )
    return function


def _name(function: Activation) -> str:
    return str(getattr(function, "name", type(function).__name__))


def _title(function: Activation) -> str:
    """The name with the formula; the name alone if matplotlib's mathtext cannot typeset the formula."""
    formula = getattr(function, "formula", None)
    if not formula:
        return _name(function)
    # Matplotlib puts no space between a letter and the name of a function after it: z tanh, not ztanh.
    spaced = re.sub(
        r"(?<=[A-Za-z0-9)}])\s*(\\(?:tanh|exp|ln|log|max|min|sinh|cosh)\b)", r"\\,\1", str(formula).strip("$")
    )
    text = f"${spaced}$"
    try:
        MathTextParser("path").parse(text)
    except ValueError:
        return _name(function)
    return f"{_name(function)}   {text}"
