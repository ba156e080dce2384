"""LaTeX as one line of Unicode, for terminals: σ(z) = 1/(1 + e⁻ᶻ).

Converted from the MathML tree of the formula, so that only one parser of LaTeX is needed.
"""

from __future__ import annotations

from functools import lru_cache
from xml.etree import ElementTree as ET

from pellucid.explanation.mathml import tree

_RAISED = dict(
    zip("0123456789+-−=()abcdefghijklmnoprstuvwxyzTL⊤⟨⟩", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᵀᴸᵀ⟨⟩", strict=True)
)
_LOWERED = dict(zip("0123456789+-−=()aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", strict=True))
_SPACED = set("=+−⊙←→>≤≥<≈·⋅")


@lru_cache(maxsize=1024)
def linear(latex: str) -> str:
    r"""Write a formula on one line.

    >>> linear(r"\frac{1}{1 + e^{-z}}"), linear(r"\delta^{(1)} = f'(Z^{(1)}) \odot A")
    ('1/(1 + e⁻ᶻ)', 'δ⁽¹⁾ = f′(Z⁽¹⁾) ⊙ A')
    """
    return " ".join(_write(tree(latex)).split())


def parts(latex: str) -> list[str]:
    r"""Split a formula that lists several expressions, at the places where a line may break.

    >>> parts(r"s = s + g^2,\quad t = 1")
    ['s = s + g^2,', 't = 1']
    """
    pieces = [piece.strip() for piece in latex.split(r",\quad")]
    return [f"{piece}," for piece in pieces[:-1]] + pieces[-1:]


def _write(element: ET.Element) -> str:
    children = list(element)
    match element.tag:
        case "mi" | "mn" | "mtext":
            return element.text or ""
        case "mo":
            text = element.text or ""
            return f" {text} " if text in _SPACED else f"{text} " if text == "," else text
        case "mspace":
            return " "
        case "mfrac":
            return f"{_grouped(children[0])}/{_grouped(children[1])}"
        case "msqrt":
            return f"√{_grouped(children[0] if len(children) == 1 else element, inside=True)}"
        case "msup":
            return _write(children[0]) + _script(children[1], _RAISED, "^")
        case "msub" | "munder":
            return _write(children[0]) + _script(children[1], _LOWERED, "_") + _after_sum(children[0])
        case "msubsup" | "munderover":
            base = _write(children[0])
            return base + _script(children[1], _LOWERED, "_") + _script(children[2], _RAISED, "^")
        case "mover":
            return _write(children[0]) + "\u0302"
        case _:
            return _row(children)


def _row(children: list[ET.Element]) -> str:
    """Write the children in a row; a minus with nothing before it is a sign, not an operation."""
    written, previous = "", ""
    for child in children:
        piece = _write(child)
        if piece == " − " and (not written.strip() or written.rstrip()[-1] in "=([,←<>≤{"):
            piece = "−"
        # A space next to a fraction or a word: ½ r, z tanh.
        beside_word = _is_word(child) and written[-1:].isalnum()
        beside_fraction = previous == "mfrac" and piece[:1] not in " ),.|]"
        beside_fraction |= piece[:1] == "∑" and (written[-1:].isalnum() or written[-1:] in (")", "′"))
        if beside_word or beside_fraction:
            written += " "
        written += piece
        previous = child.tag
    return written


def _is_word(element: ET.Element) -> bool:
    """Whether this is an identifier of several letters, such as a function's name."""
    return element.tag == "mi" and len(element.text or "") > 1


def _after_sum(base: ET.Element) -> str:
    return " " if base.tag == "mo" else ""


def _script(element: ET.Element, characters: dict[str, str], mark: str) -> str:
    text = "".join(_write(element).split())
    if text == "′":
        return text
    if all(character in characters for character in text):
        return "".join(characters[character] for character in text)
    return f"{mark}{text}" if len(text) == 1 else f"{mark}({' '.join(_write(element).split())})"


def _grouped(element: ET.Element, *, inside: bool = False) -> str:
    """A part of a fraction or a root, in brackets unless it is a single symbol or number."""
    text = " ".join((_row(list(element)) if inside else _write(element)).split())
    several = len(element) > 1 and element.tag == "mrow" and not text.startswith("∂") and "(" not in text[:1]
    return f"({text})" if several or " " in text or "/" in text else text
