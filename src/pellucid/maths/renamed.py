"""Deprecated names of options and arguments, which are accepted with a FutureWarning."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, NamedTuple, ParamSpec, TypeVar

C = TypeVar("C", bound=type[Any])
P = ParamSpec("P")
R = TypeVar("R")


class Renamed(NamedTuple):
    """The new name of an option, and how its value is converted, if it is."""

    name: str
    new_value: Callable[[Any, Mapping[str, Any]], Any] = lambda value, options: value
    """New value from the old one and the other options, under their new names, as far as they were given."""
    old_value: Callable[[Any], Any] | None = None
    """Old value from the object."""


def renamed(**names: str | Renamed) -> Callable[[C], C]:
    """Make a class of options accept old names of its options; a decorator above `@dataclass`.

    Old names are accepted as keyword arguments and as attributes, each with a FutureWarning that names the new one,
    and in pickles, without one.

    >>> from dataclasses import dataclass
    >>> @renamed(drop="gamma")
    ... @dataclass(frozen=True)
    ... class Decay:
    ...     gamma: float = 0.1
    >>> import warnings
    >>> with warnings.catch_warnings(record=True) as caught:
    ...     warnings.simplefilter("always")
    ...     print(Decay(drop=0.5))
    Decay(gamma=0.5)
    >>> print(caught[0].message)
    Decay(drop=…) is deprecated: write gamma=
    """
    table = {old: new if isinstance(new, Renamed) else Renamed(new) for old, new in names.items()}

    def to_new(values: Mapping[str, Any]) -> dict[str, Any]:
        """The same values under their new names."""
        result = {name: value for name, value in values.items() if name not in table}
        for old, new in table.items():
            if old in values:
                result[new.name] = new.new_value(values[old], result)
        return result

    def decorate(cls: C) -> C:
        initialize = cls.__init__

        @wraps(initialize)
        def init(self: Any, *args: Any, **kwargs: Any) -> None:
            for old, new in table.items():
                if old in kwargs and new.name in kwargs:
                    raise TypeError(f"{cls.__name__}: {old} is the old name of {new.name}; give only the new one")
                if old in kwargs:
                    _warn(f"{cls.__name__}({old}=…) is deprecated: write {new.name}=")
            initialize(self, *args, **to_new(kwargs))

        def setstate(self: Any, state: Mapping[str, Any]) -> None:
            self.__dict__.update(to_new(state))

        cls.__init__ = init
        cls.__setstate__ = setstate
        for old, new in table.items():
            setattr(cls, old, property(_reader(old, new)))
        return cls

    return decorate


def renamed_arguments(**names: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Make a function accept old names of its keyword arguments, each with a FutureWarning that names the new one.

    >>> @renamed_arguments(most="max_points")
    ... def draw(*, max_points: int = 10) -> int:
    ...     return max_points
    >>> import warnings
    >>> with warnings.catch_warnings(record=True) as caught:
    ...     warnings.simplefilter("always")
    ...     draw(most=3)
    3
    >>> print(caught[0].message)
    draw(most=…) is deprecated: write max_points=
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        @wraps(function)
        def call(*args: P.args, **kwargs: P.kwargs) -> R:
            for old, new in names.items():
                if old in kwargs:
                    if new in kwargs:
                        raise TypeError(f"{function.__name__}: {old} is the old name of {new}; give only the new one")
                    _warn(f"{function.__name__}({old}=…) is deprecated: write {new}=")
                    kwargs[new] = kwargs.pop(old)
            return function(*args, **kwargs)

        return call

    return decorate


def _reader(old: str, new: Renamed) -> Callable[[Any], Any]:
    def read(self: Any) -> Any:
        _warn(f"{type(self).__name__}.{old} is deprecated: read {new.name}")
        return getattr(self, new.name) if new.old_value is None else new.old_value(self)

    read.__doc__ = f"Deprecated: read `{new.name}`."
    return read


def _warn(message: str) -> None:
    """Warn at the line of the user, above the function that calls this."""
    warnings.warn(message, FutureWarning, stacklevel=3)
