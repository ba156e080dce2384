"""Symbols: the letters that the registries' formulas use for Python's option and state names."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from pellucid.explanation.numbers import DIGITS, as_latex, format_number


def symbol(thing: Any, name: str) -> str:
    r"""The letter of an option, or of a part of an optimizer's state, in LaTeX.

    >>> from pellucid.optimizers import Adam
    >>> symbol(Adam(), "learning_rate"), symbol(Adam(), "m"), symbol(Adam(), "other_name")
    ('\\eta', 'm', '\\mathrm{other\\;name}')
    """
    if name in thing.symbols:
        return str(thing.symbols[name])
    words = name.replace("_", r"\;")
    return name if len(name) == 1 else rf"\mathrm{{{words}}}"


def options(thing: Any, *, without: tuple[str, ...] = (), digits: int = DIGITS) -> str:
    r"""The options of an activation, loss, penalty or optimizer, as equations for a sentence.

    Constants of its class that have a letter are among them, with six digits.

    >>> from pellucid.maths.activations import ELU, SELU
    >>> options(ELU(alpha=2.0))
    '$\\alpha = 2$'
    >>> options(SELU())
    '$\\lambda = 1.05070$, $\\alpha = 1.67326$'
    """
    own = [field.name for field in fields(thing)]
    named = [(name, getattr(thing, name), digits) for name in own if name not in without]
    named += [(name, getattr(thing, name, None), 6) for name in thing.symbols if name not in own]
    equations = [
        f"${symbol(thing, name)} = {as_latex(format_number(value, precision))}$"
        for name, value, precision in named
        if isinstance(value, (int, float)) and not isinstance(value, bool) and (value or name in thing.symbols)
    ]
    return ", ".join(equations)


def with_options(thing: Any) -> str:
    """Text to append to a name: its options, or nothing."""
    listed = options(thing)
    return f", with {listed}" if listed else ""


def glossary(thing: Any, formula: str) -> list[str]:
    """A sentence on the letters of one of its formulas that are no options; nothing if there are none."""
    words = [meaning for letter, meaning in getattr(thing, "letters", {}).items() if letter in formula]
    return [f"Here {', '.join(words)}."] if words else []
