"""What can be set about answering."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RagConfig:
    """How questions are answered.

    ``candidates`` passages from each side are fused, ``dense_weight`` of the score coming from the vectors and
    the rest from keywords. The best ``candidates`` of those are met word by word, which gives ``late_weight`` of
    the final score where the index holds tokens. ``top_k`` are looked at closely: ``reranker``, a cross-encoder by
    name or folder or ``"none"``, reads them again for ``cross_weight`` of their score, and then their
    ``read_closely`` likeliest sentences. At most ``max_sentences`` are quoted. A question whose evidence is below
    ``refuse_below`` (0 to 1) is refused.
    """

    candidates: int = 50
    dense_weight: float = 0.5
    late_weight: float = 0.7
    reranker: str = "ms-marco-MiniLM-L12-v2"
    cross_weight: float = 0.7
    read_closely: int = 12
    top_k: int = 8
    max_sentences: int = 3
    refuse_below: float = 0.3
