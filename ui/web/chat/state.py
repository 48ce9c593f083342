"""A conversation as the server keeps it for one visitor: what was asked and what has been answered so far."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from index.errors import OnrecordError
from index.schema import Hit, Passage
from rag.schema import Answer, Citation, Turn
from ui.web.feedback.opinion import Opinion

CLOSEST = 3  # passages shown with a refusal


@dataclass(frozen=True, slots=True)
class Exchange:
    """One question and its answer so far. ``error`` is what to show when there can be no answer.

    ``kept`` is the id of the conversation it was or will be kept in, empty where there is none yet, and ``number`` its
    place there; ``replaces`` is the question of the kept turn whose place it takes. ``place`` is that in the line, 1
    for who is next, and 0 once it is answered.
    """

    question: str
    answer: Answer | None = None
    error: str = ""
    stopped: bool = False
    opinion: Opinion = field(default_factory=Opinion)
    kept: str = ""
    number: int = 0
    place: int = 0
    replaces: str = ""

    @property
    def finished(self) -> bool:
        """Whether the whole answer is there."""
        return self.answer is not None and self.answer.done and not self.error and not self.stopped

    @property
    def waiting(self) -> bool:
        """Whether more is to come."""
        return not (self.error or self.stopped or (self.answer is not None and self.answer.done))


Talk = tuple[Exchange, ...]


@dataclass(frozen=True, slots=True)
class Cited:
    """A place in a document that the reader can open: ``start`` to ``end``, shown with ``label``."""

    key: str
    document_id: str
    start: int
    end: int
    label: str


class NothingThereError(OnrecordError):
    """The page asked for a citation that this conversation does not hold."""


def asked(talk: Talk, question: str) -> Talk:
    """The talk with one more question. Questions that failed are dropped: they were never part of it."""
    return (*(e for e in talk if not e.error), Exchange(question))


def in_line(talk: Talk, place: int) -> Talk:
    """The talk with the last question at ``place`` in the line."""
    return _last(talk, place=place)


def again(talk: Talk, question: str) -> Talk:
    """The talk with ``question`` asked in place of the last one."""
    last = talk[-1]
    was = last.replaces or (last.question if last.kept and last.finished else "")
    return (*talk[:-1], Exchange(question, kept=last.kept, replaces=was))


def answered(talk: Talk, answer: Answer) -> Talk:
    """The talk with the last question answered so far."""
    return _last(talk, answer=answer, place=0)


def failed(talk: Talk, error: str) -> Talk:
    """The talk with the last question given up."""
    return _last(talk, error=error)


def stopped(talk: Talk) -> Talk:
    """The talk with the last answer left as it is, where it was still coming."""
    return _last(talk, stopped=True) if talk and talk[-1].waiting else talk


def cut_short(talk: Talk) -> Talk:
    """The talk with the last answer not taken for whole, even if all of it came after it was stopped."""
    return talk if talk[-1].error else _last(talk, stopped=True)


def to_keep(talk: Talk, conversation: str) -> Talk:
    """The talk with its last exchange to be kept in ``conversation``."""
    return _last(talk, kept=conversation)


def kept(talk: Talk, conversation: str, number: int) -> Talk:
    """The talk with its last exchange kept in ``conversation`` as ``number``."""
    return _last(talk, kept=conversation, number=number, replaces="")


def kept_in(talk: Talk) -> str:
    """The conversation that the talk is, or will be, kept in; empty where nothing of it is."""
    return next((e.kept for e in reversed(talk) if e.kept and (e.replaces or not (e.error or e.stopped))), "")


def begins(talk: Talk) -> bool:
    """Whether the last exchange is the first that is kept."""
    return not talk[-1].replaces and not any(e.kept and (e.replaces or e.finished) for e in talk[:-1])


def history(talk: Talk) -> tuple[Turn, ...]:
    """The finished exchanges, oldest first."""
    finished = ((e.question, e.answer) for e in talk if e.finished)
    return tuple(Turn(question, answer.text) for question, answer in finished if answer is not None)


def judged(talk: Talk, turn: int, opinion: Opinion) -> Talk:
    """The talk with another opinion of the answer ``turn``."""
    return (*talk[:turn], replace(talk[turn], opinion=opinion), *talk[turn + 1 :])


def is_waiting(talk: Talk) -> bool:
    """Whether an answer is still coming."""
    return bool(talk) and talk[-1].waiting


def cited_places(talk: Talk, turn: int) -> tuple[Cited, ...]:
    """What the answer ``turn`` cites, by marker; for a refusal the closest passages, best first."""
    answer = talk[turn].answer
    if answer is None:
        return ()
    if answer.refused:
        return tuple(_found(f"{turn}.closest.{n}", hit.passage) for n, hit in enumerate(answer.hits[:CLOSEST], 1))
    return tuple(_cited(turn, citation) for citation in answer.citations)


def considered(answer: Answer) -> tuple[tuple[int, Hit], ...]:
    """The hits that hold no cited words, each with its place among all; of a refusal those not shown as closest."""
    ranked = tuple(enumerate(answer.hits, 1))
    if answer.refused:
        return ranked[CLOSEST:]
    return tuple((n, hit) for n, hit in ranked if not any(_holds(hit.passage, c) for c in answer.citations))


def considered_places(talk: Talk, turn: int) -> tuple[Cited, ...]:
    """What the answer ``turn`` considered and does not cite, best first."""
    answer = talk[turn].answer
    return tuple(_found(f"{turn}.also.{n}", hit.passage) for n, hit in considered(answer)) if answer else ()


def place(talk: Talk, key: object) -> tuple[Cited, tuple[Cited, ...]]:
    """The place named ``key``, and every place of its answer in the same document.

    ``key`` comes from the page, so it may be anything. Raise ``NothingThereError`` when it names nothing here.
    """
    for turn in range(len(talk)):
        places = cited_places(talk, turn)
        for one in (*places, *considered_places(talk, turn)):
            if one.key == key:
                return one, same_document(one, places if one in places else (one, *places))
    raise NothingThereError("That passage is not part of this conversation any more. Ask again to see it.")


def same_document(one: Cited, places: Sequence[Cited]) -> tuple[Cited, ...]:
    """Those of ``places`` that lie in the document of ``one``."""
    return tuple(p for p in places if p.document_id == one.document_id)


def _cited(turn: int, c: Citation) -> Cited:
    return Cited(f"{turn}.{c.marker}", c.passage.document_id, c.start, c.end, str(c.marker))


def _found(key: str, passage: Passage) -> Cited:
    return Cited(key, passage.document_id, passage.start, passage.end, "")


def _holds(passage: Passage, citation: Citation) -> bool:
    same = passage.document_id == citation.passage.document_id
    return same and passage.start <= citation.start and citation.end <= passage.end


def _last(talk: Talk, **changes: object) -> Talk:
    return (*talk[:-1], replace(talk[-1], **changes))  # type: ignore[arg-type]
