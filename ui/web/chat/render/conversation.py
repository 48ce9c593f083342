"""A conversation as HTML. ``Markup.format`` escapes whatever a person or a document wrote, so it shows as text only."""

from collections.abc import Sequence

from markupsafe import Markup

from index.schema import Hit
from index.text.terms import fold_words
from rag.answer.citations import describe_speaker
from rag.answer.syndication import carried_by
from rag.prompts import CLOSEST_PASSAGES
from rag.schema import Answer, Citation
from rag.verify.labels import describe_writer
from ui.web.chat.render.actions import actions_html
from ui.web.chat.render.card import cards_html
from ui.web.chat.render.claim import claim_html
from ui.web.chat.render.considered import considered_html, ordinal_suffix
from ui.web.chat.state import MAX_CLOSEST, ChatState, Exchange, is_waiting
from ui.web.document.captions import excerpt, passage_html, shortened
from ui.web.feedback.opinion_html import opinion_html

_MAX_QUESTION = 600  # characters of a question that are shown
_NOTHING = Markup("")
READING, IN_LINE = "Reading the documents", "You are {} in line"

# Not read out as it changes, which would be every word of a draft: announce.js says what is worth saying.
_CONVERSATION = Markup(
    '<div class="talk" role="log" aria-live="off" aria-label="Conversation" aria-busy="{busy}">{inner}</div>{cards}'
)
_NO_DOCUMENTS = Markup(
    '<div class="welcome"><h2>No documents yet</h2>'
    "<p>Add some in the Library, or with <code>onrecord index PATH</code>.</p></div>"
)
_WELCOME = Markup(
    '<div class="welcome"><h2>Ask your documents</h2>'
    "<p>Every sentence of an answer carries a number. Click it to read the words it rests on, "
    "where they stand.</p>{}</div>"
)
_EXAMPLES = Markup('<ul class="chips" aria-label="Example questions">{}</ul>')
_EXAMPLE = Markup('<li><button type="button" class="chip" data-example="{}">{}</button></li>')
_EXCHANGE = Markup(
    '<section class="exchange" data-turn="{turn}"><header class="asked">{heading}{understood}</header>'
    '<div class="answer">{answer}</div>{below}</section>'
)
_SOURCE = Markup(
    '<button type="button" class="source-line" data-open="{turn}.{marker}" aria-controls="source">'
    '<span class="markers">{markers}</span> {passage}{speakers}</button>{carriers}'
)
_CLOSEST = Markup(
    '<li><button type="button" class="closest" data-open="{turn}.closest.{n}" aria-controls="source">'
    '{passage}</button><p class="excerpt" dir="auto">{excerpt}</p></li>'
)
_CLOSEST_LIST = Markup('<div class="closest-passages"><h3>{heading}</h3><ol>{passages}</ol></div>')


def conversation_html(
    chat: ChatState, examples: Sequence[str] = (), *, documents: int = 1, judging: bool = False, acting: bool = False
) -> Markup:
    """Return the conversation so far or, while it is empty, an invitation with the examples to click on.

    With ``judging`` every finished answer can be judged and made a case; with ``acting`` it can be copied, and the
    last one asked again.
    """
    idle = not is_waiting(chat)
    exchanges = Markup("").join(
        _exchange(
            n,
            e,
            (_actions(actions_html(n, e, last=n == len(chat) - 1, idle=idle)) if acting and not e.waiting else _NOTHING)
            + (_opinion(n, e, idle=idle) if judging else _NOTHING),
        )
        for n, e in enumerate(chat)
    )
    return _CONVERSATION.format(
        busy="false" if idle else "true", inner=exchanges or _welcome(examples, documents), cards=cards_html(chat)
    )


def understood_html(exchange: Exchange) -> Markup:
    """Return a line with the question as it was searched, where words were added to it; else nothing.

    Words that are only taken out name a time, and the note under the answer says which.
    """
    answer = exchange.answer
    if answer is None or set(fold_words(answer.query)) <= set(fold_words(answer.question)):
        return _NOTHING
    return Markup('<p class="understood">understood as: <span dir="auto">{}</span></p>').format(answer.query)


def _welcome(examples: Sequence[str], documents: int) -> Markup:
    if not documents:
        return _NO_DOCUMENTS
    chips = Markup("").join(_EXAMPLE.format(n, question) for n, question in enumerate(examples))
    return _WELCOME.format(_EXAMPLES.format(chips) if chips else "")


def _exchange(turn: int, exchange: Exchange, below: Markup) -> Markup:
    question = shortened(exchange.question.strip(), _MAX_QUESTION)
    return _EXCHANGE.format(
        turn=turn,
        heading=Markup('<h2 class="question" dir="auto">{}</h2>').format(question) if question else "",
        understood=understood_html(exchange),
        answer=_answer(turn, exchange),
        below=below,
    )


def _actions(actions: Markup) -> Markup:
    """Wrap the actions in an element that is always there, as the question and the answer have one.

    The page is redrawn in place: what comes or goes before a node must not move its content into its neighbour's.
    """
    return Markup('<div class="acting">{}</div>').format(actions)


def _opinion(turn: int, exchange: Exchange, *, idle: bool) -> Markup:
    if exchange.answer is None or not exchange.finished:
        return _NOTHING
    return opinion_html(turn, exchange.question.strip(), exchange.answer, exchange.opinion, idle=idle)


def _answer(turn: int, exchange: Exchange) -> Markup:
    if exchange.error:
        return Markup('<p class="problem" role="alert">{}</p>').format(exchange.error)
    answer = exchange.answer
    body = _NOTHING
    if answer is not None and answer.refused:
        body = _refusal(turn, answer)
    elif answer is not None and (answer.claims or answer.draft or answer.lead):
        sources = _sources(turn, answer) + considered_html(turn, answer) if answer.done else _NOTHING
        body = _claims(turn, answer) + sources
    note = answer.note if answer is not None and answer.done else ""
    return body + (Markup('<p class="searched">{}</p>').format(note) if note else _NOTHING) + _status(exchange)


def _status(exchange: Exchange) -> Markup:
    if exchange.stopped:
        return Markup('<p class="status">Stopped.</p>')
    working = Markup('<p class="status working">{}…</p>')
    if exchange.waiting and exchange.place:
        place = "next" if exchange.place == 1 else f"{exchange.place:,}{ordinal_suffix(exchange.place)}"
        return working.format(IN_LINE.format(place))
    if exchange.waiting:
        begun = exchange.answer is not None and (exchange.answer.claims or exchange.answer.draft)
        return working.format("Writing" if begun else READING)
    return _NOTHING


def _claims(turn: int, answer: Answer) -> Markup:
    kind = "quoted" if answer.answerer == "quoted" else "written"
    lead = Markup("").join(Markup('<p class="lead">{}</p>').format(line) for line in answer.lead.splitlines())
    if not (answer.claims or answer.draft):
        return lead
    claims = (
        (Markup('<p class="group">{}</p> ').format(title) if title else _NOTHING)
        + claim_html(turn, n, claim, checked=kind == "written")
        for n, (title, claim) in enumerate(zip(answer.group_titles, answer.claims, strict=True))
    )
    draft = Markup(' <span class="draft">{}</span>').format(answer.draft) if answer.draft else ""
    by = Markup('<p class="by">{}</p>').format(describe_writer(answer)) if answer.where and answer.done else ""
    points = " points" if answer.is_list else ""
    block = Markup('<div class="claims {}{}" dir="auto">{}{}</div>{}')
    return lead + block.format(kind, points, Markup(" ").join(claims), draft, by)


def _sources(turn: int, answer: Answer) -> Markup:
    """Return a line for each cited document, with all its markers."""
    by_document: dict[str, list[Citation]] = {}
    for citation in answer.citations:
        by_document.setdefault(citation.passage.document_id, []).append(citation)
    lines = Markup("").join(Markup("<li>{}</li>").format(_source(turn, each)) for each in by_document.values())
    return Markup('<ol class="sources" aria-label="Sources">{}</ol>').format(lines) if lines else _NOTHING


def _source(turn: int, citations: Sequence[Citation]) -> Markup:
    first = citations[0]
    named = [*(citation.heading for citation in citations), *(citation.page for citation in citations)]
    places = ", ".join(dict.fromkeys(filter(None, named)))
    return _SOURCE.format(
        turn=turn,
        marker=first.marker,
        markers=_markers(citations),
        passage=passage_html(first.passage, places),
        speakers=_speakers(citations),
        carriers=_carriers(citations),
    )


def _speakers(citations: Sequence[Citation]) -> Markup:
    """Return whose words the citations of a document are, each speaker once."""
    labels = dict.fromkeys(label for label in map(describe_speaker, citations) if label)
    return Markup(' <span class="said">· {}</span>').format("; ".join(labels)) if labels else _NOTHING


def _carriers(citations: Sequence[Citation]) -> Markup:
    """Return who else carries the cited words, with the markers where that differs between the citations."""
    by_words: dict[str, list[Citation]] = {}
    for citation in citations:
        by_words.setdefault(carried_by(citation), []).append(citation)
    differ = len(by_words) > 1
    return Markup("").join(
        Markup('<p class="carried">{}{}</p>').format(f"{_markers(carried)} " if differ else "", words)
        for words, carried in by_words.items()
        if words
    )


def _markers(citations: Sequence[Citation]) -> str:
    return "".join(f"[{c.marker}]" for c in citations)


def _refusal(turn: int, answer: Answer) -> Markup:
    reason = Markup('<p class="refusal">{}</p>').format(answer.reason)
    if not answer.hits:
        return reason
    shown = [_closest(turn, n, hit, answer.perhaps) for n, hit in enumerate(answer.hits[:MAX_CLOSEST], 1)]
    first = 1 if answer.perhaps else 0
    return (
        reason
        + (_CLOSEST_LIST.format(heading="Perhaps", passages=shown[0]) if first else _NOTHING)
        + (_CLOSEST_LIST.format(heading=CLOSEST_PASSAGES, passages=Markup("").join(shown[first:])))
        + considered_html(turn, answer)
    )


def _closest(turn: int, n: int, hit: Hit, perhaps: Citation | None) -> Markup:
    unsure = perhaps if n == 1 else None
    shown = unsure or Citation(n, hit.passage, hit.passage.start, hit.passage.end)
    place = ", ".join(filter(None, (shown.heading, shown.page)))
    words = unsure.text if unsure else excerpt(hit.passage)
    return _CLOSEST.format(turn=turn, n=n, passage=passage_html(hit.passage, place), excerpt=words)
