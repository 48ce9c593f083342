"""Describe the verdict on a claim, and who wrote an answer, in words for a reader."""

from rag.schema import Answer, Claim

VERDICT_LABELS = {"supported": "supported", "partly": "partly supported", "unsupported": "not supported"}
_THIS_COMPUTER = "this computer"


def describe_verdict(claim: Claim) -> str:
    """Return ``"partly supported: the source says 12, not 15"``; the label alone where there is no reason."""
    label = VERDICT_LABELS[claim.verdict]
    return f"{label}: {claim.reason}" if claim.reason else label


def describe_doubt(claim: Claim) -> str:
    """Return the verdict on a sentence that is not supported; empty for one that is."""
    return "" if claim.verdict == "supported" else describe_verdict(claim)


def describe_writer(answer: Answer) -> str:
    """Return ``"Written by ollama/llama3.2 at 127.0.0.1:11434"``; empty for an answer in the documents' own words."""
    return f"Written by {answer.answerer} {describe_location(answer.where)}" if answer.where else ""


def describe_location(where: str) -> str:
    """Return where a model runs, to follow its name."""
    return f"on {where}" if where == _THIS_COMPUTER else f"at {where}"
