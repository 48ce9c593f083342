"""Check each claim against the words it cites before it is called supported."""

from collections.abc import Callable
from dataclasses import replace

from index.schema import Document
from rag.cite import stands
from rag.schema import Claim


def verify(claim: Claim, read: Callable[[str], Document]) -> Claim:
    """The claim with its verdict and the reason for it.

    A verbatim claim is supported exactly when every citation stands in the stored document and the claim's
    words are cited words. ``read`` fetches a document by id.
    """
    if not claim.citations:
        return replace(claim, verdict="unsupported", reason="cites nothing")
    if not all(stands(citation, read) for citation in claim.citations):
        return replace(claim, verdict="unsupported", reason="a citation does not match the document")
    if _words(claim.text) in (_words(c.text) for c in claim.citations):
        return replace(claim, verdict="supported", reason="verbatim in the source")
    return replace(claim, verdict="unsupported", reason="the words do not stand in the cited source")


def _words(text: str) -> str:
    return " ".join(text.split())
