"""Complete a follow-up with a language model, and by the rules where that fails."""

import re
from collections.abc import Sequence
from datetime import date

from index.text.terms import terms
from rag.llm.protocol import Model, ModelFailedError, complete
from rag.prompts import rewriting_messages
from rag.question.smalltalk import is_smalltalk
from rag.question.standalone.condense import StandaloneQuestion, condense
from rag.question.validate import MAX_LENGTH
from rag.schema import Turn

_MAX_TURNS = 6  # shown to the model
_MAX_ANSWER_CHARACTERS = 600  # of each answer shown
_MAX_REPLY_TOKENS = 120
_MAX_ADDED_CHARACTERS = 300  # more than were asked
_MAX_NEW_TERMS = 4  # that neither the question nor the history holds
_THINK_BLOCK = re.compile(r"<think>.*?(?:</think>|\Z)", re.DOTALL)
_LABEL = re.compile(
    r"^[*_#>`\"“'\s-]*(?:(?:the )?(?:standalone|rewritten|rephrased|new|final)? ?(?:question|query)\s*:)?[*_`\"“'\s]*",
    re.IGNORECASE,
)
_ADDRESS_OR_MARKER = re.compile(
    r"(?:https?://|www\.)\S+|\[[^\]\s]{1,12}\]|\b(?:[\w-]+\.)+(?:com|org|net|io|gov|edu)\b\S*"
)
_QUESTION_START = re.compile(
    r"^(?:what|who|whom|whose|which|when|where|why|how|is|are|was|were|do|does|did|has|have|had|will|would|can|could"
    r"|should|may|might|must|according|tell|give|list|describe|explain|name|summari[sz]e|compare)\b",
    re.IGNORECASE,
)


def condense_with_model(
    question: str, history: Sequence[Turn], model: Model, today: date | None = None
) -> StandaloneQuestion:
    """Complete ``question`` from ``history`` with ``model``; by the rules when it fails or replies with no question.

    A first turn and smalltalk are not sent. Whatever the history says, the result stays a question in the words of the
    conversation: addresses and markers that were not in it are dropped, and a reply with many new words is rejected.
    """
    if not history or is_smalltalk(question):
        return StandaloneQuestion(question, question)
    shown = [Turn(turn.question[:MAX_LENGTH], turn.answer[:_MAX_ANSWER_CHARACTERS]) for turn in history[-_MAX_TURNS:]]
    try:
        reply = complete(model, rewriting_messages(question, shown), max_tokens=_MAX_REPLY_TOKENS)
    except ModelFailedError:
        return condense(question, history, today)
    said = " ".join([question, *(f"{turn.question} {turn.answer}" for turn in shown)])
    line = _extract_question(reply, said)
    if line == question:
        return StandaloneQuestion(question, question)
    return (
        StandaloneQuestion(line, line, "model")
        if _is_faithful_question(line, question, said)
        else condense(question, history, today)
    )


def _extract_question(reply: str, said: str) -> str:
    """Return the question in a reply on one line.

    It is the first line that ends with a question mark, else the first line.
    """
    lines = [line.strip() for line in _THINK_BLOCK.sub("", reply).splitlines() if line.strip()]
    line = next((line for line in lines if line.rstrip("*_`\"”' ").endswith("?")), lines[0] if lines else "")
    line = _LABEL.sub("", line).rstrip("*_`\"”' ")
    line = "".join(c if c.isprintable() else " " for c in line)
    return " ".join(_ADDRESS_OR_MARKER.sub(lambda found: found.group() if found.group() in said else " ", line).split())


def _is_faithful_question(line: str, question: str, said: str) -> bool:
    if not line or len(line) > min(MAX_LENGTH, len(question) + _MAX_ADDED_CHARACTERS):
        return False
    # A reply that goes on after its question mark also answers the question.
    asks = line.endswith("?") or ("?" not in line and _QUESTION_START.match(line) is not None)
    return asks and len(set(terms(line)) - set(terms(said))) <= _MAX_NEW_TERMS
