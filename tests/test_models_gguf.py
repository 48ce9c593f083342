"""A model's file, run in this process."""

import importlib.util
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from llm_server import smol_file

from rag.config import ModelConfig
from rag.llm.factory import make_model
from rag.llm.gguf import GgufModel
from rag.llm.protocol import Message, Model, ModelFailedError, complete

if importlib.util.find_spec("xllamacpp") is None:
    pytest.skip("the extra gguf is not installed", allow_module_level=True)

STORY = [Message("system", "You tell stories."), Message("user", "Tell me a very long story about a bridge.")]


def connected(file: Path, **settings: Any) -> Model:
    model = make_model(ModelConfig(llm=f"gguf/{file}", **settings), {})
    assert model is not None
    return model


@pytest.fixture(scope="module")
def smol_gguf() -> Model:
    return connected(smol_file(), llm_context=1024)


def test_it_streams_the_same_each_time(smol_gguf: Model) -> None:
    pieces = list(smol_gguf.stream(STORY, max_tokens=12))
    assert len(pieces) > 3
    assert "".join(pieces) == complete(smol_gguf, STORY, max_tokens=12)
    assert smol_gguf.where == "this computer"


def test_its_context_is_what_was_asked_for_or_what_the_model_was_made_for(smol_gguf: Model) -> None:
    assert smol_gguf.context == 1024
    backend = GgufModel(smol_file(), 0)
    assert backend.reported_context() == 4096


@pytest.mark.parametrize("by", ["closing", "stop"])
def test_a_cancelled_reply_frees_the_model_for_the_next(smol_gguf: Model, by: str) -> None:
    stop = threading.Event()
    stream = smol_gguf.stream(STORY, max_tokens=900, stop=stop)
    assert next(stream)
    if by == "stop":
        stop.set()
        assert list(stream) == []
    else:
        stream.close()  # type: ignore[attr-defined]
    until = time.monotonic() + 60
    while left := [thread for thread in threading.enumerate() if thread.name in ("onrecord-gguf", "onrecord-model")]:
        assert time.monotonic() < until, left
        time.sleep(0.02)
    assert complete(smol_gguf, STORY, max_tokens=5)


def test_two_threads_wait_for_each_other(smol_gguf: Model) -> None:
    replies: list[str] = []
    threads = [threading.Thread(target=lambda: replies.append(complete(smol_gguf, STORY, max_tokens=8))) for _ in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(replies) == 2
    assert len(set(replies)) == 1


def test_a_request_that_is_too_long_is_refused_in_words(smol_gguf: Model) -> None:
    with pytest.raises(ModelFailedError, match="exceeds the available context size"):
        complete(smol_gguf, [Message("user", "word " * 2000)], max_tokens=5)


def test_a_time_out_is_kept() -> None:
    hasty = connected(smol_file(), llm_longest=0.4, llm_context=1024)
    with pytest.raises(ModelFailedError, match=r"at this computer was not done in 0\.4 s"):
        complete(hasty, STORY, max_tokens=900)


def test_a_file_that_is_not_whole_fails_in_words(tmp_path: Path) -> None:
    cut = tmp_path / "cut.gguf"
    with smol_file().open("rb") as whole:
        cut.write_bytes(whole.read(2_000_000))
    with pytest.raises(ModelFailedError, match=r"cut\.gguf could not be loaded. Check that the file is whole"):
        complete(connected(cut), STORY, max_tokens=5)


def test_the_port_the_library_opens_answers_nobody_else() -> None:
    backend = GgufModel(smol_file(), 512)
    backend.load()
    address = backend._server.listening_address
    assert address.startswith("http://127.0.0.1:")
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"{address}/v1/chat/completions", data=b"{}", timeout=10)
    assert refused.value.code == 401


def test_leaving_in_the_middle_of_a_reply_is_clean() -> None:
    code = (
        "import sys; from rag.config import ModelConfig; from rag.llm.protocol import Message;"
        "from rag.llm.factory import make_model;"
        "m = make_model(ModelConfig(llm='gguf/' + sys.argv[1]), {});"
        "s = m.stream([Message('user', 'Tell me a very long story.')], max_tokens=3000);"
        "print(bool(next(s)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(smol_file())], capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.returncode, done.stdout.strip(), done.stderr.strip()) == (0, "True", "")
