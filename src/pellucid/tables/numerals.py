"""Parse numbers with currency signs, percent, units, thousands separators and decimal commas.

The meaning of `1,234` or `1.250` cannot be decided from one value. It is decided by the other values of its column,
then by the other columns of the file, then by convention.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import polars as pl

Sign = Literal[".", ","]

_CODES = "USD|EUR|GBP|CHF|JPY|CNY|RMB|INR|AUD|CAD|NZD|SEK|NOK|DKK|PLN|CZK|HUF|BRL|MXN|ZAR|RUB|TRY|KRW|SGD|HKD"
_CURRENCY = rf"(?:[A-Z]{{0,3}}\p{{Sc}}|{_CODES}|Fr\.|kr\.?|zł|Kč|Rs\.?)"
_UNIT = r"(?:[%‰]|[A-Za-zµμΩ°º][A-Za-zµμΩ°º²³/^*.·-]{0,11}[²³23]?)"
_WHOLE = (
    r"^'?(?P<open>\()?\s*(?P<bound>[<>]=?|[≤≥~≈])?\s*(?P<sign>[-+])?\s*(?P<before>" + _CURRENCY + r")?\s*"
    r"(?P<inner>[-+])?\s*(?P<digits>\d[\d.,' _]*|[.,]\d[\d' _]*)(?P<power>[eE][-+]?\d+)?\s*"
    r"(?P<after>" + _CURRENCY + r")?\s*(?P<unit>" + _UNIT + r")?\s*(?P<last>-)?\s*(?P<close>\))?'?$"
)  # fmt: skip

_SPACES = "\u00a0\u202f\u2009\u2007\u2008"
_LETTERS = (
    dict.fromkeys("−–—﹣－", "-")
    | dict.fromkeys(_SPACES, " ")
    | dict.fromkeys("’‘ʼ´`٬", "'")
    | {"٫": ".", "＋": "+", "．": ".", "，": ",", "％": "%"}
    | {chr(zero + digit): str(digit) for zero in (0x0660, 0x06F0, 0x0966, 0xFF10) for digit in range(10)}
)
"""Characters and their ASCII equivalents."""

_SHARES = ("%", "‰")
_MAX_CLASSES = 20

_AMBIGUOUS = r"^[1-9]\d{0,2}%s\d{3}$"
_DECIMAL = r"^\d*%s\d+$|^\d{1,3}(?:[%s' ]\d{3})+%s\d+$"
_THOUSANDS = r"^\d{1,3}(?:%s\d{3}){2,}$|^\d{1,3}(?:%s\d{3})+%s\d*$|^[1-9]\d?(?:%s\d{2})+%s\d{3}$"

_ROWS_AS_EVIDENCE = 0.05
"""Share of the conclusive values below which those for the other sign count as typing errors."""


@dataclass(frozen=True)
class Evidence:
    """Number of distinct values of a column that must have a decimal comma, and of those that must have a point."""

    comma: int = 0
    point: int = 0

    def __add__(self, other: Evidence) -> Evidence:
        return Evidence(self.comma + other.comma, self.point + other.point)

    @property
    def decimal(self) -> Sign | None:
        """The decimal sign that nearly all conclusive values show; None if there are none or they disagree."""
        total = self.comma + self.point
        if not total or min(self.comma, self.point) > _ROWS_AS_EVIDENCE * total:
            return None
        return "," if self.comma > self.point else "."


@dataclass(frozen=True)
class Numerals:
    """The distinct values of a column as numbers (null if not a number), their format, and why they are no numbers."""

    numbers: pl.Series
    manner: tuple[str, ...] = ()
    doubt: str = ""


def take_apart(words: pl.Series) -> pl.DataFrame:
    """The parts of each word that may be a number; all null if it has not the form of one."""
    plain = words.str.replace_many(list(_LETTERS), list(_LETTERS.values())).str.replace(r"(\d)[.,]--?(\D*)$", "$1$2")
    parts = plain.str.extract_groups(_WHOLE).struct.unnest()
    return parts.with_columns(pl.col("digits").str.strip_chars(" _'"), words.alias("word"))


def evidence(parts: pl.DataFrame) -> Evidence:
    """Evidence on the decimal sign in the distinct values of one column."""
    digits = parts["digits"].drop_nulls()
    return Evidence(comma=_speaking_for(digits, ",", "."), point=_speaking_for(digits, ".", ","))


def is_ambiguous(parts: pl.DataFrame, sign: Sign) -> bool:
    """Whether values have one such sign followed by three digits, and no value shows what the sign means."""
    digits = parts["digits"].drop_nulls()
    return bool(digits.str.contains(_AMBIGUOUS % f"[{sign}]").any()) and evidence(parts) == Evidence()


def read(parts: pl.DataFrame, decimal: Sign) -> Numerals:
    """Convert words, split into their parts, to numbers with the given decimal sign."""
    words = parts["word"]
    other = "." if decimal == "," else ","
    grouped = rf"^\d{{1,3}}(?:[{other}]\d{{3}})+(?:[{decimal}]\d*)?$|^\d{{1,3}}(?:[' _]\d{{3}})+(?:[{decimal}]\d*)?$"
    indian = rf"^[1-9]\d?(?:[{other}]\d{{2}})+[{other}]\d{{3}}(?:[{decimal}]\d*)?$"
    plain = rf"^\d+[{decimal}]?\d*$|^[{decimal}]\d+$"
    digits = pl.col("digits")
    is_grouped = digits.str.contains(f"{grouped}|{indian}") & ~digits.str.contains(plain)
    ungrouped = pl.when(is_grouped).then(digits.str.replace_all(rf"[{other}' _]", "")).otherwise(digits)
    well_formed = digits.str.contains(plain) | is_grouped
    balanced = pl.col("open").is_null() == pl.col("close").is_null()
    signs = pl.sum_horizontal(pl.col("sign", "inner", "last", "open").is_not_null().cast(pl.Int8))
    minus = (pl.col("open").is_not_null() | pl.col("last").is_not_null()
             | (pl.col("sign") == "-").fill_null(False) | (pl.col("inner") == "-").fill_null(False))  # fmt: skip
    text = pl.concat_str(ungrouped.str.replace(decimal, ".", literal=True), pl.col("power").fill_null(""))
    value = text.cast(pl.Float64, strict=False) * pl.when(minus).then(-1.0).otherwise(1.0)
    table = parts.with_columns(
        value=pl.when(well_formed & balanced & (signs <= 1)).then(value),
        grouped=is_grouped,
        minus=minus,
        currency=pl.coalesce("before", "after"),
    )
    read_ones = table.filter(pl.col("value").is_not_null())
    doubt, table = _doubt(read_ones, table)
    return Numerals(table["value"].alias(words.name), _manner(read_ones, decimal), doubt)


def _speaking_for(digits: pl.Series, sign: Sign, other: Sign) -> int:
    decimal = digits.str.contains(_DECIMAL % (f"[{sign}]", other, f"[{sign}]"))
    doubtful = digits.str.contains(_AMBIGUOUS % f"[{sign}]")
    thousands = digits.str.contains(_THOUSANDS % (f"[{other}]", f"[{other}]", f"[{sign}]", f"[{other}]", f"[{other}]"))
    return int(((decimal & ~doubtful) | thousands).sum())


def _doubt(read_ones: pl.DataFrame, table: pl.DataFrame) -> tuple[str, pl.DataFrame]:
    """Reason why numbers cannot form one column: several currencies, several units, or a unit for some values only."""
    doubt = ""
    currencies = read_ones["currency"].drop_nulls().unique().sort().to_list()
    units = read_ones["unit"].drop_nulls().unique().sort().to_list()
    if 2 * read_ones["bound"].is_not_null().sum() > read_ones.height:  # classes such as <5 and >9
        return "", table.with_columns(pl.when(pl.col("bound").is_null()).then("value"))
    bare = read_ones.filter(pl.col("unit").is_null() & (pl.col("value") != 0)).height
    if len(currencies) > 1:
        doubt = f"amounts in {len(currencies)} currencies ({', '.join(currencies[:4])}): write all in one"
    elif units and units[0] not in _SHARES and not _measures(read_ones):
        return "", table.with_columns(pl.when(pl.col("unit").is_null()).then("value"))  # a few classes such as 2d, 3d
    elif len(units) > 1:
        doubt = f"numbers with {len(units)} units ({', '.join(units[:4])}): write all in one"
    elif units and bare:
        if 2 * bare > read_ones.height:  # most have none: the others are words among numbers, such as 12a
            return "", table.with_columns(pl.when(pl.col("unit").is_null()).then("value"))
        doubt = f'numbers of which some have "{units[0]}" and some not: write all in one way'
    if doubt:
        return doubt, table.with_columns(value=pl.lit(None, pl.Float64))
    return "", table


def _measures(read_ones: pl.DataFrame) -> bool:
    """Whether numbers with units are measurements rather than names of a few classes."""
    values = read_ones["value"]
    return values.n_unique() > _MAX_CLASSES or bool((values != values.floor()).any())


def _manner(read_ones: pl.DataFrame, decimal: Sign) -> tuple[str, ...]:
    """Description of the number formats in a column."""
    digits = read_ones["digits"]
    found = []
    currencies = read_ones["currency"].drop_nulls().unique().to_list()
    units = read_ones["unit"].drop_nulls().unique().to_list()
    found += [f'"{currency}"' for currency in currencies[:1]] + [f'"{unit}"' for unit in units[:1]]
    if decimal == "," and digits.str.contains(",", literal=True).any():
        found.append("decimal commas")
    groups = read_ones.filter(pl.col("grouped"))["digits"]
    for sign, name in ((",", "commas"), (".", "points"), (" ", "blanks"), ("'", "apostrophes"), ("_", "underscores")):
        if sign != decimal and groups.str.contains(sign, literal=True).any():
            found.append(f"{name} between thousands")
    if read_ones["open"].is_not_null().any():
        found.append("brackets for minus")
    if read_ones["last"].is_not_null().any():
        found.append("minus behind")
    if read_ones["bound"].is_not_null().any():
        bounds = read_ones.filter(pl.col("bound").is_not_null())["word"]
        found.append(f'bounds such as "{bounds[0]}", taken as the number itself')
    return tuple(found)
