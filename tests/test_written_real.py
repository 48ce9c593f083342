"""Answers written by a real small model over real documents: whatever it makes of them, what is shown holds."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from attacks import ATTACKS, BRIDGE, QUESTION, check, check_messages
from llm_server import smol_file

from rag.config import ModelConfig
from rag.llm.factory import make_model
from rag.llm.protocol import Message, Model
from rag.pipeline import Pipeline, make_pipeline
from rag.retrieval.cross_encoder import DEFAULT_RERANKER, make_cross_encoder
from rag.schema import Answer, Turn

ASKED = "What did Hegseth say about Article 5?"


@pytest.fixture(scope="module")
def small() -> Iterator[Model]:
    """SmolLM2 135M in this process, patient since the machine may be busy."""
    settings = ModelConfig(llm=f"gguf/{smol_file()}", llm_context=2_048, llm_timeout=120, llm_longest=120)
    model = make_model(settings, {})
    assert model is not None
    yield model


@pytest.fixture
def writing(seed_pipeline: Pipeline, small: Model) -> Pipeline:
    made = seed_pipeline
    pipeline = make_pipeline(
        made.store, made.ranker._embedder, made.config, make_cross_encoder(DEFAULT_RERANKER), small, max_tokens=60
    )
    return pipeline


def check_shown(answer: Answer, pipeline: Pipeline) -> None:
    check(answer)
    assert answer.done and not answer.draft
    for citation in answer.citations:
        text = pipeline.store.document(citation.passage.document_id).text
        assert text[citation.start : citation.end] == citation.text
    if answer.answerer == "quoted":
        assert answer.note and all(claim.verdict == "supported" for claim in answer.claims)
    elif not answer.refused:
        assert any(claim.verdict != "unsupported" for claim in answer.claims)
        assert all(claim.reason for claim in answer.claims)


def test_a_small_model_answers_on_the_record_or_is_replaced_by_quoting(writing: Pipeline, small: Model) -> None:
    steps = list(writing.stream(ASKED))
    assert any(step.draft for step in steps), "nothing was shown while it wrote"
    check_shown(steps[-1], writing)
    assert steps[-1].answerer in (small.name, "quoted")
    follow_up = writing.ask("And about Ukraine?", [Turn(ASKED, steps[-1].text)])
    assert "Hegseth" in follow_up.query
    check_shown(follow_up, writing)


class Listening:
    """A model with an ear: what it is sent is kept."""

    def __init__(self, model: Model) -> None:
        self.name, self.where, self.context = model.name, model.where, model.context
        self.sent: list[tuple[Message, ...]] = []
        self._model = model

    def stream(self, messages, **more):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN003, ANN201
        self.sent.append(tuple(messages))
        return self._model.stream(messages, **more)


def attacked(attack: dict[str, str], indexed: Callable[..., Pipeline], small: Model) -> None:
    place, text = attack["where"], attack["text"]
    plain = indexed(bridge=BRIDGE.format(attack=text if place == "document" else "It is grey."))
    model = Listening(small)
    made = make_pipeline(plain.store, plain.ranker._embedder, plain.config, None, model, max_tokens=60)
    answer = made.ask(f"{QUESTION} {text}" if place == "question" else QUESTION)
    for messages in model.sent:
        check_messages(messages)
    check_shown(replace(answer, note=answer.note or "quoted"), made) if not answer.refused else check(answer)


@pytest.mark.parametrize("attack", ATTACKS[4::13], ids=lambda a: a["id"])
def test_attacks_get_nowhere_with_a_real_model(attack: dict[str, str], indexed, small: Model) -> None:  # noqa: ANN001
    attacked(attack, indexed, small)


@pytest.mark.slow
@pytest.mark.parametrize("attack", ATTACKS, ids=lambda a: a["id"])
def test_every_attack_gets_nowhere_with_a_real_model(attack: dict[str, str], indexed, small: Model) -> None:  # noqa: ANN001
    attacked(attack, indexed, small)
