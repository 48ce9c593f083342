"""Tell whether a sentence holds the type of thing that a question asks for: a price, a date, a telephone number.

The expected answer type of question answering (Li and Roth, "Learning Question Classifiers", 2002), for the few types
that words betray nearly always.
"""

import re

from index.text.month_names import MONTHS, WEEKDAYS

_NUMBER_WORDS = (
    r"one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|"
    r"eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|dozens?|hundreds?|thousands?|millions?|"
    r"billions?|half|thirds?|quarters?|fifths?|tenths?|percent|per cent|no|none|nobody|nothing|both|once|twice|single|"
    r"couple|several|many|few|most|all|every|each|any|never|always|daily|weekly|monthly|yearly|annual(?:ly)?|unlimited|"
    r"pairs?"
)
_UNITS = (
    r"(?:an?|the|this|last|next) (?:\w+ )?"
    r"(?:second|minute|hour|day|night|week|fortnight|month|year|decade|century|mile)"
)
_TIMES = (
    r"\d|\b(?:noon|midday|midnight|dawn|dusk|sunrise|sunset|morning|afternoon|evening|night|spring|summer|autumn|winter|"
    rf"today|tomorrow|yesterday|weeks?|months?|years?|decades?|century|(?:{'|'.join([*MONTHS, *WEEKDAYS])})s?|easter|"
    r"christmas|when|after|before|once|until|till|as soon as|if|during|since|while|by|immediately|now|soon|later|"
    r"earlier|ago|hours?|days?|daily|always|never|term)\b"
)
_HOURS = r"one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
_CLOCK_TIMES = (
    r"\d{1,2}[:.h]\d\d|\b\d{1,2} ?[–-] ?\d{1,2}\b(?![-/])|\b\d{1,2} ?(?:[ap]\.?m\b|o['’]?clock|hrs?\b|h\b)|"
    r"\b(?:noon|midday|midnight|half|quarter|sunrise|sunset|sundown|dusk|dawn|dark|daybreak|o['’]clock|early|late|morning|afternoon|evening|night|lunch\w*|breakfast|"
    r"supper|dinner|hours?|minutes?|any ?time|immediately|when|after|before|once|as soon as|earlier|later)\b|"
    rf"\b(?:{_HOURS})\b|\b(?:at|until|till|to|from|by|past|between|around|about|and|opens?|closes?) ?"
    rf"\d{{1,2}}\b(?! ?(?:{'|'.join(MONTHS)}|st\b|nd\b|rd\b|th\b|[-/%]))"
)
_DATES = (
    rf"\b(?:(?:{'|'.join([*MONTHS, *WEEKDAYS])})s?|today|tomorrow|yesterday|"
    r"easter|christmas|spring|summer|autumn|winter)\b|"
    r"\b(?:1\d|20)\d\d\b|\b\d{1,2}(?:st|nd|rd|th)\b|\b\d{1,2}[./-]\d{1,2}\b"
)
_MONEY = (
    r"[£$€¥₹]|\b(?:is|are|was|were|for) free\b|\bfree of\b|"
    r"\b(?:euros?|eur|pounds?|gbp|dollars?|usd|pence|cents?|crowns?|francs?|yen|yuan|rupees?|prices?|priced|costs?|fees?|"
    r"fares?|charge[sd]?|rates?|rent|deposit|pay|pays|paid|gratis|discount|amount|total|budget|spent|spend|worth|value|"
    r"million|billion|thousand|salary|wage|bill|sum|included|includes?)\b"
)
_NAMED = r"(?<!^)(?<![.!?] )\b[A-Z][\w’'-]+|[“\"‘]"
_ASKS_PRICE = (
    r"\bhow much (?:is|are|was|were|does|do|did|will|would) .*\b(?:costs?|price)\b|"
    r"\bwhat (?:is|are|does|do|did|will|would) .* costs?\b|"
    r"^(?:what(?:['’]s|s| is| are|was| were)? )?(?:the )?(?:price|cost|fee|fare)s? (?:of|for)\b"
)
_ASKS_AMOUNT = (
    r"\bhow (?:many|old|tall|far|often|big|large|heavy|deep|wide|loud|fast|hot|cold|high)\b|"
    r"\bhow long (?:is|are|was|were|does|do|did|will|can|may|has|have)\b"
)
_ASKS_WEIGHT = (
    r"\bhow heavy\b|\b(?:how much|what) (?:do|does|did) .*\bweigh\b|"
    r"^(?:what(?:['’]s|s| is| was) )?(?:the )?weight of (?:the|an?|one|\d+)\b"
)
_WEIGHTS = (
    r"\bweigh|\bheav|\blight|(?<![\w.])(?:\d[\d.,]*|an?|half|one|two|three|four|five|six|seven|eight|nine|ten)[ -]?"
    r"(?:kilo|kgs?\b|gram|mg\b|g\b|tonnes?\b|tons?\b|lbs?\b|pounds?\b|ounces?\b|oz\b|stones?\b)"
)
_TYPES: tuple[tuple[re.Pattern[str], re.Pattern[str]], ...] = tuple(
    (re.compile(asked, re.IGNORECASE), re.compile(held, re.IGNORECASE if held != _NAMED else 0))
    for asked, held in (
        (
            r"\b(?:phone|telephone|mobile|fax)(?: no\b\.?| numbers?\b)|\b(?:phone|telephone)\W*$",
            r"(?<![\d-])(?!\d{4}-\d\d-\d\d)(?:\d[\s()/.–-]{0,2}){5}",
        ),
        (r"\be-?mail address(?:es)?\b|['’]s e-?mail\W*$", r"@"),
        (r"\b(?:what|which) (?:date|day|year|month)\b|\bdates? of\b", _DATES),
        (r"^(?:and )?when\b", _TIMES),
        (r"\b(?:what|which) time\b(?! of (?:the )?year)", _CLOCK_TIMES),
        (r"\b(?:what|which) times\b|\bopening (?:hours|times)\b", _TIMES),
        (_ASKS_PRICE, _MONEY),
        (_ASKS_WEIGHT, _WEIGHTS),
        (_ASKS_AMOUNT, rf"\d|[½¼¾]|\b(?:{_NUMBER_WORDS})\b|\b{_UNITS}"),
        (r"^(?:what(?:['’]s|s| is| was) )?(?:the )?name of the\b", _NAMED),
    )
)


def holds_answer_type(text: str, question: str) -> bool:
    """Tell whether ``text`` holds what ``question`` asks for; true where no rule knows what that is.

    >>> holds_answer_type("The parade starts at ten.", "What does the parade cost?")
    False
    """
    return all(held.search(text) for asked, held in _TYPES if asked.search(question.strip()))
