"""English names of months and weekdays, and the pattern that finds a month in a text."""

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTH_PATTERN = (
    r"Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?"
    r"|Nov(?:ember)?|Dec(?:ember)?"
)
_BEGINNINGS = {name[:3].casefold(): number for number, name in enumerate(MONTHS, 1)}


def month_number(written: str) -> int:
    """Return the number of a month written as a number, a name or its abbreviation; 0 where it is none.

    >>> month_number("Sept"), month_number("september"), month_number("09"), month_number("soon")
    (9, 9, 9, 0)
    """
    return int(written) if written.isdigit() else _BEGINNINGS.get(written[:3].casefold(), 0)
