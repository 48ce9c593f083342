"""Claims made from sentences of a document: true ones, worded otherwise by safe rules, and ones made false on purpose.

The rules read text in their own, plain way, not through the checks they are there to measure.
"""

import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from index.text.sentences import Span, sentence_spans

CLEAN = ("verbatim", "reworded")
FALSE = (
    "number", "number moved", "date", "name", "names exchanged", "negation added", "negation removed", "opposite",
    "speaker", "quote word", "quote stitched", "quote misattributed",
)  # fmt: skip

_DIGITS = re.compile(r"(?<![\w.,/:-])\d{1,3}(?:,\d{3})+(?![\w,])|(?<![\w.,/:$£€-])\d+(?:\.\d+)?(?![\w:,/-]|\.\d)")
_NUMBER_WORDS = "two three four five six seven eight nine ten eleven twelve fifteen twenty thirty forty fifty".split()
_IN_WORDS = re.compile(rf"\b({'|'.join(_NUMBER_WORDS)})\b(?! ?-)")
_YEAR = re.compile(r"(?<![\d,.$£€-])(1[5-9]\d\d|20[0-4]\d)(?![\d,-]|\.\d)")
_MONTHS = "January February March April May June July August September October November December".split()
_MONTH = re.compile(rf"\b({'|'.join(m for m in _MONTHS if m not in ('May', 'March'))})\b")
_DAY_OF_WEEK = re.compile(r"\b(Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)\b(?!['’-])")
_NAME = re.compile(r"(?<=[a-z,;] )[A-Z][a-zà-ÿ]{2,}(?: [A-Z][a-zà-ÿ]{2,})?(?![\w-])(?! [A-Z])")
_NOT_A_NAME = frozenset(
    [
        *_MONTHS,
        *(
            "He She It We You They Here Some Under Who More Most Never Both Many Monday Tuesday Wednesday "
            "Thursday Friday Saturday Sunday President Prime Minister Secretary Chief The This That These Those "
            "There When While Where After Before Although But And However Its His Her Their Our Mrs Dr Sir "
            "General Senator Mayor Doctor Professor Captain"
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
_QUOTE = re.compile(r"(?<!\w)(?:“|\"(?=\w))([^“”\"\n]{15,300})(?:”|(?<=[\w.,!?])\")(?!\w)")
_WORD = re.compile(r"(?<![\w’'-])[a-z]{4,}(?![\w’'-])")
_LEADING = re.compile(
    r"^(?:However|Meanwhile|Moreover|Furthermore|In addition|Indeed|Also|Later|Then|Additionally|For example|"
    r"For instance|Nevertheless|Nonetheless|Therefore|Thus|Finally|As a result|In fact|Of course|Hours later), (?=\w)"
)
_SAID_THAT = re.compile(r"^((?:[A-Z][\w’'-]+ ){1,3})said that (?!he |she |they |it |his |her )([a-z][^“”\"]{20,})\.$")
_BRACKETED = re.compile(r" \([^()]{3,80}\)(?=[ ,.])")
_CONTRACTED = re.compile(r"\b(did|does|do|was|were|is|are|has|had|have|would|could|should)n['’]t\b")
_DATE = re.compile(rf"\b(\d{{1,2}}) ({'|'.join(_MONTHS)}) (\d{{4}})\b")
_AMERICAN = re.compile(rf"\b({'|'.join(_MONTHS)}) (\d{{1,2}}), (\d{{4}})\b")
_AGREEING = ("and", "&", "with", "between")
_SHORTEST, _LONGEST = 40, 400  # characters of a sentence that claims are made from


@dataclass(frozen=True, slots=True)
class Made:
    """A claim made from the sentences at ``spans``. ``kind`` says how; ``true`` whether it says what they say."""

    kind: str
    claim: str
    spans: tuple[Span, ...]
    true: bool


@dataclass(frozen=True, slots=True)
class _Text:
    """A document as the rules see it."""

    text: str
    sentences: tuple[Span, ...]
    chance: random.Random

    def of(self, span: Span) -> str:
        return " ".join(self.text[slice(*span)].split())

    def other(self, pattern: re.Pattern[str], unlike: str) -> str:
        """Another match of ``pattern`` in the document; empty when there is none."""
        found = {m.group(m.lastindex or 0) for m in pattern.finditer(self.text)} - _NOT_A_NAME
        options = sorted(name for name in found if not _words(name) & (_words(unlike) | _NOT_A_NAME))
        return self.chance.choice(options) if options else ""


_Rule = Callable[[_Text, Span], str]


def made_claims(text: str, seed: int) -> Iterator[Made]:
    """True and false claims from the sentences of ``text``: of each sentence those whose rule applies."""
    spans = tuple(s for s in sentence_spans(text) if _usable(text[slice(*s)]))
    given = _Text(text, spans, random.Random(seed))
    for span in spans:
        sentence = given.of(span)
        yield Made("verbatim", sentence, (span,), true=True)
        for said in dict.fromkeys(_reworded(sentence)):
            yield Made("reworded", said, (span,), true=True)
        for kind, rule in _RULES.items():
            said = rule(given, span)
            if said and said != sentence:
                yield Made(kind, said, (span,), true=False)
    for one, other in pairwise(spans):
        yield from _stitched(given, one, other)


def _usable(sentence: str) -> bool:
    whole = sentence.rstrip("”\"' ")[-1:] in ".!?" and sentence[:1].isalnum() | (sentence[:1] in '“"')
    return (
        whole
        and _SHORTEST <= len(sentence) <= _LONGEST
        and sentence.count("“") == sentence.count("”")
        and sentence.count('"') % 2 == 0
    )


def _reworded(sentence: str) -> Iterator[str]:
    """The same said otherwise."""
    if match := _LEADING.match(sentence):
        rest = sentence[match.end() :]
        yield rest[:1].upper() + rest[1:]
    if (match := _SAID_THAT.match(sentence)) and sentence.count(",") < 2:  # noqa: PLR2004
        yield f"According to {match[1].strip()}, {match[2]}."
        yield f"{match[2][:1].upper()}{match[2][1:]}, {match[1].strip()} said."
    if _BRACKETED.search(sentence) and "“" not in sentence and '"' not in sentence:
        yield _BRACKETED.sub("", sentence)
    if _CONTRACTED.search(sentence) and "“" not in sentence and '"' not in sentence:
        yield _CONTRACTED.sub(r"\1 not", sentence)
    if _DATE.search(sentence):
        yield _DATE.sub(r"\2 \1, \3", sentence)
    if _AMERICAN.search(sentence):
        yield _AMERICAN.sub(r"\2 \1 \3", sentence)
    if match := re.search(r"(?<![\d,])\d{1,3},\d{3}\b(?!,)", sentence):
        yield sentence.replace(match.group(), match.group().replace(",", ""))
    if (match := _IN_WORDS.search(sentence)) and not _QUOTE.search(sentence):
        digits = dict(zip(_NUMBER_WORDS, "2 3 4 5 6 7 8 9 10 11 12 15 20 30 40 50".split(), strict=True))
        following = sentence[match.end() :].lstrip(" -").split(" ")[0]
        if (
            following not in ("hundred", "thousand", "million", "billion", "dozen")
            and sentence[match.start() - 1] != "-"
        ):
            yield sentence[: match.start()] + digits[match.group()] + sentence[match.end() :]


def _number(given: _Text, span: Span) -> str:
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
    words = list(_IN_WORDS.finditer(sentence))
    if not words:
        return ""
    match = given.chance.choice(words)
    return _put(sentence, match, given.chance.choice([w for w in _NUMBER_WORDS if w != match.group()]))


def _number_moved(given: _Text, span: Span) -> str:
    """Two numbers of one sentence exchanged."""
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
    return bool(re.match(rf"(?:st|nd|rd|th)? (?:of )?(?:{'|'.join(_MONTHS)})", sentence[match.end() :])) or bool(
        re.search(rf"(?:{'|'.join(_MONTHS)}) $", sentence[: match.start()])
    )


def _date(given: _Text, span: Span) -> str:
    sentence = given.of(span)
    options: list[tuple[re.Match[str], str]] = []
    options += [
        (m, str(int(m.group()) + given.chance.choice((-7, -2, -1, 1, 3, 10)))) for m in _YEAR.finditer(sentence)
    ]
    options += [(m, given.chance.choice([x for x in _MONTHS if x != m.group()])) for m in _MONTH.finditer(sentence)]
    week = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
    options += [(m, given.chance.choice([x for x in week if x != m.group()])) for m in _DAY_OF_WEEK.finditer(sentence)]
    return _put(sentence, *given.chance.choice(options)) if options else ""


def _name(given: _Text, span: Span) -> str:
    """A name exchanged for another of the same document, with as many words where there is one."""
    sentence = given.of(span)
    found = [m for m in _NAME.finditer(sentence) if not set(m.group().split()) & _NOT_A_NAME]
    if not found:
        return ""
    match = given.chance.choice(found)
    other = given.other(_NAME, sentence)
    return _put(sentence, match, other) if other else ""


def _names_exchanged(given: _Text, span: Span) -> str:
    """The two names around a verb exchanged."""
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


def _negated(given: _Text, span: Span) -> str:
    sentence = given.of(span)
    found = [m for m in _AUXILIARY.finditer(sentence) if not _inside_quote(sentence, m)]
    if not found or " not " in sentence or "n’t" in sentence or "n't" in sentence:
        return ""
    match = found[0]
    return sentence[: match.end()] + " not" + sentence[match.end() :]


def _affirmed(given: _Text, span: Span) -> str:
    sentence = given.of(span)
    found = [m for m in _NEGATED.finditer(sentence) if not _inside_quote(sentence, m)]
    found = [m for m in found if m[1] not in ("do", "did", "does") and not sentence[m.end() :].startswith("only")]
    return _put(sentence, found[0], found[0][1] + " ") if found else ""


def _opposite(given: _Text, span: Span) -> str:
    sentence = given.of(span)
    for pair in _OPPOSITES:
        for one, other in (pair, pair[::-1]):
            match = re.search(rf"\b{one}\b", sentence)
            if match and not _inside_quote(sentence, match) and one not in ("up", "down", "late", "last", "first"):
                return _put(sentence, match, other)
    return ""


def _speaker(given: _Text, span: Span) -> str:
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


def _quote_word(given: _Text, span: Span) -> str:
    sentence = given.of(span)
    quote = _QUOTE.search(sentence)
    found = list(_WORD.finditer(sentence, quote.start(1), quote.end(1))) if quote else []
    if not found:
        return ""
    match = given.chance.choice(found)
    other = given.other(_WORD, sentence)
    return _put(sentence, match, other) if other else ""


def _quote_misattributed(given: _Text, span: Span) -> str:
    """The quoted words of one speaker given to another who speaks in the document."""
    sentence = given.of(span)
    quote, speaker = _QUOTE.search(sentence), _SPEAKER.search(sentence)
    if quote is None or speaker is None or _inside_quote(sentence, speaker):
        return ""
    others = {m[1] or m[2] for m in _SPEAKER.finditer(given.text)}
    options = sorted(o for o in others if not _words(o) & (_words(sentence) | _NOT_A_NAME))
    return f"{given.chance.choice(options)} said: “{quote[1].rstrip('.,')}.”" if options else ""


def _stitched(given: _Text, one: Span, other: Span) -> Iterator[Made]:
    """The beginning of one quotation and the end of the next made into one."""
    first, second = _QUOTE.search(given.of(one)), _QUOTE.search(given.of(other))
    if first is None or second is None:
        return
    head, tail = first[1].rstrip(".,").split(), second[1].split()
    if len(head) < 5 or len(tail) < 5:  # noqa: PLR2004
        return
    joined = " ".join([*head[: max(4, len(head) // 2 + 1)], *tail[-max(4, len(tail) // 2) :]])
    speaker = _SPEAKER.search(given.of(one))
    who = (speaker[1] or speaker[2]) if speaker else "A speaker"
    if joined not in " ".join(given.text.split()):
        yield Made("quote stitched", f"{who} said: “{joined}”", (one, other), true=False)


def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"[^\W_]+", text))


def _inside_quote(sentence: str, match: re.Match[str]) -> bool:
    return any(q.start() < match.start() < q.end() for q in _QUOTE.finditer(sentence))


def _put(sentence: str, match: re.Match[str], new: str) -> str:
    return sentence[: match.start()] + new + sentence[match.end() :]


_RULES: dict[str, _Rule] = {
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


def drawn(made: Sequence[Made], most: int, seed: int) -> list[Made]:
    """At most ``most`` of each kind, drawn with a fixed seed."""
    chance = random.Random(seed)
    kept: list[Made] = []
    for kind in (*CLEAN, *FALSE):
        of_kind = [one for one in made if one.kind == kind]
        kept += chance.sample(of_kind, min(most, len(of_kind)))
    return kept
