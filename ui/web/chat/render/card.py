"""The card shown while a citation marker is pointed at or focused: the cited words, their source and the verdict.

Cards stand outside the conversation, one for each marker, so that a screen reader meets them only as the description
of their marker.
"""

from markupsafe import Markup

from rag.answer.caption import caption
from rag.answer.citations import describe_speaker
from rag.schema import Answer, Citation, Claim
from ui.web.chat.state import ChatState
from ui.web.document.captions import passage_title, shortened

_MAX_TITLE = 160  # characters
_MAX_QUOTE = 280  # characters
_VERDICTS = {"supported": "Supported", "partly": "Partly supported", "unsupported": "Not supported"}
_CARD = Markup(
    '<div class="card" id="{card}" role="tooltip" popover="manual"><p class="title" dir="auto">{title}</p>'
    '{origin}<div id="{words}">{speaker}<blockquote dir="auto">{quote}</blockquote>{verdict}</div></div>'
)


def card_id(turn: int, claim: int, citation: Citation) -> str:
    """Return the id of a marker's card. A citation has a card for each claim, since each claim has its own verdict."""
    return f"card-{turn}.{claim}.{citation.marker}"


def words_id(card: str) -> str:
    """Return the id of the part of the card that describes the marker, whose name holds title and origin already."""
    return f"{card}-words"


def cards_html(chat: ChatState) -> Markup:
    """Return the cards of every marker in the conversation."""
    cards = (_cards(turn, exchange.answer) for turn, exchange in enumerate(chat) if exchange.answer)
    return Markup('<div class="cards">{}</div>').format(Markup("").join(cards))


def _cards(turn: int, answer: Answer) -> Markup:
    checked = answer.answerer != "quoted"
    return Markup("").join(
        _card(card_id(turn, n, citation), claim, citation, checked)
        for n, claim in enumerate(answer.claims)
        for citation in claim.citations
    )


def _card(card: str, claim: Claim, citation: Citation, checked: bool) -> Markup:
    origin = ", ".join(filter(None, (citation.heading, caption(citation.passage.metadata))))
    speaker = describe_speaker(citation)
    return _CARD.format(
        card=card,
        title=shortened(passage_title(citation.passage), _MAX_TITLE),
        origin=Markup('<p class="from" dir="auto">{}</p>').format(origin) if origin else "",
        words=words_id(card),
        speaker=Markup('<p class="said">{}</p>').format(speaker) if speaker else "",
        quote=shortened(" ".join(citation.text.split()), _MAX_QUOTE),
        verdict=_verdict(claim, checked),
    )


def _verdict(claim: Claim, checked: bool) -> Markup:
    """Return the verdict of the claim; empty for a quoted sentence that stands in its source."""
    if claim.verdict == "supported" and not (checked or claim.reason):
        return Markup("")
    why = f": {claim.reason}" if claim.reason else ""
    return Markup('<p class="found {}">{}</p>').format(claim.verdict, _VERDICTS[claim.verdict] + why)
