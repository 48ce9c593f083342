"""A conversation as one HTML file that needs nothing else, to read and to print."""

from collections.abc import Iterator, Sequence

from markupsafe import Markup, escape

from rag.schema import Answer
from ui.conversations.export.footnote import Footnote, footnote
from ui.conversations.models import Conversation, StoredTurn
from ui.conversations.titles import printable_line

# No script, picture or style sheet is ever fetched, whatever a document says.
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
_PAGE = Markup(
    '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
    '<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
    '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
    "<title>{title}</title>\n<style>\n{style}</style>\n</head>\n"
    '<body>\n<h1 dir="auto">{title}</h1>\n{sections}</body>\n</html>\n'
)
_TURN = Markup(
    '<section>\n<h2 dir="auto">{question}</h2>\n<p class="asked">Asked {asked} UTC</p>\n'
    '<p dir="auto">{answer}</p>\n{note}{footnotes}</section>\n'
)
_MARKER = Markup('<sup><a href="#note-{0}" aria-label="Footnote {0}">[{0}]</a></sup>')


def to_html(conversation: Conversation, turns: Sequence[StoredTurn]) -> Markup:
    """Return the whole conversation as a page that may load and run nothing, whatever its documents say."""
    title, sections = printable_line(conversation.title), Markup("").join(_turns(turns))
    return _PAGE.format(policy=Markup(_POLICY), style=Markup(_STYLE), title=title, sections=sections)


def _turns(turns: Sequence[StoredTurn]) -> Iterator[Markup]:
    first = 1
    for turn in turns:
        answer = turn.answer
        yield _TURN.format(
            question=printable_line(turn.question),
            asked=turn.asked[:16].replace("T", " "),
            answer=_answer(answer, first),
            note=Markup('<p class="note">{}</p>\n').format(printable_line(answer.note)) if answer.note else "",
            footnotes=_footnotes(answer, first),
        )
        first += len(answer.citations)


def _answer(answer: Answer, first: int) -> Markup:
    if answer.refused:
        return escape(printable_line(answer.reason))
    numbers = {citation.marker: first + n for n, citation in enumerate(answer.citations)}
    claims = [
        escape(printable_line(claim.text)) + Markup("").join(_MARKER.format(numbers[c.marker]) for c in claim.citations)
        for claim in answer.claims
    ]
    lead = [escape(printable_line(line)) for line in answer.lead.splitlines()]
    if answer.is_list:
        points = [Markup("• {}").format(claim) for claim in claims]
        titles = [escape(printable_line(title)) for title in answer.group_titles]
        lines = [line for pair in zip(titles, points, strict=True) for line in pair if line]
        return Markup("<br>\n").join([*lead, *lines])
    between = Markup(" ")
    return Markup("<br>\n").join(lead) + (between if lead and claims else "") + between.join(claims)


def _footnotes(answer: Answer, first: int) -> Markup:
    listed = Markup("").join(
        Markup('<li id="note-{}" dir="auto">{}</li>\n').format(first + n, _footnote_text(footnote(citation)))
        for n, citation in enumerate(answer.citations)
    )
    return Markup('<ol class="notes" start="{}">\n{}</ol>\n').format(first, listed) if listed else Markup("")


def _footnote_text(note: Footnote) -> str:
    return " — ".join([f"“{note.quote}”", note.origin, note.place, *note.more])
