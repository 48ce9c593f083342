"""A count with its noun."""


def plural(count: int, noun: str) -> str:
    """Return the count with its noun, which takes an ``s`` unless the count is one.

    >>> plural(1, "file"), plural(1200, "file")
    ('1 file', '1,200 files')
    """
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
