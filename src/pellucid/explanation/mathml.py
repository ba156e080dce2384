"""LaTeX as MathML, for pages that load nothing and run no script.

latex2mathml converts. Two corrections follow: the letters of a word (`if`, `else`) are joined, and a space separates
a function's name from its argument.
"""

from __future__ import annotations

from functools import lru_cache
from xml.etree import ElementTree as ET

from latex2mathml.converter import convert

from pellucid.explanation.document import Grid

NAMESPACE = "http://www.w3.org/1998/Math/MathML"


@lru_cache(maxsize=1024)
def _source(latex: str) -> str:
    return convert(latex)


def tree(latex: str) -> ET.Element:
    """The MathML element of a formula, without namespaces."""
    root = ET.fromstring(_source(latex))
    for element in root.iter():
        element.tag = element.tag.partition("}")[2] or element.tag
    _join_words(root)
    return root


def _join_words(element: ET.Element) -> None:
    """Join `<mi normal>i</mi><mi normal>f</mi>` to `<mi>if</mi>`, and put a thin space after a word."""
    for child in element:
        _join_words(child)
    if element.tag not in ("mrow", "math", "msqrt", "mtd"):
        return  # the children of a fraction or a power are identified by their position
    joined: list[ET.Element] = []
    for child in element:
        upright = child.tag == "mi" and child.get("mathvariant") == "normal"
        if upright and joined and joined[-1].tag == "mi" and joined[-1].get("mathvariant") == "normal":
            joined[-1].text = (joined[-1].text or "") + (child.text or "")
        else:
            joined.append(child)
    for before, child in zip([None, *joined], joined, strict=False):
        if child.tag == "mo" and child.text == "−" and (before is None or (before.text or " ")[-1] in "=([,←→<>≤⋅{"):
            child.attrib.update(form="prefix", lspace="0", rspace="0")  # a sign, not an operation
    for child in list(element):
        element.remove(child)
    for i, child in enumerate(joined):
        if child.tag == "mi" and len(child.text or "") > 1:
            child.attrib.pop("mathvariant", None)  # a name of several letters is upright anyway
        if i and _is_function(child) and joined[i - 1].tag in ("mi", "mn", "msub", "msup"):
            element.append(ET.Element("mspace", width="0.167em"))
        element.append(child)
        followed = i + 1 < len(joined) and joined[i + 1].tag in ("mi", "mn", "msub", "msup", "mfrac")
        if followed and _is_function(child):
            element.append(ET.Element("mspace", width="0.167em"))


def _is_function(element: ET.Element) -> bool:
    named = element if element.tag == "mi" else element[0] if element.tag in ("msup", "msub") and len(element) else None
    return named is not None and named.tag == "mi" and len(named.text or "") > 1


def inline(latex: str) -> str:
    """An inline formula."""
    return _math(ET.tostring(tree(latex)[0], encoding="unicode"))


def block(latex: str) -> str:
    """A displayed formula."""
    return _math(ET.tostring(tree(latex)[0], encoding="unicode"), display=True)


def _math(body: str, *, display: bool = False) -> str:
    shape = ' display="block"' if display else ""
    return f'<math xmlns="{NAMESPACE}"{shape}>{body}</math>'


def grid(matrix: Grid) -> str:
    """A matrix in brackets, with the numbers of rows and columns if some are omitted."""
    rows, columns, cells = matrix.rows.gaps(), matrix.columns.gaps(), matrix.cells()
    written = [_column([line[c] for line in cells], rows, j) for c, j in enumerate(columns)]
    lines = []
    if not matrix.columns.is_whole:
        heads = "".join(_label(label) for label in matrix.columns.labels())
        lines.append(f"<mtr>{'' if matrix.rows.is_whole else '<mtd></mtd>'}{heads}</mtr>")
    for r, name in enumerate(matrix.rows.labels()):
        label = "" if matrix.rows.is_whole else _label(name)
        body = "".join(f"<mtd>{column[r]}</mtd>" for column in written)
        lines.append(f"<mtr>{label}{body}</mtr>")
    left, right = (f'<mo stretchy="true" fence="true">{bracket}</mo>' for bracket in "[]")
    return _math(f"<mrow>{left}<mtable>{''.join(lines)}</mtable>{right}</mrow>", display=True)


def _label(number: str) -> str:
    return f'<mtd class="i">{f"<mn>{number}</mn>" if number else ""}</mtd>'


def _column(texts: list[str], rows: list[int | None], column: int | None) -> list[str]:
    """Cells of one column, padded with invisible digits so that their decimal points align."""
    mantissas = [text.partition("e")[0].lstrip("-") for text in texts]
    whole = max(len(mantissa.partition(".")[0]) for mantissa in mantissas)
    longest = max(len(mantissa.partition(".")[2]) for mantissa in mantissas)
    signed = any(text.startswith("-") for text in texts)
    written = []
    for text, mantissa, row in zip(texts, mantissas, rows, strict=True):
        if not text:
            written.append(f"<mo>{'⋮' if row is None else '⋯'}</mo>" if column is not None else "<mo>⋯</mo>")
            continue
        before, _, after = mantissa.partition(".")
        minus = '<mo form="prefix" lspace="0" rspace="0">−</mo>' if signed and not text.startswith("-") else ""
        zeros = "0" * (whole - len(before))
        ahead = minus + (f"<mn>{zeros}</mn>" if zeros else "")
        tail = ("." if longest and not after else "") + "0" * (longest - len(after))
        behind = f"<mn>{tail}</mn>" if tail and "e" not in text else ""
        written.append(
            f"<mrow>{f'<mphantom>{ahead}</mphantom>' if ahead else ''}{number(text)}"
            f"{f'<mphantom>{behind}</mphantom>' if behind else ''}</mrow>"
        )
    return written


def number(text: str) -> str:
    """A formatted number as MathML: 1.2e-5 becomes 1.2 · 10⁻⁵."""
    mantissa, _, exponent = text.partition("e")
    mantissa = mantissa.replace("inf", "∞")
    sign = '<mo form="prefix" lspace="0" rspace="0">−</mo>' if mantissa.startswith("-") else ""
    body = f"<mn>{mantissa.lstrip('-')}</mn>"
    if exponent:
        power = f"<mn>{abs(int(exponent))}</mn>"
        power = f"<mrow><mo>−</mo>{power}</mrow>" if int(exponent) < 0 else power
        body += f"<mo>·</mo><msup><mn>10</mn>{power}</msup>"
    return f"{sign}{body}"
