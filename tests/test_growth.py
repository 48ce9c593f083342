"""What is done for a reply, a document or a folder grows with its size and no faster, told in counts and not in seconds."""

from collections.abc import Callable
from functools import partial
from hashlib import sha256
from itertools import product
from pathlib import Path

import pytest
from known_files import Known
from operations import LINEAR, growth

import rag.answer.citation_parser
from index.ingest.plan import plan
from index.schema import Document, FileRecord, Passage
from index.text.sentences import Span, sentence_spans
from rag.answer.citation_parser import CitationParser
from rag.reading.attribution import prefer_asked_speaker
from rag.reading.sentence_ranker import Quote
from rag.reading.speech_lookup import SpeechLookup
from rag.speech.quote_marks import quotations
from rag.speech.reported_speech import find_speech

Work = Callable[[], object]

REPLIES = {
    "sentences": "It is so [1]. ",
    "lines": "- It is so [1]\n",
    "wrapped": "it is so [1]\n",
    "no stop": "so it is ",
    "brackets": "so [it is ",
    "stops": ". ",
    "full stops": "。",
    "breaks": "\n",
    "footnotes": "[^1]: so\n",
    "dots and words": "so.... ",
}


def told(reply: str) -> None:
    """Read ``reply`` as a model streams it, looking at the draft as seldom as the writer does."""
    parser = CitationParser()
    for at in range(0, len(reply), 3):
        parser.feed(reply[at : at + 3])
    parser.close()


@pytest.mark.parametrize("unit", REPLIES.values(), ids=REPLIES.keys())
def test_a_reply_is_read_once_however_long_it_is(unit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert growth(lambda size: partial(told, f"So. {unit * size}"), 100) < LINEAR
    read = 0

    def counted(text: str) -> list[Span]:
        nonlocal read
        read += len(text)
        return sentence_spans(text)

    monkeypatch.setattr(rag.answer.citation_parser, "sentence_spans", counted)
    counts = []
    for size in (500, 2_000):
        read = 0
        told(f"So. {unit * size}")
        counts.append(read)
    assert counts[1] < LINEAR * counts[0]


def people(count: int) -> list[str]:
    parts = product("BDFGHKLM", "aeiou", ("nn", "rr", "st", "ll"), "aeiou")
    return [f"{''.join(a)} {''.join(a[::-1]).title()}" for a, _ in zip(parts, range(count), strict=False)]


ARTICLES = {
    "names": "{} came to the bay. ",
    "speakers": "{} said the bridge was old. ",
    "pronouns": "{} said the bridge was old. He added that it leaked. ",
    "the other's pronouns": "Mrs {} said the bridge was old. He added that it leaked. ",
    "roles": "The {} minister said the bridge was old. ",
    "holders": "Harbour minister {} came. The minister said the bridge was old. ",
    "quotations": "“It is old, and it leaks,” said {}. “Nobody wants it. Nobody ever will.” 'It is so,' he said. ",
    "unclaimed": "{} said no. “It is old, and it leaks badly.” ",
}


@pytest.mark.parametrize("pattern", ARTICLES.values(), ids=ARTICLES.keys())
def test_an_article_is_read_in_time_however_many_appear_in_it(pattern: str) -> None:
    def work(size: int) -> Work:
        text = "".join(map(pattern.format, people(size)))
        return partial(find_speech, text, sentence_spans(text))

    assert growth(work, 60) < LINEAR


def test_quotations_are_told_apart_in_time() -> None:
    def work(size: int) -> Work:
        text = "“It is old.” 'It is so,' " * size
        return partial(quotations, text, [(0, len(text))])

    assert growth(work, 50) < LINEAR


@pytest.mark.parametrize("pattern", ["Ana {} said the bridge was old. ", "{} said the bridge was old. "])
def test_whose_words_are_asked_for_is_weighed_in_time(pattern: str) -> None:
    def work(size: int) -> Work:
        text = "".join(pattern.format(name.split()[1]) for name in people(size)) + "Ana Bell said no."
        passage = Passage("d", 0, len(text), text)
        speeches = SpeechLookup(lambda _: Document("d", "Bridge", "bridge.txt", text))
        speeches.of_document("d")
        quotes = [Quote(passage, a, b, 0.5, ()) for a, b in sentence_spans(text)]
        return partial(prefer_asked_speaker, quotes, "What did Ana say about the bridge?", speeches)

    assert growth(work, 60) < LINEAR


def names(folder: Path, count: int) -> list[Path]:
    folder.mkdir(parents=True)
    return [folder / f"{number}.txt" for number in range(count)]


def moved(home: Path, size: int) -> Work:
    """So many files of the same bytes that have moved to another folder, and as many copies of them."""
    files = [*names(home / f"{size}" / "here", size), *names(home / f"{size}" / "copies", size)]
    for path in files:
        path.write_text("One.")
    digest = sha256(b"One.").hexdigest()
    gone = [str(home / f"{size}" / "there" / f"{number}.txt") for number in range(size)]
    known = Known({name: FileRecord(name, digest, "d") for name in gone})
    return partial(plan, known, [home / f"{size}"])


def closed(home: Path, size: int) -> Work:
    """So many archives that cannot be opened any more, each with a file known from when it could be."""
    files = [path.with_suffix(".zip") for path in names(home / f"{size}", size)]
    for path in files:
        path.write_bytes(b"PK\3\4 cut off")
    inside = [f"{path}!/in/a.txt" for path in files]
    return partial(plan, Known({name: FileRecord(name, "0", "d") for name in inside}), [home / f"{size}"])


def named(home: Path, size: int) -> Work:
    """So many files that are each named."""
    files = names(home / f"{size}", size)
    for path in files:
        path.write_text(path.name)
    return partial(plan, Known({str(path): FileRecord(str(path), "0", "d") for path in files}), files)


@pytest.mark.parametrize("folder", [moved, closed, named])
def test_a_folder_is_compared_in_time(folder: Callable[[Path, int], Work], tmp_path: Path) -> None:
    assert growth(partial(folder, tmp_path), 40) < LINEAR
