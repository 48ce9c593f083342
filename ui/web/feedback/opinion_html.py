"""👍, 👎 and the form of a case, as HTML under an answer."""

from html import escape

from rag.schema import Answer, Citation
from ui.web.document.caption import caption
from ui.web.feedback.opinion import Opinion

_LONGEST_QUOTE = 300  # characters of cited words that are shown
_SET = "feedback"
# Drawn, since not every system has a font with emoji.
_THUMB = (
    '<svg viewBox="0 0 24 24" width="18" height="18" aria-hidden="true" fill="none" stroke="currentColor" '
    'stroke-width="1.8" stroke-linejoin="round"{turned}><path d="M3 10.5h4V21H3zM7 10.5 11 3a2.2 2.2 0 0 1 2.2 2.2V9H19'
    'a2 2 0 0 1 2 2.3l-1.2 7.5A2.6 2.6 0 0 1 17.2 21H7z"/></svg>'
)
_UP, _DOWN = _THUMB.format(turned=""), _THUMB.format(turned=' transform="rotate(180)"')


def opinion_html(turn: int, question: str, answer: Answer, opinion: Opinion, *, idle: bool) -> str:
    """What stands under the answer ``turn``. Nothing in it can be pressed unless the page is ``idle``."""
    off = "" if idle else " disabled"
    case = _form(turn, question, answer, opinion, off) if opinion.editing else _kept(opinion)
    return (
        '<div class="opinion"><div class="votes" role="group" aria-label="Was this a good answer?">'
        f"{_vote(turn, opinion, good=True, off=off)}{_vote(turn, opinion, good=False, off=off)}"
        f"{_make_case(turn, opinion, off)}</div>{case}</div>"
    )


def _vote(turn: int, opinion: Opinion, *, good: bool, off: str) -> str:
    name, sign = ("Good answer", _UP) if good else ("Bad answer", _DOWN)
    pressed = "true" if opinion.good is good else "false"
    return (
        f'<button type="button" class="vote" data-rate="{turn}" data-good="{str(good).lower()}" '
        f'title="{name}" aria-label="{name}" aria-pressed="{pressed}"{off}>{sign}</button>'
    )


def _make_case(turn: int, opinion: Opinion, off: str) -> str:
    if opinion.good is None:
        return ""
    expanded = "true" if opinion.editing else "false"
    return (
        f'<button type="button" class="make-case" data-case="{turn}" aria-expanded="{expanded}" '
        f'aria-controls="case-{turn}"{off}>Make this a case</button>'
    )


def _kept(opinion: Opinion) -> str:
    return f'<p class="kept" role="status" tabindex="-1">{escape(opinion.kept)}</p>' if opinion.kept else ""


def _form(turn: int, question: str, answer: Answer, opinion: Opinion, off: str) -> str:
    good = bool(opinion.good)
    reference = " ".join(claim.text for claim in answer.claims) if good else ""
    return (
        f'<form class="case-form" id="case-{turn}" data-keep="{turn}" aria-label="Make this a case">'
        f"{_area('question', 'Question', question, rows=2)}"
        f"{_answerable(not (good and answer.refused))}"
        f"{_area('reference', 'A good answer', reference, rows=3)}"
        f"{_sources(answer, checked=good)}"
        f"{_area('quote', 'Other words it rests on, copied from the source', '', rows=2)}"
        f'<div class="pair">{_line("tags", "Tags, with commas", "")}'
        f"{_line('set', 'Name of the set', _SET)}</div>"
        f'<div class="actions"><button type="submit" class="save"{off}>Keep this case</button>'
        f'<button type="button" class="cancel" data-case="{turn}"{off}>Cancel</button></div>'
        f"{_problem(opinion)}</form>"
    )


def _problem(opinion: Opinion) -> str:
    if not opinion.problem:
        return ""
    return f'<p class="problem" role="alert" tabindex="-1">{escape(opinion.problem)}</p>'


def _area(name: str, label: str, value: str, *, rows: int) -> str:
    # The first line break after the tag is dropped by HTML: give it one to drop.
    return (
        f'<label class="field"><span>{label}</span>'
        f'<textarea name="{name}" rows="{rows}" dir="auto">\n{escape(value)}</textarea></label>'
    )


def _line(name: str, label: str, value: str) -> str:
    return (
        f'<label class="field"><span>{label}</span>'
        f'<input type="text" name="{name}" value="{escape(value)}" autocomplete="off"></label>'
    )


def _answerable(yes: bool) -> str:
    def choice(value: str, label: str, chosen: bool) -> str:
        checked = " checked" if chosen else ""
        return f'<label><input type="radio" name="answerable" value="{value}"{checked}> {label}</label>'

    return (
        '<fieldset class="field inline"><legend>Do the documents hold the answer?</legend>'
        f"{choice('yes', 'Yes', yes)}{choice('no', 'No', not yes)}</fieldset>"
    )


def _sources(answer: Answer, *, checked: bool) -> str:
    listed = "".join(_source(citation, checked) for citation in answer.citations)
    return f'<fieldset class="field"><legend>The words it rests on</legend>{listed}</fieldset>' if listed else ""


def _source(citation: Citation, checked: bool) -> str:
    words = " ".join(citation.text.split())
    shown = words if len(words) <= _LONGEST_QUOTE else words[: _LONGEST_QUOTE - 1] + "…"
    title = citation.passage.title or citation.passage.source or "Untitled"
    origin = ", ".join(filter(None, (title, caption(citation.passage.metadata), citation.page)))
    return (
        f'<label class="cited-words"><input type="checkbox" name="citations" value="{citation.marker}"'
        f"{' checked' if checked else ''}> <span><b>[{citation.marker}]</b> "
        f'<q dir="auto">{escape(shown)}</q> <span class="from">{escape(origin)}</span></span></label>'
    )
