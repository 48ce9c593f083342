"""An answer as Markdown that shows what documents say and does nothing else."""

from collections.abc import Callable
from dataclasses import replace

from rag.schema import Answer, Claim, text_with_markers
from ui.conversations.export.markdown import escaped

Shown = Callable[[Answer], str]
"""How an answer is written."""

_FOUND = {"partly": " (partly supported)", "unsupported": " (not supported)"}
_WITHDRAWN = "*What stands above is withdrawn.*"
_APART = "\n\n"


def content_of(answer: Answer) -> str:
    """The claims with their markers and what checking them found, or the refusal; then the note, if there is one."""
    body = escaped(answer.reason) if answer.refused else " ".join(claim_text(claim) for claim in answer.claims)
    return _APART.join(part for part in (body, escaped(answer.note) if answer.done else "") if part)


def claim_text(claim: Claim) -> str:
    """One claim, escaped, with its markers."""
    return text_with_markers(replace(claim, text=escaped(claim.text))) + _FOUND.get(claim.verdict, "")


def what_is_new(told: tuple[Claim, ...], answer: Answer, shown: Shown = content_of) -> str:
    """What to send after the claims ``told`` so that a reader has ``answer``; where it begins anew, that is said."""
    fresh = replace(answer, claims=answer.claims[len(told) :])
    if not told:
        return shown(fresh)
    if answer.claims[: len(told)] == told and not answer.refused:
        new = shown(fresh)
        return f"{' ' if fresh.claims else _APART}{new}" if new else ""
    sent, wanted = " ".join(map(claim_text, told)), shown(answer)
    return wanted[len(sent) :] if wanted.startswith(sent) else f"{_APART}{_WITHDRAWN}{_APART}{wanted}"
