"""Generate a class's `__init__`, constraints and "Parameters" section from the table of arguments."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Callable, Iterator
from numbers import Integral, Real
from typing import Any, TypeVar

from sklearn.utils._param_validation import Interval, Options, StrOptions

from pellucid.estimators.constraints import Argument, Instance, Number, Registered, Words, table

C = TypeVar("C", bound=type)

PLACE = "{parameters}"
"""Placeholder for the parameters in a class docstring."""


def arguments_of(estimator: str) -> Callable[[C], C]:
    """Class decorator: add the table's arguments for the "classifier" or the "regressor".

    scikit-learn requires that `__init__` stores every argument unchanged, does nothing else, and has a signature that
    can be inspected.
    """

    def decorate(cls: C) -> C:
        signature = _signature(estimator)

        def __init__(self: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807
            try:
                given = signature.bind(self, *args, **kwargs)
            except TypeError as error:
                raise TypeError(f"{cls.__name__}() {error}") from None
            given.apply_defaults()
            for name, value in given.arguments.items():
                if name != "self":
                    setattr(self, name, value)

        __init__.__signature__ = signature  # type: ignore[attr-defined]
        cls.__init__ = __init__  # type: ignore[misc]
        cls._parameter_constraints = constraints(estimator)  # type: ignore[attr-defined]
        if cls.__doc__ is not None:  # python -OO
            lines = "\n".join(docstring_lines(estimator)).replace("\n", "\n    ")
            cls.__doc__ = cls.__doc__.replace(PLACE, lines)
        return cls

    return decorate


def _signature(estimator: str) -> inspect.Signature:
    kinds = {True: inspect.Parameter.POSITIONAL_OR_KEYWORD, False: inspect.Parameter.KEYWORD_ONLY}
    parameters = [inspect.Parameter("self", inspect.Parameter.POSITIONAL_OR_KEYWORD)]
    arguments = table(estimator).values()
    parameters += [inspect.Parameter(a.name, kinds[a.positional], default=a.default) for a in arguments]
    return inspect.Signature(parameters)


def constraints(estimator: str) -> dict[str, list[Any]]:
    """scikit-learn's `_parameter_constraints`."""
    return {
        name: [constraint for allowed in argument.allowed for constraint in _in_their_form(allowed)]
        for name, argument in table(estimator).items()
    }


def _in_their_form(allowed: Any) -> list[Any]:
    if isinstance(allowed, Number):
        kind = Integral if allowed.whole else Real
        return [Interval(kind, allowed.low, allowed.high, closed=allowed.closed)]
    if isinstance(allowed, Words):
        return [SortedOptions(set(allowed.words))]
    if isinstance(allowed, Registered):
        return [Names(allowed), allowed.kind()]
    if isinstance(allowed, Instance):
        return [allowed.kind()]
    if isinstance(allowed, float):
        return [Options(Real, {allowed})]
    return [allowed]


class SortedOptions(StrOptions):
    """String options, listed in a fixed order."""

    def __str__(self) -> str:
        listed = ", ".join(repr(word) for word in sorted(self.options))
        return f"a str among {{{listed}}}"


class Names(SortedOptions):
    """The names of a registry, or objects that it accepts: a custom activation need not be of its class."""

    def __init__(self, registered: Registered) -> None:
        super().__init__(set(registered.names()))
        self.registered = registered

    def is_satisfied_by(self, value: Any) -> bool:
        """Whether the registry knows the name or alias, or accepts the object."""
        return self.registered.takes(value)


def docstring_lines(estimator: str, width: int = 116) -> Iterator[str]:
    """The "Parameters" section of a docstring."""
    for argument in table(estimator).values():
        yield f"{argument.name} : {argument.type}, default={argument.default!r}"
        yield from textwrap.wrap(_meaning(argument), width, initial_indent="    ", subsequent_indent="    ")


def _meaning(argument: Argument) -> str:
    """The complete help text, with all registered names."""
    names = [f"'{name}'" for allowed in argument.allowed if isinstance(allowed, Registered) for name in allowed.names()]
    return f"{argument.help} {argument.more}".replace("{names}", ", ".join(names)).strip()
