"""Registries of named classes: the single list that tests, command line, documentation and playground read."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Generic, TypeVar

T = TypeVar("T")


def unknown_name(kind: str, name: object, known: Iterable[str]) -> str:
    """Error message for an unknown `name` of a `kind`, with the closest known names.

    >>> unknown_name("activation", "tanhh", ["tanh", "relu"])
    "unknown activation 'tanhh': did you mean 'tanh'? Known: 'relu', 'tanh'"
    >>> unknown_name("activation", "cosine", ["tanh", "relu"])
    "unknown activation 'cosine'. Known: 'relu', 'tanh'"
    """
    known = sorted(known)
    hint = did_you_mean(name, known)
    return f"unknown {kind} {name!r}{f': {hint}' if hint else '.'} Known: {', '.join(map(repr, known))}"


def did_you_mean(name: object, known: Iterable[str]) -> str:
    """A question with the closest known names, or "" if none is close.

    >>> did_you_mean("tanhh", ["tanh", "relu"]), did_you_mean("cosine", ["tanh", "relu"])
    ("did you mean 'tanh'?", '')
    """
    near = difflib.get_close_matches(str(name).lower(), sorted(known), n=2, cutoff=0.65)
    return f"did you mean {' or '.join(map(repr, near))}?" if near else ""


class Registry(Mapping[str, type[T]], Generic[T]):
    """A dictionary from a name to a class of frozen option objects, filled by decoration.

    `resolve` converts a name, a class or an object into an object. It is called once, where arguments enter.

    Parameters
    ----------
    kind : str
        The kind of registered classes, for messages: "activation".
    base : type
        The common base class of all registered classes.
    aliases : dict of str to str
        Names that other libraries use for exactly the same thing: {"swish": "silu"}. They resolve, but are not listed.
    hints : dict of str to str
        Names that other libraries use for something slightly different, with the name to use here.
    adopt : function or None
        Converts other objects into objects of class `base`; raises TypeError if it cannot.

    >>> from pellucid.maths.activations import ACTIVATIONS, ELU
    >>> ACTIVATIONS.resolve("elu") == ELU() == ACTIVATIONS.resolve(ELU)
    True
    >>> ACTIVATIONS.resolve("swish")
    SiLU()
    """

    def __init__(
        self,
        kind: str,
        base: type[T],
        *,
        aliases: Mapping[str, str] | None = None,
        hints: Mapping[str, str] | None = None,
        adopt: Callable[[object], T | None] | None = None,
    ) -> None:
        self.kind = kind
        self.base = base
        self.aliases = dict(aliases or {})
        self.hints = {_key(name): words for name, words in (hints or {}).items()}
        self._adopt = adopt
        self._classes: dict[str, type[T]] = {}
        self._spellings = {_key(name): known for name, known in self.aliases.items()}

    def register(self, cls: type[T]) -> type[T]:
        """Add `cls` under its own `name`; used as a decorator."""
        name: str = cls.name  # type: ignore[attr-defined]
        self._classes[name] = cls
        self._spellings[_key(name)] = name
        return cls

    def names(self) -> list[str]:
        """Every known name, sorted."""
        return sorted(self._classes)

    def knows(self, name: str) -> bool:
        """Whether a name resolves: it is registered, or an alias."""
        return self._meant(name) in self._classes

    def hint(self, name: str) -> str:
        """The hint for a name that other libraries use for something slightly different, or ""."""
        return self.hints.get(_key(name), "")

    def resolve(self, value: str | T | type[T] | object) -> T:
        """The object that `value` means: itself, or one with default options made from a name or a class."""
        if isinstance(value, str):
            name = self._meant(value)
            if name not in self._classes:
                raise ValueError(self._unknown(value))
            return self._classes[name]()
        if isinstance(value, type):
            value = self._instance(value)
        if type(value) is self._classes.get(getattr(value, "name", "")):
            return value
        adopted = None if self._adopt is None else self._adopt(value)
        if adopted is not None:
            return adopted
        if isinstance(value, self.base):
            return value
        raise TypeError(
            f"{self.kind} must be a name ({', '.join(map(repr, self.names()))}) "
            f"or {'an' if self.base.__name__[0] in 'AEIOU' else 'a'} {self.base.__name__} object, got {value!r}"
        )

    def _meant(self, name: str) -> str:
        """The registered name that `name` is a spelling or an alias of, or `name` itself."""
        return name if name in self._classes else self._spellings.get(_key(name), name)

    def _unknown(self, value: str) -> str:
        if _key(value) in self.hints:
            return f"unknown {self.kind} {value!r}: {self.hints[_key(value)]}"
        return unknown_name(self.kind, value, self._classes)

    def _instance(self, cls: type) -> object:
        """An object of a class, with its default arguments."""
        try:
            return cls()
        except TypeError as error:
            raise TypeError(
                f"{self.kind}={cls.__name__}: this class needs arguments ({error}); give an object, {cls.__name__}(…)"
            ) from error

    def __getitem__(self, name: str) -> type[T]:
        return self._classes[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._classes)

    def __len__(self) -> int:
        return len(self._classes)


def _key(name: str) -> str:
    """A name without case, blanks, hyphens and underscores, which people write differently."""
    return "".join(letter for letter in name.casefold() if letter not in " -_")
