"""The page's modules as one module, which is what a notebook takes as the front end of a widget.

The modules of `page/` are written so that they can be read line by line: imports `import { a, b } from "./x.js"`, each
on one line and without renaming; exports by the word `export` before a declaration; one default export, `main.js`'s.
A bundler from npm would need Node wherever Pellucid is installed from its sources, or its output checked in beside
them; these lines need neither, and name the line that they cannot read.
"""

from __future__ import annotations

import re
from pathlib import Path

PAGE = Path(__file__).parents[1] / "page"
ENTRY = "main.js"

_IMPORT = re.compile(r'import \{ ?([\w$]+(?:, [\w$]+)*),? ?\} from "\./([\w-]+\.js)";?(?:\s*//.*)?')
_DECLARATION = re.compile(r"(export )?(?:async )?(?:function\*?|const|let|var|class) ([\w$]+)")
_OTHER = re.compile(r"(import|export|const|let|var)\b")


def script(folder: Path = PAGE) -> str:
    """`main.js` and all modules that it needs, in order of imports."""
    bundle = _Bundle(folder)
    bundle.add(ENTRY)
    return "\n".join(f"// {name}\n{text}" for name, text in bundle.texts.items())


def style(folder: Path = PAGE) -> str:
    """The page's style sheet."""
    return (folder / "playground.css").read_text(encoding="utf-8")


class _Bundle:
    """Modules in execution order, their exports, and the place of each declaration."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.texts: dict[str, str] = {}
        self.exports: dict[str, set[str]] = {}
        self.declared: dict[str, str] = {}

    def add(self, name: str, importers: tuple[str, ...] = ()) -> None:
        """Add a module after those that it imports."""
        if name in importers:
            raise ValueError(f"modules must not import each other in a circle, got {' → '.join((*importers, name))}")
        if name in self.texts:
            return
        lines = []
        exports = set()
        for number, line in enumerate((self.folder / name).read_text(encoding="utf-8").splitlines(), start=1):
            place = f"{name}, line {number}"
            if wanted := _IMPORT.fullmatch(line):
                self.add(wanted[2], (*importers, name))
                if missing := {one.strip() for one in wanted[1].split(",")} - self.exports[wanted[2]]:
                    raise ValueError(f"{place}: {wanted[2]} does not export {', '.join(sorted(missing))}")
            elif declaration := _DECLARATION.match(line):
                self._declare(declaration[2], place)
                if declaration[1]:
                    exports.add(declaration[2])
                lines.append(line.removeprefix("export "))
            elif _OTHER.match(line) and not (name == ENTRY and line.startswith("export default ")):
                raise ValueError(f"{place}: must be written as `bundle` can read it, got {line}")
            else:
                lines.append(line)
        self.texts[name] = "\n".join(lines) + "\n"
        self.exports[name] = exports

    def _declare(self, name: str, place: str) -> None:
        """All modules share one scope in the bundle."""
        if name in self.declared:
            raise ValueError(f"{place}: {name} is declared in {self.declared[name]} already")
        self.declared[name] = place
