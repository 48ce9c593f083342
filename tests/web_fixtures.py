"""A small library with known texts and an answerer with known answers, to drive the web chat with."""

import os
import random
import socket
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from waiting import until

from index.errors import OnrecordError, QuestionError
from index.schema import Document, DocumentInfo, Hit, Passage
from rag.question.scope import Scope
from rag.schema import Answer, Citation, Claim, Turn

_PORTS_OF_A_WORKER = 1_000

NEWS = Document(
    id="news",
    title="Hegseth at NATO: Ukraine's bid is “unrealistic”",
    source="articles/hegseth-nato.txt",
    text=(
        "Opening paragraph 😀 with an emoji and e\u0301 combining.\n\n"
        + "\n".join(f"Filler paragraph {n}: " + "the talks went on and on. " * 12 for n in range(12))
        + "\nThe defence secretary said the force should not have Article 5 protections 🇺🇦, he added.\n"
        + "\n".join(f"Later paragraph {n}: " + "allies listened to the speech. " * 12 for n in range(12))
        + "\nHegseth said NATO membership for Ukraine was unrealistic.\nLast line."
    ),
    metadata={"outlet": "Example Wire", "date": "2025-02-12"},
)
HOSTILE = Document(
    id="hostile",
    title='<img src=x onerror="window.__pwned=1">Title',
    source="articles/<b>hostile</b>.html",
    text=(
        "<script>window.__pwned=1</script>\n<img src=x onerror=window.__pwned=1>\n"
        "${window.__pwned=1} `${1+1}` {{value}} {{{value}}} {{#each value}}x{{/each}} \\${x} \\n\n"
        "[link](javascript:window.__pwned=1) **bold** $x^2$ &amp; &lt;b&gt;\n"
        '__i18n__{"key": "common.submit"} </div></article><h1>out</h1>'
    ),
    metadata={"outlet": "<script>window.__pwned=1</script>", "date": "${7*7}"},
)
LONG = Document(
    id="long",
    title="A very long file",
    source="articles/long.txt",
    text="".join(f"Line {n:06d} of the very long file.\n" for n in range(300_000)),
    metadata={},
)
ARABIC = Document(
    id="arabic",
    title="قمة الحلف",
    source="articles/arabic.txt",
    text="قال الوزير إن العضوية غير واقعية.\nوأضاف أن المحادثات ستستمر.",
    metadata={"outlet": "وكالة", "date": "2025-02-13"},
)


@dataclass(frozen=True)
class Shelf:
    """A library held in memory."""

    held: tuple[Document, ...] = (NEWS, HOSTILE, LONG, ARABIC)

    def document(self, document_id: str) -> Document:
        for document in self.held:
            if document.id == document_id:
                return document
        raise OnrecordError(f"{document_id} is not here.")

    def documents(self) -> Sequence[DocumentInfo]:
        return [DocumentInfo(d.id, d.title, d.source, d.metadata, len(d.text), 3) for d in self.held]


@dataclass
class Scripted:
    """Answers by keyword, with passages cut from the documents; ``gate`` holds a slow answer back."""

    asked: list[tuple[str, tuple[Turn, ...]]] = field(default_factory=list)
    scopes: list[Scope] = field(default_factory=list)
    stops: list[threading.Event | None] = field(default_factory=list)
    gate: threading.Event = field(default_factory=threading.Event)
    ended: list[str] = field(default_factory=list)

    def stream(self, question: str, *asked: Any) -> Iterator[Answer]:
        try:
            yield from self._answers(question, *asked)
        finally:
            self.ended.append(question)

    def _answers(
        self, question: str, history: Sequence[Turn], scope: Scope, stop: threading.Event | None
    ) -> Iterator[Answer]:
        self.stops.append(stop)
        self.asked.append((question, tuple(history)))
        self.scopes.append(scope)
        if not question.strip():
            raise QuestionError("The question is empty. Type one and ask again.")
        if len(question) > 5_000:
            raise QuestionError("The question has more than 5,000 characters. Ask a shorter one.")
        yield Answer(question, question, (), (), False, done=False)
        if "slow" in question:
            yield partial(question)
            until(lambda: self.gate.is_set() or (stop is not None and stop.is_set()))
        if "crash" in question:
            raise RuntimeError("secret detail")
        yield from steps(question)


def steps(question: str) -> Iterator[Answer]:
    """The answer to ``question``, one claim more at a time."""
    full = answer_to(question)
    for n in range(1, len(full.claims)):
        yield replace(full, claims=full.claims[:n], done=False)
    yield full


def answer_to(question: str) -> Answer:
    """The finished answer to ``question``."""
    if "weather" in question:
        closest = tuple(
            Hit(passage(NEWS, words), 0.2) for words in ("Opening paragraph", "Later paragraph 3", "Last line.")
        )
        return Answer(question, question, (), closest, True, reason="The documents don't say.")
    if "hostile" in question:
        cited = (claim(HOSTILE, "[link](javascript:window.__pwned=1) **bold** $x^2$ &amp; &lt;b&gt;", 1),)
    elif "long" in question:
        cited = (claim(LONG, "Line 150000 of the very long file.", 1),)
    elif "arabic" in question:
        cited = (claim(ARABIC, "وأضاف أن المحادثات ستستمر.", 1),)
    else:
        weak = claim(NEWS, "Opening paragraph 😀 with an emoji", 3)
        cited = (
            claim(NEWS, "the force should not have Article 5 protections 🇺🇦", 1),
            claim(NEWS, "Hegseth said NATO membership for Ukraine was unrealistic.", 2),
            replace(weak, verdict="partly", reason="Only the emoji is there."),
        )
    hits = tuple(Hit(c.citations[0].passage, 1.0) for c in cited)
    return Answer(question, question, cited, hits, False)


def partial(question: str) -> Answer:
    """An answer that is still coming, with its first claim there."""
    return replace(answer_to("article 5"), question=question, claims=answer_to("article 5").claims[:1], done=False)


def claim(document: Document, words: str, marker: int) -> Claim:
    """A claim that says ``words`` and cites them in ``document``."""
    cited = passage(document, words)
    return Claim(words, (Citation(marker, cited, cited.start, cited.end),), "supported", "")


def passage(document: Document, words: str) -> Passage:
    """The passage of ``document`` that is exactly ``words``."""
    start = document.text.index(words)
    end = start + len(words)
    return Passage(document.id, start, end, words, document.title, document.source, document.metadata)


def free_port() -> int:
    """A port that nothing listens on, nor will: below those that connections are given, and apart for each worker."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    first = 20_000 + _PORTS_OF_A_WORKER * (worker % 10)
    for port in random.sample(range(first, first + _PORTS_OF_A_WORKER), _PORTS_OF_A_WORKER):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError(f"no port from {first} on is free")
