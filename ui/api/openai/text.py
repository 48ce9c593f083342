"""An answer as Markdown that shows what documents say and does nothing else."""

from collections.abc import Callable
from dataclasses import replace

from rag.schema import Answer, Claim, text_with_markers
from ui.conversations.export.markdown import body_markdown, escape_markdown

RenderAnswer = Callable[[Answer], str]
"""How an answer is written."""

_VERDICT_NOTES = {"partly": " (partly supported)", "unsupported": " (not supported)"}
_WITHDRAWN = "*What stands above is withdrawn.*"
_PARAGRAPH = "\n\n"


def answer_markdown(answer: Answer) -> str:
    """Return the claims with markers and verdicts, or the refusal; then the note, if there is one."""
    claims = [claim_markdown(claim) for claim in answer.claims]
    body = escape_markdown(answer.reason) if answer.refused else body_markdown(answer, claims)
    return _PARAGRAPH.join(part for part in (body, escape_markdown(answer.note) if answer.done else "") if part)


def claim_markdown(claim: Claim) -> str:
    """Return one claim, escaped, with its markers."""
    return text_with_markers(replace(claim, text=escape_markdown(claim.text))) + _VERDICT_NOTES.get(claim.verdict, "")


def unsent_text(sent_claims: tuple[Claim, ...], answer: Answer, render: RenderAnswer = answer_markdown) -> str:
    """Return what to send after the ``sent_claims`` so that a reader has ``answer``, even where it begins anew."""
    fresh = replace(answer, claims=answer.claims[len(sent_claims) :])
    if not sent_claims:
        return render(fresh)
    if answer.claims[: len(sent_claims)] == sent_claims and not answer.refused:
        new = render(fresh)
        return f"{' ' if fresh.claims else _PARAGRAPH}{new}" if new else ""
    sent_text, wanted_text = " ".join(map(claim_markdown, sent_claims)), render(answer)
    return (
        wanted_text[len(sent_text) :]
        if wanted_text.startswith(sent_text)
        else f"{_PARAGRAPH}{_WITHDRAWN}{_PARAGRAPH}{wanted_text}"
    )
