"""What ``onrecord doctor`` says of the language model."""

import re

import pytest
from llm_server import Smol, smol_file
from scripted_llm import Scripted, Speaker, scripted

from index.errors import OnrecordError
from rag.llm.protocol import ModelFailedError
from ui.cli.commands.doctor import NO_MODEL, ONE_PIECE, _language_model
from ui.settings import configuration


def said(monkeypatch: pytest.MonkeyPatch, *, key: str = "", **settings: str) -> str:
    """The line for these ``ONRECORD_*`` settings."""
    monkeypatch.setenv("OPENAI_API_KEY", key)
    return _language_model(configuration({f"ONRECORD_{name.upper()}": value for name, value in settings.items()}, {}))


def rude(server: Scripted) -> dict[str, str]:
    return {"llm": "openai/m", "llm_url": server.url, "llm_timeout": "0.4", "llm_retries": "0"}


def test_none_is_fine(monkeypatch: pytest.MonkeyPatch) -> None:
    assert said(monkeypatch) == NO_MODEL


def test_a_real_server(monkeypatch: pytest.MonkeyPatch, smol: Smol) -> None:
    line = said(monkeypatch, key=smol.key, llm="openai/smol", llm_url=smol.url)
    assert re.fullmatch(
        r"openai/smol at 127\.0\.0\.1:\d+ streams \d+ pieces in \d+\.\d s, the first after \d+\.\d s; it takes 2048 tokens",
        line,
    )


def test_a_file_run_here(monkeypatch: pytest.MonkeyPatch) -> None:
    line = said(monkeypatch, llm=f"gguf/{smol_file()}", llm_context="512")
    assert "at this computer streams" in line
    assert line.endswith("it takes 512 tokens")


def test_a_server_that_does_not_stream_is_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    def play(speaker: Speaker) -> None:
        speaker.say("Monday to Sunday.")
        speaker.end()

    with scripted(play) as server:
        assert ONE_PIECE in said(monkeypatch, **rude(server))


def test_it_hangs_up_once_it_has_seen_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    def play(speaker: Speaker) -> None:
        for _ in range(500):
            speaker.say("a ")
            speaker.wait(0.01)

    with scripted(play) as server:
        assert "streams 20 pieces" in said(monkeypatch, **rude(server))
        assert server.hung_up.wait(60)


def test_a_server_that_stalls_refuses_or_is_not_there_fails_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    with (
        scripted(lambda speaker: speaker.wait(5)) as server,
        pytest.raises(ModelFailedError, match="`llm_timeout` allows"),
    ):
        said(monkeypatch, **rude(server))
    with (
        scripted(lambda speaker: speaker.status(404)) as server,
        pytest.raises(ModelFailedError, match="the model's name"),
    ):
        said(monkeypatch, **rude(server))
    with pytest.raises(ModelFailedError, match="Start it, or set `llm_url`"):
        said(monkeypatch, llm="openai/m", llm_url="http://127.0.0.1:9/v1", llm_retries="0")
    with pytest.raises(OnrecordError, match="names no language model"):
        said(monkeypatch, llm="llama3.2")
