"""List the rows of a table that hold every word of a question: "what has Marta borrowed" names a cell and a column."""

import re

from index.text.terms import terms
from rag.answer.kinds.tables.rows import Row, Table

# Words that ask, or stand for whatever column is meant.
_LIGHT = frozenset(
    terms(
        "have has had got get give gave take took made make went go come show list tell find say name know need want "
        "who whos what whats which where when how currently now moment please still yet already entry row table out"
    )
)
_WORD = re.compile(r"[^\W_]+")
_MOST_SHARE = 0.5  # of the rows, that may hold a word which tells rows apart


def may_name_row(question: str, passage: str) -> bool:
    """Tell whether the rows of a ``passage`` hold together all words of ``question`` that tell something."""
    return _telling_words(question) <= frozenset(terms(passage))


def named_rows(question: str, table: Table) -> tuple[Row, ...]:
    """Return the rows of ``table`` with all words of ``question`` that tell something, columns' names among theirs.

    None where no word tells some rows from the others. A single word has to be a name: "Marta", not "fares".

    >>> rows = Row(0, 9, {"Tool": "Drill", "Lent to": "Marta"}), Row(9, 18, {"Tool": "Saw"})
    >>> table = Table(0, ("Tool", "Lent to"), rows)
    >>> [row.cells["Tool"] for row in named_rows("what has marta got", table)]
    ['Drill']
    """
    wanted = _telling_words(question)
    columns = frozenset().union(*map(terms, table.columns))
    held = [columns.union(*map(terms, row.cells.values())) for row in table.rows]
    telling = [t for t in wanted - columns if 0 < sum(t in words for words in held) <= _MOST_SHARE * len(held)]
    if not telling or (len(wanted) == 1 and not _is_name(telling[0], table)):
        return ()
    return tuple(row for row, words in zip(table.rows, held, strict=True) if wanted <= words)


def _telling_words(question: str) -> frozenset[str]:
    return frozenset(terms(question)) - _LIGHT


def _is_name(term: str, table: Table) -> bool:
    """Tell whether ``table`` writes ``term`` with a capital letter wherever it stands."""
    words = (word for row in table.rows for cell in row.cells.values() for word in _WORD.findall(cell))
    written = [word for word in words if term in terms(word)]
    return bool(written) and all(word[:1].isupper() for word in written)
