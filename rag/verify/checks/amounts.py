"""Find numbers, in digits or words, with their value and unit: "1,200", "1.2 million", "twelve", "5 per cent"."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from rag.reading.mismatch.ordinals import ORDINALS
from rag.verify.checks.wording import words

Unit = Literal["", "%", "$", "£", "€", "¥", "ordinal", "fraction", "time", "decade"]

_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
).split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_SMALL = {word: n for n, word in enumerate(_ONES)} | {word: 10 * n for n, word in enumerate(_TENS, start=2)}
_SCALE = {
    "hundred": 1e2, "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12, "bn": 1e9, "mn": 1e6,
    "m": 1e6, "k": 1e3, "lakh": 1e5, "crore": 1e7, "dozen": 12, "score": 20,
}  # fmt: skip
_FRACTIONS = {"half": 2, "third": 3, "thirds": 3, "quarter": 4, "quarters": 4, "fifth": 5, "fifths": 5}
_SYMBOLS: dict[str, Unit] = {"$": "$", "£": "£", "€": "€", "¥": "¥"}
_NAMED_UNITS: dict[str, Unit] = {
    "percent": "%", "percentage": "%", "dollar": "$", "dollars": "$", "usd": "$", "euro": "€", "euros": "€",
    "eur": "€", "yen": "¥",
}  # fmt: skip
_TOKEN = re.compile(
    r"(?P<money>(?:US|A|C)?\$|[£€¥])?(?P<digits>(?<![A-Za-z])(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?))"
    r"(?:(?P<minutes>:[0-5]\d)(?!\d)|(?P<ordinal>st|nd|rd|th)\b|(?P<decade>'?s)\b|(?P<short>bn|mn|m|k)\b)?"
    r"(?P<percent>\s?%)?"
    r"|(?P<word>[^\W\d_]+)|(?P<mark>[^\w\s])"
)
_MAX_COUNTED_CHARACTERS = 60  # after a number, that can say what it counts
_PHRASE_BREAK = re.compile(r"[.,;:()\n]")
_APPROXIMATE = frozenset(
    "about around roughly nearly almost approximately some over than least most up estimated circa".split()
)


@dataclass(frozen=True, slots=True)
class Amount:
    """A number and its place in a text.

    ``is_vague`` marks words that often count nothing ("one", "second", "half") and so are believed sooner,
    ``is_approximate`` those said to be about right. ``counted_stems`` are the stems of the words after it and ``noun``
    the first of them as written; ``precision`` is the value of its last significant digit.
    """

    value: float
    unit: Unit
    start: int
    end: int
    text: str
    is_vague: bool = False
    is_approximate: bool = False
    counted_stems: tuple[str, ...] = ()
    noun: str = ""
    precision: float = 0.0

    def matches(self, other: "Amount") -> bool:
        """Tell whether both can be the same number: equal, in units that do not exclude each other, or rounded."""
        if self.unit != other.unit and self.unit and other.unit:
            return False
        if "ordinal" in (self.unit, other.unit) and self.unit != other.unit:
            return False
        if self.unit == "decade" or other.unit == "decade":
            return self.value == other.value
        if abs(self.value - other.value) < 1e-9 * max(1.0, abs(self.value)):
            return True
        return self.is_rounding_of(other) or other.is_rounding_of(self)

    def is_rounding_of(self, other: "Amount") -> bool:
        """Tell whether this is ``other`` rounded to fewer digits, which takes "about" or a scale: "1.2 million"."""
        if self.precision <= other.precision or (not self.is_approximate and self.precision < 1e4):  # noqa: PLR2004
            return False
        wide = 0.5 if not self.is_approximate else 1.0
        return (
            abs(self.value - other.value) <= wide * self.precision and abs(self.value - other.value) < 0.1 * self.value
        )


def find_amounts(text: str) -> tuple[Amount, ...]:
    """Return the numbers of ``text`` in order. Blank out its dates first.

    >>> [(amount.value, amount.unit) for amount in find_amounts("It cost $1.2 million, five per cent more.")]
    [(1200000.0, '$'), (5.0, '%')]
    """
    tokens = list(_TOKEN.finditer(text))
    found: list[Amount] = []
    at = 0
    while at < len(tokens):
        read = _read_digits(tokens, at) or _read_fraction(tokens, at) or _read_words(tokens, at)
        if read is None:
            at += 1
            continue
        value, unit, after, vague, rounded = read
        before = [t.group().casefold() for t in tokens[max(0, at - 2) : at]]
        unit, after = _read_unit(tokens, after, unit)
        start, end = tokens[at].start(), tokens[after - 1].end()
        after_it = words(_PHRASE_BREAK.split(text[end : end + _MAX_COUNTED_CHARACTERS])[0])[:3]
        counts, noun = tuple(w.key for w in after_it), after_it[0].text if after_it else ""
        about = bool(_APPROXIMATE & set(before))
        found.append(Amount(value, unit, start, end, text[start:end], vague, about, counts, noun, rounded))
        at = after
    return tuple(found)


_ReadAmount = tuple[float, Unit, int, bool, float]


def _read_digits(tokens: Sequence[re.Match[str]], at: int) -> _ReadAmount | None:
    match = tokens[at]
    if not match["digits"]:
        return None
    written = match["digits"].replace(",", "")
    value = float(written)
    unit: Unit = _SYMBOLS.get((match["money"] or "")[-1:], "")
    rounded = 10.0 ** -len(written.partition(".")[2]) if "." in written else float(10 ** _trailing_zeros(written))
    if match["minutes"]:
        return value * 60 + int(match["minutes"][1:]), "time", at + 1, False, 0.0
    if match["ordinal"]:
        return value, "ordinal", at + 1, False, 0.0
    if match["decade"]:
        return value, "decade", at + 1, False, 0.0
    if match["percent"]:
        unit = "%"
    scale = _SCALE.get(match["short"] or "", 1.0)
    at += 1
    while at < len(tokens) and (word := _folded_at(tokens, at)) in _SCALE and word not in ("m", "k", "score"):
        scale *= _SCALE[word]
        at += 1
    return value * scale, unit, at, False, rounded * scale


def _read_words(tokens: Sequence[re.Match[str]], at: int) -> _ReadAmount | None:
    first = _folded_at(tokens, at)
    if first in ORDINALS:
        return float(ORDINALS[first]), "ordinal", at + 1, True, 0.0
    start, total, current, seen = at, 0.0, 0.0, False
    if first in ("a", "an") and _folded_at(tokens, at + 1) in ("hundred", "thousand", "million", "billion", "dozen"):
        current, at = 1.0, at + 1
    while at < len(tokens):
        low = _folded_at(tokens, at)
        if low in _SMALL and (not seen or current % 100 == 0 or (current % 10 == 0 and _SMALL[low] < 10)):  # noqa: PLR2004
            current += _SMALL[low]
        elif low in _SCALE and low not in ("m", "k", "score", "bn", "mn") and (seen or current):
            if low in ("hundred", "dozen"):
                current *= _SCALE[low]
            else:
                total, current = total + current * _SCALE[low], 0.0
        elif (low == "and" and seen and (total or current >= 100) and _folded_at(tokens, at + 1) in _SMALL) or (  # noqa: PLR2004
            low == "-" and seen and _folded_at(tokens, at + 1) in (_SMALL.keys() | ORDINALS.keys() | _SCALE.keys())
        ):
            pass
        elif seen and low in ORDINALS and current % 10 == 0 and current >= 20 and ORDINALS[low] < 10:  # noqa: PLR2004
            return total + current + ORDINALS[low], "ordinal", at + 1, False, 0.0
        else:
            break
        seen = True
        at += 1
    if not seen:
        return None
    value = total + current
    vague = at == start + 1 and first in ("one", "zero")
    return value, "", at, vague, float(10 ** _trailing_zeros(str(int(value))))


def _read_fraction(tokens: Sequence[re.Match[str]], at: int) -> _ReadAmount | None:
    low, second = _folded_at(tokens, at), _folded_at(tokens, at + 1)
    if low == "half" and second not in ("time", "-"):
        return 0.5, "fraction", at + 1, True, 0.0
    after = at + 2 if second == "-" else at + 1
    part = _folded_at(tokens, after)
    if (
        part in _FRACTIONS
        and (low in ("a", "one", "two", "three", "four"))
        and (part.endswith("s") or low in ("a", "one"))
    ):
        if part in ("third", "fifth") and _folded_at(tokens, after + 1) not in ("of", "in", ",", "."):
            return None
        return (1 if low in ("a", "one") else _SMALL[low]) / _FRACTIONS[part], "fraction", after + 1, True, 0.0
    return None


def _read_unit(tokens: Sequence[re.Match[str]], at: int, unit: Unit) -> tuple[Unit, int]:
    low = _folded_at(tokens, at)
    if unit:
        return unit, at
    if low == "per" and _folded_at(tokens, at + 1) == "cent":
        return "%", at + 2
    return (_NAMED_UNITS[low], at + 1) if low in _NAMED_UNITS else (unit, at)


def _trailing_zeros(written: str) -> int:
    return min(300, len(written) - len(written.rstrip("0"))) if written.strip("0") else 0  # what a float can hold


def _folded_at(tokens: Sequence[re.Match[str]], at: int) -> str:
    return tokens[at].group().casefold() if at < len(tokens) else ""
