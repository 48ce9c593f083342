"""What Gradio prints and tells when a call of the page fails: nothing of what was sent."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from web_fixtures import Scripted, Shelf, free_port

from ui.core.app_state import AppState
from ui.core.protocols import Tab
from ui.logs.setup import begin_logging
from ui.server.app import Site
from ui.server.run import start
from ui.web.app import build_app

SECRET = "Rosebud-merger"
REST = [[], "", "", "", [], [], []]  # what `ask` takes beside the question


def awkward() -> None:
    """A tab whose functions fail in each way there is, one of them after a first step."""
    import gradio as gr

    def fail(words: str) -> str:
        raise RuntimeError(f"no room for {words}")

    def fail_later(words: str) -> Iterator[str]:
        yield "begun"
        raise RuntimeError(f"no room for {words}")

    def told(words: str) -> str:
        raise gr.Error("Choose something first.", print_exception=False)

    words = gr.Textbox()
    kind = gr.Dropdown(["a", "b"])
    for name, given, run in (
        ("fail", words, fail),
        ("fail_later", words, fail_later),
        ("told", words, told),
        ("choose", kind, str.upper),
    ):
        gr.Button().click(run, given, gr.Textbox(), api_name=name)


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    written = io.StringIO()
    begin_logging("json", written)
    yield written
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.getLogger("onrecord").setLevel(logging.NOTSET)


@pytest.fixture
def url(log: io.StringIO) -> Iterator[str]:
    app_state = AppState()
    app = build_app(Scripted(), Shelf(), app_state=app_state, tabs=[Tab("Awkward", awkward)])
    yield start(app, "127.0.0.1", free_port(), Site(app_state=app_state))
    app.close(verbose=False)


def directly(url: str, name: str, data: list[Any]) -> str:
    """What a direct call is answered with."""
    return httpx.post(f"{url}gradio_api/run/{name}", json={"data": data}).text


def queued(url: str, name: str, data: list[Any]) -> str:
    """The events of a call that stands in Gradio's queue."""
    event = httpx.post(f"{url}gradio_api/call/{name}", json={"data": data}).json()["event_id"]
    return httpx.get(f"{url}gradio_api/call/{name}/{event}", timeout=30).text


def test_a_failed_call_tells_a_number_and_prints_nothing_of_what_was_sent(
    url: str, log: io.StringIO, capfd: pytest.CaptureFixture[str]
) -> None:
    for name, data in (
        ("fail", [SECRET]),
        ("fail_later", [SECRET]),
        ("choose", [SECRET]),
        ("source", [SECRET, SECRET]),
        ("ask", [f"crash {SECRET}", *REST]),
    ):
        for call in (directly, queued):
            if (name, call) == ("fail_later", directly):
                continue  # only the queue goes on after the first step
            said = call(url, name, data)
            written, printed = log.getvalue(), capfd.readouterr()
            log.seek(0)
            log.truncate()
            assert "as incident " in said, (name, said)
            for hidden in (SECRET, "no room for", "secret detail", "Traceback", "choices"):
                assert hidden not in said, (name, said)
                assert hidden not in written + printed.out + printed.err, (name, written, printed)
            (row,) = [row for row in map(json.loads, written.splitlines()) if row["level"] == "ERROR"]
            assert row["message"].split("incident ")[1].rstrip(")") in said
            assert row["error"]
            assert row["raised"]


def test_what_is_meant_to_be_told_is_told(url: str, capfd: pytest.CaptureFixture[str]) -> None:
    for call in (directly, queued):
        assert "Choose something first." in call(url, "told", ["x"])
        assert "not a date" in call(url, "ask", ["x", [], "yesterday", *REST[2:]])
    assert "Traceback" not in capfd.readouterr().err
