"""The passages that were found but not cited, folded below the sources, each with the ranks it was found at."""

from markupsafe import Markup

from index.schema import Hit
from rag.schema import Answer
from ui.web.chat.state import considered_hits
from ui.web.document.captions import excerpt, passage_html

# What each rank of a hit counts, in the order in which they are shown.
RANKINGS = {"dense": "by meaning", "keyword": "by words", "late": "word by word", "cross": "on a close reading"}
_FOLD = Markup(
    '<details class="also" data-fold="{turn}"><summary>Also considered ({count})</summary>'
    '<p class="note">Found for this question, with their ranks among all passages found, but not cited.</p>'
    "<ol>{items}</ol></details>"
)
_ITEM = Markup(
    '<li><button type="button" class="closest" data-open="{turn}.also.{rank}" aria-controls="source">'
    '{passage}</button>{reasons}<p class="excerpt" dir="auto">{excerpt}</p></li>'
)


def considered_html(turn: int, answer: Answer) -> Markup:
    """Return the fold below the answer number ``turn``; empty when every passage found is cited."""
    others = considered_hits(answer)
    if not others:
        return Markup("")
    items = Markup("").join(_item(turn, rank, hit) for rank, hit in others)
    return _FOLD.format(turn=turn, count=len(others), items=items)


def ranks_text(hit: Hit) -> str:
    """Return where the passage ranked: ``"3rd by meaning, 1st by words, 2nd on a close reading"``; may be empty."""
    known = [(hit.ranks[name], words) for name, words in RANKINGS.items() if name in hit.ranks]
    others = [(rank, f"by {name}") for name, rank in hit.ranks.items() if name not in RANKINGS]
    return ", ".join(f"{ordinal(rank)} {words}" for rank, words in (*known, *others))


def ordinal(number: int) -> str:
    """Return ``"1st"``, ``"2nd"``, ``"3rd"``, ``"11th"``."""
    return f"{number}{ordinal_suffix(number)}"


def ordinal_suffix(number: int) -> str:
    """Return the ending of the number as an ordinal: ``"st"``, ``"nd"``, ``"rd"`` or ``"th"``."""
    return "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")


def _item(turn: int, rank: int, hit: Hit) -> Markup:
    reasons = " · ".join(filter(None, (ranks_text(hit), _near_copies(len(hit.copies)))))
    return _ITEM.format(
        turn=turn,
        rank=rank,
        passage=passage_html(hit.passage),
        reasons=Markup('<p class="ranks">{}</p>').format(reasons) if reasons else "",
        excerpt=excerpt(hit.passage),
    )


def _near_copies(count: int) -> str:
    if not count:
        return ""
    return "1 near-copy" if count == 1 else f"{count} near-copies"
