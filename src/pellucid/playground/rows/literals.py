"""Arrays as Python source, equal to the bit."""

from __future__ import annotations

import base64
import io
import textwrap
import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

MAX_LISTED = 600
"""With more numbers nobody reads a list, and the packed form is shorter."""

_UNPACK = """\
import base64
import io
import zlib


def unpack(text):
    return np.load(io.BytesIO(zlib.decompress(base64.b85decode(text))))


"""


def arrays_as_code(arrays: Mapping[str, npt.NDArray[Any]]) -> str:
    """A program that makes `arrays`: as lists if they are small, else packed.

    >>> print(arrays_as_code({"x": np.array([[0.1, 2.0]]), "y": np.array([1])}))
    import numpy as np
    <BLANKLINE>
    x = np.array([
        [0.1, 2.0],
    ])
    y = np.array([1])
    <BLANKLINE>
    """
    packs = sum(values.size for values in arrays.values()) > MAX_LISTED
    head = (
        (_UNPACK.replace("import zlib\n", "import zlib\n\nimport numpy as np\n")) if packs else "import numpy as np\n\n"
    )
    return head + "".join(_packed(name, A) if packs else _listed(name, A) for name, A in arrays.items())


def _listed(name: str, A: npt.NDArray[Any]) -> str:
    """`repr` of a float gives the shortest digits that read back as the same float."""
    if A.ndim == 1:
        return "\n".join(textwrap.wrap(f"{name} = np.array({A.tolist()!r})", 110, subsequent_indent="    ")) + "\n"
    rows = "".join(f"    {row!r},\n" for row in A.tolist())
    return f"{name} = np.array([\n{rows}])\n"


def _packed(name: str, A: npt.NDArray[Any]) -> str:
    file = io.BytesIO()
    np.save(file, A, allow_pickle=False)
    text = base64.b85encode(zlib.compress(file.getvalue(), 9)).decode()  # no quote and no backslash among its letters
    lines = "".join(f'    "{text[start : start + 100]}"\n' for start in range(0, len(text), 100))
    return f"{name} = unpack(\n{lines})\n"
