"""Find passages: dense and keyword search, fused by their normalised scores, then compared word by word."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from index.embedding.protocol import Vectors
from index.embedding.token_codes import TokenCodes
from index.schema import Hit
from index.storage.store import Store
from index.text.language import may_be_english
from rag.config import RagConfig
from rag.question.identifiers import identifiers, unmet
from rag.retrieval.cross_encoder import CrossEncoder
from rag.retrieval.dedupe import dedupe
from rag.retrieval.fusion import blend, fuse, raise_above
from rag.retrieval.late_interaction import TokenMatch, match_tokens
from rag.retrieval.query import QueryEncoder
from rag.retrieval.recency import newest_first, newest_first_on_ties
from rag.retrieval.rerank import rerank

_LATE_ELSEWHERE = 0.3  # of the weight of word by word comparison, in languages that its vectors hardly know


class Retriever:
    """Searches one store as it currently stands."""

    def __init__(
        self, store: Store, encode: QueryEncoder, config: RagConfig, cross: CrossEncoder | None = None
    ) -> None:
        self._store = store
        self._encode = encode
        self._config = config
        self._cross = cross

    def with_config(self, config: RagConfig) -> "Retriever":
        """Return the same search with other settings."""
        return Retriever(self._store, self._encode, config, self._cross)

    def retrieve(
        self, question: str, k: int | None = None, *, within: frozenset[str] | None = None, newest: bool = False
    ) -> tuple[Hit, ...]:
        """Return the best ``k`` distinct passages for ``question``, best first, each with its rank on every side.

        Copies of a passage are listed under it and do not count; they are looked for among all ``candidates``.
        ``within`` limits the search to the documents of these ids. Of equally good passages the newest come first, and
        with ``newest`` of nearly as good ones too.
        """
        with ThreadPoolExecutor(1) as executor:
            # Keyword search and what it reads need no vector, so they run while the model embeds the question.
            pending = executor.submit(self._keyword_search, question, within)
            query = self._encode(question)
            dense = dict(self._store.nearest(query.vector, self._config.candidates, within))
            keyword = pending.result()
        dense |= {id_: float(found @ query.vector) for id_, found in keyword.vectors.items() if id_ not in dense}
        fused = fuse(dense, keyword.scores, self._config.dense_weight)
        likely = sorted(fused, key=lambda id_: (-fused[id_], id_))[: max(k or 0, self._config.candidates)]
        codes = self._codes(likely, keyword.codes)
        matches = (
            {}
            if query.tokens is None
            else dict(zip(codes, match_tokens(query.tokens, list(codes.values())), strict=True))
        )
        late = {id_: one.score for id_, one in matches.items()}
        is_english = may_be_english(question, self._store.keyword.languages())
        weight = self._config.late_weight * (1 if is_english else _LATE_ELSEWHERE)
        scores = self._codes_first(question, blend({id_: fused[id_] for id_ in likely}, late, weight))
        ranks = {
            "dense": _rank_by_score(dense),
            "keyword": _rank_by_score(keyword.scores),
            "late": _rank_by_score(late),
        }
        found = dedupe(scores, max(k or 0, self._config.top_k), self._store.passages_by_id, codes)
        hits = tuple(replace(hit, ranks=_ranks_of(hit.passage.id, ranks)) for hit in found)
        # The cross-encoder was trained on English.
        hits = self._reranked(question, hits, matches) if is_english else hits
        return _order_hits(hits, newest=newest)[: k or self._config.top_k]

    def _keyword_search(self, question: str, within: frozenset[str] | None) -> "_KeywordHits":
        """Return what keyword search finds, with all that does not depend on the question's vector."""
        scores = self._store.keyword.search(question, self._config.candidates, within)
        ids = list(scores)
        return _KeywordHits(scores, self._store.vectors(ids), self._store.token_codes(ids))

    def _codes(self, ids: Sequence[str], read: Mapping[str, TokenCodes]) -> dict[str, TokenCodes]:
        """Return the token codes of passages, of which some are ``read`` already.

        Passages indexed without tokens are left out.
        """
        others = self._store.token_codes([id_ for id_ in ids if id_ not in read])
        return {id_: read[id_] if id_ in read else others[id_] for id_ in ids if id_ in read or id_ in others}

    def _codes_first(self, question: str, scores: Mapping[str, float]) -> Mapping[str, float]:
        """Put first the passages that hold every code in ``question``, as vectors hardly tell one code from another."""
        wanted = [identifier for identifier in identifiers(question) if identifier.is_code]
        if not wanted:
            return scores
        held = {id_ for id_, one in self._store.passages_by_id(list(scores)).items() if not unmet(wanted, one.text)}
        return raise_above(scores, held) if held else scores

    def _reranked(self, question: str, hits: tuple[Hit, ...], matches: Mapping[str, TokenMatch]) -> tuple[Hit, ...]:
        if self._cross is None:
            return hits
        first = rerank(question, hits[: self._config.top_k], matches, self._cross, self._config.cross_weight)
        return first + hits[self._config.top_k :]


@dataclass(frozen=True, slots=True)
class _KeywordHits:
    """What keyword search found: scores, and the vectors and token codes of the passages."""

    scores: Mapping[str, float]
    vectors: Mapping[str, Vectors]
    codes: Mapping[str, TokenCodes]


def _ranks_of(id_: str, ranks: Mapping[str, Mapping[str, int]]) -> dict[str, int]:
    return {side: found[id_] for side, found in ranks.items() if id_ in found}


def _order_hits(hits: Sequence[Hit], *, newest: bool) -> tuple[Hit, ...]:
    """Return ``hits`` best first, the newest first on a tie. Copies are already represented by the first published."""
    order = newest_first if newest else newest_first_on_ties
    return order(hits, lambda hit: hit.score, lambda hit: hit.passage.metadata.get("date", ""))


def _rank_by_score(scores: Mapping[str, float]) -> dict[str, int]:
    return {id_: rank for rank, id_ in enumerate(sorted(scores, key=lambda i: (-scores[i], i)), 1)}
