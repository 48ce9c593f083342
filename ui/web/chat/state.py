"""A conversation as the server holds it for one visitor: the questions, and the answers so far."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from index.errors import OnrecordError
from index.schema import Hit, Passage
from rag.schema import Answer, Citation, Turn
from ui.web.feedback.opinion import Opinion

MAX_CLOSEST = 3  # passages shown with a refusal
NOT_CITED_HERE = "That passage is not part of this conversation any more. Ask again to see it."


@dataclass(frozen=True, slots=True)
class Exchange:
    """One question and its answer so far. ``error`` is what to show when there can be no answer.

    ``kept`` is the id of the conversation it is or will be kept in, empty where there is none yet, and ``number`` its
    place there; ``replaces`` is the question of the kept turn whose place it takes. ``place`` is the position in the
    queue, 1 for the next, and 0 once it is answered.
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
        """Whether more of the answer will come."""
        return not (self.error or self.stopped or (self.answer is not None and self.answer.done))


ChatState = tuple[Exchange, ...]


@dataclass(frozen=True, slots=True)
class CitedPlace:
    """A place in a document that the reader can open: ``start`` to ``end``, shown with ``label``."""

    key: str
    document_id: str
    start: int
    end: int
    label: str


class CitationMissingError(OnrecordError):
    """The page asked for a citation that this conversation does not hold."""


def with_question(chat: ChatState, question: str) -> ChatState:
    """Return the chat with one more question, without those that failed."""
    return (*(e for e in chat if not e.error), Exchange(question))


def with_position(chat: ChatState, place: int) -> ChatState:
    """Return the chat with the last question at ``place`` in the queue."""
    return _change_last(chat, place=place)


def with_retry(chat: ChatState, question: str) -> ChatState:
    """Return the chat with ``question`` asked in place of the last one."""
    last = chat[-1]
    was = last.replaces or (last.question if last.kept and last.finished else "")
    return (*chat[:-1], Exchange(question, kept=last.kept, replaces=was))


def with_answer(chat: ChatState, answer: Answer) -> ChatState:
    """Return the chat with the answer to the last question so far."""
    return _change_last(chat, answer=answer, place=0)


def with_error(chat: ChatState, error: str) -> ChatState:
    """Return the chat with the last question given up."""
    return _change_last(chat, error=error)


def with_stop(chat: ChatState) -> ChatState:
    """Return the chat with the last answer stopped, where it was still coming."""
    return _change_last(chat, stopped=True) if chat and chat[-1].waiting else chat


def as_interrupted(chat: ChatState) -> ChatState:
    """Return the chat with the last answer marked as stopped, even if all of it came after that."""
    return chat if chat[-1].error else _change_last(chat, stopped=True)


def with_conversation(chat: ChatState, conversation: str) -> ChatState:
    """Return the chat with its last exchange to be kept in ``conversation``."""
    return _change_last(chat, kept=conversation)


def as_kept(chat: ChatState, conversation: str, number: int) -> ChatState:
    """Return the chat with its last exchange kept in ``conversation`` as ``number``."""
    return _change_last(chat, kept=conversation, number=number, replaces="")


def conversation_of(chat: ChatState) -> str:
    """Return the conversation that the chat is, or will be, kept in; empty where none of it is."""
    return next((e.kept for e in reversed(chat) if e.kept and (e.replaces or not (e.error or e.stopped))), "")


def begins_conversation(chat: ChatState) -> bool:
    """Return whether the last exchange is the first one that is kept."""
    return not chat[-1].replaces and not any(e.kept and (e.replaces or e.finished) for e in chat[:-1])


def history(chat: ChatState) -> tuple[Turn, ...]:
    """Return the finished exchanges as turns, oldest first."""
    finished = ((e.question, e.answer) for e in chat if e.finished)
    return tuple(Turn(question, answer.text) for question, answer in finished if answer is not None)


def with_opinion(chat: ChatState, turn: int, opinion: Opinion) -> ChatState:
    """Return the chat with another opinion of the answer ``turn``."""
    return (*chat[:turn], replace(chat[turn], opinion=opinion), *chat[turn + 1 :])


def is_waiting(chat: ChatState) -> bool:
    """Return whether an answer is still coming."""
    return bool(chat) and chat[-1].waiting


def cited_places(chat: ChatState, turn: int) -> tuple[CitedPlace, ...]:
    """Return the places that the answer ``turn`` cites, by marker; for a refusal the closest passages, best first."""
    answer = chat[turn].answer
    if answer is None:
        return ()
    if answer.refused:
        return tuple(
            _passage_place(f"{turn}.closest.{n}", hit.passage) for n, hit in enumerate(answer.hits[:MAX_CLOSEST], 1)
        )
    return tuple(_citation_place(turn, citation) for citation in answer.citations)


def considered_hits(answer: Answer) -> tuple[tuple[int, Hit], ...]:
    """Return the hits without cited words, each with its rank; for a refusal those not shown as closest."""
    ranked = tuple(enumerate(answer.hits, 1))
    if answer.refused:
        return ranked[MAX_CLOSEST:]
    return tuple((n, hit) for n, hit in ranked if not any(_contains(hit.passage, c) for c in answer.citations))


def considered_places(chat: ChatState, turn: int) -> tuple[CitedPlace, ...]:
    """Return the places that the answer ``turn`` considered and does not cite, best first."""
    answer = chat[turn].answer
    return (
        tuple(_passage_place(f"{turn}.also.{n}", hit.passage) for n, hit in considered_hits(answer)) if answer else ()
    )


def find_place(chat: ChatState, key: object) -> tuple[CitedPlace, tuple[CitedPlace, ...]]:
    """Return the place named ``key``, and every place of its answer in the same document.

    ``key`` comes from the page, so it may be anything. Raises CitationMissingError when it names nothing here.
    """
    for turn in range(len(chat)):
        places = cited_places(chat, turn)
        for one in (*places, *considered_places(chat, turn)):
            if one.key == key:
                return one, same_document(one, places if one in places else (one, *places))
    raise CitationMissingError(NOT_CITED_HERE)


def same_document(one: CitedPlace, places: Sequence[CitedPlace]) -> tuple[CitedPlace, ...]:
    """Return those of ``places`` that are in the document of ``one``."""
    return tuple(p for p in places if p.document_id == one.document_id)


def _citation_place(turn: int, c: Citation) -> CitedPlace:
    return CitedPlace(f"{turn}.{c.marker}", c.passage.document_id, c.start, c.end, str(c.marker))


def _passage_place(key: str, passage: Passage) -> CitedPlace:
    return CitedPlace(key, passage.document_id, passage.start, passage.end, "")


def _contains(passage: Passage, citation: Citation) -> bool:
    same = passage.document_id == citation.passage.document_id
    return same and passage.start <= citation.start and citation.end <= passage.end


def _change_last(chat: ChatState, **changes: object) -> ChatState:
    return (*chat[:-1], replace(chat[-1], **changes))  # type: ignore[arg-type]
