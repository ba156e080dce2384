"""Range checks of numbers; errors name the argument, its value and the expected range."""

import math
from numbers import Integral, Real


def check_real(
    name: str,
    value: object,
    *,
    above: float | None = None,
    least: float | None = None,
    below: float | None = None,
    most: float | None = None,
) -> float:
    """Return `value` as a finite float, or raise naming the argument, the value and the range.

    `above` and `below` are exclusive bounds, `least` and `most` inclusive ones.

    >>> check_real("learning_rate", -1, above=0)
    Traceback (most recent call last):
    ...
    ValueError: learning_rate must be a number > 0, got -1
    """
    wants = [
        f"{sign} {bound:g}"
        for sign, bound in ((">", above), (">=", least), ("<", below), ("<=", most))
        if bound is not None
    ]
    expected = " ".join(["a number", " and ".join(wants)]).strip() if wants else "a finite number"
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(f"{name} must be {expected}, got {value!r}")
    number = float(value)
    inside = (
        math.isfinite(number)
        and (above is None or number > above)
        and (least is None or number >= least)
        and (below is None or number < below)
        and (most is None or number <= most)
    )
    if not inside:
        raise ValueError(f"{name} must be {expected}, got {value!r}")
    return number


def check_integer(name: str, value: object, *, least: int) -> int:
    """Return `value` as an int that is at least `least`, or raise naming the argument and the value.

    >>> check_integer("units", 0, least=1)
    Traceback (most recent call last):
    ...
    ValueError: units must be a whole number >= 1, got 0
    """
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise TypeError(f"{name} must be a whole number >= {least}, got {value!r}")
    if value < least:
        raise ValueError(f"{name} must be a whole number >= {least}, got {value!r}")
    return int(value)
