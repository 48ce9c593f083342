"""Compare the measure that a question asks for with those of a sentence: litres, not kilograms; an hour, not a day."""

import re
from collections.abc import Sequence

_KINDS = {
    "mass": r"kilo(?:gram)?s?|kgs?|kilogrammes?|grams?|grammes?|g|mg|tonnes?|tons?|lbs?|ounces?|oz|stones?",
    "volume": r"lit(?:re|er)s?|l|ml|cl|dl|millilit(?:re|er)s?|pints?|gallons?|cups?|tablespoons?|teaspoons?|tbsp|tsp",
    "length": r"(?:kilo|centi|milli)?met(?:re|er)s?|km|m|cm|mm|miles?|feet|foot|ft|inch(?:es)?|yards?",
    "area": r"square (?:met(?:re|er)s?|feet|miles?|km|kilomet(?:re|er)s?)|m²|sq ?m|hectares?|acres?",
    "time": r"seconds?|minutes?|mins?|hours?|hrs?|days?|nights?|weeks?|fortnights?|months?|years?|decades?",
    "money": r"euros?|pounds?|dollars?|crowns?|francs?|pence|cents?|eur|gbp|usd|chf",
    "power": r"watts?|w|kilowatts?|kw|kwh|volts?|v|amps?",
    "share": r"per ?cent|percent|%",
}
_DIGITS = r"(?<![\w.])\d[\d.,]*"
_NUMBER = (
    r"(?<![\w.])(?:\d[\d.,]*|½|¼|¾|an?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|half|hundred|"
    r"thousand|million)"
)
_ASKED = {
    kind: re.compile(rf"\bhow many (?:more |full |paid |whole |extra )*(?:{units})(?:['’]|\b)(?!\w)", re.IGNORECASE)
    for kind, units in _KINDS.items()
}
_GIVEN = {
    kind: re.compile(rf"{_NUMBER}[ -]?(?:(?:paid|full|square|cubic) )?(?:{units})(?!\w)", re.IGNORECASE)
    for kind, units in _KINDS.items()
}
# "Half a day" measures nothing that another measure could stand against.
_SURELY_GIVEN = {kind: re.compile(rf"{_DIGITS} ?(?:{units})(?!\w)", re.IGNORECASE) for kind, units in _KINDS.items()}
_MONEY_SIGN = re.compile(r"[£$€¥₹] ?\d|\d ?[£$€¥₹]|\((?:EUR|GBP|USD|CHF)\)")
_DIMENSIONS = {
    "width": "width wide wider",
    "depth": "depth deep deeper",
    "height": "height high higher tall taller",
    "length": "length long longer",
    "diameter": "diameter across",
    "thickness": "thickness thick thicker",
}
_RATE_UNITS = "|".join(
    (
        "hour day night week weekend month year evening session visit person head adult child kilo kg litre metre mile "
        "km page piece item box bag pair dozen set room table bike boat tonne quarter term season game match lesson "
        "class"
    ).split()
)
_ASKED_RATE = re.compile(rf"\b(?:per|an?|each|every) (?P<unit>{_RATE_UNITS})s?\b", re.IGNORECASE)
_GIVEN_RATE = re.compile(
    rf"{_NUMBER}(?: \w+){{0,2}} ?(?:per|an?|each|every|/) ?(?P<unit>{_RATE_UNITS})s?\b", re.IGNORECASE
)
_ADVERBS = {"hour": "hourly", "day": "daily", "night": "nightly", "week": "weekly", "month": "monthly"}
_YEARLY = re.compile(r"\b(?:yearly|annual(?:ly)?)\b", re.IGNORECASE)
_EACH = re.compile(r"\beach\b\W*$|\beach[.,;]", re.IGNORECASE)  # of whatever was named before
_ASKS_AMOUNT = re.compile(r"\bhow (?:much|many)\b|\b(?:price|cost|fee|rate|charge)s?\b", re.IGNORECASE)
_SAME = {"evening": "night", "head": "person", "kilo": "kg"}


def measures_otherwise(question: str, text: str, above: Sequence[str]) -> bool:
    """Tell whether ``text`` measures something, but not in what ``question`` asks for."""
    told = "\n".join((*above, text))
    return (
        _is_of_another_kind(question, text) or _is_another_dimension(question, told) or _is_another_rate(question, told)
    )


def _is_of_another_kind(question: str, text: str) -> bool:
    asked = [kind for kind, unit in _ASKED.items() if unit.search(question)]
    given = _MONEY_SIGN.search(text) or any(measured.search(text) for measured in _SURELY_GIVEN.values())
    met = any(_GIVEN[kind].search(text) or (kind == "money" and _MONEY_SIGN.search(text)) for kind in asked)
    return bool(asked and given) and not met


def _is_another_dimension(question: str, told: str) -> bool:
    wanted, words = set(re.findall(r"[a-z]+", question.casefold())), set(re.findall(r"[a-z]+", told.casefold()))
    asked = [noun for noun in _DIMENSIONS if noun in wanted]
    met = any(words & set(_DIMENSIONS[noun].split()) for noun in asked)
    return bool(asked and words & set(_DIMENSIONS)) and not met


def _is_another_rate(question: str, told: str) -> bool:
    if not _ASKS_AMOUNT.search(question) or _EACH.search(told):
        return False
    asked, given = _rates(question, _ASKED_RATE), _rates(told, _GIVEN_RATE)
    return bool(asked and given) and not asked & (given | _rates(told, _ASKED_RATE))


def _rates(text: str, pattern: re.Pattern[str]) -> set[str]:
    found = {match["unit"].casefold() for match in pattern.finditer(text)}
    found |= {unit for unit, adverb in _ADVERBS.items() if re.search(rf"\b{adverb}\b", text, re.IGNORECASE)}
    found |= {"year"} if _YEARLY.search(text) else set()
    return {_SAME.get(unit, unit) for unit in found}
