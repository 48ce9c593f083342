"""A conversation as one HTML file that needs nothing else, to read and to print."""

from collections.abc import Iterator, Sequence
from html import escape

from rag.schema import Answer
from ui.conversations.export.footnote import Footnote, footnote
from ui.conversations.models import Conversation, KeptTurn
from ui.conversations.titles import one_line

# No script, picture, style sheet or address is ever fetched, whatever a document says.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_STYLE = """\
:root { color-scheme: light dark; }
body { max-width: 42rem; margin: 2rem auto; padding: 0 1rem; font: 1.05rem/1.65 Georgia, "Noto Serif", serif; }
h1, h2 { line-height: 1.3; }
h1, h2, p, li { overflow-wrap: anywhere; }
section { margin-top: 2rem; border-top: 1px solid; }
sup { line-height: 0; }
.asked, .note, .notes { font-size: 0.88rem; }
.notes { padding-inline-start: 1.6rem; }
@media print {
  body { max-width: none; margin: 0; }
  h2 { break-after: avoid; }
  li { break-inside: avoid; }
}
"""


def to_html(conversation: Conversation, turns: Sequence[KeptTurn]) -> str:
    """The whole conversation. What stands in documents is escaped, and the page may load and run nothing."""
    title = escape(one_line(conversation.title))
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>\n{_STYLE}</style>\n</head>\n"
        f'<body>\n<h1 dir="auto">{title}</h1>\n{"".join(_turns(turns))}</body>\n</html>\n'
    )


def _turns(turns: Sequence[KeptTurn]) -> Iterator[str]:
    first = 1
    for turn in turns:
        answer = turn.answer
        yield f'<section>\n<h2 dir="auto">{escape(one_line(turn.question))}</h2>\n'
        yield f'<p class="asked">Asked {escape(turn.asked[:16].replace("T", " "))} UTC</p>\n'
        yield f'<p dir="auto">{_answer(answer, first)}</p>\n'
        if answer.note:
            yield f'<p class="note">{escape(one_line(answer.note))}</p>\n'
        yield f"{_notes(answer, first)}</section>\n"
        first += len(answer.citations)


def _answer(answer: Answer, first: int) -> str:
    if answer.refused:
        return escape(one_line(answer.reason))
    numbers = {citation.marker: first + n for n, citation in enumerate(answer.citations)}
    return " ".join(
        escape(one_line(claim.text)) + "".join(_marker(numbers[c.marker]) for c in claim.citations)
        for claim in answer.claims
    )


def _marker(number: int) -> str:
    return f'<sup><a href="#note-{number}" aria-label="Footnote {number}">[{number}]</a></sup>'


def _notes(answer: Answer, first: int) -> str:
    listed = "".join(
        f'<li id="note-{first + n}" dir="auto">{_note(footnote(citation))}</li>\n'
        for n, citation in enumerate(answer.citations)
    )
    return f'<ol class="notes" start="{first}">\n{listed}</ol>\n' if listed else ""


def _note(note: Footnote) -> str:
    return " — ".join([f"“{escape(note.quote)}”", *map(escape, (note.origin, note.place, *note.more))])
