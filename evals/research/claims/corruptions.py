"""Rules that make a sentence of a document false: another number, date, name, speaker, quoted word, or an opposite.

The rules read text in their own, plain way, not through the checks they are there to measure.
"""

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from index.text.month_names import MONTHS, WEEKDAYS
from index.text.sentences import Span

_DIGITS = re.compile(r"(?<![\w.,/:-])\d{1,3}(?:,\d{3})+(?![\w,])|(?<![\w.,/:$£€-])\d+(?:\.\d+)?(?![\w:,/-]|\.\d)")
NUMBER_WORDS = "two three four five six seven eight nine ten eleven twelve fifteen twenty thirty forty fifty".split()
NUMBER_WORD = re.compile(rf"\b({'|'.join(NUMBER_WORDS)})\b(?! ?-)")
_YEAR = re.compile(r"(?<![\d,.$£€-])(1[5-9]\d\d|20[0-4]\d)(?![\d,-]|\.\d)")
_MONTH = re.compile(rf"\b({'|'.join(m for m in MONTHS if m not in ('May', 'March'))})\b")
_DAY_OF_WEEK = re.compile(rf"\b({'|'.join(WEEKDAYS)})\b(?!['’-])")
_NAME = re.compile(r"(?<=[a-z,;] )[A-Z][a-zà-ÿ]{2,}(?: [A-Z][a-zà-ÿ]{2,})?(?![\w-])(?! [A-Z])")
_NOT_A_NAME = frozenset(
    [
        *MONTHS,
        *WEEKDAYS,
        *(
            "He She It We You They Here Some Under Who More Most Never Both Many President Prime Minister "
            "Secretary Chief The This That These Those There When While Where After Before Although But And "
            "However Its His Her Their Our Mrs Dr Sir General Senator Mayor Doctor Professor Captain"
        ).split(),
    ]
)
_AUXILIARY = re.compile(
    r"\b(is|was|were|are|has|had|will|would|can|could|should|must|may)\b(?= [a-z])(?! (?:not|no|never)\b)"
)
_NEGATED = re.compile(
    r"\b(is|was|were|are|has|had|have|will|would|could|should|must|may|might|did|do|does) (?:not|never) (?=[a-z])"
)
_OPPOSITES = (
    ("more", "less"), ("before", "after"), ("increase", "decrease"), ("increased", "decreased"), ("rose", "fell"),
    ("won", "lost"), ("higher", "lower"), ("accepted", "rejected"), ("approved", "rejected"), ("first", "last"),
    ("largest", "smallest"), ("north", "south"), ("northern", "southern"), ("east", "west"), ("eastern", "western"),
    ("supported", "opposed"), ("opened", "closed"), ("bought", "sold"), ("always", "never"), ("up", "down"),
    ("early", "late"), ("above", "below"), ("allowed", "banned"), ("gained", "lost"), ("major", "minor"),
)  # fmt: skip
_SAYS = "said|told|added|warned|argued|wrote|explained|announced|claimed"
_SPEAKER = re.compile(
    rf"(?<![\w’'-])((?:[A-Z][\w’'-]+ )?[A-Z][a-zà-ÿ]+) (?:{_SAYS})\b"
    rf"|\b(?:{_SAYS}) ((?:[A-Z][\w-]+ )?[A-Z][a-zà-ÿ]+)(?=[.,])"
)
QUOTE = re.compile(r"(?<!\w)(?:“|\"(?=\w))([^“”\"\n]{15,300})(?:”|(?<=[\w.,!?])\")(?!\w)")
_WORD = re.compile(r"(?<![\w’'-])[a-z]{4,}(?![\w’'-])")
_AGREEING = ("and", "&", "with", "between")


@dataclass(frozen=True, slots=True)
class SourceText:
    """A document as the rules see it."""

    text: str
    sentences: tuple[Span, ...]
    chance: random.Random

    def of(self, span: Span) -> str:
        """Return the sentence at ``span`` on one line."""
        return " ".join(self.text[slice(*span)].split())

    def other(self, pattern: re.Pattern[str], unlike: str) -> str:
        """Choose another match of ``pattern`` in the document; empty when there is none."""
        found = {m.group(m.lastindex or 0) for m in pattern.finditer(self.text)} - _NOT_A_NAME
        options = sorted(name for name in found if not _words(name) & (_words(unlike) | _NOT_A_NAME))
        return self.chance.choice(options) if options else ""


Rule = Callable[[SourceText, Span], str]


def _number(given: SourceText, span: Span) -> str:
    sentence = given.of(span)
    found = [m for m in _DIGITS.finditer(sentence) if not _YEAR.fullmatch(m.group()) and not _dated(sentence, m)]
    if found:
        match = given.chance.choice(found)
        value = float(match.group().replace(",", ""))
        whole = value == int(value) and "." not in match.group()
        factor = given.chance.choice((0.5, 0.7, 1.3, 2, 3))
        new = (
            f"{max(1, round(value * factor) + (1 if round(value * factor) == value else 0)):,}"
            if whole
            else f"{value * factor + 0.3:.1f}"
        )
        new = new if "," in match.group() or not whole else new.replace(",", "")
        return _put(sentence, match, new)
    words = list(NUMBER_WORD.finditer(sentence))
    if not words:
        return ""
    match = given.chance.choice(words)
    return _put(sentence, match, given.chance.choice([w for w in NUMBER_WORDS if w != match.group()]))


def _number_moved(given: SourceText, span: Span) -> str:
    """Exchange two numbers of one sentence."""
    sentence = given.of(span)
    found = [m for m in _DIGITS.finditer(sentence) if not _YEAR.fullmatch(m.group()) and not _dated(sentence, m)]
    if len(found) != 2 or found[0].group() == found[1].group():  # noqa: PLR2004
        return ""
    one, other = found
    between = sentence[one.end() : other.start()]
    if len(between.split()) < 2 or between.strip() in ("to", "and", "or", "-", "–"):  # noqa: PLR2004
        return ""
    return sentence[: one.start()] + other.group() + between + one.group() + sentence[other.end() :]


def _dated(sentence: str, match: re.Match[str]) -> bool:
    return bool(re.match(rf"(?:st|nd|rd|th)? (?:of )?(?:{'|'.join(MONTHS)})", sentence[match.end() :])) or bool(
        re.search(rf"(?:{'|'.join(MONTHS)}) $", sentence[: match.start()])
    )


def _date(given: SourceText, span: Span) -> str:
    sentence = given.of(span)
    options: list[tuple[re.Match[str], str]] = []
    options += [
        (m, str(int(m.group()) + given.chance.choice((-7, -2, -1, 1, 3, 10)))) for m in _YEAR.finditer(sentence)
    ]
    options += [(m, given.chance.choice([x for x in MONTHS if x != m.group()])) for m in _MONTH.finditer(sentence)]
    week = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
    options += [(m, given.chance.choice([x for x in week if x != m.group()])) for m in _DAY_OF_WEEK.finditer(sentence)]
    return _put(sentence, *given.chance.choice(options)) if options else ""


def _name(given: SourceText, span: Span) -> str:
    """Exchange a name for another of the same document, with as many words where there is one."""
    sentence = given.of(span)
    found = [m for m in _NAME.finditer(sentence) if not set(m.group().split()) & _NOT_A_NAME]
    return _exchanged(given, sentence, found, _NAME)


def _names_exchanged(given: SourceText, span: Span) -> str:
    """Exchange the two names around a verb."""
    sentence = given.of(span)
    found = [m for m in re.finditer(r"\b[A-Z][a-zà-ÿ]{2,}\b", sentence) if m.group() not in _NOT_A_NAME]
    for one, other in pairwise(found):
        between = sentence[one.end() : other.start()]
        verb = re.fullmatch(r" (?:[a-z]+ )?[a-z]+(?:ed|s|d) (?:[a-z]+ ){0,2}", between)
        if (
            verb
            and one.group() != other.group()
            and not set(between.split()) & set(_AGREEING)
            and " by " not in between
        ):
            return sentence[: one.start()] + other.group() + between + one.group() + sentence[other.end() :]
    return ""


def _negated(given: SourceText, span: Span) -> str:
    sentence = given.of(span)
    found = [m for m in _AUXILIARY.finditer(sentence) if not _inside_quote(sentence, m)]
    if not found or " not " in sentence or "n’t" in sentence or "n't" in sentence:
        return ""
    match = found[0]
    return sentence[: match.end()] + " not" + sentence[match.end() :]


def _affirmed(given: SourceText, span: Span) -> str:
    sentence = given.of(span)
    found = [m for m in _NEGATED.finditer(sentence) if not _inside_quote(sentence, m)]
    found = [m for m in found if m[1] not in ("do", "did", "does") and not sentence[m.end() :].startswith("only")]
    return _put(sentence, found[0], found[0][1] + " ") if found else ""


def _opposite(given: SourceText, span: Span) -> str:
    sentence = given.of(span)
    for pair in _OPPOSITES:
        for one, other in (pair, pair[::-1]):
            match = re.search(rf"\b{one}\b", sentence)
            if match and not _inside_quote(sentence, match) and one not in ("up", "down", "late", "last", "first"):
                return _put(sentence, match, other)
    return ""


def _speaker(given: SourceText, span: Span) -> str:
    sentence = given.of(span)
    match = _SPEAKER.search(sentence)
    if match is None:
        return ""
    group = 1 if match[1] else 2
    if _words(match[group]) & _NOT_A_NAME:
        return ""
    others = {m[1] or m[2] for m in _SPEAKER.finditer(given.text)}
    options = sorted(o for o in others if not _words(o) & (_words(sentence) | _NOT_A_NAME))
    if not options:
        return ""
    return sentence[: match.start(group)] + given.chance.choice(options) + sentence[match.end(group) :]


def _quote_word(given: SourceText, span: Span) -> str:
    sentence = given.of(span)
    quote = QUOTE.search(sentence)
    found = list(_WORD.finditer(sentence, quote.start(1), quote.end(1))) if quote else []
    return _exchanged(given, sentence, found, _WORD)


def _quote_misattributed(given: SourceText, span: Span) -> str:
    """Give the quoted words of one speaker to another who speaks in the document."""
    sentence = given.of(span)
    quote, speaker = QUOTE.search(sentence), _SPEAKER.search(sentence)
    if quote is None or speaker is None or _inside_quote(sentence, speaker):
        return ""
    others = {m[1] or m[2] for m in _SPEAKER.finditer(given.text)}
    options = sorted(o for o in others if not _words(o) & (_words(sentence) | _NOT_A_NAME))
    return f"{given.chance.choice(options)} said: “{quote[1].rstrip('.,')}.”" if options else ""


def stitched_quote(given: SourceText, one: Span, other: Span) -> str:
    """Join the beginning of one quotation and the end of the next; empty where that is not possible."""
    first, second = QUOTE.search(given.of(one)), QUOTE.search(given.of(other))
    if first is None or second is None:
        return ""
    head, tail = first[1].rstrip(".,").split(), second[1].split()
    if len(head) < 5 or len(tail) < 5:  # noqa: PLR2004
        return ""
    joined = " ".join([*head[: max(4, len(head) // 2 + 1)], *tail[-max(4, len(tail) // 2) :]])
    speaker = _SPEAKER.search(given.of(one))
    who = (speaker[1] or speaker[2]) if speaker else "A speaker"
    return f"{who} said: “{joined}”" if joined not in " ".join(given.text.split()) else ""


def _exchanged(given: SourceText, sentence: str, found: Sequence[re.Match[str]], pattern: re.Pattern[str]) -> str:
    """Exchange one of the matches for another match of the pattern in the document."""
    if not found:
        return ""
    match = given.chance.choice(found)
    other = given.other(pattern, sentence)
    return _put(sentence, match, other) if other else ""


def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"[^\W_]+", text))


def _inside_quote(sentence: str, match: re.Match[str]) -> bool:
    return any(q.start() < match.start() < q.end() for q in QUOTE.finditer(sentence))


def _put(sentence: str, match: re.Match[str], new: str) -> str:
    return sentence[: match.start()] + new + sentence[match.end() :]


RULES: dict[str, Rule] = {
    "number": _number,
    "number moved": _number_moved,
    "date": _date,
    "name": _name,
    "names exchanged": _names_exchanged,
    "negation added": _negated,
    "negation removed": _affirmed,
    "opposite": _opposite,
    "speaker": _speaker,
    "quote word": _quote_word,
    "quote misattributed": _quote_misattributed,
}
