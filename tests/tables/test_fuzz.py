"""Thousands of small tables: rows, classes and numbers are kept, or their loss is said.

Each table is drawn as cells, with what they mean, and written in a drawn dialect. It is read twice: by the reader under
test, which has to find out everything, and by a plain one (`plain_rows`, `meaning`), which is told the dialect and the
kind of each column. Where the two differ, a remark has to name the column and count the values.
"""

import bz2
import csv
import gzip
import io
import lzma
import random
from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pellucid.tables.files import read

pytestmark = pytest.mark.slow

SEPARATORS = [",", ";", "\t", "|", " "]
ENDS = ["\n", "\r\n", "\r"]
ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"]
PACKINGS = [None, gzip.compress, bz2.compress, lzma.compress]
TITLES = ["", "Report of 2026", "# drawn at random", "Figures in thousands\n", "Report of 2026{0}", "{0}\nBy us{0}"]

NAMES = ["x", "weight kg", "größe", "art, genau", "A;B", 'the "best"', "tag|nacht", "2nd", "_", "Σ", "y.1", "note: z"]
CLASSES = [
    ["none", "minor", "major"], ["NA", "DE", "NO"], ["Na", "Mg", "Al", "Si"], ["null", "eins"], ["-", "+"], ["?", "!"],
    ["yes", "no"], ["true", "false"], ["a,b", "c;d"], ['say "hi"', "it's"], ["two\nlines", "one"], ["é", "日本", "🦉"],
    ["1a", "2a", "3b"], ["low", "Low", "LOW"], ["nan", "inf", "other"], ["N/A", "applies"], ["#1", "#2"],
    ["10-20", "20-30"], ["<5", "5 to 9", ">9"], ["1", "2", "3", "many"], ["none", "1", "2", "3"], ["€", "$"],
    ["k", "m"], ["A", "B", "x"],
    ["Jan", "Feb", "Mar"], ["may", "june"], ["1.2.3", "1.10.0"], ["00:1A", "00:2B"], ["total", "part"], ["x y", "y  z"],
]  # fmt: skip
WORDS = ["", "", "NA", "nil", "n.d.", "<NA>", "#DIV/0!", "-", "?", "none", "null", "NaN", "Ancient", "unknown", "."]
DAYS = [
    "%Y-%m-%d",
    "%Y/%m/%d",
    "%d.%m.%Y",
    "%m/%d/%Y",
    "%d/%m/%Y",
    "%b %d, %Y",
    "%d %b %Y",
    "%Y-%m-%dT%H:%M:%S",
    "%Y%m%d",
]


@dataclass(frozen=True)
class Column:
    """Cells and what they mean: a number, a time, or (None) the text itself."""

    kind: str
    cells: list[str]
    values: list[object]


# Drawing ----------------------------------------------------------------------------------------------------------


def grouped(value: float, decimals: int, thousands: str, decimal: str) -> str:
    return f"{value:,.{decimals}f}".replace(",", "\0").replace(".", decimal).replace("\0", thousands)


WAYS = {
    "plain": lambda v, d: f"{v:.{d}f}",
    "exponent": lambda v, d: f"{v:.15e}",
    "thousands, points": lambda v, d: grouped(v, d, ",", "."),
    "decimal commas": lambda v, d: f"{v:.{d}f}".replace(".", ","),
    "european": lambda v, d: grouped(v, d, ".", ","),
    "swiss": lambda v, d: grouped(v, d, "'", "."),
    "french": lambda v, d: grouped(v, d, "\u202f", ","),
    "dollars": lambda v, d: ("-$" if v < 0 else "$") + grouped(abs(v), d, ",", "."),
    "euros": lambda v, d: grouped(v, d, ".", ",") + " €",
    "accounting": lambda v, d: f"({-v:.{d}f})" if v < 0 else f"{v:.{d}f}",
    "percent": lambda v, d: f"{v:.{d}f} %",
    "minus of the printer": lambda v, d: f"{v:.{d}f}".replace("-", "−"),
}


def numbers(draw: random.Random, n: int, way: str) -> Column:
    decimals = draw.choice([0, 1, 2, 2, 4])
    scale = draw.choice([1, 100, 50_000])
    if way in ("decimal commas", "european", "french", "euros", "swiss", "thousands, points", "dollars"):
        decimals = draw.choice([1, 2, 2])  # else one sign with three digits may mean two things
    values = [round(draw.uniform(-scale, scale), decimals) + 0.0 for _ in range(n)]
    return Column("number", [WAYS[way](value, decimals) for value in values], values)


def with_words(draw: random.Random, column: Column) -> Column:
    """A few cells become words for missing, the plain reader's None."""
    cells, values = list(column.cells), list(column.values)
    word = draw.choice(WORDS)
    for place in draw.sample(range(len(cells)), max(1, len(cells) // 12)):
        cells[place], values[place] = word, None
    return Column(column.kind, cells, values)


def any_names(draw: random.Random) -> list[str]:
    """Classes of any letters, among them all that separate, quote or count."""
    letters = "abcXYZ019 ,;|\t\"'#-+.%()$€é日_/:<>=&\n"
    drawn = ["".join(draw.choices(letters, k=draw.randint(1, 8))) for _ in range(draw.randint(2, 5))]
    return [*{" ".join(name.split()): name for name in drawn if name.strip()}.values(), "a last one"]


def classes(draw: random.Random, n: int) -> Column:
    names = draw.choice(CLASSES) if draw.random() < 0.7 else any_names(draw)
    weights = [draw.choice([1, 1, 3, 9]) for _ in names]
    cells = [*names, *draw.choices(names, weights, k=n - len(names))]
    draw.shuffle(cells)
    if draw.random() < 0.2:
        for place in draw.sample(range(n), 2):
            cells[place] = draw.choice(["", "NA", "n/a"])
    return Column("text", cells, [None] * n)


def days(draw: random.Random, n: int) -> Column:
    form = draw.choice(DAYS)
    start = datetime(draw.choice([1925, 1969, 2001, 2020]), 1, 20, 7, 30 if "%H" in form else 0)
    start = start if "%H" in form else start.replace(hour=0)
    step = draw.choice([1, 7, 45])
    values = [start + timedelta(days=step * place) for place in range(n)]
    if draw.random() < 0.5:
        draw.shuffle(values)
    return Column("time", [value.strftime(form) for value in values], list(values))


def whole_numbers(draw: random.Random, n: int) -> Column:
    few = [float(draw.randint(-3, 20)) for _ in range(draw.choice([2, 5]))]
    values = draw.choice(
        [
            [draw.choice(few) for _ in range(n)],
            [float(place) for place in range(1, n + 1)],
            [float(draw.randint(0, 10**6)) for _ in range(n)],
        ]
    )
    return Column("number", [str(int(value)) for value in values], list(values))


def codes(draw: random.Random, n: int) -> Column:
    width = draw.choice([4, 5])
    cells = [f"{draw.randint(0, 10**width - 1):0{width}}" for _ in range(n)]
    return Column("text", [f"0{cells[0][1:]}", *cells[1:]], [None] * n)


def large(draw: random.Random, n: int) -> Column:
    names = [str(2**53 + draw.randint(0, 9)) for _ in range(3)]
    return Column("text", [draw.choice(names) for _ in range(n)], [None] * n)


def without(column: Column, places: set[int]) -> Column:
    kept = [place for place in range(len(column.cells)) if place not in places]
    return Column(column.kind, [column.cells[place] for place in kept], [column.values[place] for place in kept])


@st.composite
def tables(draw):
    """(columns, names, bytes, separator): a table, as cells and as a file."""
    seed = random.Random(draw(st.integers(0, 2**32)))
    n = draw(st.integers(12, 36))
    separator = draw(st.sampled_from(SEPARATORS))
    decimal = draw(st.sampled_from([",", "."]))
    ways = [way for way in WAYS if way == "plain" or ("," in WAYS[way](1234.5, 1)[-4:]) == (decimal == ",")]
    made = []
    for kind in draw(st.lists(st.sampled_from(["number"] * 3 + ["class"] * 3 + ["day", "whole", "code", "large"]),
                              min_size=2, max_size=5)):  # fmt: skip
        if kind == "number":
            # In a file of decimal commas a plain number has no point, or a person would not know either.
            way = draw(st.sampled_from([way for way in ways if way != "plain" or decimal == "."] or ["plain"]))
            column = numbers(seed, n, way)
        else:
            column = {"class": classes, "day": days, "whole": whole_numbers, "code": codes, "large": large}[kind](
                seed, n
            )
        made.append(with_words(seed, column) if column.kind != "text" and draw(st.booleans()) else column)
    empty = {
        place
        for place, row in enumerate(zip(*(one.cells for one in made), strict=True))
        if not any(map(str.strip, row))
    }
    made = [without(one, empty) for one in made]  # a line without any value is no row
    names = draw(st.permutations(NAMES))[: len(made)]
    return made, list(names), as_file(draw, made, names, separator), separator


def as_file(draw, columns, names, separator):
    out = io.StringIO(newline="")
    quoting = draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]))
    if separator == " ":
        quoting = csv.QUOTE_ALL  # an empty value is seen only so
    end = draw(st.sampled_from(ENDS))
    if end == "\r" and any("\n" in cell for column in columns for cell in column.cells):
        quoting = csv.QUOTE_ALL  # the standard library looks for the line end alone
    writer = csv.writer(out, delimiter=separator, quoting=quoting, lineterminator=end)
    title = draw(st.sampled_from(TITLES)) if separator != " " else ""
    if separator in ",;" and draw(st.booleans()) and not title:
        out.write(f"sep={separator}{end}")
    elif title:
        out.write(title.format(separator * (len(columns) - 1)).replace("\n", end) + end)
    writer.writerow(names)
    writer.writerows(zip(*(column.cells for column in columns), strict=True))
    content = out.getvalue().encode(draw(st.sampled_from(ENCODINGS)))
    packing = draw(st.sampled_from(PACKINGS))
    return packing(content) if packing else content


# Judging ----------------------------------------------------------------------------------------------------------


def same_text(cell: str, read_value: object) -> bool:
    return " ".join(cell.split()) == " ".join(str(read_value).split())


def judge(column: Column, found: pl.Series, said: str) -> str:
    """What is wrong with a column that was read; empty where nothing is."""
    name = found.name
    told = name in said
    if len(found) != len(column.cells):
        return f"{len(found)} rows of {len(column.cells)}"
    values = found.to_list()
    if found.dtype == pl.String:
        for cell, value in zip(column.cells, values, strict=True):
            if value is None and cell.strip() and not (told and f'"{cell.strip()}"' in said):
                return f"{cell!r} was lost"
            if value is not None and not same_text(cell, value):
                return f"{cell!r} became {value!r}"
        return "" if column.kind == "text" or told else "its values became text, and nothing is said"
    if column.kind == "text":
        return judge_classes(column.cells, values, told)
    for cell, expected, value in zip(column.cells, column.values, values, strict=True):
        if expected is None and value is not None:
            return f"{cell!r} became {value!r}"
        if expected is not None and value is None:
            return f"{cell!r} was lost"
        if expected is None and cell.strip() and f'"{cell.strip()}"' not in said:
            return f"{cell!r} was taken as missing, and nothing is said"
        if expected is not None and not same_value(expected, value):
            return f"{cell!r} became {value!r}"
    return ""


def same_value(expected: object, value: object) -> bool:
    if isinstance(expected, datetime) or isinstance(value, datetime):
        return expected == value
    return abs(float(expected) - float(value)) <= 1e-9 * max(1.0, abs(float(expected)))


def judge_classes(cells: list[str], values: list[object], told: bool) -> str:
    """Classes that became numbers or times: as many as there were, or a remark names the column."""
    pairs = {(" ".join(cell.split()), value) for cell, value in zip(cells, values, strict=True) if cell.strip()}
    if len({cell for cell, _ in pairs}) == len({value for _, value in pairs if value is not None}):
        return ""
    return "" if told else f"classes became {sorted(map(str, {value for _, value in pairs}))}"


def test_rows_classes_and_numbers_are_kept_or_their_loss_is_said(proof_size):
    """`make proofs` draws 20,000 tables."""

    @settings(
        max_examples=proof_size(300, 20_000),
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(tables())
    def holds(case):
        columns, names, content, separator = case
        reading = read(content, name="table.csv")
        said = "\n".join(reading.remarks.lines())
        assert reading.table.columns == [" ".join(name.split()) for name in names], said
        for column, name in zip(columns, reading.table.columns, strict=True):
            wrong = judge(column, reading.table[name], said)
            assert not wrong, f"{name!r} ({column.kind}, {separator!r}): {wrong}; said: {said!r}"

    holds()
