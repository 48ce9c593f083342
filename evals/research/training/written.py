"""Read the documents and everyday questions that were written to train on, and cut windows of them.

Most questions use other words than the document, and a third ask what it does not say. Each document says which
part it is of: the reader is trained on three quarters, the weights of evidence are fitted on the rest.
"""

import json
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from evals.research.training.windows import Window
from index.chunking.chunk import Chunking, chunk
from index.reading.load import load
from index.schema import Document, Passage
from index.text.sentences import Span, sentence_spans
from index.text.terms import terms
from rag.reading.reader.window import cut_window, question_ids

if TYPE_CHECKING:
    from tokenizers import Tokenizer

WRITTEN_DOCUMENTS = Path(__file__).parent / "documents"
_AWAY = 2  # windows of each question away from its answer in the same document
_OTHER_DOCUMENTS = 12  # read for the sentence of another document that sounds most like an answer
_WORD = re.compile(r"\w+")
Part = Literal["reader", "evidence"]


@dataclass(frozen=True, slots=True)
class WrittenQuestion:
    """A question with the sentences that answer it, each as it stands in the file, none where nothing does.

    ``answer`` are the words of the first of them that answer. ``changed_from`` is the question of the same document
    that it differs from in one thing, so that the answer to that is none to this.
    """

    text: str
    sentences: tuple[str, ...]
    answer: str
    changed_from: str = ""


@dataclass(frozen=True, slots=True)
class WrittenDocument:
    """A document as it is read from its file, with questions about it, and which of the two fits it is for."""

    document: Document
    questions: tuple[WrittenQuestion, ...]
    part: Part

    def answering_spans(self, question: WrittenQuestion) -> tuple[Span, ...] | None:
        """Find the sentences that answer ``question`` in the text as it was read; None where one is not found."""
        found = [find_quote(self.document.text, sentence) for sentence in question.sentences]
        spans = tuple(span for span in found if span is not None)
        return spans if len(spans) == len(found) else None


@dataclass(frozen=True, slots=True)
class _Sentence:
    passage: Passage
    start: int
    end: int
    words: frozenset[str]


def read_written(folder: Path = WRITTEN_DOCUMENTS) -> list[WrittenDocument]:
    """Read every document in ``folder``, in the order of its files."""
    rows = (json.loads(line) for file in sorted(folder.glob("*.jsonl")) for line in file.open(encoding="utf-8"))
    return [
        WrittenDocument(
            load(Path(row["name"]), row["text"].encode()),
            tuple(
                WrittenQuestion(q["question"], tuple(q["sentences"]), q["answer"], q.get("changed_from", ""))
                for q in row["questions"]
            ),
            row["part"],
        )
        for row in rows
    ]


def find_quote(text: str, quote: str) -> Span | None:
    """Find the words of ``quote`` in ``text`` whatever stands between them: marks, spaces, the names of columns.

    >>> find_quote("Deposit: 20 a bike", "**Deposit**: 20 a bike")
    (0, 18)
    """
    words = _WORD.findall(quote)
    if not words:
        return None
    found = re.search(r"\W+".join(map(re.escape, words)), text)
    if found is None and "|" in quote:
        cells = [r"\W+".join(map(re.escape, _WORD.findall(cell))) for cell in quote.split("|") if _WORD.search(cell)]
        found = re.search(r"\b[^\n]*?\b".join(cells), text)
    return found.span() if found else None


def written_windows(documents: Sequence[WrittenDocument], tokenizer: "Tokenizer", seed: int = 0) -> Iterator[Window]:
    """Yield windows of each question: around its answer, and around sentences that sound like one and are none.

    Of these two are of the same document and one is of another. What answers the question that one was changed from
    sounds most like it.
    """
    rng = random.Random(seed)
    sentences = [list(_sentences(written.document)) for written in documents]
    for n, written in enumerate(documents):
        others = [one for other, one in enumerate(sentences) if other != n]
        for question in written.questions:
            some = rng.sample(others, min(_OTHER_DOCUMENTS, len(others)))
            elsewhere = _tempting(question.text, [sentence for one in some for sentence in one], rng, 1)
            yield from _windows(written, sentences[n], question, elsewhere, tokenizer=tokenizer, rng=rng)


def passage_sentences(document: Document) -> Iterator[tuple[Passage, int, int]]:
    """Yield every sentence of ``document`` as its passage and its document offsets."""
    for passage in chunk(document, Chunking()):
        for start, end in sentence_spans(passage.text):
            yield passage, passage.start + start, passage.start + end


def _sentences(document: Document) -> Iterator[_Sentence]:
    for passage, start, end in passage_sentences(document):
        yield _Sentence(passage, start, end, frozenset(terms(document.text[start:end])))


def _windows(
    written: WrittenDocument,
    sentences: Sequence[_Sentence],
    question: WrittenQuestion,
    elsewhere: Sequence[_Sentence],
    *,
    tokenizer: "Tokenizer",
    rng: random.Random,
) -> Iterator[Window]:
    """Yield windows; a place where only another of the answering sentences is read is passed over."""
    golden = written.answering_spans(question)
    answer = _answer(written.document.text, golden[0], question.answer) if golden else None
    if golden is None or (golden and answer is None):
        return
    near = [s for s in sentences if answer and s.start <= answer[0] and answer[1] <= s.end]
    away = [s for s in sentences if not any(s.start < end and start < s.end for start, end in golden)]
    asked = question_ids(tokenizer, question.text)
    almost = list(_almost_answering(written, question, away))[:1]
    others = [s for s in away if s not in almost]
    for sentence in (*near[:1], *almost, *_tempting(question.text, others, rng, _AWAY - len(almost))):
        cut = cut_window(tokenizer, asked, sentence.passage, sentence.start, sentence.end)
        inside = cut.tokens_between(*answer) if answer else None
        if inside or not any(cut.tokens_between(*span) for span in golden[1:]):
            starts, ends = ((inside[0],), (inside[1],)) if inside else ((), ())
            yield Window(cut.ids, cut.text_from, starts, ends)
    for sentence in elsewhere:
        cut = cut_window(tokenizer, asked, sentence.passage, sentence.start, sentence.end)
        yield Window(cut.ids, cut.text_from, (), ())


def _almost_answering(
    written: WrittenDocument, question: WrittenQuestion, sentences: Sequence[_Sentence]
) -> Iterator[_Sentence]:
    """Yield the sentences that answer the question which this one was changed from."""
    spans = [
        span
        for other in written.questions
        if other.text == question.changed_from
        for span in written.answering_spans(other) or ()
    ]
    yield from (s for s in sentences if any(s.start < end and start < s.end for start, end in spans))


def _answer(text: str, sentence: Span, answer: str) -> Span | None:
    at = find_quote(text[slice(*sentence)], answer)
    return (sentence[0] + at[0], sentence[0] + at[1]) if at else None


def _tempting(question: str, sentences: Sequence[_Sentence], rng: random.Random, count: int) -> list[_Sentence]:
    """Choose ``count``: one of those that share most words with the question, the others at random."""
    asked = set(terms(question))
    best = sorted(sentences, key=lambda s: -len(asked & s.words))[:3]
    chosen = rng.sample(best, min(1, len(best)))
    others = [s for s in sentences if s not in chosen]
    return chosen + rng.sample(others, min(count - len(chosen), len(others)))
