"""A table as text: separator, quotes, decimal sign, head and types are found out; whatever is broken is told with its
line.

Python's own reader takes the cells apart. Its ``Sniffer`` is not asked: it fails on tables with one quoted cell, and
takes letters for separators; here a separator is what cuts the first lines into equally many cells.
"""

from __future__ import annotations

import csv
import io
import math
import re
from array import array
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, BinaryIO, Literal

import numpy

from chalknet.datasets import columns as described
from chalknet.datasets.shelf import MOST_NAMES, About, Column
from chalknet.intake import limits
from chalknet.intake.report import Refused, Report, plain

SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "upright strokes", " ": "spaces"}
NOTHING = frozenset({"", "na", "n/a", "nan", "null", "none", "?", "-", "–", "—", ".", "#n/a", "missing", "nil"})
"""What stands for a value that is missing, in small letters."""
SAMPLE = 200
"""Lines that are looked at to find out how the table is written."""
GOOD = 0.9
"""Share of a column's values that must be numbers for the others to be mistakes rather than the column words."""
MOST_REMEMBERED = 50_000
"""Different words of a column that are kept apart, until it is taken for free text."""
MISSING, NUMBER = -1, -2
BLOCK = 50_000
"""Cells that are held as text at a time."""

_PLAIN = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_COMMA = re.compile(r"[+-]?\d+,\d+([eE][+-]?\d+)?|[+-]?\d{1,3}(\.\d{3})+(,\d+)?")
_ODD = re.compile(r"[^0-9eE+\-. ]")
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")


@dataclass(frozen=True)
class Writing:
    """How a table is written."""

    separator: str
    decimal: Literal[".", ","]
    header: bool


class _Column:
    """A column while it is read: a number or NaN for every row, and which word where it is none."""

    def __init__(self) -> None:
        self.values = array("d")
        self.codes = array("i")
        self.words: dict[str, int] = {}
        self.first: dict[int, int] = {}
        """The line of each word's first."""
        self.numbers = self.missing = 0

    def extend(self, cells: tuple[str, ...], lines: list[int], decimal: str) -> None:
        """Adds a cell a row, all at once where all of them are plain numbers."""
        if decimal == "." and not _ODD.search("".join(cells)):
            try:
                values = array("d", map(float, cells))
            except ValueError:
                pass
            else:
                if all(map(math.isfinite, values)):
                    self.values.extend(values)
                    self.codes.extend([NUMBER] * len(cells))
                    self.numbers += len(cells)
                    return
        for cell, line in zip(cells, lines, strict=True):
            self.add(cell, line, decimal)

    def add(self, cell: str, line: int, decimal: str) -> None:
        cell = cell.strip()
        value = number(cell, decimal)
        if value is not None:
            self.numbers += 1
            self.values.append(value)
            self.codes.append(NUMBER)
            return
        if cell.lower() in NOTHING:
            self.missing += 1
            self.values.append(math.nan)
            self.codes.append(MISSING)
            return
        word = plain(cell, 120)
        code = self.words.get(word)
        if code is None:
            code = len(self.words)
            if code < MOST_REMEMBERED:
                self.words[word] = code
                self.first[code] = line
        self.values.append(math.nan)
        self.codes.append(code)


def number(cell: str, decimal: str) -> float | None:
    """A cell as a number; None where it is none, or none that is finite."""
    if cell.isdecimal() and cell.isascii():
        return float(cell) if len(cell) < 300 else None
    if decimal == "," and _COMMA.fullmatch(cell):
        cell = cell.replace(".", "").replace(",", ".")
    elif decimal == "." and _THOUSANDS.fullmatch(cell):
        cell = cell.replace(",", "")
    elif not _PLAIN.fullmatch(cell):
        return None
    value = float(cell)
    return value if math.isfinite(value) else None


def read(file: BinaryIO, name: str, report: Report) -> tuple[About, dict[str, Any]]:
    """A table's columns. Raises Refused where no row of it can be used."""
    text = _decoded(file, report)
    lines = _lines(text)
    sample: list[str] = []
    for line in lines:
        sample.append(line)
        if len(sample) >= SAMPLE:
            break
    if not any(line.strip() for line in sample):
        raise Refused(f"{plain(name, 80)} is empty.")
    writing = written(sample)
    report.note(
        f"Read with {SEPARATORS[writing.separator]} between the cells"
        + (", commas in the numbers" if writing.decimal == "," else "")
        + (", the first line as names." if writing.header else "; the columns have no names in the file.")
    )
    rows = _rows(_chain(sample, lines), writing.separator)
    line, first = next(rows)
    width = len(first)
    if width > limits.MOST_COLUMNS:
        raise Refused(f"It has {width:,} columns; at most {limits.MOST_COLUMNS:,} are taken.")
    if width < 2:
        raise Refused(
            "It has one column only: a table needs one to be told and at least one to tell it from. "
            "The cells of a row stand apart by commas, semicolons or tabs."
        )
    names = _names(first if writing.header else [f"column {place + 1}" for place in range(width)])
    found = [_Column() for _ in names]
    count = 0
    for block in _blocks([] if writing.header else [(line, first)], rows, width, report):
        lines_ = [line for line, _ in block]
        for column, cells in zip(found, zip(*(row for _, row in block), strict=True), strict=True):
            column.extend(cells, lines_, writing.decimal)
        count += len(block)
        if count > limits.MOST_ROWS or count * width > limits.MOST_CELLS:
            raise Refused(
                f"It has more than {min(limits.MOST_ROWS, limits.MOST_CELLS // width):,} rows of {width:,} columns; "
                "that is more than is taken. Send a part of it."
            )
    if count == 0:
        raise Refused(f"There is no row of values in it, only a head.{report.first()}")
    return _finished(names, found, count, report)


def _decoded(file: BinaryIO, report: Report) -> io.TextIOWrapper:
    """The file's text: UTF-8, UTF-16 with a mark, or else Western European."""
    head = file.peek(1 << 16)[: 1 << 16]  # type: ignore[attr-defined]
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return io.TextIOWrapper(file, "utf-16", errors="replace", newline="")
    if b"\0" in head:
        raise Refused("This is no text: it has bytes in it that no table has. Save it as CSV and send that.")
    return io.TextIOWrapper(_Tolerant(file, report), "utf-8", newline="")  # type: ignore[arg-type]


class _Tolerant(io.RawIOBase):
    """Bytes of UTF-8; each line that is not is read as Windows' Western European, and told once."""

    def __init__(self, file: BinaryIO, report: Report) -> None:
        self._file, self._report = file, report
        self._ready = b""
        self._foreign = self._begun = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer)  # type: ignore[arg-type]
        if not self._ready:
            # Whole lines, so that no letter is cut in two.
            chunk = self._file.read(1 << 16)
            chunk += self._file.readline(limits.MOST_LINE) if chunk else b""
            if not self._begun:
                chunk, self._begun = chunk.removeprefix(b"\xef\xbb\xbf"), True
            try:
                chunk.decode()
            except UnicodeDecodeError:
                chunk = chunk.decode("cp1252", errors="replace").encode()
                if not self._foreign:
                    self._foreign = True
                    self._report.note("Its letters are not UTF-8; they were read as Western European (Windows-1252).")
            self._ready = chunk
        count = min(len(view), len(self._ready))
        view[:count] = self._ready[:count]
        self._ready = self._ready[count:]
        return count


def _lines(text: io.TextIOWrapper) -> Iterator[str]:
    number_ = 0
    while line := text.readline(limits.MOST_LINE + 1):
        number_ += 1
        if len(line) > limits.MOST_LINE:
            raise Refused(
                f"Line {number_:,} goes on for more than {limits.MOST_LINE:,} characters: this is no table of lines."
            )
        # Python's reader stops at a NUL; a table has none.
        yield line.replace("\0", "")


def _chain(first: list[str], rest: Iterator[str]) -> Iterator[str]:
    yield from first
    yield from rest


def _rows(lines: Iterator[str], separator: str) -> Iterator[tuple[int, list[str]]]:
    """Line number and cells of every row that is not blank."""
    csv.field_size_limit(limits.MOST_LINE)
    reader = csv.reader(lines, delimiter=separator, skipinitialspace=True)
    try:
        for row in reader:
            if separator == " ":
                while row and not row[-1]:
                    row.pop()
            if any(cell.strip() for cell in row):
                yield reader.line_num, row
    except csv.Error as error:
        raise Refused(f"Line {reader.line_num:,} cannot be taken apart: {error}.") from None


def written(sample: list[str]) -> Writing:
    """How a table is written, from its first lines."""
    best: tuple[float, str, list[list[str]]] = (-1.0, ",", [])
    for separator in SEPARATORS:
        rows = [row for _, row in _rows(iter(sample), separator)][:SAMPLE]
        # The last line of a sample may be cut within quotes.
        rows = rows[:-1] if len(rows) > 20 else rows
        widths = Counter(len(row) for row in rows)
        width, often = max(widths.items(), key=lambda item: (item[1], item[0])) if widths else (1, 0)
        if width > 1:
            # Equally many cells in every line count most; of two such, the one that cuts into more.
            score = often / len(rows) + min(width, 1000) / 10_000 - (0.3 if separator == " " else 0)
            if score > best[0]:
                best = (score, separator, rows)
    _, separator, rows = best
    rows = rows or [row for _, row in _rows(iter(sample), separator)]
    decimal = _decimal(rows, separator)
    return Writing(separator, decimal, _has_header(rows, decimal))


def _decimal(rows: list[list[str]], separator: str) -> Literal[".", ","]:
    cells = [cell.strip() for row in rows for cell in row]
    points = sum(1 for cell in cells if re.fullmatch(r"[+-]?\d*\.\d+([eE][+-]?\d+)?", cell))
    commas = sum(1 for cell in cells if _COMMA.fullmatch(cell) and "," in cell)
    thousands = sum(1 for cell in cells if _THOUSANDS.fullmatch(cell))
    if separator == "," or points:
        return "," if commas > thousands and not points else "."
    return "," if commas else "."


def _has_header(rows: list[list[str]], decimal: str) -> bool:
    """Names stand over a table if they are words, each another, over numbers, or over words that they are none of."""
    if len(rows) < 2:
        return bool(rows) and all(number(cell.strip(), decimal) is None for cell in rows[0])
    first = [cell.strip() for cell in rows[0]]
    if any(number(cell, decimal) is not None for cell in first):
        return False
    below = [[row[place].strip() for row in rows[1:] if place < len(row)] for place in range(len(first))]
    over_numbers = any(
        any(number(cell, decimal) is not None for cell in column) and name.lower() not in NOTHING
        for name, column in zip(first, below, strict=True)
    )
    return over_numbers or not any(name in column for name, column in zip(first, below, strict=True) if name)


def _names(first: list[str]) -> list[str]:
    """Names of columns: every one another, none with what tells them apart where several are named."""
    names: list[str] = []
    taken: Counter[str] = Counter()
    for place, cell in enumerate(first):
        name = plain(re.sub(r"\s+", " ", cell.replace(";", ",")).strip(), 80) or f"column {place + 1}"
        taken[name] += 1
        while (other := f"{name} ({taken[name]})" if taken[name] > 1 else name) in names:
            taken[name] += 1
        names.append(other)
    return names


def _blocks(
    first: list[tuple[int, list[str]]], rows: Iterator[tuple[int, list[str]]], width: int, report: Report
) -> Iterator[list[tuple[int, list[str]]]]:
    """Rows of the right width, many at a time; those that have too few or too many cells are reported."""
    block = first
    for line, row in rows:
        while len(row) > width and not row[-1].strip():
            row.pop()
        if len(row) != width:
            report.trouble(f"line {line:,}", f"{len(row):,} cells where {width:,} belong; the row was left out.")
            continue
        block.append((line, row))
        if len(block) * width >= BLOCK:
            yield block
            block = []
    if block:
        yield block


def _finished(names: list[str], found: list[_Column], count: int, report: Report) -> tuple[About, dict[str, Any]]:
    numbers: list[Any] = []
    categories: list[Any] = []
    told: list[Column] = []
    for name, column in zip(names, found, strict=True):
        values, codes = numpy.frombuffer(column.values, float), numpy.frombuffer(column.codes, numpy.int32)
        there = count - column.missing
        if there == 0:
            told.append(Column(name=name, kind="empty", missing=count))
            continue
        if (days := _days(column, codes)) is not None:
            report.note(f"{name}: dates became numbers, the days since 1 January 1970.")
            told.append(described.of_numbers(name, days, len(numbers)))
            numbers.append(days)
        elif column.numbers >= GOOD * there:
            for word, code in column.words.items():
                often = int((codes == code).sum())
                more = f" ({often:,} times)" if often > 1 else ""
                report.trouble(
                    f"line {column.first[code]:,}, {name}", f"{word!r} is no number{more}; it counts as missing."
                )
            told.append(described.of_numbers(name, values, len(numbers)))
            numbers.append(values)
        else:
            told.append(_words(name, column, values, codes, len(categories)))
            if told[-1].kind == "category":
                categories.append(_codes(column, values, codes)[0])
            elif column.numbers > 0:
                known = described.of_numbers(name, values, len(numbers))
                told[-1] = known.model_copy(
                    update={
                        "kind": "text",
                        "readable": column.numbers,
                        "missing": told[-1].missing,
                        "distinct": told[-1].distinct,
                    }
                )
                numbers.append(values)
        if told[-1].kind == "category":
            for place, often in zip(told[-1].names, told[-1].counts, strict=True):
                if often == 1 and len(told[-1].names) <= 50:
                    report.trouble(name, f"only one row has {place!r}: too few to learn it from.")
    if not numbers and not categories:
        raise Refused("No column of it has numbers, or words that come more than once.")
    if len({column.kind for column in told}) and all(column.distinct <= 1 for column in told):
        report.note("Every column has one value only: there is nothing to be told apart.")
    kept = {
        "numbers": numpy.stack(numbers) if numbers else numpy.zeros((0, count)),
        "categories": numpy.stack(categories) if categories else numpy.zeros((0, count), numpy.int32),
    }
    return About(kind="table", name="", count=count, columns=told), kept


def _days(column: _Column, codes: Any) -> Any:
    """float64 [n] of a column of dates as ISO 8601 writes them, NaN where there is none; None of any other column."""
    read = {}
    for word, code in column.words.items():
        try:
            read[code] = float(date.fromisoformat(word[:10]).toordinal() - date(1970, 1, 1).toordinal())
        except ValueError:
            continue
    known = numpy.isin(codes, list(read)) if read else numpy.zeros(len(codes), bool)
    if not read or known.sum() < GOOD * (len(codes) - column.missing):
        return None
    days = numpy.full(len(codes), math.nan)
    days[known] = [read[code] for code in codes[known]]
    return days


def _codes(column: _Column, values: Any, codes: Any) -> tuple[Any, list[str]]:
    """A column of words as codes, in the order of the words; its numbers are words too."""
    table = dict(column.words)
    words = list(table)
    numerals = numpy.unique(values[codes == NUMBER])
    names = sorted({*words, *(f"{value:g}" for value in numerals[: MOST_NAMES + 1])}, key=_natural)
    place = {name: at for at, name in enumerate(names)}
    made = numpy.full(len(codes), -1, numpy.int32)
    lookup = numpy.array([place[word] for word in words] or [0], numpy.int32)
    named = codes >= 0
    made[named] = lookup[codes[named]]
    for value in numerals[: MOST_NAMES + 1]:
        made[(codes == NUMBER) & (values == value)] = place[f"{value:g}"]
    return made, names


def _words(name: str, column: _Column, values: Any, codes: Any, place: int) -> Column:
    """A category, or free text where too many words are different."""
    distinct = len(column.words) + len(numpy.unique(values[codes == NUMBER]))
    missing = int((codes == MISSING).sum())
    there = len(codes) - missing
    if distinct > MOST_NAMES or (distinct > 10 and distinct > 0.5 * there):
        return Column(name=name, kind="text", missing=missing, distinct=distinct)
    made, names = _codes(column, values, codes)
    return described.of_categories(name, made, names, place)


def _natural(text: str) -> list[tuple[int, int, str]]:
    """A key by which 2 comes before 10."""
    parts = re.split(r"(\d+)", text.lower())
    return [(0, int(part), "") if part.isdigit() and part.isascii() else (1, 0, part) for part in parts if part]
