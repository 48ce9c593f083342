"""The passages that were found but not cited, folded below the sources, each with why it was found."""

from html import escape

from index.schema import Hit
from rag.schema import Answer
from ui.web.chat.state import considered
from ui.web.document.described import described, excerpt

# What each rank of a hit counts, in the order in which they are told.
_WAYS = {"dense": "by meaning", "keyword": "by words", "late": "word by word", "cross": "on a close reading"}


def considered_html(turn: int, answer: Answer) -> str:
    """The fold of the answer ``turn``; empty when everything found is cited."""
    others = considered(answer)
    if not others:
        return ""
    lines = "".join(_line(turn, rank, hit) for rank, hit in others)
    return (
        f'<details class="also" data-fold="{turn}"><summary>Also considered ({len(others)})</summary>'
        '<p class="note">Found for this question, with their ranks among all passages found, but not cited.</p>'
        f"<ol>{lines}</ol></details>"
    )


def why(hit: Hit) -> str:
    """Why the passage was found: ``"3rd by meaning, 1st by words, 2nd on a close reading"``; may be empty."""
    known = [(hit.ranks[way], said) for way, said in _WAYS.items() if way in hit.ranks]
    others = [(rank, f"by {way}") for way, rank in hit.ranks.items() if way not in _WAYS]
    return ", ".join(f"{ordinal(rank)} {said}" for rank, said in (*known, *others))


def ordinal(number: int) -> str:
    """``"1st"``, ``"2nd"``, ``"3rd"``, ``"11th"``."""
    if number % 100 in (11, 12, 13):
        return f"{number}th"
    return f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th') }"


def _line(turn: int, rank: int, hit: Hit) -> str:
    reasons = " · ".join(filter(None, (why(hit), _copies(len(hit.copies)))))
    told = f'<p class="ranks">{escape(reasons)}</p>' if reasons else ""
    return (
        f'<li><button type="button" class="closest" data-open="{turn}.also.{rank}" aria-controls="source">'
        f'{described(hit.passage)}</button>{told}<p class="excerpt" dir="auto">{escape(excerpt(hit.passage))}</p></li>'
    )


def _copies(count: int) -> str:
    if not count:
        return ""
    return "1 near-copy" if count == 1 else f"{count} near-copies"
