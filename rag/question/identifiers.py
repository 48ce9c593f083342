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
    "model|lot|batch|trip|plot|locker|seat|desk|pitch|berth|art|lesson|week|episode|season|directive|regulation|"
    "resolution|law|protocol|highway|road|exit|terminal"
)
_NUMBERED = re.compile(
    rf"\b(?P<noun>{_DESIGNATORS})s?\.?[ #]+(?:no\.? ?|number )?(?P<number>\d+(?:[./]\d+)*[a-z]?)\b(?!\s*(?:%|percent))",
    re.IGNORECASE,
)
_CODE = re.compile(r"\b(?:[A-Za-z]{1,4}-?\d{2,}|[A-Z]{2,4}\d|[A-Z]{1,4}-[\w-]*\d[\w-]*)\b")
# One letter and one digit are a code where the question says so, writes it as one or asks for nothing else: "E3",
# "error e2", "what does e4 mean".
_SHORT_CODE = re.compile(
    r"\b(?:(?i:error|fault|code)s? (?:(?i:codes?) )?(?P<said>[A-Za-z]\d)|(?P<written>[A-Z]\d)"
    r"|(?P<before>[a-z]\d) (?:error|fault|code))\b"
    r"|^(?:and |what about |(?i:what does ))?(?P<alone>[a-z]\d)(?= mean| stand|\W*$)"
)
_LONG_NUMBER = re.compile(r"(?<![\w.,])\d{7,}(?![\w.,]*\d)")  # of a telephone or an account, never an amount as written
_YEAR = re.compile(r"\b(?:in|of|for|since|during|by|year|from) (?P<year>(?:19|20)\d\d)\b", re.IGNORECASE)
_CLOCK = re.compile(r"\d{1,2}:\d\d")
# A departure is named by its time.
_DEPARTURE = re.compile(
    r"\b0?(?P<time>\d{1,2}:\d\d) (?:[a-z]+ )?(?:bus|coach|train|tram|ferry|boat|flight|sailing|departure|service)\b",
    re.IGNORECASE,
)
_COUNTS_NOTHING = r"(?! (?:other |more |new |of )?[a-z]{3,}s\b)"  # "31 other nations" are not trip 31
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
    def name(self) -> str:
        """The identifier as documents write it: "Article 5" for "article 5"."""
        return f"{self.noun[:1].upper()}{self.noun[1:]} {self.number}".strip()

    @property
    def is_code(self) -> bool:
        """Whether it is a code or a long number, which stands for one thing alone."""
        return not self.noun and _PLAIN_YEAR.fullmatch(self.number) is None

    def is_in(self, text: str) -> bool:
        """Tell whether ``text`` speaks of it, also as one of several: "Articles 3, 4 and 5".

        Where ``text`` never has the noun with any number, the number alone is enough, unless it counts something.
        """
        number = self._number_pattern()
        if not self.noun:
            return re.search(number, text, re.IGNORECASE) is not None
        if self.is_named_in(text):
            return True
        return (
            not re.search(self._listed_pattern() + r"\d", text, re.IGNORECASE)
            and re.search(number + _COUNTS_NOTHING, text) is not None
        )

    def is_named_in(self, text: str) -> bool:
        """Tell whether ``text`` has the noun with the number; the number alone is enough for what has no noun."""
        pattern = self._listed_pattern() + self._number_pattern() if self.noun else self._number_pattern()
        return re.search(pattern, text, re.IGNORECASE) is not None

    def _number_pattern(self) -> str:
        if _CLOCK.fullmatch(self.number):
            return rf"(?<![\w.:])0?{re.escape(self.number)}(?!\w|:\d)"
        return rf"(?<![\w.])(?<!\d[-/]){re.escape(self.number)}(?!\w|\.\d|[-/]\d)"

    def _listed_pattern(self) -> str:
        before = r"(?:[\d.]+[a-z]?(?:, and |, | and | or | to |[–-])){0,8}"
        return rf"\b{re.escape(self.noun)}(?:s|\.)?[ #:–-]+(?:no\.? ?|number )?{before}"


def identifiers(question: str) -> tuple[Identifier, ...]:
    """Find the identifiers in ``question``, each once.

    >>> [i.text for i in identifiers("What does Article 4 say about order INV-204 in 2023?")]
    ['Article 4', 'INV-204', '2023']
    """
    found = [Identifier(match["noun"], match["number"]) for match in _NUMBERED.finditer(question)]
    numbered = {identifier.number.casefold() for identifier in found}
    codes = (match.group() for match in _CODE.finditer(question) if not _ORDINAL.fullmatch(match.group()))
    found += [Identifier("", code) for code in codes if code.casefold() not in numbered]
    short = (next(filter(None, match.groups())).upper() for match in _SHORT_CODE.finditer(question))
    found += [Identifier("", code) for code in short if code.casefold() not in numbered]
    found += [Identifier("", number) for number in _LONG_NUMBER.findall(question) if number not in numbered]
    found += [Identifier("", match["time"]) for match in _DEPARTURE.finditer(question)]
    found += [Identifier("", match["year"]) for match in _YEAR.finditer(question)]
    return tuple(dict.fromkeys(found))


def unmet(wanted: Sequence[Identifier], *texts: str) -> tuple[Identifier, ...]:
    """List the identifiers that none of ``texts`` speaks of."""
    return tuple(identifier for identifier in wanted if not any(identifier.is_in(text) for text in texts))
