"""Read a model's reply as it is written: its sentences, and the numbers of what each one cites."""

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

from index.text.sentences import LOOK, Span, sentence_spans
from rag.answer.markers import Mark, without_markers

_LIST_MARK = re.compile(r"^(?:[-*•‣–—]|#{1,6}|>|\(?\d{1,2}[.)])\s+")
_EMPHASIS = re.compile(r"\*\*|__|`|(?<!\w)\*(?=\S)|(?<=\S)\*(?!\w)")
_BEFORE_STOP = re.compile(r"\s+(?=[.,;:!?…。！？](?:\s|$))")
_LEADING = re.compile(r"^[:\s]+")
_LIST_OF_SOURCES = re.compile(
    r"[*_#\s]*(?:sources?|references?|citations?|footnotes?)[*_\s]*:?[*_\s,;.]*", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Cited:
    """A sentence as a model wrote it, without its markers, and the numbers it cites, each once, in order."""

    text: str
    numbers: tuple[int, ...]


class CitationParser:
    """Takes a reply in pieces, cut anywhere, and gives its sentences as soon as nothing further can change them.

    However the reply is cut, the sentences are the same. A number belongs to the sentence it stands in or after, or
    to the one that follows where it opens a line. A list of sources at the end is no part of the answer.
    """

    def __init__(self) -> None:
        self._raw = ""
        self._given = 0
        self._over = False
        self._rest = ""

    def feed(self, piece: str) -> tuple[Cited, ...]:
        """The sentences that ``piece`` made certain."""
        self._raw += piece
        return self._new()

    def close(self) -> tuple[Cited, ...]:
        """The sentences left when the reply is over."""
        self._over = True
        return self._new()

    @property
    def draft(self) -> str:
        """What has been written beyond the sentences given, to be shown as unfinished."""
        return self._rest

    def _new(self) -> tuple[Cited, ...]:
        sentences, self._rest = _parsed(self._raw, over=self._over)
        fresh = sentences[self._given :]
        self._given += len(fresh)
        return fresh


def parse(reply: str) -> tuple[Cited, ...]:
    """The sentences of a whole reply."""
    return _parsed(reply, over=True)[0]


def _parsed(raw: str, *, over: bool) -> tuple[tuple[Cited, ...], str]:
    """The sentences that no further text can change, and what has been written after them."""
    text, marks = without_markers(raw, over=over)
    spans: list[Span] = []
    certain = 0
    for start, end, complete in _lines(text, over=over):
        if _LIST_OF_SOURCES.fullmatch(text, start, end):
            over = over or complete
            marks = [mark for mark in marks if mark.at < start]
            text = text[:start]
            break
        if _is_footnote(text, start, marks):
            marks = [mark for mark in marks if not start <= mark.at <= end]
            continue
        # Offsets stay, and a break that only wraps a line is no break.
        line = text[start:end].replace("\n", " ")
        for first, last in sentence_spans(line):
            spans.append((start + first, start + last))
            if complete or start + last + LOOK <= end:
                certain = len(spans)
    # All numbers of a sentence are there once the next one has begun.
    known = len(spans) if over else max(0, min(certain, len(spans) - 1))
    numbers = _numbers(text, spans, marks)
    found = [Cited(_tidy(text[start:end]), tuple(numbers[n])) for n, (start, end) in enumerate(spans[:known])]
    rest = "" if over else _tidy(text[spans[known - 1][1] if known else 0 :])
    return tuple(sentence for sentence in found if _says_something(sentence.text)), rest


def _numbers(text: str, spans: list[Span], marks: list[Mark]) -> list[dict[int, None]]:
    """The numbers of each sentence, in order."""
    found: list[dict[int, None]] = [{} for _ in spans]
    starts = [start for start, _ in spans]
    for mark in marks if spans else ():
        before = bisect_left(starts, mark.at) - 1
        opens = before < 0 or (
            before + 1 < len(spans) and _opens_line(text, spans[before][1], mark.at, starts[before + 1])
        )
        found[before + 1 if opens else before].update(dict.fromkeys(mark.numbers))
    return found


def _opens_line(text: str, end: int, at: int, following: int) -> bool:
    """Whether a marker at ``at``, beyond the ``end`` of a sentence, stands on the line of the ``following`` one."""
    return at > end and "\n" in text[end:at] and "\n" not in text[at:following]


def _is_footnote(text: str, start: int, marks: list[Mark]) -> bool:
    """Whether a line is ``[^3]: …``, which says what a number means."""
    return text[start : start + 1] == ":" and any(mark.at == start and mark.footnote for mark in marks)


def _lines(text: str, *, over: bool) -> Iterator[tuple[int, int, bool]]:
    """Spans of lines and whether each is complete; a line that goes on with a small letter was only wrapped."""
    start = 0
    for match in re.finditer(r"\s*\n\s*", text):
        following = text[match.end() : match.end() + 1]
        if not following and not over:
            break
        if match.group().count("\n") > 1 or not following.islower():
            yield start, match.start(), True
            start = match.end()
    yield start, len(text), over


def _says_something(text: str) -> bool:
    return any(character.isalnum() for character in text)


def _tidy(sentence: str) -> str:
    line = _LIST_MARK.sub("", _LEADING.sub("", " ".join(sentence.split())))
    return _BEFORE_STOP.sub("", " ".join(_EMPHASIS.sub("", line).split()))
