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
    ``refuse_below`` (0 to 1) is refused. ``entailment`` is a cross-encoder by folder or hub name that tells whether
    a text follows from another; without one a fitted mix of simpler signs does.
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
    entailment: str = ""


@dataclass(frozen=True, slots=True)
class ModelConfig:
    """Which language model writes, and how patient to be with it; without one, answers are quoted.

    ``llm`` is ``openai/NAME`` for any OpenAI-compatible server, ``ollama/NAME``, ``anthropic/NAME`` or
    ``gguf/FILE``. ``llm_url`` says where the server is, ``llm_context`` how many tokens it takes, where it does not
    say. ``llm_timeout`` are the seconds to wait for the first and for each next piece, ``llm_longest`` for a whole
    reply of at most ``llm_max_tokens``. A request that failed before its first piece is tried ``llm_retries`` times
    more. At most ``llm_per_minute`` requests are sent, 0 for no limit. Keys come from the environment alone.
    """

    llm: str = ""
    llm_url: str = ""
    llm_context: int = 0
    llm_timeout: float = 60.0
    llm_longest: float = 300.0
    llm_max_tokens: int = 700
    llm_retries: int = 2
    llm_per_minute: int = 0
