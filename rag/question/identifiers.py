"""Find what a question names by a number or a code, and whether a text speaks of it.

A question about Article 4 is not answered by what is said of Article 5, however alike the rest is.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

_DESIGNATORS = (
    "article|section|clause|chapter|paragraph|rule|act|amendment|schedule|appendix|annex|table|figure|page|part|phase|"
    "stage|step|version|volume|level|grade|class|group|form|room|flat|floor|unit|building|gate|platform|line|route|bus|"
    "tram|train|flight|track|lane|zone|district|block|number|item|order|invoice|case|ticket|customer|account|contract|"
    "model|lot|batch|lesson|week|episode|season|directive|regulation|resolution|law|protocol|highway|road|exit|terminal"
)
_NUMBERED = re.compile(
    rf"\b(?P<noun>{_DESIGNATORS})s?[ #]+(?:no\.? ?|number )?(?P<number>\d+(?:\.\d+)*[a-z]?)\b(?!\s*(?:%|percent))",
    re.IGNORECASE,
)
_CODE = re.compile(r"\b(?:[A-Za-z]{1,4}-?\d{2,}|[A-Z]{1,4}-[\w-]*\d[\w-]*)\b")
_LONG_NUMBER = re.compile(r"(?<![\w.,])\d{7,}(?![\w.,]*\d)")  # of a telephone or an account, never an amount as written
_YEAR = re.compile(r"\b(?:in|of|for|since|during|by|year|from) (?P<year>(?:19|20)\d\d)\b", re.IGNORECASE)
_PLAIN_YEAR = re.compile(r"(?:19|20)\d\d")
_ORDINAL = re.compile(r"\d+(?:st|nd|rd|th|s|km|kg|cm|mm|m|g|l|h|am|pm|k|x|d)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Identifier:
    """What a question names: ``noun`` and ``number`` of "Article 5"; a code or a year has no noun."""

    noun: str
    number: str

    @property
    def text(self) -> str:
        """The identifier as it is said: "Article 5", "C10003"."""
        return f"{self.noun} {self.number}".strip()

    @property
    def is_code(self) -> bool:
        """Whether it is a code or a long number, which stands for one thing alone."""
        return not self.noun and _PLAIN_YEAR.fullmatch(self.number) is None

    def is_in(self, text: str) -> bool:
        """Tell whether ``text`` speaks of it, also as one of several: "Articles 3, 4 and 5".

        Where ``text`` never has the noun with any number, the number alone is enough.
        """
        number = rf"(?<![\w.]){re.escape(self.number)}(?!\w|\.\d)"
        if not self.noun:
            return re.search(number, text, re.IGNORECASE) is not None
        before = r"(?:[\d.]+[a-z]?(?:, and |, | and | or | to |[–-])){0,8}"
        listed = rf"\b{re.escape(self.noun)}(?:s|\.)?[ #:–-]+(?:no\.? ?|number )?{before}"
        if re.search(listed + number, text, re.IGNORECASE):
            return True
        return not re.search(listed + r"\d", text, re.IGNORECASE) and re.search(number, text) is not None


def identifiers(question: str) -> tuple[Identifier, ...]:
    """Find the identifiers in ``question``, each once.

    >>> [i.text for i in identifiers("What does Article 4 say about order INV-204 in 2023?")]
    ['Article 4', 'INV-204', '2023']
    """
    found = [Identifier(match["noun"], match["number"]) for match in _NUMBERED.finditer(question)]
    numbered = {identifier.number.casefold() for identifier in found}
    codes = (match.group() for match in _CODE.finditer(question) if not _ORDINAL.fullmatch(match.group()))
    found += [Identifier("", code) for code in codes if code.casefold() not in numbered]
    found += [Identifier("", number) for number in _LONG_NUMBER.findall(question) if number not in numbered]
    found += [Identifier("", match["year"]) for match in _YEAR.finditer(question)]
    return tuple(dict.fromkeys(found))


def unmet(wanted: Sequence[Identifier], *texts: str) -> tuple[Identifier, ...]:
    """List the identifiers that none of ``texts`` speaks of."""
    return tuple(identifier for identifier in wanted if not any(identifier.is_in(text) for text in texts))
