"""Read the likeliest sentences again: with a cross-encoder, then the best of them in their place with the reader."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from rag.config import RagConfig
from rag.reading.evidence_model import load_weights, probability
from rag.reading.features import CROSS_SCALE, READER_SCALE
from rag.reading.reader.onnx_reader import Reading, SentenceReader, make_reader
from rag.reading.sentence_ranker import Quote, best_first
from rag.retrieval.cross_encoder import DEFAULT_RERANKER, CrossEncoder
from rag.retrieval.rerank import in_context


@dataclass(frozen=True, slots=True)
class Rereader:
    """Scores the most probable sentences again, ``read_closely`` with ``cross``, ``read_in_place`` with ``reader``.

    Those that are not read again stay behind the others. Safe to use from several threads.
    """

    cross: CrossEncoder
    reader: SentenceReader | None
    read_closely: int
    read_in_place: int

    def __call__(self, question: str, ranked: Sequence[Quote]) -> tuple[Quote, ...]:
        """Return ``ranked``, best first, with the best of them scored again.

        Those in other languages than the models were trained on keep their scores.
        """
        others = [quote for quote in ranked if quote.kind == "lexical"]
        ranked = [quote for quote in ranked if quote.kind != "lexical"]
        again = self._read(question, ranked) if ranked else ()
        return best_first((*again, *others)) if others else again

    def _read(self, question: str, ranked: Sequence[Quote]) -> tuple[Quote, ...]:
        first, rest = ranked[: self.read_closely], ranked[self.read_closely :]
        scores = self.cross.scores(question, [in_context(q.passage, q.start, q.end) for q in first])
        again = _before([_with_cross_score(q, float(s)) for q, s in zip(first, scores, strict=True)], rest)
        if self.reader is None:
            return again
        first, rest = again[: self.read_in_place], again[self.read_in_place :]
        readings = self.reader.read(question, [(q.passage, q.start, q.end) for q in first])
        return _before([_with_reading(q, r) for q, r in zip(first, readings, strict=True)], rest)


def make_rereader(cross: CrossEncoder | None, config: RagConfig) -> Rereader | None:
    """Make what ``config`` asks for; None without the cross-encoder that the weights of evidence were fitted with.

    Raises ModelMissingError for a reader that there is not.
    """
    reader = make_reader(config.reader)
    if cross is None or cross.name != DEFAULT_RERANKER:
        return None
    return Rereader(cross, reader, config.read_closely, config.read_in_place)


def _before(rescored: Sequence[Quote], rest: Sequence[Quote]) -> tuple[Quote, ...]:
    """Return the quotes that were scored again, best first, and then the rest, of which none is more probable."""
    again = best_first(rescored)
    return (*again, *(replace(q, probability=min(q.probability, again[-1].probability)) for q in rest))


def _with_cross_score(quote: Quote, score: float) -> Quote:
    values = (score * CROSS_SCALE, *quote.features[1:])
    return replace(
        quote, probability=probability(load_weights("cross").sentence, values), features=values, kind="cross"
    )


def _with_reading(quote: Quote, reading: Reading) -> Quote:
    values = (*quote.features[:-2], reading.answered * READER_SCALE, reading.here)
    return replace(
        quote,
        probability=probability(load_weights("reader").sentence, values),
        features=values,
        kind="reader",
        answer=(reading.start, reading.end) if reading.answered > 0 else None,
    )
