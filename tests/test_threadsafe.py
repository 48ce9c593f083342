"""Several threads ask at once: of what is remembered, of what is loaded at first use, of a tokenizer."""

import threading
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from conftest import TokenWordEmbedder, WordEmbedder
from hypothesis import given
from hypothesis import strategies as st

from index.config import IndexConfig
from index.embedding.factory import ConfiguredEmbedder
from index.embedding.onnx import OnnxEmbedder
from index.embedding.sentence_transformers import SentenceTransformerEmbedder
from index.embedding.token_codes import Floats
from index.schema import Document, Hit, Passage
from index.system.threadsafe import BreakableLock, LruCache, loaded_once
from rag.pipeline import Pipeline
from rag.reading.sentence_ranker import SentenceRanker
from rag.reading.speech_lookup import SpeechLookup
from rag.retrieval.cross_encoder import CachedCrossEncoder, OnnxCrossEncoder
from rag.retrieval.query import make_query_encoder
from rag.verify.checks.quoted import QuotationSource, check_quotations
from rag.verify.entailment import FittedEntailment

THREADS = 16
CALLS = 60


def at_once(call: Callable[[int], Any], threads: int = THREADS) -> list[Any]:
    """What each thread's ``call`` of its number gives or raises, all begun at the same moment."""
    barrier = threading.Barrier(threads)
    found: list[Any] = [None] * threads

    def run(number: int) -> None:
        barrier.wait(60)
        try:
            found[number] = call(number)
        except BaseException as error:
            found[number] = error

    all_of_them = [threading.Thread(target=run, args=(n,)) for n in range(threads)]
    for thread in all_of_them:
        thread.start()
    for thread in all_of_them:
        thread.join(120)
        assert not thread.is_alive()
    return found


def hit(number: int) -> Hit:
    text = f"Bridge {number} opened in {1800 + number}. It is grey. Its river is number {number}."
    return Hit(Passage(f"d{number}", 0, len(text), text), 1.0, {"dense": 1})


# What is remembered


@given(st.lists(st.tuples(st.integers(0, 8), st.integers(0, 30)), max_size=60), st.integers(0, 40))
def test_what_is_remembered_stays_within_its_bound_but_for_the_newest(uses: list[tuple[int, int]], most: int) -> None:
    cache: LruCache[tuple[int, int], int] = LruCache(most, lambda key, value: value)
    for use in uses:
        assert cache.get_many([use], lambda keys: [key[1] for key in keys]) == [use[1]]
        assert cache.size <= max(most, use[1])
        assert cache.get(use, lambda _: pytest.fail("the newest is made anew")) == use[1]


def test_the_longest_unused_goes_first_and_only_what_is_missing_is_made() -> None:
    made: list[str] = []

    def make(keys: list[str]) -> list[str]:
        made.extend(keys)
        return [key.upper() for key in keys]

    cache: LruCache[str, str] = LruCache(2, lambda key, value: 1)
    assert cache.get_many(["a", "b", "a"], make) == ["A", "B", "A"]
    assert cache.get_many(["a", "c"], make) == ["A", "C"]
    assert cache.get_many(["b", "c"], make) == ["B", "C"]
    assert made == ["a", "b", "c", "b"]


def test_what_could_not_be_made_is_made_at_the_next_use() -> None:
    cache: LruCache[str, int] = LruCache(10, lambda key, value: 1)
    with pytest.raises(ZeroDivisionError):
        cache.get("a", lambda _: 1 // 0)
    assert cache.get("a", len) == 1


def test_threads_with_a_small_quoter_each_get_their_own_vectors(
    indexed: Callable[..., Pipeline], monkeypatch: pytest.MonkeyPatch
) -> None:
    store = indexed(a="The bridge opened in 1932.").store
    embedder = WordEmbedder()
    monkeypatch.setattr("rag.reading.sentence_ranker._MAX_CACHE_BYTES", 5 * 3 * 256 * 4)  # of five passages
    quoter = SentenceRanker(store, embedder, make_query_encoder(embedder, lambda _: None))
    hits = [hit(n) for n in range(24)]
    alone = [
        [(q.text, q.probability) for q in quoter.rank("When did bridge 3 open?", hits[n : n + 8], lambda _: 1.0)]
        for n in range(16)
    ]

    def ask(number: int) -> bool:
        return all(
            [(q.text, q.probability) for q in quoter.rank("When did bridge 3 open?", hits[n : n + 8], lambda _: 1.0)]
            == alone[n]
            for n in ((number * 7 + k * 5) % 16 for k in range(CALLS))
        )

    assert at_once(ask) == [True] * THREADS
    assert 0 < quoter._vectors.size <= 5 * 3 * 256 * 4


class _Scoring:
    name = "scoring"

    def scores(self, question: str, texts: Sequence[str]) -> Floats:
        return np.array([len(question) * 100 + len(text) for text in texts], dtype=np.float32)


def test_threads_with_few_remembered_pairs_get_the_scores_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.retrieval.cross_encoder._MAX_CACHE_BYTES", 1_500)
    remembering = CachedCrossEncoder(_Scoring())

    def ask(number: int) -> bool:
        texts = ["x" * (1 + (number + k) % 9) for k in range(12)]
        question = "q" * (1 + number % 3)
        return all(
            remembering.scores(question, texts).tolist() == _Scoring().scores(question, texts).tolist()
            for _ in range(CALLS)
        )

    assert at_once(ask) == [True] * THREADS
    assert 0 < remembering._kept.size <= 1_500


def test_threads_weigh_claims_as_one_does(monkeypatch: pytest.MonkeyPatch) -> None:
    claims = [f"The bridge of town {n} opened in {1900 + n}." for n in range(12)]
    alone = [FittedEntailment(TokenWordEmbedder()).score(claims[0], claim) for claim in claims]
    monkeypatch.setattr("rag.verify.entailment._MAX_CACHE_BYTES", 20_000)
    mix = FittedEntailment(TokenWordEmbedder())

    def ask(number: int) -> bool:
        return all(mix.score(claims[0], claims[n % 12]) == alone[n % 12] for n in range(number, number + 24))

    assert at_once(ask) == [True] * THREADS
    assert 0 < mix._kept.size <= 20_000


def test_threads_are_told_who_spoke_and_long_documents_go_first(monkeypatch: pytest.MonkeyPatch) -> None:
    def read(document_id: str) -> Document:
        said = f"Anna Smith said the bridge was closed {document_id} times. " * (int(document_id) + 1)
        return Document(document_id, "t", "s", said)

    alone = {str(n): SpeechLookup(read).of_document(str(n)) for n in range(8)}
    assert all(len(found) == int(n) + 1 for n, found in alone.items())
    monkeypatch.setattr("rag.reading.speech_lookup._MAX_CACHED_SPEECHES", 12)
    speeches = SpeechLookup(read)

    def ask(number: int) -> bool:
        return all(speeches.of_document(str(n % 8)) == alone[str(n % 8)] for n in range(number, number + 24))

    assert at_once(ask) == [True] * THREADS
    assert speeches._kept.size <= 12


def test_quoted_words_are_found_alike_whether_a_text_is_remembered_or_not(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [f"Number {n}. " + "The grey bridge, opened in 1932, was closed. " * n + "It is over." for n in range(1, 9)]
    small: LruCache[str, Any] = LruCache(400, lambda text, _: len(text))
    monkeypatch.setattr("rag.verify.checks.quoted._WORD_CACHE", small)

    def ask(number: int) -> bool:
        text = texts[number % 8]
        (found,) = check_quotations(
            "They wrote “the grey bridge, opened in 1932”.", [QuotationSource(text, ((0, len(text)),))]
        )
        place = found.place
        assert place is not None
        return text[slice(*place)] == "The grey bridge, opened in 1932" and found.status == "cited"

    assert at_once(ask) == [True] * THREADS
    assert small.size <= 400


# What is loaded at first use


def test_threads_load_a_thing_once_and_all_get_that_one() -> None:
    inside, made = threading.Semaphore(0), []

    class Model:
        @loaded_once
        def weights(self) -> object:
            """What it weighs."""
            inside.release()
            made.append(object())
            inside.acquire(timeout=0.05)  # give the others every chance to come in too
            return made[-1]

    model = Model()
    assert len(set(map(id, at_once(lambda _: model.weights)))) == len(made) == 1
    assert Model.weights.__doc__ == "What it weighs."
    assert vars(model) == {"weights": made[0]}


def test_two_models_are_loaded_beside_each_other() -> None:
    barrier = threading.Barrier(2)

    class Model:
        @loaded_once
        def weights(self) -> bool:
            barrier.wait(120)
            return True

    models = Model(), Model()
    assert at_once(lambda n: models[n].weights, threads=2) == [True, True]


def test_what_could_not_be_loaded_is_tried_again() -> None:
    tries = iter([OSError("no such file"), None])

    class Model:
        @loaded_once
        def weights(self) -> str:
            if error := next(tries):
                raise error
            return "loaded"

    model = Model()
    with pytest.raises(OSError, match="no such file"):
        _ = model.weights
    assert model.weights == "loaded"


@pytest.mark.parametrize(
    "name",
    [
        (SentenceTransformerEmbedder, "_model"), (ConfiguredEmbedder, "_chosen"), (OnnxEmbedder, "_session"),
        (OnnxEmbedder, "_tokenizer"), (OnnxEmbedder, "_cores"), (OnnxCrossEncoder, "_session"),
        (OnnxCrossEncoder, "_tokenizer"),
    ],
)  # fmt: skip
def test_whatever_is_heavy_is_loaded_once(name: tuple[type, str]) -> None:
    assert isinstance(vars(name[0])[name[1]], loaded_once)


def test_a_backend_is_chosen_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[WordEmbedder] = []

    class Embedder(TokenWordEmbedder):
        def load(self) -> None:
            made.append(self)

    monkeypatch.setattr("index.embedding.factory.onnx_embedder", lambda config, precision: Embedder())
    chosen = ConfiguredEmbedder(IndexConfig(), "onnx")
    assert len({found.tobytes() for found in at_once(lambda _: chosen.embed_query("a"))}) == len(made) == 1


# A tokenizer


def test_a_tokenizer_is_used_by_one_thread_at_a_time(
    minilm: SentenceTransformerEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = ["Short.", "The grey bridge over the harbour opened in 1932, and it was closed again."]
    vectors, tokens = minilm.embed_tokens(texts)
    tokenizer: Any = minilm.model.tokenizer
    settle = type(tokenizer).set_truncation_and_padding
    once, others = threading.Event(), []

    def slowly(self: Any, *given: Any, **named: Any) -> None:
        settle(self, *given, **named)
        if not once.is_set():
            once.set()
            # Another thread wants the tokenizer with other padding, between the setting and the use of it.
            others.append(threading.Thread(target=minilm._token_offsets, args=(texts, 0)))
            others[0].start()
            others[0].join(0.5)

    monkeypatch.setattr(type(tokenizer), "set_truncation_and_padding", slowly)
    again, found = minilm.embed_tokens(texts)
    others[0].join(120)
    assert np.array_equal(again, vectors)
    assert all(np.array_equal(a.offsets, b.offsets) for a, b in zip(tokens, found, strict=True))


# A lock that breaks


def test_a_lock_is_refused_once_what_it_guards_was_lost() -> None:
    lock = BreakableLock(lambda cause: RuntimeError(f"lost: {cause}"))
    with lock, lock, lock.hold_or_break():
        pass
    with pytest.raises(ValueError, match="before"), lock:  # what goes wrong while writing breaks nothing
        raise ValueError("before")
    with lock:
        pass
    with pytest.raises(OSError, match="the disk"), lock.hold_or_break():
        raise OSError("the disk")
    for _ in range(2):
        with pytest.raises(RuntimeError, match="lost: the disk"), lock:
            pass
    assert at_once(lambda _: lock.__enter__(), threads=2)[0].args == ("lost: the disk",)
