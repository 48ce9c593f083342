"""Join the first and the last name of people, which tables hold in two columns and questions say in one."""

import re
from collections.abc import Sequence

_FIRST = re.compile(r"(?:first|given|fore|christian)[ _-]?names?|firstname|vorname|prénom|nombre|nome", re.IGNORECASE)
_LAST = re.compile(
    r"(?:last|family|sur)[ _-]?names?|lastname|nachname|familienname|nom(?: de famille)?|apellidos?|cognome",
    re.IGNORECASE,
)


def name_columns(names: Sequence[str]) -> tuple[int, int] | None:
    """Return the columns of first and last names where a table has one of each, side by side; None for others.

    >>> name_columns(["Id", "Last Name", "First Name"])
    (2, 1)
    """
    first = [n for n, name in enumerate(names) if _FIRST.fullmatch(name.strip())]
    last = [n for n, name in enumerate(names) if _LAST.fullmatch(name.strip())]
    return (first[0], last[0]) if len(first) == len(last) == 1 and abs(first[0] - last[0]) == 1 else None


def join_names(cells: Sequence[str], first: int, last: int, between: str) -> list[str]:
    """Return ``cells`` with those of the first and the last name as one, in the place of the former of them."""
    held = [*cells, *[""] * (max(first, last) + 1 - len(cells))]
    joined = between.join(filter(None, (held[first], held[last])))
    return [joined if n == min(first, last) else cell for n, cell in enumerate(held) if n != max(first, last)]
