"""Answer what a chat client asks about a conversation for itself, such as a title.

Such a task comes as a message like any other. It is no question to the documents, and is answered by rules: the title
is the beginning of the first question, and lists of tags and follow-up questions are empty.
"""

import json
import re
from collections.abc import Mapping, Sequence

from ui.api.openai.messages import text_of
from ui.api.openai.models import Message
from ui.conversations.titles import title_of

_HEAD_LENGTH = 800  # characters at the beginning in which a task states what it wants

_VERB = r"(?:generate|create|write|provide|give|suggest|return|summari[sz]e|analy[sz]e|extract|name|come up with)"
_WANTED = re.compile(
    rf"\A.{{0,160}}?\b{_VERB}\b.{{0,200}}?\b(?:titles?|tags|follow[- ]?ups?|search queries|name)\b",
    re.IGNORECASE | re.DOTALL,
)
# Where no conversation is quoted, only what nobody would ask documents is a task.
_SHORT_TITLE = re.compile(
    rf"\A.{{0,160}}?\b{_VERB}\b.{{0,40}}?\b(?:concise|brief|short|\w+[- ]words?)\b.{{0,60}}?\btitle\b",
    re.IGNORECASE | re.DOTALL,
)
_TITLE = re.compile(r"\b(?:titles?|name)\b", re.IGNORECASE)
_QUOTED = re.compile(r"<chat_history>(.*?)</chat_history>", re.IGNORECASE | re.DOTALL)
_ITSELF = re.compile(r"\b(?:our|this|the) (?:conversation|chat|discussion|dialogue)\b", re.IGNORECASE)
_AT_THE_END = re.compile(r"""\bonly\b[^"“]{0,80}["“](.{2,})["”]\W*\Z""", re.IGNORECASE | re.DOTALL)
_TURN = re.compile(
    r"^[^\w\n]*(user|human|you|me|assistant|ai|bot|model|response|system)[^\w\n]*:[ \t]*", re.IGNORECASE | re.MULTILINE
)
_ASKING = frozenset({"user", "human", "you", "me"})
_AS_JSON = re.compile(r"""["'](title|tags|follow_ups|queries)["']\s*:""")
_EMPTY_LISTS: Mapping[str, list[str]] = {"tags": [], "follow_ups": [], "queries": []}


def task_reply(messages: Sequence[Message]) -> str | None:
    """Return the reply to the user's last message where it is such a task; None where it is a question."""
    texts = [text_of(message.content) for message in messages if message.role == "user"]
    if not texts:
        return None
    task, earlier = texts[-1], texts[:-1]
    system_texts = [text_of(message.content) for message in messages if message.role in {"system", "developer"}]
    first = _first_question(task)
    if first is not None:
        wanted = next((text for text in (task, *system_texts) if _WANTED.match(text[:_HEAD_LENGTH])), None)
    else:
        wanted = task if _SHORT_TITLE.match(task[:_HEAD_LENGTH]) else None
        first = _named_question(task, earlier)
    if wanted is None or first is None:
        return None
    key = _AS_JSON.search(wanted)
    if key is None:
        return title_of(first) if _TITLE.search(wanted[:_HEAD_LENGTH]) else None
    return json.dumps({key[1]: _EMPTY_LISTS.get(key[1], title_of(first))}, ensure_ascii=False)


def _first_question(text: str) -> str | None:
    """Return the user's first question in a conversation quoted in ``text``; None where none is quoted."""
    marked = _QUOTED.search(text)
    turns = list(_TURN.finditer(quoted := marked[1] if marked else text))
    if not marked and len({turn[1].lower() in _ASKING for turn in turns}) < 2:  # noqa: PLR2004  # asking, and answering
        return None
    ends = [*(turn.start() for turn in turns[1:]), len(quoted)]
    spoken = (quoted[t.end() : end] for t, end in zip(turns, ends, strict=True) if t[1].lower() in _ASKING)
    return next((text.strip().strip('"“”') for text in spoken), "" if marked else None)


def _named_question(task: str, earlier: Sequence[str]) -> str | None:
    """Return the first question of the conversation that a task is about without quoting it."""
    if earlier and _ITSELF.search(task):
        return earlier[0]
    end = _AT_THE_END.search(task)
    return end[1] if end else None
