"""An answer as Markdown that shows what documents say and does nothing else."""

from collections.abc import Callable
from dataclasses import replace

from rag.schema import Answer, Claim, marked
from ui.conversations.markdown import escaped

Shown = Callable[[Answer], str]
"""How an answer is written."""

_FOUND = {"partly": " (partly supported)", "unsupported": " (not supported)"}
_WITHDRAWN = "*What stands above is withdrawn.*"


def content_of(answer: Answer) -> str:
    """The claims with their markers and what checking them found, or the refusal; then the note, if there is one."""
    body = escaped(answer.reason) if answer.refused else " ".join(claim_text(claim) for claim in answer.claims)
    return "\n\n".join(part for part in (body, escaped(answer.note) if answer.done else "") if part)


def claim_text(claim: Claim) -> str:
    """One claim, escaped, with its markers."""
    return marked(replace(claim, text=escaped(claim.text))) + _FOUND.get(claim.verdict, "")


def what_is_new(shown: str, wanted: str) -> str:
    """What to send after ``shown`` so that a reader has ``wanted``; where it begins anew, that is said."""
    if wanted.startswith(shown):
        return wanted[len(shown) :]
    return f"\n\n{_WITHDRAWN}\n\n{wanted}"
