"""A conversation as Markdown: every sentence with footnotes that quote the words it rests on."""

import re
from collections.abc import Iterator, Sequence

from rag.carriers import carried_by
from rag.cite import said_by
from rag.schema import Answer, Citation
from ui.conversations.schema import Conversation, KeptTurn
from ui.conversations.title import one_line

# What CommonMark or GitHub would make a link, an image, HTML, a heading, a list, code or mathematics of.
_ACTIVE = re.compile(
    r"[\\`*_\[\]<>&~|$@{}^]"
    r"|:(?=//)|(?<=mailto):|(?<=xmpp):|(?<=javascript):|(?<=data):"
    r"|(?<=www)\."
    r"|^[#+=-]|^(?<!\d)\d+[.)](?=\s|$)",
    re.IGNORECASE,
)


def to_markdown(conversation: Conversation, turns: Sequence[KeptTurn]) -> str:
    """The whole conversation. What stands in documents is escaped, so that it is shown and does nothing."""
    return "\n\n".join([f"# {escaped(conversation.title)}", *_turns(turns)]) + "\n"


def escaped(text: str) -> str:
    """``text`` on one line as Markdown that shows just that: no link, image, HTML or footnote comes of it."""
    return _ACTIVE.sub(lambda found: _escape(found.group()), one_line(text))


def _escape(found: str) -> str:
    # Of "1." the dot is escaped, since a digit cannot be.
    return f"{found[:-1]}\\{found[-1]}"


def _turns(turns: Sequence[KeptTurn]) -> Iterator[str]:
    first = 1
    for turn in turns:
        answer = turn.answer
        yield f"## {escaped(turn.question)}"
        yield f"*Asked {escaped(turn.asked[:16].replace('T', ' '))} UTC*"
        yield _answer(answer, first)
        if answer.note:
            yield escaped(answer.note)
        notes = [f"[^{first + n}]: {_footnote(citation)}" for n, citation in enumerate(answer.citations)]
        yield from notes
        first += len(notes)


def _answer(answer: Answer, first: int) -> str:
    if answer.refused:
        return escaped(answer.reason)
    numbers = {citation.marker: first + n for n, citation in enumerate(answer.citations)}
    return " ".join(
        escaped(claim.text) + "".join(f"[^{numbers[citation.marker]}]" for citation in claim.citations)
        for claim in answer.claims
    )


def _footnote(citation: Citation) -> str:
    passage = citation.passage
    said = (passage.metadata.get(key, "") for key in ("outlet", "author", "date"))
    origin = ", ".join(escaped(part) for part in (passage.title or passage.source, *said, citation.page) if part)
    place = f"{escaped(passage.source)}, characters {citation.start}–{citation.end}"
    more = [escaped(part) for part in (said_by(citation), carried_by(citation)) if part]
    return " — ".join([f"“{escaped(citation.text)}”", origin, place, *more])
