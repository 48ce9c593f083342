"""The named endpoints, through Gradio's own client, and starting on a port."""

import os
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from door_fixtures import stone_bridges
from web_fixtures import LONG, NEWS, Scripted, Shelf, free_port

from index.errors import OnrecordError
from rag.question.scope import EVERYTHING, parse_scope
from rag.schema import Turn
from ui.server.run import start
from ui.web.app import build_app


@pytest.fixture(scope="module")
def pipeline() -> Scripted:
    return Scripted()


@pytest.fixture(scope="module")
def client(pipeline: Scripted, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    from gradio_client import Client

    app = build_app(pipeline, Shelf(), groups=stone_bridges(tmp_path_factory.mktemp("library")))
    yield Client(start(app, "127.0.0.1", free_port()), verbose=False, analytics_enabled=False)
    app.close(verbose=False)


def test_only_the_named_endpoints_are_public(client: Any) -> None:
    assert sorted(client.view_api(return_format="dict")["named_endpoints"]) == [
        "/ask",
        "/documents",
        "/source",
    ]


def test_ask_gives_the_whole_answer_with_offsets(client: Any, pipeline: Scripted) -> None:
    earlier = [{"question": "Who?", "answer": "Hegseth."}]
    answer = client.predict("Article 5?", earlier, api_name="/ask")
    assert pipeline.asked[-1] == ("Article 5?", (Turn("Who?", "Hegseth."),))
    assert answer["refused"] is False
    first = answer["claims"][0]
    citation = answer["citations"][first["citations"][0] - 1]
    assert NEWS.text[citation["start"] : citation["end"]] == first["text"]
    assert client.predict("weather", api_name="/ask")["refused"] is True


def test_ask_takes_dates_outlets_and_documents(client: Any, pipeline: Scripted) -> None:
    bounds: dict[str, Any] = {"since": "2024", "until": "2025-02", "as_of": "2025-02-12", "outlets": ["Example Wire"]}
    answer = client.predict("Article 5?", **bounds, documents=["news"], api_name="/ask")
    assert pipeline.scopes[-1] == parse_scope(**bounds, documents=["news"])
    assert answer["citations"][0]["metadata"]["date"] == "2025-02-12"
    assert answer["scope"].keys() == {"since", "until", "as_of", "outlets", "documents"}
    client.predict("Article 5?", api_name="/ask")
    assert pipeline.scopes[-1] == EVERYTHING


def test_ask_takes_collections(client: Any, pipeline: Scripted) -> None:
    from gradio_client.exceptions import AppError

    client.predict("Article 5?", collections=["Stone bridges"], api_name="/ask")
    assert pipeline.scopes[-1] == parse_scope(documents=["long", "news"])
    with pytest.raises(AppError, match="There are: Empty, Stone bridges"):
        client.predict("Article 5?", collections=["Wooden"], api_name="/ask")


def test_a_bad_date_is_an_error_with_its_message(client: Any) -> None:
    from gradio_client.exceptions import AppError

    with pytest.raises(AppError, match="'12 May' is not a date for since: write YYYY, YYYY-MM or YYYY-MM-DD"):
        client.predict("Article 5?", since="12 May", api_name="/ask")


def test_a_bad_question_is_an_error_with_its_message(client: Any) -> None:
    from gradio_client.exceptions import AppError

    with pytest.raises(AppError, match="question is empty"):
        client.predict("", api_name="/ask")
    with pytest.raises(AppError, match="nowhere is not here"):
        client.predict("nowhere", api_name="/source")
    with pytest.raises(AppError, match="history"):
        client.predict("Article 5?", [{"answer": "x"}], api_name="/ask")


def test_source_gives_a_window_with_offsets(client: Any) -> None:
    start_at = LONG.text.index("Line 150000")
    source = client.predict(LONG.id, start_at, start_at + 11, api_name="/source")
    assert source["text"][start_at - source["text_start"] :].startswith("Line 150000")
    assert source["size"] == len(LONG.text)
    assert ">Line 150000</mark>" in source["html"]


def test_documents_are_listed(client: Any) -> None:
    listed = client.predict(api_name="/documents")
    assert [one["id"] for one in listed] == [d.id for d in Shelf().held]
    assert listed[0]["outlet"] == "Example Wire"


def test_a_port_in_use_is_one_clear_line() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(OnrecordError, match=rf"Port {port} .* in use.*--port"):
            start(build_app(Scripted(), Shelf()), "127.0.0.1", port)


@pytest.mark.parametrize(("host", "port"), [("192.0.2.1", 7860), ("127.0.0.1", 70000)])
def test_a_host_or_port_that_cannot_be_had_is_told(host: str, port: int) -> None:
    with pytest.raises(OnrecordError, match=r"--host|--port"):
        start(build_app(Scripted(), Shelf()), host, port)


def test_nothing_is_reported_home() -> None:
    app = build_app(Scripted(), Shelf())
    assert app.analytics_enabled is False
    assert os.environ["GRADIO_ANALYTICS_ENABLED"] == "False"
