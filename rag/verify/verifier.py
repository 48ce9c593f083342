"""Check each claim against the words it cites before it is called supported, cheap checks first."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from index.embedding.protocol import Embedder
from index.errors import OnrecordError
from index.schema import Document, Hit
from index.storage.store import Store
from index.text.sentences import sentence_spans
from index.text.terms import fold_word, terms
from rag.answer.citations import matches_document
from rag.config import RagConfig
from rag.reading.speech_lookup import SpeechLookup
from rag.retrieval.cross_encoder import CrossEncoder
from rag.schema import Citation, Claim
from rag.speech.reported_speech import Speech
from rag.verify.checks.base import CitedText, Finding, make_cited_text
from rag.verify.checks.contrast import contrast_findings, direction_findings
from rag.verify.checks.dates import date_findings
from rag.verify.checks.names import name_findings, opens_as_name
from rag.verify.checks.numbers import number_findings
from rag.verify.checks.offices import office_findings
from rag.verify.checks.polarity import polarity_findings
from rag.verify.checks.quoted import CheckedQuotation, QuotationSource, check_quotations, quote_findings
from rag.verify.checks.speakers import speaker_findings
from rag.verify.checks.swapped import role_findings, swap_findings
from rag.verify.checks.wording import align, named_inside, words
from rag.verify.entailment import Entailment, make_entailment

_MAX_REASONS = 2  # given for a verdict
_MAX_WORDS_SHOWN, _MIN_LETTERS = 3, 4  # unsaid words named, and letters that each must have
_MAX_CANDIDATES = 4  # sentences that are checked in full
_STRAIGHT = str.maketrans("“”„«»‘’‚‐‑–—", '"""""\'\'\'----')


def verify_verbatim(claim: Claim, read: Callable[[str], Document]) -> Claim:
    """Return a quoted claim with its verdict and the reason for it.

    It is supported exactly when every citation matches the stored document and the claim's words are cited words.
    ``read`` fetches a document by id.
    """
    if not claim.citations:
        return replace(claim, verdict="unsupported", reason="cites nothing")
    if not all(matches_document(citation, read) for citation in claim.citations):
        return replace(claim, verdict="unsupported", reason="a citation does not match the document")
    if _words(claim.text) in (_words(c.text) for c in claim.citations):
        return replace(claim, verdict="supported", reason="verbatim in the source")
    return replace(claim, verdict="unsupported", reason="the words do not stand in the cited source")


@dataclass(frozen=True)
class Verifier:
    """Checks written claims. Safe to call from several threads.

    ``read`` fetches a document by id, ``speeches`` returns whose words its sentences report.
    """

    read: Callable[[str], Document]
    speeches: Callable[[str], Sequence[Speech]]
    entailment: Entailment

    def check(self, claim: Claim) -> Claim:
        """Return the claim with its verdict and the reason for it, in words for a reader.

        *unsupported*: a citation does not match its document, the sources say otherwise, or they say nothing of the
        kind. *partly*: something in it stands elsewhere, or is not said. *supported*: it is verbatim, or no check found
        anything wrong and it follows. Raises ModelMissingError when a configured model cannot be loaded.
        """
        if not claim.citations:
            return replace(claim, verdict="unsupported", reason="cites nothing")
        documents = self._documents(claim.citations)
        if documents is None or not all(matches_document(c, documents.__getitem__) for c in claim.citations):
            return replace(claim, verdict="unsupported", reason="a citation does not match the document")
        if _is_verbatim(claim):
            return replace(claim, verdict="supported", reason="verbatim in the source")
        return self._judge(claim, make_cited_text(claim.citations), documents)

    def support(self, text: str, hits: Sequence[Hit]) -> tuple[Citation, ...]:
        """Return the sentence of ``hits`` that supports ``text`` best, or the two that do together.

        Nothing is returned unless ``text`` would be called supported. Markers are 0.
        """
        found = [(one,) for one in support_candidates(text, hits)[:_MAX_CANDIDATES]]
        checked = [(chosen, self.check(Claim(text, chosen, "unsupported", "not checked yet"))) for chosen in found]
        for chosen, claim in checked:
            if claim.verdict == "supported":
                return chosen
        # A sentence that contradicts cannot help beside another one.
        helping = [chosen[0] for chosen, claim in checked if claim.verdict == "partly"]
        for other in helping[1:]:
            pair = (helping[0], other)
            if self.check(Claim(text, pair, "unsupported", "not checked yet")).verdict == "supported":
                return pair
        return ()

    def _judge(self, claim: Claim, source: CitedText, documents: Mapping[str, Document]) -> Claim:
        found = self._findings(claim, source, documents)
        wrong = [one for one in found if one.severity == "wrong"]
        if wrong:
            return replace(claim, verdict="unsupported", reason=_join_reasons(wrong))
        score = self.entailment.score(" ".join(source.text.split()), claim.text)
        if score < self.entailment.partly:
            return replace(
                claim, verdict="unsupported", reason=_join_reasons(found) or "the cited words do not say this"
            )
        if found:
            return replace(claim, verdict="partly", reason=_join_reasons(found))
        if score < self.entailment.supported:
            return replace(claim, verdict="partly", reason=_missing_words_reason(claim.text, source))
        return replace(claim, verdict="supported", reason="follows from the cited words")

    def _findings(self, claim: Claim, source: CitedText, documents: Mapping[str, Document]) -> list[Finding]:
        quoted = _check_quotations(claim, documents)
        speeches = {id_: self.speeches(id_) for id_ in documents}
        speakers = speaker_findings(claim.text, claim.citations, speeches, quoted)
        return [*quote_findings(quoted), *speakers, *fact_findings(claim.text, source)]

    def _documents(self, citations: Sequence[Citation]) -> dict[str, Document] | None:
        """Return the cited documents by id, each read once; None when one is gone."""
        try:
            return {c.passage.document_id: self.read(c.passage.document_id) for c in citations}
        except OnrecordError:
            return None


def make_verifier(
    store: Store, embedder: Embedder, cross: CrossEncoder | None, config: RagConfig, speeches: SpeechLookup
) -> Verifier:
    """Make a verifier over an open store. Raises ModelMissingError for a configured folder that does not exist."""
    entailment = make_entailment(config.entailment, embedder, cross)
    return Verifier(store.document, speeches.of_document, entailment)


def _check_quotations(claim: Claim, documents: Mapping[str, Document]) -> tuple[CheckedQuotation, ...]:
    sources = [
        QuotationSource(
            document.text,
            tuple((c.start, c.end) for c in claim.citations if c.passage.document_id == id_),
            document.title,
        )
        for id_, document in documents.items()
    ]
    return check_quotations(claim.text, sources)


def _is_verbatim(claim: Claim) -> bool:
    """Tell whether the claim is a cited sentence, or all of them in order, apart from marks, white space and case."""
    held = [c.text for c in claim.citations]
    return _normalize(claim.text) in {*map(_normalize, held), _normalize(" ".join(held))}


def _normalize(text: str) -> str:
    return " ".join(fold_word(text.translate(_STRAIGHT)).split()).rstrip(".!?;:, ")


def _words(text: str) -> str:
    return " ".join(text.split())


def _join_reasons(found: Sequence[Finding]) -> str:
    return "; ".join(dict.fromkeys(one.reason for one in found[:_MAX_REASONS]))


def _missing_words_reason(text: str, source: CitedText) -> str:
    """Return a reason that names what the claim says and no cited word does, if it is little."""
    held = source.keys
    missing = [w.text for w in words(text) if w.key not in held and len(w.text) >= _MIN_LETTERS]
    told = ", ".join(f"“{word}”" for word in dict.fromkeys(missing[:_MAX_WORDS_SHOWN]))
    return f"the cited words do not say all of it: {told}" if told else "only part of it follows from the cited words"


def fact_findings(claim: str, source: CitedText) -> tuple[Finding, ...]:
    """Return what the cited sentences do not support in a claim's own words, contradictions first.

    Checked are numbers, dates, names, negations, opposites, directions, and who did what to whom.
    """
    said = words(claim)
    alignment = align(said, source.words)
    capitals = frozenset(w.low for sentence in source.words for w in sentence if w.text[:1].isupper())
    opening = frozenset(w.low for w in said if opens_as_name(w)) & capitals
    known = source.known_names | named_inside(said) | opening
    found = (
        *number_findings(claim, source, alignment),
        *date_findings(claim, source),
        *name_findings(said, source, alignment, known),
        *polarity_findings(said, source, alignment),
        *contrast_findings(said, source, alignment),
        *direction_findings(claim, source),
        *swap_findings(said, alignment, known),
        *role_findings(said, source, known),
        *office_findings(claim, source),
    )
    once = {one.reason: one for one in found}
    return tuple(sorted(once.values(), key=lambda one: one.severity != "wrong"))


_RARITY_POWER = 0.5  # exponent of a term's frequency among the sentences


def support_candidates(text: str, hits: Sequence[Hit]) -> list[Citation]:
    """Return every sentence of ``hits`` that shares a term with ``text``, best first, with marker 0.

    The score is the share of the claim's terms that a sentence holds, rare terms among these sentences counting more.
    """
    found = [
        Citation(0, hit.passage, hit.passage.start + a, hit.passage.start + b)
        for hit in hits
        for a, b in sentence_spans(hit.passage.text)
    ]
    once = list({(c.passage.document_id, c.start): c for c in found}.values())
    held = [frozenset(terms(c.text)) for c in once]
    often = Counter(term for one in held for term in one)
    wanted = frozenset(terms(text))
    scores = [sum((1 + often[term]) ** -_RARITY_POWER for term in wanted & one) for one in held]
    order = sorted(range(len(once)), key=lambda n: -scores[n])
    return [once[n] for n in order if scores[n] > 0]
