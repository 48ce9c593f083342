"""A talk as HTML. Whatever a person or a document wrote is escaped here: it can only ever show as text."""

from collections.abc import Sequence
from html import escape

from index.schema import Passage
from index.text.pages import format_pages
from rag.answer.citations import describe_speaker
from rag.answer.syndication import carried_by
from rag.schema import Answer, Citation, Claim
from rag.verify.labels import VERDICT_LABELS, describe_verdict, describe_writer
from ui.web.chat.actions import actions_html
from ui.web.chat.card import card_id, cards_html, words_id
from ui.web.chat.considered import considered_html
from ui.web.chat.state import CLOSEST, Exchange, Talk, is_waiting
from ui.web.chat.understood import understood_html
from ui.web.document.caption import caption
from ui.web.document.described import described, excerpt, shortened, title
from ui.web.feedback.opinion_html import opinion_html

_LONGEST_QUESTION = 600  # characters of a question that are shown
_LONGEST_HELD = 16  # characters of a word that is kept on one line with its markers


def conversation_html(
    talk: Talk, examples: Sequence[str] = (), *, documents: int = 1, judging: bool = False, acting: bool = False
) -> str:
    """The conversation so far, or, while it is empty, an invitation with the examples to click on.

    With ``judging``, every finished answer can be judged and made a case; with ``acting``, copied, and the last one
    asked anew.
    """
    idle = not is_waiting(talk)
    busy = "false" if idle else "true"
    inner = "".join(
        _exchange(
            n,
            e,
            (_acts(actions_html(n, e, last=n == len(talk) - 1, idle=idle)) if acting and not e.waiting else "")
            + (_opinion(n, e, idle=idle) if judging else ""),
        )
        for n, e in enumerate(talk)
    ) or _welcome(examples, documents)
    # Not read out as it changes, which would be every word of a draft: announce.js says what is worth saying.
    talked = f'<div class="talk" role="log" aria-live="off" aria-label="Conversation" aria-busy="{busy}">{inner}</div>'
    return talked + cards_html(talk)


def _welcome(examples: Sequence[str], documents: int) -> str:
    if not documents:
        return (
            '<div class="welcome"><h2>No documents yet</h2>'
            "<p>Add some in the Library, or with <code>onrecord index PATH</code>.</p></div>"
        )
    chips = "".join(
        f'<li><button type="button" class="chip" data-example="{n}">{escape(q)}</button></li>'
        for n, q in enumerate(examples)
    )
    listed = f'<ul class="chips" aria-label="Example questions">{chips}</ul>' if chips else ""
    return (
        '<div class="welcome"><h2>Ask your documents</h2>'
        "<p>Every sentence of an answer carries a number. Click it to read the words it rests on, "
        f"where they stand.</p>{listed}</div>"
    )


def _exchange(turn: int, exchange: Exchange, below: str) -> str:
    question = escape(shortened(exchange.question.strip(), _LONGEST_QUESTION))
    heading = f'<h2 class="question" dir="auto">{question}</h2>' if question else ""
    asked = f'<header class="asked">{heading}{understood_html(exchange)}</header>'
    return (
        f'<section class="exchange" data-turn="{turn}">{asked}'
        f'<div class="answer">{_reply(turn, exchange)}</div>{below}</section>'
    )


def _acts(actions: str) -> str:
    """``actions`` at a place of their own, as what was asked and the answer have.

    The page is redrawn in place: what comes or goes before a node must not move its content into its neighbour's.
    """
    return f'<div class="acting">{actions}</div>'


def _opinion(turn: int, exchange: Exchange, *, idle: bool) -> str:
    if exchange.answer is None or not exchange.finished:
        return ""
    return opinion_html(turn, exchange.question.strip(), exchange.answer, exchange.opinion, idle=idle)


def _reply(turn: int, exchange: Exchange) -> str:
    if exchange.error:
        return f'<p class="problem" role="alert">{escape(exchange.error)}</p>'
    answer = exchange.answer
    if answer is not None and answer.refused:
        said = _refusal(turn, answer)
    elif answer is not None and (answer.claims or answer.draft):
        said = _claims(turn, answer) + (_sources(turn, answer) + considered_html(turn, answer) if answer.done else "")
    else:
        said = ""
    note = answer.note if answer is not None and answer.done else ""
    return said + (f'<p class="searched">{escape(note)}</p>' if note else "") + _status(exchange)


def _status(exchange: Exchange) -> str:
    if exchange.stopped:
        return '<p class="status">Stopped.</p>'
    if exchange.waiting and exchange.place:
        return f'<p class="status working">You are {_ordinal(exchange.place)} in line…</p>'
    if exchange.waiting:
        begun = exchange.answer is not None and (exchange.answer.claims or exchange.answer.draft)
        return f'<p class="status working">{"Writing" if begun else "Reading the documents"}…</p>'
    return ""


def _ordinal(place: int) -> str:
    """``"next"``, ``"2nd"``, ``"3rd"``, ``"11th"``."""
    if place == 1:
        return "next"
    teens = 10 <= place % 100 < 20  # noqa: PLR2004
    return f"{place:,}{'th' if teens else {1: 'st', 2: 'nd', 3: 'rd'}.get(place % 10, 'th')}"


def _claims(turn: int, answer: Answer) -> str:
    kind = "quoted" if answer.answerer == "quoted" else "written"
    claims = " ".join(_claim(turn, n, claim, checked=kind == "written") for n, claim in enumerate(answer.claims))
    draft = f' <span class="draft">{escape(answer.draft)}</span>' if answer.draft else ""
    by = f'<p class="by">{escape(describe_writer(answer))}</p>' if answer.where else ""
    return f'<div class="claims {kind}" dir="auto">{claims}{draft}</div>{by if answer.done else ""}'


def _claim(turn: int, number: int, claim: Claim, *, checked: bool) -> str:
    pills = "".join(_pill(turn, citation, card_id(turn, number, citation)) for citation in claim.citations)
    return f'<p class="claim">{_held(claim.text, pills)}{_verdict(claim, checked=checked)}</p>'


def _held(text: str, pills: str) -> str:
    """The text with its markers, the first kept on the line of the last word unless that is very long."""
    rest, space, word = text.rpartition(" ")
    if not pills or len(word) > _LONGEST_HELD:
        return f"{escape(text)} {pills}"
    return f'{escape(rest + space)}<span class="held">{escape(word)}&nbsp;{pills}</span>'


def _pill(turn: int, citation: Citation, card: str) -> str:
    said = ", ".join(filter(None, (title(citation.passage), caption(citation.passage.metadata), citation.page)))
    name = escape(f"Source {citation.marker}: {said}")
    return (
        f'<button type="button" class="cite" data-open="{turn}.{citation.marker}" data-card="{card}" '
        f'aria-controls="source" aria-describedby="{words_id(card)}" aria-label="{name}">'
        f"{citation.marker}</button>"
    )


def _verdict(claim: Claim, *, checked: bool) -> str:
    """A badge with its reason; a quoted sentence that stands in its source needs none."""
    if claim.verdict == "supported":
        said = escape(describe_verdict(claim))
        tick = f'<span aria-hidden="true">✓</span><span class="unseen">{said}</span>'
        return f' <span class="verdict supported" title="{said}">{tick}</span>' if checked else ""
    why = f': <span class="why">{escape(claim.reason)}</span>' if claim.reason else ""
    return f' <span class="verdict {escape(claim.verdict)}">{VERDICT_LABELS[claim.verdict]}{why}</span>'


def _sources(turn: int, answer: Answer) -> str:
    """One line a cited document, with all its markers."""
    by_document: dict[str, list[Citation]] = {}
    for citation in answer.citations:
        by_document.setdefault(citation.passage.document_id, []).append(citation)
    lines = "".join(f"<li>{_source(turn, citations)}</li>" for citations in by_document.values())
    return f'<ol class="sources" aria-label="Sources">{lines}</ol>' if lines else ""


def _source(turn: int, citations: Sequence[Citation]) -> str:
    first = citations[0]
    return (
        f'<button type="button" class="source-line" data-open="{turn}.{first.marker}" aria-controls="source">'
        f'<span class="markers">{_markers(citations)}</span> {described(first.passage, _pages(citations))}'
        f"{_said(citations)}</button>{_carried(citations)}"
    )


def _said(citations: Sequence[Citation]) -> str:
    """Whose words a document's citations are, each speaker once."""
    labels = dict.fromkeys(label for label in map(describe_speaker, citations) if label)
    return f' <span class="said">· {escape("; ".join(labels))}</span>' if labels else ""


def _carried(citations: Sequence[Citation]) -> str:
    """Who else carries the cited words; with the markers where that differs between the citations."""
    by_words: dict[str, list[Citation]] = {}
    for citation in citations:
        by_words.setdefault(carried_by(citation), []).append(citation)
    apart = len(by_words) > 1
    return "".join(
        f'<p class="carried">{_markers(carried) + " " if apart else ""}{escape(words)}</p>'
        for words, carried in by_words.items()
        if words
    )


def _markers(citations: Sequence[Citation]) -> str:
    return "".join(f"[{c.marker}]" for c in citations)


def _refusal(turn: int, answer: Answer) -> str:
    reason = f'<p class="refusal">{escape(answer.reason)}</p>'
    if not answer.hits:
        return reason
    closest = "".join(
        f'<li><button type="button" class="closest" data-open="{turn}.closest.{n}" aria-controls="source">'
        f"{described(hit.passage, _pages_of(hit.passage))}</button>"
        f'<p class="excerpt" dir="auto">{escape(excerpt(hit.passage))}</p></li>'
        for n, hit in enumerate(answer.hits[:CLOSEST], 1)
    )
    return (
        f'{reason}<div class="closest-passages"><h3>Closest passages</h3>'
        f'<p class="note">Near the question, but none of them answers it.</p><ol>{closest}</ol></div>'
        + considered_html(turn, answer)
    )


def _pages(citations: Sequence[Citation]) -> str:
    return ", ".join(dict.fromkeys(citation.page for citation in citations if citation.page))


def _pages_of(passage: Passage) -> str:
    return format_pages(passage.pages, passage.start, passage.end)
