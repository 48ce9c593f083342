"""Settings of retrieval, answering and the language model."""

from dataclasses import dataclass

from index.settings import setting

CHECKER_WORDS = ("auto", "llm", "packaged")
"""The values of ``checker`` that name no model of their own."""


@dataclass(frozen=True, slots=True)
class RagConfig:
    """Say how passages are found and how answers are made from them."""

    candidates: int = setting(50, "How many passages vector search and keyword search each contribute.")
    dense_weight: float = setting(0.5, "The share of the fused score that comes from the vectors, 0 to 1.")
    late_weight: float = setting(
        0.7, "The share of the score that comes from comparing word by word, where the index holds tokens, 0 to 1."
    )
    reranker: str = setting(
        "ms-marco-MiniLM-L12-v2",
        "The cross-encoder that reads the best passages again: the default, a folder, a hub name, or `none`.",
    )
    cross_weight: float = setting(0.7, "The share of the score that comes from the cross-encoder, 0 to 1.")
    read_closely: int = setting(16, "How many of the likeliest sentences the cross-encoder reads.")
    reader: str = setting(
        "packaged",
        "The model that reads the likeliest sentences where they stand and marks the words that answer: `packaged` or "
        "`none`. It works with the default `reranker` alone.",
    )
    read_in_place: int = setting(6, "How many of the likeliest sentences the reader reads.")
    top_k: int = setting(8, "How many passages an answer is made from.")
    max_sentences: int = setting(3, "The largest number of sentences that a quoted answer shows.")
    refuse_below: float = setting(0.3, "Below this evidence, 0 to 1, the answer is that the documents do not say.")
    checker: str = setting(
        "auto",
        "What decides whether a written sentence follows from what it cites: `packaged`, a fitted mix of simple signs; "
        "`llm`, the language model that wrote it; a natural language inference model by folder or hub name; or `auto`, "
        "the language model where it judges ten sentences of a trial well enough, and the mix otherwise.",
    )


@dataclass(frozen=True, slots=True)
class ModelConfig:
    """Say which language model writes answers, and how long to wait for it. Keys come from the environment alone."""

    llm: str = setting(
        "",
        "The language model: `openai/NAME` for any OpenAI-compatible server, `ollama/NAME`, `anthropic/NAME` or "
        "`gguf/FILE`. Empty: answers are quoted from the documents.",
    )
    llm_url: str = setting("", "The address of the model's server, where it is not the usual one.")
    llm_context: int = setting(0, "How many tokens the model takes, where its server does not say. 0: ask the server.")
    llm_timeout: float = setting(60.0, "Seconds to wait for the first piece of a reply and for each next one.")
    llm_longest: float = setting(300.0, "Seconds that a whole reply may take.")
    llm_max_tokens: int = setting(700, "The largest number of tokens in a reply.")
    llm_retries: int = setting(2, "How often a request that failed before its first piece is sent again.")
    llm_per_minute: int = setting(0, "The largest number of requests a minute. 0: no limit.")
