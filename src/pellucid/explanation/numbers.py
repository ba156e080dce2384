"""Numbers as people read them: as many digits as say something, and no more."""

from __future__ import annotations

import math

DIGITS = 4


def shown(value: float, digits: int = DIGITS) -> str:
    """A number to `digits` significant digits; shorter where it is exact with fewer.

    >>> shown(0.123456), shown(0.5), shown(-12.0), shown(1.23456e-7), shown(123456.7)
    ('0.1235', '0.5', '-12', '1.235e-7', '1.235e+5')
    """
    value = float(value)
    if not math.isfinite(value) or value == 0:
        return str(value) if not math.isfinite(value) else "0"
    if abs(value) < 10 ** (digits + 1) and float(f"{value:.{digits}g}") == value and abs(value) >= 1e-4:
        return f"{value:.{digits}f}".rstrip("0").rstrip(".") if abs(value) < 1 else f"{value:.{digits + 1}g}"
    rounded = f"{value:.{digits - 1}e}"
    mantissa, exponent = rounded.split("e")
    if -4 <= int(exponent) < digits:
        return f"{value:.{digits - 1 - int(exponent)}f}"
    if float(rounded) == value and "." in mantissa:
        mantissa = mantissa.rstrip("0").rstrip(".")
    return f"{mantissa}e{int(exponent):+d}" if int(exponent) > 0 else f"{mantissa}e{int(exponent)}"


def as_latex(number: str) -> str:
    r"""The text of a number in LaTeX.

    >>> as_latex("1.235e-7")
    '1.235 \\cdot 10^{-7}'
    """
    if "e" in number:
        mantissa, exponent = number.split("e")
        return rf"{mantissa} \cdot 10^{{{int(exponent)}}}"
    return {"inf": r"\infty", "-inf": r"-\infty", "nan": r"\mathrm{NaN}"}.get(number, number)
