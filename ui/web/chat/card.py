"""The card that a marker shows while it is pointed at or focused: what is cited, from where, and how it was checked.

Cards stand apart from the conversation, one a marker, so that a reader of the page by ear meets them only as the
description of their marker.
"""

from html import escape

from rag.answer.citations import describe_speaker
from rag.schema import Answer, Citation, Claim
from ui.web.chat.state import Talk
from ui.web.document.caption import caption
from ui.web.document.described import shortened, title

_LONGEST_TITLE = 160  # characters of the title that are shown
_LONGEST_WORDS = 280  # characters of the cited words that are shown
_VERDICTS = {"supported": "Supported", "partly": "Partly supported", "unsupported": "Not supported"}


def card_id(turn: int, claim: int, citation: Citation) -> str:
    """The id of a marker's card. A citation has a card for each claim, since each claim has its own verdict."""
    return f"card-{turn}.{claim}.{citation.marker}"


def words_id(card: str) -> str:
    """The id of the part that describes the marker; title and origin are its name already."""
    return f"{card}-words"


def cards_html(talk: Talk) -> str:
    """The cards of every marker in the conversation."""
    cards = "".join(_cards(turn, exchange.answer) for turn, exchange in enumerate(talk) if exchange.answer)
    return f'<div class="cards">{cards}</div>'


def _cards(turn: int, answer: Answer) -> str:
    checked = answer.answerer != "quoted"
    return "".join(
        _card(card_id(turn, n, citation), claim, citation, checked)
        for n, claim in enumerate(answer.claims)
        for citation in claim.citations
    )


def _card(card: str, claim: Claim, citation: Citation, checked: bool) -> str:
    origin, said = caption(citation.passage.metadata), describe_speaker(citation)
    words = shortened(" ".join(citation.text.split()), _LONGEST_WORDS)
    return (
        f'<div class="card" id="{card}" role="tooltip" popover="manual">'
        f'<p class="title" dir="auto">{escape(shortened(title(citation.passage), _LONGEST_TITLE))}</p>'
        + (f'<p class="from" dir="auto">{escape(origin)}</p>' if origin else "")
        + f'<div id="{words_id(card)}">'
        + (f'<p class="said">{escape(said)}</p>' if said else "")
        + f'<blockquote dir="auto">{escape(words)}</blockquote>{_verdict(claim, checked)}</div></div>'
    )


def _verdict(claim: Claim, checked: bool) -> str:
    """How the claim was checked; a quoted sentence that stands in its source needs no telling."""
    if claim.verdict == "supported" and not (checked or claim.reason):
        return ""
    why = f": {claim.reason}" if claim.reason else ""
    return f'<p class="found {escape(claim.verdict)}">{escape(_VERDICTS[claim.verdict] + why)}</p>'
