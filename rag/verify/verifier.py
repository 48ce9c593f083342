"""Check each claim against the words it cites before it is called supported, cheap checks first."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from index.embedding.protocol import Embedder
from index.errors import OnrecordError
from index.schema import Document, Hit
from index.storage.store import Store
from index.text.terms import fold_word
from rag.answer.citations import matches_document
from rag.config import CHECKER_WORDS, RagConfig
from rag.llm.protocol import ModelFailedError
from rag.reading.speech_lookup import SpeechLookup
from rag.retrieval.cross_encoder import CrossEncoder
from rag.schema import Citation, Claim, Verdict
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
from rag.verify.model_checker import ModelChecker, ModelVerdict
from rag.verify.support import support_candidates

_logger = logging.getLogger(__name__)
_MAX_REASONS = 2  # given for a verdict
# Findings of these kinds that say "wrong" are always right in fluent claims, the others only in claims that keep the
# words of the source; in freer ones they take true arithmetic, a role for a name, or another negation for faults
# (tuning half, evals/research/results/CLAIMS.md).
_VETOES = frozenset({"quote", "date", "name", "contrast", "roles"})
_KEPT_WORDS = 0.85  # the share of a claim's words that the source has, from which it keeps its words
_LOWER: Mapping[Verdict, Verdict] = {"supported": "partly", "partly": "unsupported", "unsupported": "unsupported"}
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


def verify_unless_computed(claim: Claim, read: Callable[[str], Document]) -> Claim:
    """Return a claim with its verdict as ``verify_verbatim`` does; one computed from cells stays as it is.

    Of that, too, every citation must match the stored document.
    """
    if claim.verdict == "supported" and all(matches_document(citation, read) for citation in claim.citations):
        return claim
    return verify_verbatim(claim, read)


@dataclass(frozen=True)
class Verifier:
    """Checks written claims. Safe to call from several threads.

    ``read`` fetches a document by id, ``speeches`` returns whose words its sentences report. ``model`` judges the
    sentences of a whole answer, where it is given and can.
    """

    read: Callable[[str], Document]
    speeches: Callable[[str], Sequence[Speech]]
    entailment: Entailment
    model: ModelChecker | None = None

    @property
    def checks_whole_answers(self) -> bool:
        """Whether claims are best checked together, by ``check_all``, once all of them are written."""
        return self.model is not None and self.model.may_judge

    def check(self, claim: Claim) -> Claim:
        """Return the claim with its verdict and the reason for it, in words for a reader.

        *unsupported*: a citation does not match its document, the sources say otherwise, or they say nothing of the
        kind. *partly*: something in it stands elsewhere, or is not said. *supported*: it is verbatim, or no check found
        anything wrong and it follows. Raises ModelMissingError when a configured model cannot be loaded.
        """
        opened = self._open(claim)
        return opened if isinstance(opened, Claim) else self._judge(opened)

    def check_all(self, claims: Sequence[Claim]) -> tuple[Claim, ...]:
        """Return the claims of an answer, checked as ``check`` does but for the ``model``'s say on whether they follow.

        Where the model fails, or judges too badly to be trusted, ``entailment`` decides.
        """
        opened = [self._open(claim) for claim in claims]
        asked = [one for one in opened if isinstance(one, _OpenClaim)]
        said = iter(self._ask_model(asked))
        return tuple(one if isinstance(one, Claim) else self._judge(one, next(said)) for one in opened)

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

    def _open(self, claim: Claim) -> "Claim | _OpenClaim":
        """Return the checked claim where that is certain; else what decides whether it follows."""
        if not claim.citations:
            return replace(claim, verdict="unsupported", reason="cites nothing")
        documents = self._documents(claim.citations)
        if documents is None or not all(matches_document(c, documents.__getitem__) for c in claim.citations):
            return replace(claim, verdict="unsupported", reason="a citation does not match the document")
        if _is_verbatim(claim):
            return replace(claim, verdict="supported", reason="verbatim in the source")
        source = make_cited_text(claim.citations)
        found = self._findings(claim, source, documents)
        kept = _kept_share(claim.text, source) >= _KEPT_WORDS
        vetoes = [one for one in found if one.severity == "wrong" and (kept or one.kind in _VETOES)]
        if vetoes:
            return replace(claim, verdict="unsupported", reason=_join_reasons(vetoes))
        return _OpenClaim(claim, source, tuple(found))

    def _ask_model(self, asked: Sequence["_OpenClaim"]) -> Sequence[ModelVerdict | None]:
        """Return what the model says of each claim; None where it says nothing or cannot be relied on."""
        nothing = (None,) * len(asked)
        if self.model is None or not asked:
            return nothing
        try:
            if not self.model.is_trusted:
                return nothing
            return self.model.judge([(one.source.one_line, one.claim.text) for one in asked])
        except ModelFailedError as failure:
            _logger.warning("an answer is checked without its model: %s", failure)
            return nothing

    def _judge(self, opened: "_OpenClaim", said: ModelVerdict | None = None) -> Claim:
        """Return the claim with the verdict of the model, or of ``entailment``, less what the rules found."""
        claim, found = opened.claim, opened.found
        verdict, reason = (said.verdict, _model_reason(said)) if said else self._entailed(opened)
        if any(one.severity == "wrong" for one in found):
            verdict = _LOWER[verdict]
        elif found and verdict == "supported":
            verdict = "partly"
        return replace(claim, verdict=verdict, reason=_join_reasons(found) or reason)

    def _entailed(self, opened: "_OpenClaim") -> tuple[Verdict, str]:
        score = self.entailment.score(opened.source.one_line, opened.claim.text)
        if score < self.entailment.partly:
            return "unsupported", "the cited words do not say this"
        if score < self.entailment.supported:
            return "partly", _missing_words_reason(opened.claim.text, opened.source)
        return "supported", "follows from the cited words"

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


@dataclass(frozen=True, slots=True)
class _OpenClaim:
    """A claim whose citations stand, with what the rules ``found`` in it; whether it follows is still open."""

    claim: Claim
    source: CitedText
    found: tuple[Finding, ...]


def make_verifier(
    store: Store,
    embedder: Embedder,
    cross: CrossEncoder | None,
    config: RagConfig,
    speeches: SpeechLookup,
    *,
    model: ModelChecker | None = None,
) -> Verifier:
    """Make a verifier over an open store. Raises ModelMissingError for a configured folder that does not exist."""
    named = "" if config.checker in CHECKER_WORDS else config.checker
    return Verifier(store.document, speeches.of_document, make_entailment(named, embedder, cross), model)


def _model_reason(said: ModelVerdict) -> str:
    if said.verdict == "supported":
        return "follows from the cited words, as the model that wrote it finds on being asked"
    return said.reason or "the cited words do not say all of this, as the model that wrote it finds on being asked"


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


def _kept_share(text: str, source: CitedText) -> float:
    said = words(text)
    return sum(word.key in source.keys for word in said) / len(said) if said else 1.0


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
