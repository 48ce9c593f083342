"""Parse a model's reply as it is written into sentences and the numbers that each one cites."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from index.text.sentences import CONTEXT_CHARACTERS, Span, sentence_spans, trim_span
from rag.answer.markers import Marker, find_open_bracket, split_markers

_LIST_MARK = re.compile(r"^(?:[-*•‣–—]|#{1,6}|>|\(?\d{1,2}[.)])\s+")
_EMPHASIS = re.compile(r"\*\*|__|`|(?<!\w)\*(?=\S)|(?<=\S)\*(?!\w)")
_BEFORE_STOP = re.compile(r"\s+(?=[.,;:!?…。！？](?:\s|$))")
_LEADING_COLON = re.compile(r"^[:\s]+")
_LIST_OF_SOURCES = re.compile(
    r"[*_#\s]*+(?:sources?|references?|citations?|footnotes?)[*_\s]*+:?[*_\s,;.]*+", re.IGNORECASE
)
_VISIBLE = re.compile(r"\S")
_MAX_STEP_CHARACTERS = 1_000  # of a long piece, so that little text is kept


@dataclass(frozen=True, slots=True)
class CitedSentence:
    """A sentence as a model wrote it, without its markers, and the numbers it cites, each once, in order."""

    text: str
    numbers: tuple[int, ...]


class CitationParser:
    """Takes a reply in pieces, cut anywhere, and returns its sentences as soon as nothing further can change them.

    The sentences are the same however the reply is cut. A number belongs to the sentence it stands in or after, or to
    the one that follows where it opens a line. A list of sources at the end is no part of the answer. Only text that is
    not returned yet is kept and only new text is read, so time is linear in the reply.
    """

    def __init__(self) -> None:
        self._held = ""  # from a bracket that may yet become a marker
        # Places below count from the beginning of what is kept of the text.
        self._text = ""
        self._marks: list[Marker] = []
        self._spans: list[Span] = []  # sentences whose ends are certain
        self._given = 0  # the end of the last sentence returned
        self._line = 0  # where the line begins
        self._joined = 0  # up to where its breaks are known to be only wraps
        self._begun = 0  # the end of its last certain sentence
        self._sure = 0  # no stop before this is still open
        self._over = False

    def feed(self, piece: str) -> tuple[CitedSentence, ...]:
        """Return the sentences that ``piece`` completes."""
        found: list[CitedSentence] = []
        for start in range(0, len(piece), _MAX_STEP_CHARACTERS):
            raw = self._held + piece[start : start + _MAX_STEP_CHARACTERS]
            end = find_open_bracket(raw)
            self._held = raw[end:]
            found += self._read(raw[:end])
        return tuple(found)

    def close(self) -> tuple[CitedSentence, ...]:
        """Return the remaining sentences when the reply is over."""
        raw, self._held = self._held, ""
        found = tuple(self._read(raw, last=True))
        self._over = True
        return found

    @property
    def draft(self) -> str:
        """What has been written after the sentences returned, to be shown as unfinished."""
        if self._over:
            return ""
        return clean_sentence(self._text[self._given : self._line if self._lists_sources(len(self._text)) else None])

    def _read(self, raw: str, *, last: bool = False) -> Iterator[CitedSentence]:
        if self._over:
            return
        text, marks = split_markers(raw)
        self._marks += (replace(mark, at=mark.at + len(self._text)) for mark in marks)
        self._text += text
        if last or any(map(str.isalnum, text)):  # only a letter or digit makes anything certain
            for end in self._line_ends(last=last):
                yield from self._read_line(end, complete=True, last=False)
                self._line = self._joined = self._begun = self._sure = _next_visible(self._text, end, len(self._text))
                if self._over:
                    return
            yield from self._read_line(len(self._text), complete=last, last=last)
            self._forget(min(self._given, self._sure) - CONTEXT_CHARACTERS)

    def _line_ends(self, *, last: bool) -> Iterator[int]:
        """Yield where complete lines end; a line that goes on with a small letter was only wrapped."""
        text = self._text
        while (at := text.find("\n", self._joined)) >= 0:
            end = at
            while end > self._line and text[end - 1].isspace():
                end -= 1
            following = _next_visible(text, at, len(text))
            if following == len(text) and not last:
                self._joined = at
                return
            if text.count("\n", at, following) > 1 or not text[following : following + 1].islower():
                yield end
            self._joined = following
        self._joined = len(text)

    def _read_line(self, end: int, *, complete: bool, last: bool) -> Iterator[CitedSentence]:
        """Read the line as far as ``end``, and yield the sentences that are certain."""
        begins: int | None = None
        if self._lists_sources(end):
            self._over = complete
            begins = self._line
        elif self._is_footnote():
            if complete:
                self._marks = [mark for mark in self._marks if not self._line <= mark.at <= end]
        else:
            self._split(end, complete=complete)
            begins = _next_visible(self._text, max(self._line, self._begun), end)
        yield from self._emit_certain(begins if begins is not None and begins < end else None, last=last or self._over)

    def _split(self, end: int, *, complete: bool) -> None:
        """Find the sentences of the line that certainly end before ``end``."""
        start, end = max(self._line, self._sure - CONTEXT_CHARACTERS), trim_span(self._text, self._line, end)[1]
        # A break that only wraps a line is no break.
        stops = [start + stop for _, stop in sentence_spans(self._text[start:end].replace("\n", " "))]
        for stop in stops if complete else stops[:-1]:
            if stop > max(self._begun, self._sure) and (complete or stop + CONTEXT_CHARACTERS <= end):
                self._spans.append(trim_span(self._text, max(self._line, self._begun), stop))
                self._begun = stop
        sure = end - CONTEXT_CHARACTERS
        while sure > self._sure and not (self._text[sure - 1].isalnum() or self._text[sure - 1].isspace()):
            sure -= 1
        self._sure = max(self._sure, sure)

    def _emit_certain(self, begins: int | None, *, last: bool) -> Iterator[CitedSentence]:
        """Yield the sentences that have all their numbers, because the next one ``begins``.

        With ``last``, the reply or its text is over, and all are yielded.
        """
        following = [start for start, _ in self._spans[1:]] + [begins]
        while self._spans and (following[0] is not None or last):
            (start, end), after = self._spans.pop(0), following.pop(0)
            numbers = tuple(dict.fromkeys(self._numbers(end, after)))
            self._given = end
            text = clean_sentence(self._text[start:end])
            if any(map(str.isalnum, text)):
                yield CitedSentence(text, numbers)

    def _numbers(self, end: int, following: int | None) -> Iterator[int]:
        """Take and yield the numbers of the sentence that ends at ``end``, before the ``following`` one."""
        while self._marks and (following is None or not self._is_later(self._marks[0].at, end, following)):
            yield from self._marks.pop(0).numbers

    def _is_later(self, at: int, end: int, following: int) -> bool:
        """Tell whether a marker at ``at`` stands beyond where the ``following`` sentence begins, or opens its line."""
        opens = at > end and "\n" in self._text[end:at] and "\n" not in self._text[at:following]
        return at > following or opens

    def _lists_sources(self, end: int) -> bool:
        """Tell whether the line only announces a list of sources."""
        return self._given <= self._line and bool(_LIST_OF_SOURCES.fullmatch(self._text, self._line, end))

    def _is_footnote(self) -> bool:
        """Tell whether the line is ``[^3]: …``, which explains a number."""
        opens = self._given <= self._line and self._text[self._line : self._line + 1] == ":"
        return opens and any(mark.at == self._line and mark.footnote for mark in self._marks)

    def _forget(self, count: int) -> None:
        """Drop the first ``count`` characters, which are not to be read, returned or looked back at any more."""
        if count > 0:
            self._text = self._text[count:]
            self._marks = [replace(mark, at=mark.at - count) for mark in self._marks]
            self._spans = [(start - count, end - count) for start, end in self._spans]
            self._given, self._begun, self._sure = self._given - count, self._begun - count, self._sure - count
            self._line, self._joined = max(0, self._line - count), self._joined - count


def parse_reply(reply: str) -> tuple[CitedSentence, ...]:
    """Return the sentences of a whole reply.

    >>> [(one.text, one.numbers) for one in parse_reply("It opened in May [2]. It cost 3 million [1][3].")]
    [('It opened in May.', (2,)), ('It cost 3 million.', (1, 3))]
    """
    parser = CitationParser()
    return (*parser.feed(reply), *parser.close())


def _next_visible(text: str, start: int, end: int) -> int:
    """Return where the first visible character of ``text[start:end]`` stands; ``end`` where there is none."""
    found = _VISIBLE.search(text, start, end)
    return found.start() if found else end


def clean_sentence(sentence: str) -> str:
    """Return a sentence on one line, without the marks of a list, a heading or emphasis."""
    line = _LIST_MARK.sub("", _LEADING_COLON.sub("", " ".join(sentence.split())))
    return _BEFORE_STOP.sub("", " ".join(_EMPHASIS.sub("", line).split()))
