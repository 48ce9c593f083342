"""Explain why a case failed, in words a reader can act on."""

from evals.schema import Case
from evals.scoring.deterministic import gold_ranks
from evals.scoring.duplicates import cited_documents, cited_spans, retrieved_documents, retrieved_passages
from evals.scoring.gold import Gold
from evals.scoring.metrics.answers import contains
from evals.scoring.metrics.citations import spans_match
from evals.scoring.scorer import answer_text, first_cited_claim
from rag.schema import Answer


def explain_failure(case: Case, gold: Gold, answer: Answer, refuse_below: float | None = None) -> str:
    """Explain in a sentence or two why the answer is wrong; empty when it is right.

    Right is a refusal of an unanswerable case, or an answer that holds a reference answer or cites words of
    every gold span; where a set judges documents only, one that cites a gold document. ``refuse_below`` is
    the answerer's threshold, where it has one.
    """
    sure = _confidence(answer, refuse_below)
    if not case.answerable:
        wrongly = f"Answered although the documents do not hold the answer ({sure}): {_quoted(answer_text(answer))}"
        return "" if answer.refused else wrongly
    if answer.refused:
        return f"Refused although the documents hold the answer ({sure}); {_retrieved(gold, answer)}."
    return "" if is_right(case, gold, answer) else _wrong(gold, answer)


def is_right(case: Case, gold: Gold, answer: Answer) -> bool:
    """Return whether the answer to an answerable case is right; see ``explain_failure``."""
    cited = cited_spans(answer, gold.spans)
    if contains(answer_text(answer), case.answers):
        return True
    if gold.spans:
        return all(any(spans_match(span, wanted) for span in cited) for wanted in gold.spans)
    return not case.answers and any(document in gold.documents for document in cited_documents(answer))


def _wrong(gold: Gold, answer: Answer) -> str:
    if gold.spans:
        return _missed(gold, answer)
    if gold.documents:
        return f"Cites no gold document; {_documents(gold, answer)}."
    return f"No reference answer stands in it: {_quoted(answer_text(answer))}"


def _missed(gold: Gold, answer: Answer) -> str:
    cited = cited_spans(answer, gold.spans)
    missed = tuple(wanted for wanted in gold.spans if not any(spans_match(span, wanted) for span in cited))
    total = len(gold.spans)
    if not missed:
        return "The evidence is cited, yet no reference answer stands in the answer."
    part = "" if len(missed) == total else f"Only {total - len(missed)} of {total} pieces of evidence are cited; "
    lacking = Gold(missed, gold.documents)
    retrieved = _retrieved(lacking, answer)
    if any(rank is not None for rank in gold_ranks(retrieved_passages(answer, missed), missed)):
        other = f", but {'another sentence was' if not part else 'the rest was not'} cited"
        retrieved += f"{other}: {_quoted(first_cited_claim(answer))}" if not part else other
    sentence = part + retrieved
    return f"{sentence[0].upper()}{sentence[1:]}" + ("" if sentence.endswith("”") else ".")


def _retrieved(gold: Gold, answer: Answer) -> str:
    if not gold.spans:
        return _documents(gold, answer) if gold.documents else "where is not known"
    ranks = gold_ranks(retrieved_passages(answer, gold.spans), gold.spans)
    found = [rank for rank in ranks if rank is not None]
    if found:
        return f"the gold passage was retrieved at rank {min(found)}"
    among = f"not among the {len(answer.hits)} retrieved" if answer.hits else "not retrieved: nothing was"
    same = {document for document, _, _ in gold.spans} & {hit.passage.document_id for hit in answer.hits}
    return f"the gold passage was {among}" + (", though its document was" if same else "")


def _documents(gold: Gold, answer: Answer) -> str:
    found = retrieved_documents(answer, gold.documents)
    ranks = (rank for rank, document in enumerate(found, 1) if document in gold.documents)
    rank = next(ranks, None)
    if rank is None:
        return f"a gold document was not among the {len(answer.hits)} passages retrieved"
    return f"a gold document was retrieved at rank {rank}"


def _confidence(answer: Answer, refuse_below: float | None) -> str:
    stated = f"confidence {answer.confidence:.2f}"
    return stated if refuse_below is None else f"{stated}, threshold {refuse_below:.2f}"


def _quoted(text: str) -> str:
    text = " ".join(text.split())
    return f"“{text if len(text) <= 160 else text[:159] + '…'}”"  # noqa: PLR2004
