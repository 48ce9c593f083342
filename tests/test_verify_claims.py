"""Verdicts on written claims, and the best support for one without a citation."""

from collections.abc import Callable, Sequence

import pytest
from case_table import rows
from conftest import SEEDS, WordEmbedder
from hypothesis import given
from hypothesis import strategies as st

from index.chunking.chunk import Chunking, chunk
from index.embedding.sentence_transformers import SentenceTransformerEmbedder
from index.errors import ModelMissingError, OnrecordError
from index.reading.load import load
from index.schema import Document, Hit
from index.text.sentences import sentence_spans
from index.text.terms import terms
from rag.config import RagConfig
from rag.pipeline import Pipeline
from rag.reading.speech_lookup import SpeechLookup
from rag.retrieval.cross_encoder import DEFAULT_RERANKER, make_cross_encoder
from rag.schema import Citation, Claim
from rag.verify.entailment import Entailment, FittedEntailment
from rag.verify.verifier import Verifier, make_verifier, verify_verbatim

TRAM = load(SEEDS / "news" / "tram.txt")


class SharedTerms:
    """Entailment by the share of the claim's terms that the premise holds: deterministic, instant."""

    supported = 0.8
    partly = 0.4

    def score(self, premise: str, claim: str) -> float:
        wanted = set(terms(claim))
        return len(wanted & set(terms(premise))) / len(wanted) if wanted else 0.0


def verifier(*documents: Document, entailment: Entailment | None = None) -> Verifier:
    held = {document.id: document for document in documents}

    def read(id_: str) -> Document:
        if id_ not in held:
            raise OnrecordError(f"no document {id_}")
        return held[id_]

    return Verifier(read, SpeechLookup(read).of_document, entailment or SharedTerms())


def hits(document: Document) -> list[Hit]:
    return [Hit(passage, 1.0) for passage in chunk(document, Chunking())]


def cite(document: Document, *beginnings: str) -> tuple[Citation, ...]:
    """Citations of the sentences that begin so."""
    passages = chunk(document, Chunking())
    found = []
    for n, beginning in enumerate(beginnings, start=1):
        start, end = next(s for s in sentence_spans(document.text) if document.text[slice(*s)].startswith(beginning))
        passage = next(p for p in passages if p.start <= start and end <= p.end)
        found.append(Citation(n, passage, start, end))
    return tuple(found)


def check(text: str, *beginnings: str, by: Verifier | None = None) -> Claim:
    return (by or verifier(TRAM)).check(Claim(text, cite(TRAM, *beginnings), "unsupported", "not checked yet"))


def test_a_claim_without_citations_or_with_ones_that_do_not_stand_is_unsupported() -> None:
    assert verifier(TRAM).check(Claim("It flooded.", (), "unsupported", "")).reason == "cites nothing"
    (citation,) = cite(TRAM, "Asked whether")
    gone = verifier().check(Claim(citation.text, (citation,), "unsupported", ""))
    assert (gone.verdict, gone.reason) == ("unsupported", "a citation does not match the document")


@given(st.sampled_from(sentence_spans(TRAM.text)), st.sampled_from(["", "quotes", "space", "stop"]))
def test_a_verbatim_sentence_is_always_supported(span: tuple[int, int], change: str) -> None:
    passage = next(p for p in chunk(TRAM, Chunking()) if p.start <= span[0] and span[1] <= p.end)
    text = TRAM.text[slice(*span)]
    text = {
        "": text,
        "quotes": text.replace("“", '"').replace("”", '"').replace("’", "'"),
        "space": text.replace(" ", "  "),
        "stop": text.rstrip("."),
    }[change]
    checked = verifier(TRAM).check(Claim(text, (Citation(1, passage, *span),), "unsupported", ""))
    assert (checked.verdict, checked.reason) == ("supported", "verbatim in the source")


@given(st.integers(2, 5000))
def test_changing_a_number_never_stays_supported(number: int) -> None:
    text = f"The bill for the line has doubled to {number} million crowns."
    verdict = check(text, "The tram tunnel").verdict
    assert (verdict == "supported") == (number == 310)


@pytest.mark.parametrize(
    ("claim", "cited", "reason"),
    rows(
        """
        The bill for the line doubled to 210 million crowns.               | The tram tunnel          | 310 million
        Wilk said that the pumps were not coping.                          | Wilk said that the pumps | does not say “not”
        Eckhart said “We found it with our boots”.                         | “We found                | is said by Dorota Wilk there, not
        “We found it with our shoes,” Wilk said.                           | “We found                | is altered
        “One flood is bad luck, we found it with our boots,” Eckhart said. | “One flood               | stitched
        Varga expects the first passengers in the spring of 2028.          | Wilk now expects         | names Wilk, not Varga
        The moon is made of green cheese and cream.                        | Wilk now expects         | do not say this
        """
    ),
)
def test_a_false_claim_is_not_supported_and_says_why(claim: str, cited: str, reason: str) -> None:
    checked = check(claim, cited)
    assert checked.verdict == "unsupported"
    assert reason in checked.reason


def test_what_is_only_partly_there_says_what_is_missing() -> None:
    checked = check(
        "Chief engineer Dorota Wilk said water entered through a mine gallery in Brandenburg.", "Chief engineer"
    )
    assert checked.verdict == "partly"
    assert "Brandenburg" in checked.reason


def test_a_pronoun_is_read_as_whom_the_passage_means() -> None:
    assert check("Eckhart said one flood is bad luck and two are bad planning.", "“One flood").verdict == "supported"


def test_two_citations_together_may_support_what_neither_does_alone() -> None:
    text = "The bill doubled to 310 million crowns, and Wilk expects the first passengers in the spring of 2028."
    assert check(text, "The tram tunnel").verdict != "supported"
    assert check(text, "The tram tunnel", "Wilk now expects").verdict == "supported"


def test_support_is_found_only_where_it_passes_the_same_check() -> None:
    found = verifier(TRAM).support("The first passengers are expected in the spring of 2028.", hits(TRAM))
    assert [(c.marker, c.text[:16]) for c in found] == [(0, "Wilk now expects")]
    assert verifier(TRAM).support("The first passengers are expected in the spring of 2029.", hits(TRAM)) == ()
    assert verifier(TRAM).support("Penguins cannot fly.", hits(TRAM)) == ()
    assert verifier(TRAM).support("Anything at all.", []) == ()


def test_the_exact_check_of_quotes_stays_as_it_is() -> None:
    (citation,) = cite(TRAM, "Wilk now expects")
    read = verifier(TRAM).read
    assert verify_verbatim(Claim(citation.text, (citation,), "unsupported", ""), read).verdict == "supported"
    assert (
        verify_verbatim(Claim(citation.text + " Yes.", (citation,), "unsupported", ""), read).verdict == "unsupported"
    )


@pytest.fixture(scope="module")
def real(minilm: SentenceTransformerEmbedder) -> Verifier:
    """The shipped mix with the real models."""
    return verifier(TRAM, entailment=FittedEntailment(minilm, make_cross_encoder(DEFAULT_RERANKER)))


PARAPHRASED: Sequence[tuple[str, str]] = (
    ("The tunnel under the old town flooded for a third time, and the line's cost doubled to 310 million crowns.", "The tram tunnel"),
    ("According to Wilk, the pumps were coping and no house above was at risk.", "Wilk said that the pumps"),
    ("Varga, the mayor, defended the project.", "The mayor, Ines"),
    ("Karl Eckhart, who leads the opposition, demanded that work stop at once.", "Its leader"),
    ("Wilk expects the first passengers in spring 2028 but would not promise a month.", "Trams were to run", "Wilk now"),
    ("Eckhart said he would close the tunnel if he won next year's election.", "Eckhart told"),
)  # fmt: skip


@pytest.mark.parametrize("case", PARAPHRASED)
def test_a_faithful_paraphrase_is_supported_by_the_shipped_mix(real: Verifier, case: tuple[str, ...]) -> None:
    text, *cited = case
    checked = check(text, *cited, by=real)
    assert checked.verdict == "supported", checked.reason


@pytest.mark.parametrize(
    ("text", "cited"),
    rows(
        """
        The tunnel flooded for a third time, and the line's cost doubled to 130 million crowns. | The tram tunnel
        According to Wilk, the pumps were not coping, though no house above was at risk.        | Wilk said that the pumps
        Eckhart, the mayor, defended the project.                                               | The mayor, Ines
        Wilk said she would close the tunnel if she won next year's election.                   | Eckhart told
        Wilk expects the first passengers in the autumn of 2027.                                | Wilk now expects
        The museum will close for good next winter.                                             | Wilk now expects
        """
    ),
)
def test_a_false_paraphrase_is_not_supported_by_the_shipped_mix(real: Verifier, text: str, cited: str) -> None:
    assert check(text, cited, by=real).verdict != "supported"


def test_a_verifier_over_a_store_checks_what_a_search_found(
    indexed: Callable[..., Pipeline], words: WordEmbedder
) -> None:
    pipeline = indexed(tram=TRAM.text)
    made = make_verifier(pipeline.store, words, None, pipeline.config, pipeline.speeches)
    found = pipeline.search("When are the first passengers expected?")
    text = "Wilk now expects the first passengers in the spring of 2028."
    citations = made.support(text, found)
    assert [c.text[:16] for c in citations] == ["Wilk now expects"]
    assert made.check(Claim(text, citations, "unsupported", "")).verdict == "supported"
    other = made.check(Claim(text.replace("2028", "2027"), citations, "unsupported", ""))
    assert (other.verdict, other.reason) == ("unsupported", "the source says 2028, not 2027")


def test_a_configured_folder_that_is_missing_is_told_when_the_verifier_is_made(
    indexed: Callable[..., Pipeline], words: WordEmbedder
) -> None:
    pipeline = indexed(tram=TRAM.text)
    config = RagConfig(checker="/nowhere/nli")
    with pytest.raises(ModelMissingError, match="no entailment folder"):
        make_verifier(pipeline.store, words, None, config, pipeline.speeches)
