"""`Lesson`: a named script, and `Settings`: the settings that all lessons share."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from pellucid.lessons.page import PARAGRAPH, listed, say
from pellucid.maths.checks import check_integer


@dataclass(frozen=True)
class Settings:
    """The options of one run of a lesson. A number that the lesson does not use stays 0.

    Attributes
    ----------
    hidden : int
        Hidden units.
    passes : int
        Passes through the training data.
    seed : int
        Seed of the random numbers.
    out : Path
        The folder that figures are written to.
    plots : bool
        Whether figures are drawn at all.
    defaults : dict
        The lesson's own numbers, by name.
    """

    hidden: int = 0
    passes: int = 0
    seed: int = 0
    out: Path = Path()
    plots: bool = True
    defaults: Mapping[str, int] = field(default_factory=dict)

    def by_default(self, text: str) -> str:
        """A paragraph about the default settings, which says so if others were chosen.

        >>> Settings(passes=20, defaults={"passes": 20}).by_default("The loss falls.")
        '\\n\\nThe loss falls.'
        >>> print(Settings(passes=3, defaults={"passes": 20}).by_default("The loss falls.").strip())
        This paragraph is about the default settings (passes 20); yours differ in passes. The loss falls.
        """
        differ = [name for name, value in self.defaults.items() if getattr(self, name) != value]
        if not differ:
            return f"{PARAGRAPH}{text}"
        usual = ", ".join(f"{name} {value}" for name, value in self.defaults.items())
        return (
            f"{PARAGRAPH}This paragraph is about the default settings ({usual}); yours differ in {listed(differ)}. "
            f"{text}"
        )

    def save(self, axes: Any, filename: str) -> None:
        """Write the figure that `axes` (one, or an array of them) belong to, and print where it is."""
        import matplotlib.pyplot as plt  # imported here, so that a lesson without figures does not wait for it

        figure = np.ravel(axes)[0].figure
        path = self.out / filename
        figure.savefig(path, dpi=150)
        plt.close(figure)  # many lessons in a row must not accumulate open figures
        print(f"figure: {path}")


@dataclass(frozen=True)
class Lesson:
    """A named script, with the settings it takes and their defaults.

    >>> def greet(settings):
    ...     print("hello", settings.passes, "times")
    >>> Lesson("greet", "Saying hello", source="an old custom", run=greet, defaults={"passes": 3})(plots=False)
    Saying hello
    ============
    Follows an old custom.
    <BLANKLINE>
    hello 3 times
    """

    name: str
    title: str
    source: str
    run: Callable[[Settings], None]
    defaults: dict[str, int] = field(default_factory=dict)

    def __call__(self, **options: Any) -> None:
        """Run the lesson; for the options see `settings`."""
        self.play(self.settings(**options))

    def settings(
        self,
        *,
        hidden: int | None = None,
        passes: int | None = None,
        seed: int | None = None,
        out: str | Path | None = None,
        plots: bool = True,
    ) -> Settings:
        """The settings of a run: the lesson's defaults replaced by the given values, validated. Creates the folder.

        ``out=None`` is the folder pellucid-lessons/NAME.
        """
        given = {"hidden": hidden, "passes": passes, "seed": seed}
        numbers = {name: self._number(name, value) for name, value in given.items() if value is not None}
        folder = Path("pellucid-lessons", self.name) if out is None else Path(out)
        if plots:  # before any work, so that a folder that cannot be created is reported at once
            _make_folder(folder)
        return Settings(**(self.defaults | numbers), out=folder, plots=plots, defaults=self.defaults)

    def play(self, settings: Settings) -> None:
        """Print the title, then run the script."""
        print(f"{self.title}\n{'=' * len(self.title)}")
        say(f"Follows {self.source}.")
        print()
        self.run(settings)

    def _number(self, name: str, value: int) -> int:
        """The value of a setting, if this lesson takes it and it is in range."""
        if name not in self.defaults:
            takes = ", ".join(self.defaults) or "none of hidden, passes and seed"
            raise ValueError(f"{name}={value}: lesson {self.name!r} does not use it; it takes {takes}")
        return check_integer(name, value, least=0 if name == "seed" else 1)


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ValueError(f"out={str(folder)!r}: cannot be made a folder for figures ({error.strerror})") from error
