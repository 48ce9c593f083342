"""Write the numbers that Word shows before paragraphs: "4.2", "b)", "iv.". The file holds only how to count."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
BULLET = "-"
_MAX_STYLE_DEPTH = 20  # styles based on one another
_ROMAN = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"))
_ROMAN_SMALL = ((10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))
_MAX_ROMAN = 4_000


@dataclass(frozen=True, slots=True)
class _Level:
    """How one level of a list counts: ``pattern`` holds ``%1`` for the number of the first level."""

    start: int
    form: str
    pattern: str
    legal: bool


class Numbering:
    """Counts the numbered paragraphs of a document, in order.

    ``numbering`` is the tree of the part of that name or None, ``styles`` that of the styles.
    """

    def __init__(self, numbering: Any, styles: Any) -> None:
        self._lists: dict[str, tuple[str, dict[int, _Level]]] = {}
        self._counts: defaultdict[str, dict[int, int]] = defaultdict(dict)
        self._styles = {s.get(f"{_W}styleId", ""): s for s in styles.iter(f"{_W}style")}
        if numbering is not None:
            self._read_lists(numbering)

    def label(self, paragraph: Any) -> str:
        """Return what stands before ``paragraph``, counting it: ``"4.2"``, ``"-"`` for a bullet, "" for no number."""
        list_id, level = self._place(paragraph)
        if list_id not in self._lists:
            return BULLET if list_id not in ("", "0") else ""
        shared, levels = self._lists[list_id]
        if level not in levels:
            return BULLET
        counts = self._counts[shared]
        counts[level] = counts.get(level, levels[level].start - 1) + 1
        for deeper in [n for n in counts if n > level]:
            del counts[deeper]
        return _written(levels, counts, level)

    def _place(self, paragraph: Any) -> tuple[str, int]:
        """Find the list and the level of a paragraph: its own, else those of its style."""
        own = paragraph.find(f"{_W}pPr/{_W}numPr")
        named = _value(paragraph.find(f"{_W}pPr/{_W}pStyle"))
        list_id, level = _value_of(own, "numId"), _value_of(own, "ilvl")
        for _ in range(_MAX_STYLE_DEPTH):
            style = self._styles.get(named)
            if style is None or (list_id and level):
                break
            given = style.find(f"{_W}pPr/{_W}numPr")
            list_id, level = list_id or _value_of(given, "numId"), level or _value_of(given, "ilvl")
            named = _value(style.find(f"{_W}basedOn"))
        return list_id, int(level) if level.isdecimal() else 0

    def _read_lists(self, tree: Any) -> None:
        kinds = {kind.get(f"{_W}abstractNumId", ""): kind for kind in tree.iter(f"{_W}abstractNum")}
        by_link = {_value(kind.find(f"{_W}styleLink")): kind for kind in kinds.values()}
        levels = {
            name: _levels(kind) or _levels(by_link.get(_value(kind.find(f"{_W}numStyleLink"))))
            for name, kind in kinds.items()
        }
        for each in tree.iter(f"{_W}num"):
            list_id, kind = each.get(f"{_W}numId", ""), _value(each.find(f"{_W}abstractNumId"))
            changed = _overrides(each, levels.get(kind, {}))
            # Lists of one kind count on from each other, unless one says where it starts.
            self._lists[list_id] = (f"{kind}/{list_id}" if changed else kind, {**levels.get(kind, {}), **changed})


def _levels(kind: Any) -> dict[int, _Level]:
    return {} if kind is None else {_number(each, "ilvl"): _level(each) for each in kind.findall(f"{_W}lvl")}


def _overrides(each: Any, levels: Mapping[int, _Level]) -> dict[int, _Level]:
    found: dict[int, _Level] = {}
    for override in each.findall(f"{_W}lvlOverride"):
        at = _number(override, "ilvl")
        whole, start = override.find(f"{_W}lvl"), _value_of(override, "startOverride")
        level = levels.get(at) if whole is None else _level(whole)
        if level is not None:
            first = int(start) if start.isdecimal() else level.start
            found[at] = _Level(first, level.form, level.pattern, level.legal)
    return found


def _level(element: Any) -> _Level:
    start = _value_of(element, "start")
    return _Level(
        int(start) if start.isdecimal() else 1,
        _value_of(element, "numFmt") or "decimal",
        _value_of(element, "lvlText"),
        element.find(f"{_W}isLgl") is not None,
    )


def _written(levels: Mapping[int, _Level], counts: Mapping[int, int], level: int) -> str:
    here = levels[level]
    if here.form == "bullet":
        return BULLET
    if here.form == "none":
        return ""
    text = here.pattern
    for n in range(level, -1, -1):
        if n in levels:
            form = "decimal" if here.legal else levels[n].form
            text = text.replace(f"%{n + 1}", _FORMS.get(form, str)(counts.get(n, levels[n].start)))
    return text.strip()


def _letter(number: int) -> str:
    """Write a number as Word does: a … z, aa, bb."""
    return chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1) if number > 0 else str(number)


def _roman(number: int) -> str:
    if not 0 < number < _MAX_ROMAN:
        return str(number)
    written = ""
    for value, sign in (*_ROMAN, *_ROMAN_SMALL):
        written += sign * (number // value)
        number %= value
    return written


_FORMS: Mapping[str, Callable[[int], str]] = {
    "lowerLetter": _letter,
    "upperLetter": lambda number: _letter(number).upper(),
    "lowerRoman": _roman,
    "upperRoman": lambda number: _roman(number).upper(),
    "decimalZero": lambda number: f"{number:02}",
}


def _value(element: Any) -> str:
    return "" if element is None else str(element.get(f"{_W}val", ""))


def _value_of(parent: Any, name: str) -> str:
    return "" if parent is None else _value(parent.find(f"{_W}{name}"))


def _number(element: Any, name: str) -> int:
    stated = element.get(f"{_W}{name}", "0")
    return int(stated) if stated.isdecimal() else 0
