"""Escape control codes, and replace characters that an output cannot show.

`visible` is for text from outside (names, values, file names): control codes become readable escapes. The error handler
`PLAIN` is for whole streams: characters that the encoding of the output lacks are replaced by ASCII, so that "30 → 50"
becomes "30 -> 50" on a code page of Windows.
"""

from __future__ import annotations

import codecs
import unicodedata

PLAIN = "pellucid-plain"
"""The name of the error handler, for `errors=` of a stream."""

_WORDS = {
    "→": "->", "←": "<-", "↔": "<->", "⇒": "=>", "↦": "|->", "×": "x", "·": "*", "⋅": "*", "•": "*", "⊙": "o", "∘": "o",
    "⊗": "(x)", "″": "''",
    "−": "-", "±": "+/-", "√": "sqrt ", "∂": "d", "∇": "grad ", "∑": "sum ", "∏": "product ", "∫": "integral ",
    "∞": "inf", "≤": "<=", "≥": ">=", "≠": "!=", "≈": "~", "∈": " in ", "∝": "~", "‖": "||", "′": "'", "⊤": "T",
    "⋮": ":", "⋯": "...", "⌊": "floor(", "⌋": ")", "⌈": "ceil(", "⌉": ")", "⟨": "<", "⟩": ">", "‰": "/1000",
    "–": "-", "—": "-", "‘": "'", "’": "'", "ʼ": "'", "“": '"', "”": '"', "„": '"', "«": "<<", "»": ">>",
    "§": "section ", "°": " degrees", "µ": "mu", "✓": "ok", "✗": "x", "█": "#", "\u0302": "^", "\u0304": "-",
    "⎡": "[", "⎢": "[", "⎣": "[", "⎤": "]", "⎥": "]", "⎦": "]",
    "Γ": "Gamma", "Δ": "Delta", "Θ": "Theta", "Λ": "Lambda", "Π": "product ", "Σ": "sum ", "Φ": "Phi", "Ψ": "Psi",
    "Ω": "Omega", "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "epsilon", "ϵ": "epsilon",
    "ζ": "zeta", "η": "eta", "θ": "theta", "κ": "kappa", "λ": "lambda", "μ": "mu", "ν": "nu", "ξ": "xi", "π": "pi",
    "ρ": "rho", "σ": "sigma", "τ": "tau", "φ": "phi", "ϕ": "phi", "χ": "chi", "ψ": "psi", "ω": "omega",
}  # fmt: skip

_DIRECTIONS = (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
"""Characters that change the direction of writing, which can disguise a name."""

_HIDDEN = (*range(0x20), *range(0x7F, 0xA0), 0x00AD, 0x200B, 0x2028, 0x2029, 0x2060, 0xFEFF, *_DIRECTIONS)
_SHORT = {0x09: "\\t", 0x0A: "\\n", 0x0D: "\\r"}


def _escape(code: int) -> str:
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


_VISIBLE = {code: _SHORT.get(code, _escape(code)) for code in _HIDDEN}
_VISIBLE |= {code: _escape(code) for code in range(0xD800, 0xE000)}  # halves of pairs, which no encoding has
_VISIBLE |= {code: _escape(code - 0xDC00) for code in range(0xDC80, 0xDD00)}  # undecodable bytes of a file name
_VISIBLE_LINES = {code: shown for code, shown in _VISIBLE.items() if code not in (0x09, 0x0A)}


def visible(text: object) -> str:
    r"""A name or value on one line, with every control code as an escape.

    >>> print(visible("red \x1b[31m, two\nlines"))
    red \x1b[31m, two\nlines
    """
    return str(text).translate(_VISIBLE)


def visible_lines(text: str) -> str:
    r"""The same for a text of several lines: line ends and tabs are kept.

    >>> print(visible_lines("two\nlines\a"))
    two
    lines\x07
    """
    return text.translate(_VISIBLE_LINES)


def plain(text: str) -> str:
    r"""A text in ASCII: mathematical symbols in words, all other characters outside ASCII as escapes.

    >>> plain("δ⁽²⁾ → 10⁻⁴ ≤ x₁₂, Zoë")
    'delta^(2) -> 10^-4 <= x_12, Zo\\xeb'
    """
    pieces: list[str] = []
    raised = ""
    for sign in text:
        kind, _, codes = unicodedata.decomposition(sign).partition(" ")
        mark = {"<super>": "^", "<sub>": "_"}.get(kind, "")
        if mark:
            meant = _WORDS.get(letter := chr(int(codes, 16)), letter)
            pieces.append(meant if mark == raised or meant == ")" else mark + meant)
        else:
            pieces.append(_plain_sign(sign))
        raised = mark
    return "".join(pieces)


def _plain_sign(sign: str) -> str:
    code = ord(sign)
    if code < 0x80:
        return sign
    if 0xDC80 <= code <= 0xDCFF:  # a byte of a file name that cannot be decoded
        return _escape(code - 0xDC00)
    if sign in _WORDS:
        return _WORDS[sign]
    if 0x2500 <= code < 0x2580:  # box-drawing characters
        return "-" if sign in "─━═" else "|" if sign in "│┃║" else "+"
    kind, _, codes = unicodedata.decomposition(sign).partition(" ")
    if kind.startswith("<"):  # a compatibility variant: ½, …, ℓ
        same = "".join(chr(int(one, 16)) for one in codes.split()).replace("\u2044", "/")
        if same.isascii():
            return same
    return _escape(code)


def _replace(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return plain(error.object[error.start : error.end]), error.end


codecs.register_error(PLAIN, _replace)
