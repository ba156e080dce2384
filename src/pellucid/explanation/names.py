"""Names of inputs, outputs and samples in the sentences of an explanation.

Everything counts from 1 here, as in the formulas: input 1 is x₁, the first column. (Python's indices count from 0.)
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pellucid.explanation.document import literal

MAX_LENGTH = 40
"""Characters of a name to display."""


@dataclass(frozen=True)
class Names:
    """Names of the columns of X, of the outputs and of the samples; None if they have no names."""

    inputs: tuple[str, ...] | None = None
    outputs: tuple[str, ...] | None = None
    samples: tuple[str, ...] | None = None

    @classmethod
    def of(
        cls,
        n_inputs: int,
        n_outputs: int,
        n_samples: int,
        feature_names: Sequence[object] | None,
        class_names: Sequence[object] | None,
        sample_names: Sequence[object] | None,
    ) -> Names:
        """Validate the given names; ValueError if their number does not fit.

        Two classes may share one output, which is then named after the second.
        """
        if class_names is not None and n_outputs == 1 and len(class_names) == 2:
            class_names = class_names[1:]
        return cls(
            checked("feature_names", feature_names, n_inputs, "columns of X"),
            checked("class_names", class_names, n_outputs, "outputs"),
            checked("sample_names", sample_names, n_samples, "rows of X"),
        )

    def input(self, i: int) -> str:
        """The input in column i, counted from 0: "input 1 (age)"."""
        return f"input {i + 1}{_in_brackets(self.inputs, i)}"

    def unit(self, layer: int, j: int, last: int) -> str:
        """The unit j of a layer, both counted from 0; `last` is the number of the output layer."""
        return f"unit {j + 1} of layer {layer + 1}{_in_brackets(self.outputs, j) if layer == last else ''}"

    def sample(self, n: int) -> str:
        """The sample in row n, counted from 0: "sample 1 (row 17)"."""
        return f"sample {n + 1}{_in_brackets(self.samples, n)}"


def listed(names: Iterable[str]) -> str:
    """Names with their numbers: "1 age, 2 height"."""
    return ", ".join(f"{number} {literal(shortened(name))}" for number, name in enumerate(names, 1))


def shortened(name: str) -> str:
    """A name on one line, control characters escaped; the middle of a long name is cut."""
    text = "".join(character if character.isprintable() else repr(character)[1:-1] for character in name)
    half = (MAX_LENGTH - 1) // 2
    return text if len(text) <= MAX_LENGTH else f"{text[:half]}…{text[-half:]}"


def _in_brackets(names: tuple[str, ...] | None, i: int) -> str:
    return "" if names is None else f" ({literal(shortened(names[i]))})"


def checked(argument: str, names: Sequence[object] | None, size: int, things: str) -> tuple[str, ...] | None:
    """Names as strings; ValueError if there are not exactly `size` of them."""
    if names is None:
        return None
    if isinstance(names, str) or len(names) != size:
        got = repr(names) if isinstance(names, str) else len(names)
        raise ValueError(f"{argument} must hold {size} names, one for each of the {things}, got {got}")
    return tuple(map(str, names))
