"""Check that what a claim puts in quotation marks stands word for word in a cited source.

Case, kinds of marks and punctuation do not matter, "…" leaves words out, and [brackets] are an editor's. Words and
figures do matter.
"""

import re
from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from index.system.threadsafe import LruCache
from index.text.sentences import Span
from index.text.terms import fold_word
from rag.speech.quote_marks import quotations
from rag.verify.checks.base import Finding

QuotationStatus = Literal["cited", "elsewhere", "stitched", "altered", "not found"]

_SINGLE = re.compile(
    r"(?<!\w)(?:‘[^‘’“”\"\n]{2,400}(?:’\w[^‘’“”\"\n]{0,400})*?’|'[^'“”\"\n]{2,400}(?:'\w[^'\n]{0,400})*?')(?!\w)"
)
_LEFT_OUT = re.compile(r"\[\s*(?:\.\s?\.\s?\.|…)\s*\]|\(\s*(?:\.\s?\.\s?\.|…)\s*\)|…|\.\s?\.\s?\.(?:\s?\.)?")
_LETTER = re.compile(r"\[(\w+)\](?=\w)|(?<=\w)\[(\w+)\]")
_EDITED = re.compile(r"\[[^\]\n]*\]")
_TOKEN = re.compile(r"\0|[$£€¥]|\d+(?:[.,]\d+)*|[^\W\d_]+(?:['’][^\W\d_]+)*|%")
_EDITOR_WORDS = "\0"  # stands for words in an editor's brackets
_MAX_EDITED_WORDS = 5  # of the source, that an editor's may stand for
_MAX_OMITTED_WORDS = 400  # between the parts of a quotation with an omission
_MIN_PIECE_WORDS = 3  # a shorter piece does not tell where a quotation comes from
_MIN_SIMILARITY = 0.4
_MIN_TITLE_LETTERS, _MAX_TITLE_WORDS = 4, 10  # of a word that titles capitalise, and of a title
_MAX_CACHE_CHARACTERS = 8_000_000  # of texts, whose words take 10 bytes a character at most
_MAX_WORDS_SHOWN = 12  # of a quotation, in a reason
_NEGATIONS = frozenset("not no never neither nor none without nobody nothing".split())


@dataclass(frozen=True, slots=True)
class QuotationSource:
    """A cited document's text, with the spans that are cited."""

    text: str
    spans: tuple[Span, ...]
    title: str = ""


@dataclass(frozen=True, slots=True)
class CheckedQuotation:
    """Quoted words of a claim, their place in it, and how they stand in the sources.

    ``place`` is where they stand in the source numbered ``source``. ``source_text`` is what the source has instead, or
    what an omission leaves out.
    """

    text: str
    start: int
    end: int
    status: QuotationStatus
    source: int = -1
    place: Span | None = None
    source_text: str = ""
    drops_negation: bool = False


def check_quotations(claim: str, sources: Sequence[QuotationSource]) -> tuple[CheckedQuotation, ...]:
    """Return every quotation of ``claim`` and how it stands in ``sources``."""
    return tuple(_check_quotation(claim, start, end, sources) for start, end in _quoted_spans(claim))


def blank_quotations(claim: str) -> str:
    """Return the claim with its quotations blanked out."""
    for start, end in _quoted_spans(claim):
        claim = claim[:start] + " " * (end - start) + claim[end:]
    return claim


def quote_findings(found: Sequence[CheckedQuotation]) -> Iterator[Finding]:
    """Yield what is wrong with quotations, in words."""
    for one in found:
        shown = f"“{shorten(one.text)}”"
        if one.status != "cited" and _is_title(one.text):
            if one.status != "elsewhere":
                yield Finding("quote", "missing", f"no cited sentence names {shown}")
            continue
        match one.status:
            case "not found":
                yield Finding("quote", "wrong", f"{shown} does not stand in a cited source")
            case "altered":
                yield Finding("quote", "wrong", f"{shown} is altered: the source has “{shorten(one.source_text)}”")
            case "stitched":
                yield Finding("quote", "wrong", f"{shown} is stitched together from two places")
            case "elsewhere":
                yield Finding("quote", "missing", f"{shown} stands in the source, but not in the cited sentence")
            case "cited":
                if one.drops_negation:
                    yield Finding("quote", "wrong", f"{shown} leaves out a “{one.source_text}” of the source")


def _is_title(text: str) -> bool:
    """Tell whether it is a title or a place rather than somebody's words: capitals on every content word."""
    telling = [word for word in re.findall(r"[^\W_]+", text) if len(word) >= _MIN_TITLE_LETTERS]
    return len(telling) <= _MAX_TITLE_WORDS and all(word[0].isupper() or word.isdigit() for word in telling)


def _quoted_spans(claim: str) -> list[tuple[int, int]]:
    doubles = [(q.start, q.end) for q in quotations(claim, [(0, len(claim))]) if claim[q.start] not in "'‘"]
    singles = [m.span() for m in _SINGLE.finditer(claim)]
    alone = [(a, b) for a, b in singles if not any(s < b and a < e for s, e in doubles)]
    return sorted(span for span in (*doubles, *alone) if any(c.isalnum() for c in claim[slice(*span)]))


def _check_quotation(claim: str, start: int, end: int, sources: Sequence[QuotationSource]) -> CheckedQuotation:
    said = claim[start:end].strip("“”„«»\"'‘’ ,.")
    parts = [part for part in (_tokens(piece) for piece in _LEFT_OUT.split(_mark_edits(said))) if part]
    if not parts:
        return CheckedQuotation(said, start, end, "cited")
    best: CheckedQuotation | None = None
    for number, source in enumerate(sources):
        for place, gap in _find_places(parts, source.text):
            near = any(place[0] < b and a < place[1] for a, b in source.spans)
            dropped = next((w for w in gap if w in _NEGATIONS or w.endswith("n't")), "")
            found = CheckedQuotation(
                said, start, end, "cited" if near else "elsewhere", number, place, dropped, bool(dropped)
            )
            if near and not dropped:
                return found
            best = found if best is None or (near and best.status == "elsewhere") else best
    if best is not None:
        return best
    if any(next(_find_places(parts, source.title), None) for source in sources if source.title):
        return CheckedQuotation(said, start, end, "cited")
    return _explain_missing(said, start, end, parts, sources)


def _explain_missing(
    said: str, start: int, end: int, parts: list[tuple[str, ...]], sources: Sequence[QuotationSource]
) -> CheckedQuotation:
    near = max((_most_similar(parts, source.text) for source in sources), default=(0.0, ""))
    pieces = [(parts[n], parts[n + 1]) for n in range(len(parts) - 1)] if len(parts) == 2 else []  # noqa: PLR2004
    if len(parts) == 1:
        whole = parts[0]
        pieces = [(whole[:n], whole[n:]) for n in range(_MIN_PIECE_WORDS, len(whole) - _MIN_PIECE_WORDS + 1)]
    for one, other in pieces:
        if all(any(next(_find_places([piece], s.text), None) for s in sources) for piece in (one, other)):
            return CheckedQuotation(said, start, end, "stitched")
    if near[0] >= _MIN_SIMILARITY and sum(map(len, parts)) > _MIN_PIECE_WORDS:
        return CheckedQuotation(said, start, end, "altered", source_text=near[1])
    return CheckedQuotation(said, start, end, "not found")


def _find_places(parts: Sequence[tuple[str, ...]], text: str) -> Iterator[tuple[Span, tuple[str, ...]]]:
    """Yield where all parts stand in order, with the words left out between them."""
    held = _cached_words(text)
    words = held.words
    firsts: Sequence[int] = range(len(words)) if parts[0][0] == _EDITOR_WORDS else held.places.get(parts[0][0], ())
    for first in firsts:
        at = _match_end(parts[0], words, first)
        gap: list[str] = []
        for part in parts[1:]:
            if at is None:
                break
            following = ((n, _match_end(part, words, n)) for n in range(at, min(len(words), at + _MAX_OMITTED_WORDS)))
            begin, after = next(((n, e) for n, e in following if e is not None), (at, None))
            gap += words[at:begin]
            at = after
        if at is not None:
            yield (held.starts[first], held.ends[at - 1]), tuple(gap)


def _match_end(part: Sequence[str], words: Sequence[str], at: int) -> int | None:
    """Return where ``part`` ends when it stands at ``at``, else None.

    An editor's words stand for a few of the source's, or for none.
    """
    for n, word in enumerate(part):
        if word == _EDITOR_WORDS:
            if n + 1 == len(part):
                return at
            rest = part[n + 1 :]
            ends = (_match_end(rest, words, skip) for skip in range(at, min(len(words), at + _MAX_EDITED_WORDS + 1)))
            return next((end for end in ends if end is not None), None)
        if at >= len(words) or words[at] != word:
            return None
        at += 1
    return at


def _most_similar(parts: Sequence[tuple[str, ...]], text: str) -> tuple[float, str]:
    """Return how similar the most similar stretch of ``text`` is to the quotation, by shared words, and the stretch."""
    wanted = [word for part in parts for word in part if word != _EDITOR_WORDS]
    held = _cached_words(text)
    words = held.words
    length = len(wanted)
    if not wanted or not words:
        return 0.0, ""
    kinds, pairs = set(wanted), set(pairwise(wanted))
    inside = [(word in kinds) + ((words[n - 1], word) in pairs if n else False) for n, word in enumerate(words)]
    count = sum(inside[:length])
    best, at = count, 0
    for n in range(1, max(1, len(words) - length + 1)):
        count += inside[n + length - 1] - inside[n - 1]
        if count > best:
            best, at = count, n
    last = min(len(words), at + length) - 1
    return best / (2 * length - 1), " ".join(text[held.starts[at] : held.ends[last]].split())


@dataclass(frozen=True, slots=True)
class _TextWords:
    """The words of a text, where each starts and ends in characters, and at which indices each word stands."""

    words: tuple[str, ...]
    starts: Sequence[int]
    ends: Sequence[int]
    places: Mapping[str, Sequence[int]]


def _cached_words(text: str) -> _TextWords:
    return _WORD_CACHE.get(text, _index_words)


def _index_words(text: str) -> _TextWords:
    words: list[str] = []
    # Arrays, and one string for each distinct word, take a fifth of the memory of tuples.
    starts, ends, places, known = array("I"), array("I"), dict[str, "array[int]"](), dict[str, str]()
    for n, match in enumerate(_TOKEN.finditer(text)):
        word = _normalize(match.group())
        word = known.setdefault(word, word)
        words.append(word)
        starts.append(match.start())
        ends.append(match.end())
        if word not in places:
            places[word] = array("I")
        places[word].append(n)
    return _TextWords(tuple(words), starts, ends, places)


_WORD_CACHE: LruCache[str, _TextWords] = LruCache(_MAX_CACHE_CHARACTERS, lambda text, _: len(text))


def _tokens(text: str) -> tuple[str, ...]:
    return tuple(_normalize(token) for token in _TOKEN.findall(text))


def _normalize(token: str) -> str:
    return token.replace(",", "") if token[:1].isdigit() else fold_word(token)


def _mark_edits(said: str) -> str:
    """Return the quoted words with an editor's letters kept and an editor's words marked."""
    kept = _LETTER.sub(lambda m: m[1] or m[2], _LEFT_OUT.sub("…", said)).replace("[sic]", "")
    return _EDITED.sub(_EDITOR_WORDS, kept)


def shorten(text: str, words: int = _MAX_WORDS_SHOWN) -> str:
    """Return the first ``words`` words of ``text``, with an ellipsis where there are more."""
    found = text.split()
    return " ".join(found[:words]) + (" …" if len(found) > words else "")
