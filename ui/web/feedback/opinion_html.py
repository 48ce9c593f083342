"""👍, 👎 and the form of a case, as HTML under an answer."""

from markupsafe import Markup

from rag.answer.caption import caption
from rag.schema import Answer, Citation
from ui.web.document.captions import passage_title
from ui.web.feedback import words
from ui.web.feedback.opinion import Opinion

_MAX_QUOTE = 300  # characters of cited words that are shown
_SET = "feedback"
_NOTHING = Markup("")
# Drawn, since not every system has a font with emoji.
_THUMB = Markup(
    '<svg viewBox="0 0 24 24" width="18" height="18" aria-hidden="true" fill="none" stroke="currentColor" '
    'stroke-width="1.8" stroke-linejoin="round"{}><path d="M3 10.5h4V21H3zM7 10.5 11 3a2.2 2.2 0 0 1 2.2 2.2V9H19'
    'a2 2 0 0 1 2 2.3l-1.2 7.5A2.6 2.6 0 0 1 17.2 21H7z"/></svg>'
)
_UP, _DOWN = _THUMB.format(""), _THUMB.format(Markup(' transform="rotate(180)"'))
_OPINION = Markup(
    '<div class="opinion"><div class="votes" role="group" aria-label="Was this a good answer?">'
    "{up}{down}{make_case}</div>{case}</div>"
)
_VOTE = Markup(
    '<button type="button" class="vote" data-rate="{turn}" data-good="{good}" '
    'title="{name}" aria-label="{name}" aria-pressed="{pressed}"{off}>{sign}</button>'
)
_MAKE_CASE = Markup(
    '<button type="button" class="make-case" data-case="{turn}" aria-expanded="{expanded}" '
    f'aria-controls="case-{{turn}}"{{off}}>{words.MAKE_CASE}</button>'
)
_FORM = Markup(
    f'<form class="case-form" id="case-{{turn}}" data-keep="{{turn}}" aria-label="{words.MAKE_CASE}">'
    '{question}{answerable}{reference}{sources}{quote}<div class="pair">{tags}{set}</div>'
    f'<div class="actions"><button type="submit" class="save"{{off}}>{words.KEEP}</button>'
    f'<button type="button" class="cancel" data-case="{{turn}}"{{off}}>{words.CANCEL}</button></div>{{problem}}</form>'
)
# HTML drops the first line break after the textarea's tag, so the template begins with one of its own.
_AREA = Markup(
    '<label class="field"><span>{label}</span>'
    '<textarea name="{name}" rows="{rows}" dir="auto">\n{value}</textarea></label>'
)
_INPUT = Markup(
    '<label class="field"><span>{label}</span>'
    '<input type="text" name="{name}" value="{value}" autocomplete="off"></label>'
)
_ANSWERABLE = Markup(
    '<fieldset class="field inline"><legend>Do the documents hold the answer?</legend>'
    '<label><input type="radio" name="answerable" value="yes"{yes}> Yes</label>'
    '<label><input type="radio" name="answerable" value="no"{no}> No</label></fieldset>'
)
_CITED_WORDS = Markup(
    '<label class="cited-words"><input type="checkbox" name="citations" value="{marker}"{checked}> '
    '<span><b>[{marker}]</b> <q dir="auto">{quote}</q> <span class="from">{origin}</span></span></label>'
)
_CHECKED = Markup(" checked")


def opinion_html(turn: int, question: str, answer: Answer, opinion: Opinion, *, idle: bool) -> Markup:
    """Return the votes, and the form of the case, under the answer ``turn``; disabled unless the page is ``idle``."""
    off = Markup("" if idle else " disabled")
    return _OPINION.format(
        up=_vote(turn, opinion, good=True, off=off),
        down=_vote(turn, opinion, good=False, off=off),
        make_case=_make_case(turn, opinion, off),
        case=_form(turn, question, answer, opinion, off) if opinion.editing else _kept(opinion),
    )


def _vote(turn: int, opinion: Opinion, *, good: bool, off: Markup) -> Markup:
    name, sign = (words.GOOD, _UP) if good else (words.BAD, _DOWN)
    pressed = "true" if opinion.good is good else "false"
    return _VOTE.format(turn=turn, good=str(good).lower(), name=name, pressed=pressed, off=off, sign=sign)


def _make_case(turn: int, opinion: Opinion, off: Markup) -> Markup:
    if opinion.good is None:
        return _NOTHING
    return _MAKE_CASE.format(turn=turn, expanded="true" if opinion.editing else "false", off=off)


def _kept(opinion: Opinion) -> Markup:
    kept = Markup('<p class="kept" role="status" tabindex="-1">{}</p>')
    return kept.format(opinion.kept) if opinion.kept else _NOTHING


def _form(turn: int, question: str, answer: Answer, opinion: Opinion, off: Markup) -> Markup:
    good = bool(opinion.good)
    answerable = not (good and answer.refused)
    reference = " ".join(claim.text for claim in answer.claims) if good else ""
    problem = Markup('<p class="problem" role="alert" tabindex="-1">{}</p>')
    return _FORM.format(
        turn=turn,
        question=_AREA.format(name="question", label=words.QUESTION, value=question, rows=2),
        answerable=_ANSWERABLE.format(yes=_CHECKED if answerable else "", no="" if answerable else _CHECKED),
        reference=_AREA.format(name="reference", label=words.REFERENCE, value=reference, rows=3),
        sources=_sources(answer, checked=good),
        quote=_AREA.format(name="quote", label=words.OTHER_QUOTE, value="", rows=2),
        tags=_INPUT.format(name="tags", label=words.TAGS, value=""),
        set=_INPUT.format(name="set", label=words.SET_NAME, value=_SET),
        off=off,
        problem=problem.format(opinion.problem) if opinion.problem else "",
    )


def _sources(answer: Answer, *, checked: bool) -> Markup:
    listed = Markup("").join(_source(citation, checked) for citation in answer.citations)
    fieldset = Markup('<fieldset class="field"><legend>The words it rests on</legend>{}</fieldset>')
    return fieldset.format(listed) if listed else _NOTHING


def _source(citation: Citation, checked: bool) -> Markup:
    quote, passage = " ".join(citation.text.split()), citation.passage
    return _CITED_WORDS.format(
        marker=citation.marker,
        checked=_CHECKED if checked else "",
        quote=quote if len(quote) <= _MAX_QUOTE else quote[: _MAX_QUOTE - 1] + "…",
        origin=", ".join(
            filter(None, (passage_title(passage), citation.heading, caption(passage.metadata), citation.page))
        ),
    )
