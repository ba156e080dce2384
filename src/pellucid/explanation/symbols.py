"""Symbols: the letters that the registries' formulas use for Python's option and state names."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from pellucid.explanation.numbers import DIGITS, as_latex, format_number

SYMBOLS = {
    "alpha": r"\alpha",
    "beta_1": r"\beta_1",
    "beta_2": r"\beta_2",
    "decay": r"\rho",
    "delta": "d",
    "epsilon": r"\varepsilon",
    "gamma": r"\gamma",
    "l1_ratio": r"\rho",
    "learning_rate": r"\eta",
    "level": "q",
    "momentum": r"\mu",
    "momentum_decay": r"\psi",
    "strength": r"\lambda",
    "weight_decay": r"\lambda",
    "product": r"\Pi",
}
"""Names that are their own symbol (m, v, s, t, slope) are left out."""


def symbol(name: str) -> str:
    r"""The symbol of an option in LaTeX.

    >>> symbol("learning_rate"), symbol("m"), symbol("slope")
    ('\\eta', 'm', '\\mathrm{slope}')
    """
    if name in SYMBOLS:
        return SYMBOLS[name]
    words = name.replace("_", r"\;")
    return name if len(name) == 1 else rf"\mathrm{{{words}}}"


def options(thing: Any, *, without: tuple[str, ...] = (), digits: int = DIGITS) -> str:
    r"""The options of an activation, loss, penalty or optimizer, as equations for a sentence.

    >>> from pellucid.maths.activations import ELU
    >>> options(ELU(alpha=2.0))
    '$\\alpha = 2$'
    """
    named = [(field.name, getattr(thing, field.name)) for field in fields(thing) if field.name not in without]
    equations = [
        f"${symbol(name)} = {as_latex(format_number(value, digits))}$"
        for name, value in named
        if isinstance(value, (int, float)) and not isinstance(value, bool) and (value or name in SYMBOLS)
    ]
    return ", ".join(equations)


GLOSSARY = {
    r"\Phi": r"$\Phi$ is the standard normal distribution function",
    r"\varphi": r"$\varphi$ is its density",
    r"\sigma": r"$\sigma$ is the logistic function $1 / (1 + e^{-z})$",
    r"u'": r"$u'$ is the derivative of $u$",
    r"\hat v": r"$\hat v = v / (1 - \beta_2^t)$",
    r"\Pi": r"$\Pi$ is the product of all $\mu$ so far",
}
"""Symbols in registered formulas that are not options, with their meaning."""


def with_options(thing: Any) -> str:
    """Text to append to a name: its options, or nothing."""
    listed = options(thing)
    if thing.name == "selu":
        listed = f"$\\lambda = {format_number(thing.scale, 6)}$, $\\alpha = {format_number(thing.alpha, 6)}$"
    return f", with {listed}" if listed else ""


def glossary(formula: str) -> list[str]:
    """A sentence that defines the symbols of a formula that are not options; empty if it has none."""
    words = [meaning for letter, meaning in GLOSSARY.items() if letter in formula]
    return [f"Here {', '.join(words)}."] if words else []
