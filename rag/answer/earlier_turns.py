"""Answer what is asked of an earlier answer: to say it shorter, or about the document that it cited."""

import logging
import re
from collections.abc import Sequence
from dataclasses import replace

from index.storage.store import Store
from rag.prompts import is_refusal
from rag.question.kind import question_kind
from rag.question.scope import Scope
from rag.question.smalltalk import is_smalltalk, strip_smalltalk
from rag.schema import Answer, Turn

_logger = logging.getLogger(__name__)
_ASKS_SHORTER = re.compile(
    r"(?:(?:please|pls|can you|could you|and|but|now|make|say|put|give|tell|me|us|it|that|this|all|answer|the|a|an) )*"
    r"(?:(?:much )?shorter|(?:more )?brief(?:ly)?|(?:short|brief|shorter) (?:version|answer)|too long"
    r"|(?:less|fewer) words|in (?:one|a|a single|a few|1) (?:short )?(?:sentences?|words?|lines?))"
    r"(?:,? please|,? pls| version| answer)?\W*",
    re.IGNORECASE,
)
_DOCUMENT = (
    r"(?:article|document|file|report|story|page|paper|policy|manual|letter|e-?mail|newsletter|handbook|contract|guide"
    r"|text)"
)
_THIS_DOCUMENT = re.compile(rf"\b(?:this|that|the same) {_DOCUMENT}\b", re.IGNORECASE)
_THE_DOCUMENT = re.compile(rf"\b(?:the {_DOCUMENT}|it)\b", re.IGNORECASE)
_MARKED = re.compile(r"(?P<said>[^\n]+?)\s*\[\d+\]")
_PASSAGES_READ = 5
_SENTENCES_READ = 4  # of an answer, to find the documents that it cites


def earlier_turn_to_shorten(question: str, history: Sequence[Turn]) -> int | None:
    """Return the place in ``history`` of the turn that ``question`` wants shorter; None where it asks something else.

    >>> earlier_turn_to_shorten("shorter please", [Turn("What is said?", "Much. [1]"), Turn("ok", "")])
    0
    """
    if not _ASKS_SHORTER.fullmatch(strip_smalltalk(question)):
        return None
    asked = (
        n
        for n, turn in enumerate(history)
        if not (is_smalltalk(turn.question) or _ASKS_SHORTER.fullmatch(turn.question))
    )
    return max(asked, default=None)


def shortened(answer: Answer, question: str) -> Answer:
    """Return ``answer``, cut to its first sentence, as the answer to ``question``."""
    return replace(answer, question=question, claims=answer.claims[:1])


def within_last_cited(question: str, history: Sequence[Turn], scope: Scope, store: Store) -> Scope:
    """Narrow ``scope`` to the document last cited where ``question`` speaks of "this article"; else leave it.

    The document is found by the words that the last answer quotes from it.
    """
    if scope.documents or not history or not _points_at_document(question):
        return scope
    cited = cited_documents(history, store)
    if not cited:
        _logger.info("No document cited in the conversation was found for “this article”; all are searched.")
    return replace(scope, documents=cited[:1])


def cited_documents(history: Sequence[Turn], store: Store) -> tuple[str, ...]:
    """Return the ids of the documents that the last answer with citations quotes, in its order.

    They are found by its words, which an answer that a language model wrote may not have.
    """
    for turn in reversed(history):
        said = [] if is_refusal(turn.answer) else [m["said"].strip(" -") for m in _MARKED.finditer(turn.answer)]
        found = tuple(dict.fromkeys(filter(None, (_document_with(words, store) for words in said[:_SENTENCES_READ]))))
        if found:
            return found
    return ()


def _document_with(words: str, store: Store) -> str:
    found = store.passages_by_id(list(store.keyword.search(words, _PASSAGES_READ))).values()
    return next((p.document_id for p in found if _one_line(words) in _one_line(p.text)), "")


def _points_at_document(question: str) -> bool:
    if _THIS_DOCUMENT.search(question):
        return True
    asked = question_kind(question)
    return asked.kind in ("overview", "about_document") and not asked.subject and bool(_THE_DOCUMENT.search(question))


def _one_line(text: str) -> str:
    return " ".join(text.split())
