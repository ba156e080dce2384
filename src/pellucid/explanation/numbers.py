"""Format numbers for readers, with as few digits as needed."""

from __future__ import annotations

import math

DIGITS = 4


def format_number(value: float, digits: int = DIGITS) -> str:
    """Format a number with `digits` significant digits, or fewer if those represent it exactly.

    >>> [format_number(value) for value in (0.123456, 0.5, -12.0, 1.23456e-7, 123456.7)]
    ['0.1235', '0.5', '-12', '1.235e-7', '1.235e+5']
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
    r"""A formatted number in LaTeX.

    >>> as_latex("1.235e-7")
    '1.235 \\cdot 10^{-7}'
    """
    if "e" in number:
        mantissa, exponent = number.split("e")
        return rf"{mantissa} \cdot 10^{{{int(exponent)}}}"
    return {"inf": r"\infty", "-inf": r"-\infty", "nan": r"\mathrm{NaN}"}.get(number, number)
