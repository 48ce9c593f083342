"""A conversation as Markdown: every sentence with footnotes that quote the words it rests on."""

import re
from collections.abc import Iterator, Sequence

from rag.schema import Answer, Citation
from rag.verify.labels import describe_doubt, describe_writer
from ui.conversations.export.footnote import footnote
from ui.conversations.models import Conversation, StoredTurn
from ui.conversations.titles import printable_line

# What CommonMark or GitHub would read as a link, image, HTML, heading, list, code or mathematics.
_ACTIVE = re.compile(
    r"[\\`*_\[\]<>&~|$@{}^]"
    r"|:(?=//)|(?<=mailto):|(?<=xmpp):|(?<=javascript):|(?<=data):"
    r"|(?<=www)\."
    r"|^[#+=-]|^(?<!\d)\d+[.)](?=\s|$)",
    re.IGNORECASE,
)


def to_markdown(conversation: Conversation, turns: Sequence[StoredTurn]) -> str:
    """Return the whole conversation. Text from documents is escaped, so that it is shown and does nothing."""
    return "\n\n".join([f"# {escape_markdown(conversation.title)}", *_turns(turns)]) + "\n"


def turn_to_markdown(turn: StoredTurn) -> str:
    """Return one question and its answer with footnotes, to be pasted elsewhere."""
    return "\n\n".join(_turns([turn])) + "\n"


def escape_markdown(text: str) -> str:
    """Return ``text`` on one line as Markdown that shows just that: no link, image, HTML or footnote."""
    return _ACTIVE.sub(lambda found: _escape(found.group()), printable_line(text))


def _escape(found: str) -> str:
    # Of "1." the dot is escaped, since a digit cannot be.
    return f"{found[:-1]}\\{found[-1]}"


def _turns(turns: Sequence[StoredTurn]) -> Iterator[str]:
    first = 1
    for turn in turns:
        answer = turn.answer
        yield f"## {escape_markdown(turn.question)}"
        if turn.asked:
            yield f"*Asked {escape_markdown(turn.asked[:16].replace('T', ' '))} UTC*"
        yield _answer(answer, first)
        yield from (escape_markdown(said) for said in (describe_writer(answer), answer.note) if said)
        notes = [f"[^{first + n}]: {_footnote(citation)}" for n, citation in enumerate(answer.citations)]
        yield from notes
        first += len(notes)


def _answer(answer: Answer, first: int) -> str:
    if answer.refused:
        return escape_markdown(answer.reason)
    numbers = {citation.marker: first + n for n, citation in enumerate(answer.citations)}
    claims = [
        escape_markdown(claim.text)
        + "".join(f"[^{numbers[citation.marker]}]" for citation in claim.citations)
        + (f" ({escape_markdown(describe_doubt(claim))})" if describe_doubt(claim) else "")
        for claim in answer.claims
    ]
    return body_markdown(answer, claims)


def body_markdown(answer: Answer, claims: Sequence[str]) -> str:
    """Return the lead and the written ``claims`` of an answer: as one text, or as a list where they are its points."""
    lead = [escape_markdown(line) for line in answer.lead.splitlines()]
    titles = [f"\n{escape_markdown(title)}\n\n" if title else "" for title in answer.group_titles]
    listed = (f"{title}- {claim}" for title, claim in zip(titles, claims, strict=True))
    points = "\n".join(listed).strip() if answer.is_list else " ".join(claims)
    return "\n\n".join(filter(None, ["\n\n".join(lead), points]))


def _footnote(citation: Citation) -> str:
    note = footnote(citation)
    return " — ".join(
        [f"“{escape_markdown(note.quote)}”", *map(escape_markdown, (note.origin, note.place, *note.more))]
    )
