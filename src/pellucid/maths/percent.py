"""Format shares as percent, so that 100% and 0% are written only for exactly 1 and 0."""

from __future__ import annotations

import math


def percent(share: float, digits: int = 0) -> str:
    """Format a share as percent with `digits` decimals; values close to 0 or 1 are not rounded to 0% or 100%.

    >>> percent(0.975), percent(0.9748, 1), percent(1.0), percent(0.0)
    ('98%', '97.5%', '100%', '0%')
    >>> percent(0.9996), percent(0.9996, 1), percent(0.0004, 1)
    ('>99%', '>99.9%', '<0.1%')
    >>> percent(0.99949, 1), percent(1.0, 1)
    ('99.9%', '100.0%')
    """
    share = float(share)
    shown = f"{share:.{digits}%}"
    if not math.isfinite(share) or share in (0.0, 1.0):
        return shown
    least = 10.0**-digits
    if shown == f"{1:.{digits}%}":
        return f">{100 - least:.{digits}f}%" if share < 1 else f">{shown}"
    if abs(float(shown[:-1])) == 0:
        return f"<{least:.{digits}f}%" if share > 0 else f">-{least:.{digits}f}%"
    return shown
