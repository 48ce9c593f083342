"""Tables of cases as text, for tests whose cases are many short texts."""


def rows(table: str) -> list[tuple[str, ...]]:
    """The rows of ``table``, a line each, whose cells stand between bars; an empty cell is an empty text."""
    return [tuple(cell.strip() for cell in line.split("|")) for line in table.splitlines() if line.strip()]
