"""Claims made from sentences of a document: true ones, reworded by safe rules, and ones made false on purpose."""

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from evals.research.claims.corruptions import (
    NUMBER_WORD,
    NUMBER_WORDS,
    QUOTE,
    RULES,
    SourceText,
    stitched_quote,
)
from index.text.month_names import MONTHS
from index.text.sentences import Span, sentence_spans

CLEAN = ("verbatim", "reworded")
FALSE = (
    "number", "number moved", "date", "name", "names exchanged", "negation added", "negation removed", "opposite",
    "speaker", "quote word", "quote stitched", "quote misattributed",
)  # fmt: skip

_LEADING = re.compile(
    r"^(?:However|Meanwhile|Moreover|Furthermore|In addition|Indeed|Also|Later|Then|Additionally|For example|"
    r"For instance|Nevertheless|Nonetheless|Therefore|Thus|Finally|As a result|In fact|Of course|Hours later), (?=\w)"
)
_SAID_THAT = re.compile(r"^((?:[A-Z][\w’'-]+ ){1,3})said that (?!he |she |they |it |his |her )([a-z][^“”\"]{20,})\.$")
_BRACKETED = re.compile(r" \([^()]{3,80}\)(?=[ ,.])")
_CONTRACTED = re.compile(r"\b(did|does|do|was|were|is|are|has|had|have|would|could|should)n['’]t\b")
_DATE = re.compile(rf"\b(\d{{1,2}}) ({'|'.join(MONTHS)}) (\d{{4}})\b")
_AMERICAN = re.compile(rf"\b({'|'.join(MONTHS)}) (\d{{1,2}}), (\d{{4}})\b")
_SHORTEST, _LONGEST = 40, 400  # characters of a sentence that claims are made from


@dataclass(frozen=True, slots=True)
class MadeClaim:
    """A claim made from the sentences at ``spans``. ``kind`` says how; ``true`` whether it says what they say."""

    kind: str
    claim: str
    spans: tuple[Span, ...]
    true: bool


def make_claims(text: str, seed: int) -> Iterator[MadeClaim]:
    """Make true and false claims from the sentences of ``text``, by each rule that applies to a sentence."""
    spans = tuple(s for s in sentence_spans(text) if _usable(text[slice(*s)]))
    given = SourceText(text, spans, random.Random(seed))
    for span in spans:
        sentence = given.of(span)
        yield MadeClaim("verbatim", sentence, (span,), true=True)
        for said in dict.fromkeys(_reworded(sentence)):
            yield MadeClaim("reworded", said, (span,), true=True)
        for kind, rule in RULES.items():
            said = rule(given, span)
            if said and said != sentence:
                yield MadeClaim(kind, said, (span,), true=False)
    for one, other in pairwise(spans):
        if said := stitched_quote(given, one, other):
            yield MadeClaim("quote stitched", said, (one, other), true=False)


def _usable(sentence: str) -> bool:
    whole = sentence.rstrip("”\"' ")[-1:] in ".!?" and sentence[:1].isalnum() | (sentence[:1] in '“"')
    return (
        whole
        and _SHORTEST <= len(sentence) <= _LONGEST
        and sentence.count("“") == sentence.count("”")
        and sentence.count('"') % 2 == 0
    )


def _reworded(sentence: str) -> Iterator[str]:
    """Yield the same statement in other words."""
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
    if (match := NUMBER_WORD.search(sentence)) and not QUOTE.search(sentence):
        digits = dict(zip(NUMBER_WORDS, "2 3 4 5 6 7 8 9 10 11 12 15 20 30 40 50".split(), strict=True))
        following = sentence[match.end() :].lstrip(" -").split(" ")[0]
        if (
            following not in ("hundred", "thousand", "million", "billion", "dozen")
            and sentence[match.start() - 1] != "-"
        ):
            yield sentence[: match.start()] + digits[match.group()] + sentence[match.end() :]


def sample_claims(made: Sequence[MadeClaim], most: int, seed: int) -> list[MadeClaim]:
    """Draw at most ``most`` of each kind, with a fixed seed."""
    chance = random.Random(seed)
    kept: list[MadeClaim] = []
    for kind in (*CLEAN, *FALSE):
        of_kind = [one for one in made if one.kind == kind]
        kept += chance.sample(of_kind, min(most, len(of_kind)))
    return kept
