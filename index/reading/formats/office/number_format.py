"""Show a number of a spreadsheet as its program does: per cent and currency, with the decimals that are shown."""

import re

_CURRENCY = re.compile(r"\[\$([^\-\]]*)[^\]]*\]")
_UNSHOWN = re.compile(r'\[[^\]]*\]|[_*].|["\\]')  # colours and conditions, padding, marks of quotation
_PLACES = re.compile(r"[0#?,]+(?:\.([0#?]+))?")


def as_displayed(text: str, value: object, number_format: str | None) -> str:
    """Return ``value`` as ``number_format`` shows it, or ``text`` where the format is plain or is not for numbers.

    >>> as_displayed("0.0425", 0.0425, "0.00%"), as_displayed("4.9", 4.9, "[$€-407]#,##0.00")
    ('4.25%', '€4.90')
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or not number_format:
        return text
    shown = _UNSHOWN.sub("", _CURRENCY.sub(r"\1", number_format.split(";")[0]))  # the form of positive numbers
    places = _PLACES.search(shown)
    if not places:
        return text
    before, after = shown[: places.start()].lstrip(), shown[places.end() :].rstrip()
    if not before + after or after.startswith(("E", "e", "/", " ?")):
        return text
    decimals = places[1] or ""
    number = abs(value) * 100 if "%" in after else abs(value)
    digits = f"{number:{',' if ',' in places[0] else ''}.{len(decimals)}f}"
    for _ in range(len(decimals) - len(decimals.rstrip("#?"))):
        digits = digits.removesuffix("0")
    return f"{'-' if value < 0 else ''}{before}{digits.removesuffix('.')}{after}"
