"""One sentence of an answer as HTML: its words, those of them that answer, its markers and its verdict."""

from markupsafe import Markup

from rag.answer.caption import caption
from rag.schema import Citation, Claim
from rag.verify.labels import VERDICT_LABELS, describe_verdict
from ui.web.chat.render.card import card_id, words_id
from ui.web.document.captions import passage_title

_MAX_UNBROKEN_WORD = 16  # characters of a word that is kept on one line with its markers
_NOTHING = Markup("")
_MARKER = Markup(
    '<button type="button" class="cite" data-open="{turn}.{marker}" data-card="{card}" '
    'aria-controls="source" aria-describedby="{words}" aria-label="{label}">{marker}</button>'
)
_SUPPORTED = Markup(
    ' <span class="verdict supported" title="{0}"><span aria-hidden="true">✓</span>'
    '<span class="unseen">{0}</span></span>'
)


def claim_html(turn: int, number: int, claim: Claim, *, checked: bool) -> Markup:
    """Render the claim ``number`` of an answer; ``checked`` says that a verdict was reached on its wording."""
    markers = Markup("").join(
        _marker_button(turn, citation, card_id(turn, number, citation)) for citation in claim.citations
    )
    words = _with_markers(claim.text, _answering(claim), markers)
    return Markup('<p class="claim">{}{}</p>').format(words, _verdict(claim, checked=checked))


def _answering(claim: Claim) -> tuple[int, int]:
    """Return where in the claim's text the words stand that answer; an empty place where it is not known."""
    for citation in claim.citations:
        words = " ".join(citation.answer_text.split())
        at = claim.text.find(words) if words else -1
        if at >= 0:
            return at, at + len(words)
    return 0, 0


def _with_markers(text: str, answering: tuple[int, int], markers: Markup) -> Markup:
    """Return the text with its markers, the first kept on the line of the last word unless that is very long."""
    cut = max(text.rfind(" "), text.rfind("\n")) + 1
    if not markers or len(text) - cut > _MAX_UNBROKEN_WORD:
        return Markup("{} {}").format(_marked(text, answering, 0), markers)
    rest, word = _marked(text[:cut], answering, 0), _marked(text[cut:], answering, cut)
    return Markup('{}<span class="held">{}&nbsp;{}</span>').format(rest, word, markers)


def _marked(text: str, answering: tuple[int, int], offset: int) -> Markup:
    """Return a part of the claim, which begins at ``offset`` in it, with a line for each of its lines."""
    start, end = (max(0, min(len(text), place - offset)) for place in answering)
    before, words, after = (
        Markup("<br>").join(part.split("\n")) for part in (text[:start], text[start:end], text[end:])
    )
    return Markup('{}<span class="answering">{}</span>{}').format(before, words, after) if words else before + after


def _marker_button(turn: int, citation: Citation, card: str) -> Markup:
    origin = (passage_title(citation.passage), citation.heading, caption(citation.passage.metadata), citation.page)
    label = f"Source {citation.marker}: {', '.join(filter(None, origin))}"
    return _MARKER.format(turn=turn, marker=citation.marker, card=card, words=words_id(card), label=label)


def _verdict(claim: Claim, *, checked: bool) -> Markup:
    """Return a badge with its reason; empty for a quoted sentence that stands in its source."""
    if claim.verdict == "supported":
        return _SUPPORTED.format(describe_verdict(claim)) if checked else _NOTHING
    why = Markup(': <span class="why">{}</span>').format(claim.reason) if claim.reason else ""
    return Markup(' <span class="verdict {}">{}{}</span>').format(claim.verdict, VERDICT_LABELS[claim.verdict], why)
