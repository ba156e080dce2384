"""Convert columns of text to numbers or times, or keep them as text, by all of their values; remark on each decision.

Most columns are plain numbers or plain text, and cost one pass. Only if some values of a column are not plain numbers
are its distinct values examined one by one.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import polars as pl

from pellucid.tables import dates, numerals
from pellucid.tables.errors import listed
from pellucid.tables.remarks import Remarks
from pellucid.tables.words import WRITTEN_BY_PROGRAMS, missing_among_numbers, missing_in_text

MAX_EXACT_INTEGER = 2**53
"""Different whole numbers above this may be equal as float64."""

_MOSTLY = 0.5


@dataclass
class _Column:
    """A column that is not plain numbers: its text, its distinct values, and the parts of those."""

    text: pl.Series
    words: pl.Series
    counts: pl.Series
    parts: pl.DataFrame
    plain: int

    @cached_property
    def evidence(self) -> numerals.Evidence:
        """Evidence on the decimal sign in its values."""
        return numerals.evidence(self.parts)

    @cached_property
    def numeric_share(self) -> float:
        """Share of its values that have the form of a number."""
        known = int(self.counts.sum())
        numbers = self.parts["digits"].is_not_null() & self.parts["bound"].is_null()
        return int(self.counts.filter(numbers).sum()) / max(1, known)


def stripped(text: pl.DataFrame) -> pl.DataFrame:
    """Strip blanks around values. An empty value is missing in every column."""
    return text.select(pl.all().str.strip_chars()).with_columns(pl.when(pl.all() != "").then(pl.all()))


def typed(text: pl.DataFrame, remarks: Remarks, *, separator: str) -> pl.DataFrame:
    """Each column of stripped text as Float64, Datetime or String; `separator` is that of the file, if it has one."""
    numbers = text.select(pl.all().cast(pl.Float64, strict=False).fill_nan(None))
    odd = {
        name: _taken_apart(text[name], numbers[name])
        for name in text.columns
        if numbers[name].null_count() > text[name].null_count()
    }
    of_columns = {name: one.evidence for name, one in odd.items() if one.numeric_share >= _MOSTLY}
    of_file = sum(of_columns.values(), numerals.Evidence())
    in_doubt = any(numerals.is_ambiguous(odd[name].parts, ",") for name in of_columns)
    if in_doubt and not of_file.comma:
        of_file += _points_of_plain_numbers(text, odd)
    if (of_file.comma and of_file.decimal != ".") or (in_doubt and separator == ";" and not of_file.point):
        _look_again(text, odd, numbers)
    usual_order = _usual_order(odd)
    done = []
    for name in text.columns:
        if text[name].null_count() == len(text[name]):
            done.append(text[name])
        elif name in odd:
            decimal = _decimal_sign(odd[name], of_file, separator)
            done.append(_from_words(odd[name], decimal, usual_order, remarks))
        else:
            done.append(_from_plain_numbers(text[name], numbers[name], remarks))
    return pl.DataFrame(done)


def from_whole_numbers(column: pl.Series, remarks: Remarks) -> pl.Series:
    """Whole numbers of a typed column as Float64, or as text if that would lose digits of recurring values."""
    if column.abs().max() is None or int(column.abs().max()) < MAX_EXACT_INTEGER:  # type: ignore[arg-type]
        return column.cast(pl.Float64)
    return _beyond_exact(column.cast(pl.String), column.cast(pl.Float64), remarks)


# The decimal sign -------------------------------------------------------------------------------------------------


def _taken_apart(text: pl.Series, numbers: pl.Series) -> _Column:
    counted = text.drop_nulls().value_counts(sort=True)
    words = counted[text.name]
    plain = len(numbers) - numbers.null_count()
    # A sample of very many different texts is enough to see whether they are numbers at all.
    looked_at = words if plain or _many_numbers(words) else words.head(0)
    return _Column(text, words, counted["count"], _padded(numerals.take_apart(looked_at), words), plain)


def _many_numbers(words: pl.Series) -> bool:
    sample = numerals.take_apart(words.gather_every(max(1, len(words) // 200)))
    return int(sample["digits"].is_not_null().sum()) >= 0.3 * len(sample)


def _padded(parts: pl.DataFrame, words: pl.Series) -> pl.DataFrame:
    if parts.height == len(words):
        return parts
    return pl.DataFrame({name: pl.Series([None] * len(words), dtype=pl.String) for name in parts.columns}).with_columns(
        word=words
    )


def _points_of_plain_numbers(text: pl.DataFrame, odd: dict[str, _Column]) -> numerals.Evidence:
    """Evidence from columns of plain numbers: points that can only be decimal points."""
    others = [name for name in text.columns if name not in odd]
    certain = r"^[-+]?(?:0?\.\d+|\d+\.(?:\d{1,2}|\d{4,}))$"
    return numerals.Evidence(point=sum(bool(text[name].str.contains(certain).any()) for name in others))


def _look_again(text: pl.DataFrame, odd: dict[str, _Column], numbers: pl.DataFrame) -> None:
    """In a file with decimal commas, 1.250 next to 999 is not a plain number: examine such columns, too."""
    for name in text.columns:
        if name not in odd and text[name].str.contains(r"^[-+]?[1-9]\d{0,2}\.\d{3}$").any():
            column = _taken_apart(text[name], numbers[name])
            if numerals.is_ambiguous(column.parts, "."):
                odd[name] = column


def _decimal_sign(column: _Column, of_file: numerals.Evidence, separator: str) -> numerals.Sign:
    """Decide by the column, else by the file, else by the separator: semicolons suggest decimal commas."""
    own = column.evidence
    if own.comma or own.point:
        return own.decimal or ("," if own.comma > own.point else ".")
    return of_file.decimal or ("," if separator == ";" else ".")


# One column -------------------------------------------------------------------------------------------------------


def _from_plain_numbers(text: pl.Series, numbers: pl.Series, remarks: Remarks) -> pl.Series:
    if text.str.contains(r"^[-+]?0\d").any() and _are_codes(text, remarks):
        return text
    if (numbers.abs() >= MAX_EXACT_INTEGER).any() and not text.str.contains(r"[.eE]|inf").any():
        return _beyond_exact(text, numbers, remarks)
    if _may_be_dates(numbers):
        known = pl.DataFrame({"word": text, "number": numbers}).unique("word", maintain_order=True).drop_nulls()
        found = _dates_of_digits(known["word"].alias(text.name), known["number"], remarks)
        return _replaced(text, known["word"], found) if found.dtype == pl.Datetime else numbers
    return numbers


def _dates_of_digits(words: pl.Series, numbers: pl.Series, remarks: Remarks) -> pl.Series:
    """The numbers, or dates if all are of the form 20150131."""
    if not _may_be_dates(numbers):
        return numbers
    taken = numbers.is_not_null()
    found = dates.read(words.filter(taken), digits=True)
    if found is None or found.times.null_count():
        return numbers
    remarks.add(f"dates ({found.manner})", words.name)
    return _aligned(words, words.filter(taken), found.times)


def _may_be_dates(numbers: pl.Series) -> bool:
    """Whether all are whole numbers from 19000101 to 21001231, with at least two distinct ones."""
    low, high = numbers.min(), numbers.max()
    return (
        low is not None
        and high is not None
        and 19_000_101 <= float(low) <= float(high) <= 21_001_231  # type: ignore[arg-type]
        and numbers.n_unique() >= 5
    )


def _are_codes(text: pl.Series, remarks: Remarks) -> bool:
    """Whether values such as 02134 are codes: if all have the same length, or many begin with 0."""
    known = text.drop_nulls()
    leading = known.filter(known.str.contains(r"^0\d+$"))
    if leading.is_empty():
        return False
    one_length = known.str.len_chars().n_unique() == 1 and known.str.contains(r"^\d+$").all()
    if one_length or len(leading) >= 0.02 * len(known):
        remarks.add(f'codes, for some begin with 0 ("{leading[0]}"): taken as text', text.name)
        return True
    remarks.add(f'{len(leading):,} of the numbers begin with 0, such as "{leading[0]}": taken as numbers', text.name)
    return False


def _beyond_exact(text: pl.Series, numbers: pl.Series, remarks: Remarks) -> pl.Series:
    known = text.drop_nulls()
    if known.n_unique() <= len(known) / 2:
        remarks.add("whole numbers beyond 2^53: taken as text, with all their digits", text.name)
        return text
    count = int((numbers.abs() >= MAX_EXACT_INTEGER).sum())
    remarks.add(f"{count:,} whole numbers beyond 2^53: rounded to 16 digits", text.name)
    return numbers


def _from_words(
    column: _Column, decimal: numerals.Sign, usual_order: dates.Order | None, remarks: Remarks
) -> pl.Series:
    """Convert a column in which some values are not plain numbers."""
    name, words, counts = column.text.name, column.words, column.counts
    if column.parts["digits"].is_not_null().any():
        found = numerals.read(column.parts, decimal)
        taken = found.numbers.is_not_null()
        if taken.any() and _has_leading_zeros(words, taken):
            if column.numeric_share > _MOSTLY:
                return _as_codes(column, words.filter(taken), remarks)
        elif taken.any():
            missing = _missing(words, counts, found.numbers)
            if missing is not None:
                if found.manner:
                    remarks.add(f"numbers written with {', '.join(found.manner)}", name)
                if missing:
                    remarks.take_as_missing(name, missing)
                return _replaced(column.text, words, _dates_of_digits(words, found.numbers, remarks))
        own = column.evidence
        if own.decimal is None and own.comma and own.point and column.numeric_share >= 0.8:
            remarks.add(
                "taken as text, for some numbers have decimal commas and some points: write all in one way", name
            )
        elif found.doubt and column.numeric_share >= 0.8 and len(words) > 20:
            remarks.add(f"taken as text, for it holds {found.doubt}", name)
    likely = words.filter(words.str.contains(r"\d"))
    days = dates.read(likely, usual=usual_order) if len(likely) else None
    if days is not None:
        times = _aligned(words, likely, days.times)
        missing = _missing(words, counts, times.dt.epoch("s").cast(pl.Float64), dates_only=True)
        if days.doubt:
            remarks.add(f"taken as text: {days.doubt}", name)
        elif missing is not None:
            if days.manner:
                remarks.add(f"dates ({days.manner})", name)
            if missing:
                remarks.take_as_missing(name, missing)
            return _replaced(column.text, words, times)
    clock = dates.clock_times(likely) if len(likely) else None
    if clock is not None:
        seconds = _aligned(words, likely, clock)
        missing = _missing(words, counts, seconds, dates_only=True)
        if missing is not None:
            remarks.add("times of day, as seconds", name)
            if missing:
                remarks.take_as_missing(name, missing)
            return _replaced(column.text, words, seconds)
    if len(likely) >= _MOSTLY * len(words) and name not in remarks.columns() and dates.look_unread(likely):
        remarks.add("taken as text: looks like dates, in several orders or other words: write 2015-01-31", name)
    return _as_text(column, remarks)


def _as_codes(column: _Column, codes: pl.Series, remarks: Remarks) -> pl.Series:
    """Keep codes such as 02134 as text; words that programs write for missing values become missing."""
    name = column.text.name
    first = codes.filter(codes.str.contains(r"^0\d+$"))[0]
    remarks.add(f'codes, for some begin with 0 ("{first}"): taken as text', name)
    counts = dict(zip(column.words.to_list(), column.counts.to_list(), strict=True))
    missing = {word: count for word, count in counts.items() if word.lower() in WRITTEN_BY_PROGRAMS}
    if not missing:
        return column.text
    remarks.take_as_missing(name, missing)
    return column.text.set(column.text.is_in(list(missing)).fill_null(False), None)


def _has_leading_zeros(words: pl.Series, taken: pl.Series) -> bool:
    """Whether the numbers among words for missing values are codes such as 02134."""
    numbers = words.filter(taken)
    leading = int(numbers.str.contains(r"^0\d+$").sum())
    return leading > 0 and (leading >= 0.02 * len(numbers) or numbers.str.len_chars().n_unique() == 1)


def _missing(
    words: pl.Series, counts: pl.Series, values: pl.Series, *, dates_only: bool = False
) -> dict[str, int] | None:
    """The words that are taken as missing values; None if the column has to stay text."""
    taken = values.is_not_null()
    odd = dict(zip(words.filter(~taken).to_list(), counts.filter(~taken).to_list(), strict=True))
    if not odd:
        return {}
    known = values.filter(taken)
    whole = not dates_only and bool((known == known.floor()).all())
    missing = missing_among_numbers(
        odd, numbers=int(counts.filter(taken).sum()), different=known.n_unique(), whole=whole
    )
    return missing or None


def _as_text(column: _Column, remarks: Remarks) -> pl.Series:
    words, counts = column.words, column.counts
    if column.numeric_share > _MOSTLY and column.text.name not in remarks.columns():
        odd = words.filter(column.parts["digits"].is_null())
        if len(odd):
            remarks.add(f"taken as text, for words stand beside numbers ({listed(odd, most=3)})", column.text.name)
    candidates = words.str.len_chars() <= 8
    if not candidates.any():
        return column.text
    missing = missing_in_text(dict(zip(words.to_list(), counts.to_list(), strict=True)))
    if not missing:
        return column.text
    remarks.take_as_missing(column.text.name, missing)
    return column.text.set(column.text.is_in(list(missing)).fill_null(False), None)


def _usual_order(odd: dict[str, _Column]) -> dates.Order | None:
    """The order of day and month in the file's columns, if they agree."""
    orders = set()
    for column in odd.values():
        likely = column.words.filter(column.words.str.contains(r"^\d{1,2}[-/]\d{1,2}[-/]\d"))
        found = dates.read(likely) if len(likely) > _MOSTLY * len(column.words) else None
        if found is not None and found.order is not None:
            orders.add(found.order)
    return orders.pop() if len(orders) == 1 else None


def _aligned(words: pl.Series, some: pl.Series, values: pl.Series) -> pl.Series:
    """The values of some of the words, aligned with all of them."""
    return _replaced(words, some, values)


def _replaced(text: pl.Series, words: pl.Series, values: pl.Series) -> pl.Series:
    """Replace each word by its value; null if it has none."""
    table = pl.DataFrame({"word": words, "value": values})
    joined = text.to_frame("word").join(table, on="word", how="left", maintain_order="left")
    return joined["value"].alias(text.name)
