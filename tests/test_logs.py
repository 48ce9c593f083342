"""What stands in the log, and what must not."""

import asyncio
import gc
import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from web_fixtures import NEWS, Scripted, Shelf

from index.errors import SettingsError
from ui.core.app_state import AppState
from ui.logs.formatting import JsonLines, TextLines
from ui.logs.question_log import QuestionEntry, QuestionLog, make_log
from ui.logs.setup import begin_logging, log_event, log_incident
from ui.web.chat.run_turn import run_turn

SECRET = "Is the merger of Rosebud on?"


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield io.StringIO()
    root.handlers = handlers
    root.setLevel(level)
    logging.getLogger("onrecord").setLevel(logging.NOTSET)


def rows(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def ask(question: str, log: QuestionLog, visitor: str = "ann") -> None:
    list(run_turn(Scripted(), Shelf(), question, (), app_state=AppState(log=log), visitor=visitor))


def test_a_question_is_one_line_without_its_words(stream: io.StringIO) -> None:
    begin_logging("json", stream)
    log = make_log(questions=False)
    ask(SECRET, log)
    ask("How is the weather?", log, visitor="bob")
    ask("crash " + SECRET, log)
    first, refused, failed, error = rows(stream)
    assert first.keys() == {
        "time", "level", "event", "visitor", "waited", "seconds", "model", "refused", "stopped", "error", "steps",
    }  # fmt: skip
    assert (first["event"], first["model"], first["refused"], first["error"]) == ("asked", "quoted", False, "")
    assert refused["refused"] is True
    assert (failed["event"], failed["error"]) == ("asked", "RuntimeError")
    assert (error["event"], error["error"]) == ("message", "RuntimeError")
    assert "raised" in error
    assert first["visitor"] == failed["visitor"] != refused["visitor"]
    said = stream.getvalue()
    for hidden in ("Rosebud", "weather", "secret detail", "ann", "bob", NEWS.title, "Article 5"):
        assert hidden not in said


def test_questions_are_logged_where_that_is_asked_for(stream: io.StringIO) -> None:
    begin_logging("json", stream)
    ask(SECRET, make_log(questions=True))
    assert rows(stream)[0]["question"] == SECRET


def test_a_visitor_is_somebody_else_in_the_next_process(stream: io.StringIO) -> None:
    begin_logging("json", stream)
    for _ in range(2):
        make_log(questions=False)(QuestionEntry("ann", "Why?", 0.0, 1.0))
    first, second = rows(stream)
    assert first["visitor"] != second["visitor"]


def test_as_text_it_is_one_line_too(stream: io.StringIO) -> None:
    begin_logging("text", stream)
    log_event("started", host="::1", port=7860, users=False, note="two\nlines")
    make_log(questions=False)(QuestionEntry("ann", "Why?", 0.25, 1.5, "quoted", steps={"retrieve": 0.5}))
    first, second = stream.getvalue().splitlines()
    assert first.split(" ", 1)[1] == r'INFO started host=::1 port=7860 users=false note="two\nlines"'
    assert "waited=0.250 seconds=1.500 model=quoted refused=false" in second
    assert "steps=retrieve:0.500" in second


def test_others_only_warn_and_their_errors_are_not_quoted(stream: io.StringIO) -> None:
    begin_logging("json", stream)
    other = logging.getLogger("somebody.else")
    other.setLevel(logging.DEBUG)
    other.info("nothing")
    try:
        raise ValueError(SECRET)  # noqa: TRY301
    except ValueError:
        other.exception("It failed")
    (row,) = rows(stream)
    assert (row["logger"], row["message"], row["error"]) == ("somebody.else", "It failed", "ValueError")
    assert Path(__file__).name in str(row["raised"])
    assert "Rosebud" not in stream.getvalue()


def test_a_task_that_nobody_waits_for_is_not_quoted(stream: io.StringIO) -> None:
    begin_logging("json", stream)

    async def fail() -> None:
        raise ValueError(SECRET)

    async def leave() -> None:
        asyncio.ensure_future(fail())  # noqa: RUF006  # nobody keeps it
        await asyncio.sleep(0)

    asyncio.run(leave())
    gc.collect()
    (row,) = rows(stream)
    assert (row["logger"], row["message"]) == ("asyncio", "Task exception was never retrieved")
    assert "Rosebud" not in stream.getvalue()


def test_an_incident_is_found_by_its_number(stream: io.StringIO) -> None:
    begin_logging("json", stream)
    said = log_incident(logging.getLogger("ui.x"), "A call failed", ValueError(SECRET))
    (row,) = rows(stream)
    assert row["error"] == "ValueError"
    assert str(row["message"]).split("incident ")[1].rstrip(")") in said
    assert "Rosebud" not in said + stream.getvalue()


@given(st.text(max_size=60), st.text(max_size=20))
def test_whatever_is_said_a_record_is_one_line(message: str, value: str) -> None:
    record = logging.LogRecord("x", logging.WARNING, "f", 1, "%s", (message,), None)
    held = logging.LogRecord("x", logging.INFO, "f", 1, "%s", ("event",), None)
    held.fields = {"value": value}
    for one in (record, held):
        for form in (TextLines(), JsonLines()):
            line = form.format(one)
            assert "\n" not in line
            assert "\r" not in line
    assert json.loads(JsonLines().format(held))["value"] == value


def test_an_unknown_form_is_told() -> None:
    with pytest.raises(SettingsError, match="text or json, not 'xml'"):
        begin_logging("xml")
