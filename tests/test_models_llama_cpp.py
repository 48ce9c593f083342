"""A real llama.cpp server with a small real model: streaming, cancel, time-out, overload, death in mid-answer."""

import json
import threading
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from llm_server import Smol, smol_server

from rag.config import ModelConfig
from rag.llm.factory import make_model
from rag.llm.protocol import Message, Model, ModelFailedError, complete

STORY = [Message("user", "Tell me a very long story about a bridge, with every detail.")]


def connected(smol: Smol, **settings: Any) -> Model:
    model = make_model(ModelConfig(llm="openai/smol", llm_url=smol.url, **settings), smol.environ())
    assert model is not None
    return model


def busy(smol: Smol) -> bool:
    """Whether any slot of the server is at work."""
    request = urllib.request.Request(
        smol.url.removesuffix("/v1") + "/slots", headers={"Authorization": f"Bearer {smol.key}"}
    )
    with urllib.request.urlopen(request, timeout=10) as reply:
        return any(slot["is_processing"] for slot in json.load(reply))


def idle_within(smol: Smol, seconds: float) -> bool:
    until = time.monotonic() + seconds
    while busy(smol):
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


def test_a_reply_streams_and_the_same_question_gives_the_same_reply(smol: Smol) -> None:
    model = connected(smol)
    pieces = list(model.stream([Message("system", "You are brief."), Message("user", "Name a colour.")], max_tokens=12))
    assert len(pieces) > 3
    assert "".join(pieces) == complete(
        model, [Message("system", "You are brief."), Message("user", "Name a colour.")], max_tokens=12
    )


def test_the_server_says_its_context(smol: Smol) -> None:
    assert connected(smol).context == 2048
    assert connected(smol, llm_context=700).context == 700


def test_closing_the_iterator_stops_the_server(smol: Smol) -> None:
    stream = connected(smol).stream(STORY, max_tokens=1500)
    assert next(stream)
    assert busy(smol)
    stream.close()  # type: ignore[attr-defined]
    assert idle_within(smol, 3)


def test_setting_stop_ends_the_reply_and_the_server_s_work(smol: Smol) -> None:
    stop = threading.Event()
    pieces = []
    for piece in connected(smol).stream(STORY, max_tokens=1500, stop=stop):
        pieces.append(piece)
        if len(pieces) == 3:
            stop.set()
    assert 3 <= len(pieces) < 100
    assert idle_within(smol, 3)


def test_a_whole_reply_that_takes_too_long_ends_and_frees_the_server(smol: Smol) -> None:
    with pytest.raises(ModelFailedError, match=r"was not done in 0.5 s"):
        list(connected(smol, llm_longest=0.5).stream(STORY, max_tokens=1900))
    assert idle_within(smol, 3)


def test_more_requests_than_slots_wait_and_those_past_their_patience_say_so(smol: Smol) -> None:
    patient, hasty = connected(smol), connected(smol, llm_timeout=0.3)
    with ThreadPoolExecutor(5) as pool:
        first = patient.stream(STORY, max_tokens=1500)
        next(first)  # the one slot is taken
        with pytest.raises(ModelFailedError, match=r"did not begin to reply for 0.3 s"):
            complete(hasty, STORY, max_tokens=5)
        first.close()  # type: ignore[attr-defined]
        replies = list(pool.map(lambda _: complete(patient, STORY, max_tokens=5), range(5)))
    assert len(set(replies)) == 1
    assert replies[0]


def test_a_request_that_is_too_long_is_refused_with_the_server_s_words(smol: Smol) -> None:
    with pytest.raises(ModelFailedError, match=r"status 400.*exceeds the available context size"):
        complete(connected(smol), [Message("user", "word " * 3000)], max_tokens=5)


def test_a_wrong_key_is_refused_once_and_not_shown(smol: Smol) -> None:
    wrong = "wrong-key-0123456789"
    model = make_model(ModelConfig(llm="openai/smol", llm_url=smol.url), {"OPENAI_API_KEY": wrong})
    assert model is not None
    with pytest.raises(ModelFailedError, match=r"status 401.*Check its key") as failed:
        complete(model, STORY, max_tokens=5)
    assert wrong not in str(failed.value)


def test_a_server_that_dies_in_mid_answer_is_noticed() -> None:
    with smol_server() as dying:
        model = connected(dying, llm_retries=0)
        pieces = []
        with pytest.raises(ModelFailedError, match="stopped in the middle of its reply"):
            for piece in model.stream(STORY, max_tokens=1900):
                pieces.append(piece)
                if len(pieces) == 5:
                    dying.process.kill()
        assert len(pieces) >= 5
        with pytest.raises(ModelFailedError, match=r"could not be reached .*Connection refused"):
            complete(model, STORY, max_tokens=5)
