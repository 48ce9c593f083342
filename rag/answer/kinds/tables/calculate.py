"""Do what a question asks over the rows of a table, exactly, and say in words what was done."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from index.text.plural import plural
from index.text.terms import terms
from rag.answer.kinds.tables.columns import PEOPLE, column_terms, column_values, measured_column, years_in
from rag.answer.kinds.tables.rows import Row, Table
from rag.answer.kinds.tables.selection import Selection, select_rows
from rag.question.calculation import Calculation, Operation, noun_terms

_BEGAN = frozenset(terms("joined join since started start hired begun began"))
_PHRASE_END = re.compile(r"[(,;:/–]|\s-\s|\d")
_MOST_NAMED = 10  # values that are named in words
_NIGHT_ENDS, _DAY = 4 * 60, 24 * 60  # minutes: a timetable's day goes on until then
_TO_COMPARE = 2  # the fewest groups or rows that can be compared


@dataclass(frozen=True, slots=True)
class Computed:
    """What a table says: the result in words, and the rows that it rests on; none where no row is as asked."""

    said: str
    rows: tuple[Row, ...]


def compute(asked: Calculation, table: Table, title: str, headings: Iterable[str] = ()) -> Computed | None:
    """Do what is ``asked`` over the rows of ``table``; None where it cannot tell.

    ``title`` is that of its document, and is said; ``headings`` are those above it.
    """
    asked = _since_when(asked, table)
    selection = select_rows(asked, table, " ".join((title, *headings)))
    if selection is None:
        return None
    if not selection.rows:
        return Computed(f"No row of “{title}” has {' and '.join(selection.conditions)}.", ())
    at_work = _Calculation(asked, table, selection, title)
    match asked.operation:
        case "count":
            return at_work.count_items() or at_work.count_rows()
        case "rows":
            return at_work.list_rows()
        case "sum" | "average":
            return at_work.add_up()
        case "highest" | "lowest":
            return at_work.rank_groups() if asked.grouped else at_work.rank_rows()


def _since_when(asked: Calculation, table: Table) -> Calculation:
    """Ask for the first day or year where the longest time is asked for: "who has been a member longest"."""
    if asked.hint != "length":
        return asked
    began = next((column for column in table.columns if column_terms(column) & _BEGAN and years_in(table, column)), "")
    if not began or measured_column(asked, table, table.rows):
        return asked
    turned: Operation = "lowest" if asked.operation == "highest" else "highest"
    return replace(asked, operation=turned, hint="", grouped=False, words=f"{asked.words} {began}")


def _only_describes(nouns: frozenset[str], row: Row) -> bool:
    """Tell whether the cells of ``row`` have a word of ``nouns`` only before another, which says what it is."""
    phrases = [terms(_PHRASE_END.split(cell)[0]) for cell in row.cells.values()]
    held = [phrase for phrase in phrases if nouns & set(phrase)]
    return bool(held) and not any(phrase[-1] in nouns for phrase in held)


@dataclass(frozen=True, slots=True)
class _Calculation:
    asked: Calculation
    table: Table
    selection: Selection
    title: str

    def count_items(self) -> Computed | None:
        """Add up the column that holds how many there are: "how many cushions are in stock"."""
        column = measured_column(self.asked, self.table, self.selection.rows)
        named = column_terms(column) & frozenset(terms(self.asked.words))
        filtered = any(condition.startswith(f"{column} ") for condition in self.selection.conditions)
        return self.add_up() if column and named and not filtered and self.selection.conditions else None

    def count_rows(self) -> Computed | None:
        """Count the rows; or the different values of the column that is counted, where several rows share one.

        None where a single row speaks of what is counted, but is another thing: a "nurse clinic" is no nurse.
        """
        rows = self.selection.rows
        if len(rows) == 1 and _only_describes(noun_terms(self.asked), rows[0]):
            return None
        different = self._different() if self.asked.limit is None else None
        if different is not None and len(different.rows) < len(rows):
            return different
        unmet = self.selection.unmet
        each = f", if each row is one of the {unmet}" if unmet else ""
        out_of = f"{plural(len(self.table.rows), 'row')} of “{self.title}”"
        return Computed(f"{len(rows):,} of the {out_of}{self._where}{each}.", rows)

    def list_rows(self) -> Computed | None:
        """List the rows; or, where none are selected, the different values of the column that is asked for."""
        rows = self.selection.rows
        if self.asked.wanted == "who" and not (self.asked.limit or self.selection.decided):
            return None  # who it is that does something is mostly told in words
        if not self.selection.conditions:
            different = self._different()
            if different and len(different.rows) < len(rows):
                return different
            named = noun_terms(self.asked) and not self.selection.unmet
            return None if not named else Computed(f"{plural(len(rows), 'row')} of “{self.title}”.", rows)
        if len(rows) < _TO_COMPARE and self.asked.limit is None and not self.selection.decided:
            return None  # a single row is a fact, for which search is better
        return Computed(f"{plural(len(rows), 'row')} of “{self.title}”{self._where}.", rows)

    def add_up(self) -> Computed | None:
        """Add up the numbers of the column that is meant, or take their mean."""
        column, values = self._measured()
        if not values:
            return None
        rows = tuple(row for row, _ in values)
        total = sum((number for _, number in values), Decimal(0))
        without = len(self.selection.rows) - len(rows)
        left_out = f" ({plural(without, 'row')} without a number left out)" if without else ""
        over = f"over {plural(len(rows), 'row')} of “{self.title}”{self._where}{left_out}"
        if self.asked.operation != "average":
            return Computed(f"{total:,f}: {column}, added up {over}.", rows)
        return Computed(f"{round(total / len(values), 2):,f}: {column} on average, {over}.", rows)

    def rank_rows(self) -> Computed | None:
        """Name the rows with the highest or lowest number."""
        column, values = self._measured()
        if not values:
            return None
        extreme = self._best(number for _, number in values)
        rows = tuple(row for row, number in values if number == extreme)
        out_of = f"{plural(len(values), 'row')} of “{self.title}”{self._where}"
        which: str = self.asked.operation
        if self.asked.hint == "clock":
            which = "last" if which == "highest" else "first"
        return Computed(f"{rows[0].cells[column]}: the {which} {column} of {out_of}.", rows)

    def rank_groups(self) -> Computed | None:
        """Name whose rows have the highest or lowest sum, or number where nothing is measured."""
        group = self.selection.compared or self._column_of(PEOPLE if self.asked.wanted == "who" else self.asked.wanted)
        column = measured_column(self.asked, self.table, self.selection.rows) if self.asked.hint else ""
        if not group or (self.asked.hint and not column):
            return None
        sums: defaultdict[str, Decimal] = defaultdict(Decimal)
        for row, number in self._numbers(column) if column else ((row, Decimal(1)) for row in self.selection.rows):
            if group in row.cells:
                sums[row.cells[group]] += number
        extreme = self._best(sums.values()) if len(sums) >= _TO_COMPARE else None
        first = [value for value, number in sums.items() if number == extreme]
        if len(first) != 1:
            return None
        order = sorted(sums, key=lambda value: (sums[value] != extreme, -sums[value]))[:_MOST_NAMED]
        what = f"{column} in “{self.title}”, added up by {group}" if column else f"number of rows in “{self.title}”"
        rows = tuple(row for row in self.selection.rows if row.cells.get(group) == first[0])
        each = "; ".join(f"{value} {sums[value]:,f}" for value in order)
        return Computed(f"{first[0]} has the {self.asked.operation} {what}: {each}.", rows)

    @property
    def _where(self) -> str:
        conditions = self.selection.conditions
        return f" with {' and '.join(conditions)}" if conditions else ""

    def _best(self, numbers: Iterable[Decimal]) -> Decimal:
        return max(numbers) if self.asked.operation == "highest" else min(numbers)

    def _different(self) -> Computed | None:
        """Name the different values of the column that the question counts or asks for, with a row of each."""
        column = self._column_of(noun_terms(self.asked))
        first: dict[str, Row] = {}
        for row in self.selection.rows:
            if column in row.cells:
                first.setdefault(row.cells[column], row)
        values = list(first)
        if not values:
            return None
        more = f" and {len(values) - _MOST_NAMED:,} more" if len(values) > _MOST_NAMED else ""
        named = ", ".join(values[:_MOST_NAMED])
        said = f"{len(values):,} different {column} in “{self.title}”{self._where}: {named}{more}."
        return Computed(said, tuple(first.values()))

    def _column_of(self, wanted: str | frozenset[str]) -> str:
        words = frozenset(terms(wanted)) if isinstance(wanted, str) else wanted
        return next((column for column in self.table.columns if column_terms(column) & words), "")

    def _measured(self) -> tuple[str, list[tuple[Row, Decimal]]]:
        column = measured_column(self.asked, self.table, self.selection.rows)
        return column, self._numbers(column)

    def _numbers(self, column: str) -> list[tuple[Row, Decimal]]:
        values = column_values(self.table, column) if column else None
        if values is None:
            return []
        numbers = values.numbers
        if self.asked.hint == "clock":  # the last bus of a day may run after midnight
            numbers = tuple(n + _DAY if n is not None and n < _NIGHT_ENDS else n for n in numbers)
        held = dict(zip(map(id, self.table.rows), numbers, strict=True))
        return [(row, number) for row in self.selection.rows if (number := held[id(row)]) is not None]
