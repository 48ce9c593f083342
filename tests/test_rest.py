"""The REST door, over HTTP: what it gives, what it refuses, and that it is as its OpenAPI says."""

import asyncio
import json
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import pytest
from door_fixtures import Finding, app_of, served, until
from web_fixtures import LONG, NEWS, Shelf, answer_to

from index.errors import IndexBrokenError, IndexBusyError, IndexMismatchError, OnrecordError, SettingsError
from index.schema import Document
from rag.pipeline import Pipeline
from rag.question.scope import parse_scope
from rag.schema import Answer, Turn
from rag.serialize import citation_to_dict, without_folders
from ui.api.mcp.optional_import import check_mcp_installed
from ui.api.models import Citation, Passage
from ui.api.rest.models import NO_WORDS
from ui.api.scope import NO_DATE
from ui.api.validation import OBJECT, UNKNOWN
from ui.auth.access import Access, access_from, api_denial
from ui.core.ask import QuestionRequest
from ui.core.failures import PoolFullError, failure_of
from ui.core.roles import USER_KEY
from ui.core.worker_pool import WorkerPool
from ui.settings import configuration

_JSON = [(b"content-type", b"application/json"), (b"host", b"localhost")]
BRIDGE = "The old harbour bridge will close on 3 March, the mayor, Ada Quill, told reporters. Ferries will run."


@pytest.fixture(scope="module")
def client(door: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=door, timeout=30) as made:
        yield made


def events(text: str) -> list[tuple[str, Any]]:
    """Names and data of server-sent events."""
    found = []
    for block in text.strip().split("\n\n"):
        name, data = block.split("\n")
        found.append((name.removeprefix("event: "), json.loads(data.removeprefix("data: "))))
    return found


# What it gives


def test_an_answer_has_its_claims_and_citations(client: httpx.Client, finding: Finding) -> None:
    asked = {"question": "Article 5?", "history": [{"question": "Who?", "answer": "Hegseth."}]}
    answer = client.post("/api/v1/ask", json=asked).json()
    assert finding.asked[-1] == ("Article 5?", (Turn("Who?", "Hegseth."),))
    assert answer["citations"] == [without_folders(citation_to_dict(c)) for c in answer_to("Article 5?").citations]
    assert [claim["verdict"] for claim in answer["claims"]] == ["supported", "supported", "partly"]
    for citation in answer["citations"]:
        assert NEWS.text[citation["start"] : citation["end"]] == citation["text"]
        assert f"[{citation['marker']}]" in answer["answer"]
    refused = client.post("/api/v1/ask", json={"question": "weather"}).json()
    assert (refused["refused"], refused["answer"]) == (True, "The documents don't say.")
    assert len(refused["hits"]) == 3


def test_the_described_citation_is_the_one_that_is_given() -> None:
    citation = answer_to("Article 5?").citations[0]
    assert set(Citation.model_fields) == set(without_folders(citation_to_dict(citation)))
    assert set(Passage.model_fields) > {"score", "ranks", "copies", "document", "start", "end"}


def test_a_scope_is_passed_on(client: httpx.Client, finding: Finding) -> None:
    bounds = {"since": "2024", "until": "2025-02", "as_of": "2025-02-12", "outlets": ["Example Wire"]}
    client.post("/api/v1/ask", json={"question": "Article 5?", **bounds, "documents": ["news"]}).raise_for_status()
    assert finding.scopes[-1] == parse_scope(**bounds, documents=["news"])  # type: ignore[arg-type]
    client.get("/api/v1/search", params={"query": "Article 5?", **bounds}).raise_for_status()
    assert finding.scopes[-1] == parse_scope(**bounds)  # type: ignore[arg-type]


def test_a_question_is_put_to_collections(client: httpx.Client, finding: Finding) -> None:
    asked = {"question": "Article 5?", "collections": ["stone BRIDGES"]}
    client.post("/api/v1/ask", json=asked).raise_for_status()
    assert finding.scopes[-1] == parse_scope(documents=["long", "news"])
    client.post("/api/v1/ask", json={**asked, "documents": ["news", "arabic"]}).raise_for_status()
    assert finding.scopes[-1] == parse_scope(documents=["news"])
    client.get("/api/v1/search", params={"query": "x", "collections": "Stone bridges"}).raise_for_status()
    assert finding.scopes[-1] == parse_scope(documents=["long", "news"])


@pytest.mark.parametrize(
    ("bounds", "said"),
    [
        ({"collections": ["Wooden"]}, "There is no collection 'Wooden'. There are: Empty, Stone bridges."),
        ({"collections": ["Empty"]}, "'Empty'"),
        ({"collections": ["Stone bridges"], "documents": ["arabic"]}, "'Stone bridges'"),
    ],
)
def test_a_collection_that_holds_nothing_to_ask_is_told(
    client: httpx.Client, bounds: dict[str, Any], said: str
) -> None:
    response = client.post("/api/v1/ask", json={"question": "Article 5?", **bounds})
    assert (response.status_code, response.json()["error"]["type"]) == (404, "not_found")
    assert said in response.json()["error"]["message"]


def test_a_stream_grows_and_ends_with_the_whole_answer(client: httpx.Client) -> None:
    response = client.post("/api/v1/ask/stream", json={"question": "Article 5?"})
    assert response.headers["content-type"].startswith("text/event-stream")
    told = events(response.text)
    assert [name for name, _ in told] == ["answer", "answer", "answer", "done"]
    texts = [answer["answer"] for _, answer in told]
    assert all(later.startswith(earlier) for earlier, later in pairwise(texts))
    assert told[-1][1] == client.post("/api/v1/ask", json={"question": "Article 5?"}).json()


def test_search_by_query_string_and_by_body_agree(client: httpx.Client) -> None:
    got = client.get("/api/v1/search", params={"query": "Article 5?", "k": 2}).json()
    assert got == client.post("/api/v1/search", json={"query": "Article 5?", "k": 2}).json()
    assert len(got["hits"]) == 2
    first = got["hits"][0]
    assert NEWS.text[first["start"] : first["end"]] == first["text"]


def test_documents_are_listed_and_read_in_pages(client: httpx.Client) -> None:
    listed = client.get("/api/v1/documents", params={"offset": 1, "limit": 2}).json()
    assert (listed["total"], [one["id"] for one in listed["documents"]]) == (4, ["hostile", "long"])
    text, start = "", 10_400_000
    while start is not None:
        page = client.get("/api/v1/documents/long", params={"start": start, "end": start + 40_000}).json()
        text, start = text + page["text"], page["next"]
    assert text == LONG.text[10_400_000:]
    whole = client.get("/api/v1/documents/long", params={"end": 9_000_000}).json()
    assert (len(whole["text"]), whole["next"]) == (200_000, 200_000)
    beyond = client.get("/api/v1/documents/news", params={"start": 10**9, "end": 3}).json()
    assert (beyond["text"], beyond["next"]) == ("", None)


def test_the_real_pipeline_answers_through_the_door(indexed: Callable[..., Pipeline]) -> None:
    pipeline = indexed(bridge=BRIDGE, other="Apples grow on trees in the north.")
    with served(pipeline, pipeline.store) as url:
        answer = httpx.post(f"{url}/api/v1/ask", json={"question": "When will the harbour bridge close?"}).json()
        (citation, *_) = answer["citations"]
        page = httpx.get(
            f"{url}/api/v1/documents/{citation['document']}",
            params={"start": citation["start"], "end": citation["end"]},
        ).json()
        assert page["text"] == citation["text"]
        assert "3 March" in page["text"]
        health = httpx.get(f"{url}/health").json()
        assert (health["ok"], health["documents"], health["passages"]) == (True, 2, pipeline.store.count())


# What goes wrong


@pytest.mark.parametrize(
    ("body", "status", "kind"),
    [
        ({}, 422, "invalid_request"),
        ([], 422, "invalid_request"),
        ({"question": 7}, 422, "invalid_request"),
        ({"question": "?!"}, 422, "invalid_request"),
        ({"question": "a" * 2_001}, 422, "invalid_request"),
        ({"question": "x", "histroy": []}, 422, "invalid_request"),
        ({"question": "x", "history": [{"answer": "y"}]}, 422, "invalid_request"),
        ({"question": "x", "history": [{"question": "y"}] * 51}, 422, "invalid_request"),
        ({"question": "x", "since": "12 May"}, 422, "invalid_request"),
        ({"question": "x", "since": "2025-02-31"}, 422, "invalid_request"),
        ({"question": "x", "since": "2025", "until": "2024"}, 409, "contradiction"),
        ({"question": "x", "outlets": ["Nobody's News"]}, 404, "not_found"),
        ({"question": "x", "documents": ["../../etc/passwd"]}, 404, "not_found"),
        ({"question": "crash"}, 500, "internal"),
    ],
)
@pytest.mark.parametrize("address", ["/api/v1/ask"])
def test_what_cannot_be_asked_is_told(client: httpx.Client, address: str, body: Any, status: int, kind: str) -> None:
    response = client.post(address, json=body)
    assert (response.status_code, response.json()["error"]["type"]) == (status, kind)
    _says_nothing_of_the_server(response)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({}, "`question` is missing."),
        ([], f"The request {OBJECT}."),
        ({"question": 7}, "`question` has to be text."),
        ({"question": "?!"}, f"`question` {NO_WORDS}."),
        ({"question": "a" * 2_001}, "`question` may have at most 2,000 characters."),
        ({"question": "x", "histroy": []}, f"`histroy` {UNKNOWN}."),
        ({"question": "x", "history": [{"question": "y"}, {"answer": 1}]}, "`history[1].question` is missing; "),
        ({"question": "x", "history": [{"question": "y"}] * 51}, "`history` may have at most 50 entries."),
        ({"question": "x", "since": "2025-02-31"}, f"`since` {NO_DATE}"),
        ({"question": "x", "until": "2025-W01-1"}, f"`until` {NO_DATE}"),
    ],
)
def test_a_wrong_shape_is_told_in_words(client: httpx.Client, body: Any, said: str) -> None:
    response = client.post("/api/v1/ask", json=body)
    assert response.status_code == 422
    assert response.json()["error"]["message"].startswith(said)


def test_a_fault_of_the_server_is_told_by_its_number(client: httpx.Client, caplog: pytest.LogCaptureFixture) -> None:
    said = client.post("/api/v1/ask", json={"question": "crash"}).json()["error"]["message"]
    number = said.split("incident ")[1].split(";")[0]
    assert any(number in record.getMessage() for record in caplog.records)


def test_what_has_no_letter_is_answered_all_the_same(client: httpx.Client) -> None:
    answer = client.post("/api/v1/ask", json={"question": "👍"}).json()
    assert (answer["refused"], "empty" in answer["reason"]) == (True, True)
    assert client.get("/api/v1/search", params={"query": "…"}).json() == {"query": "…", "hits": []}


def test_a_bad_question_has_its_status_in_a_stream_too(client: httpx.Client) -> None:
    response = client.post("/api/v1/ask/stream", json={"question": "x", "since": "2025", "until": "2024"})
    assert response.status_code == 409
    assert "Swap them" in response.json()["error"]["message"]


def test_a_fault_in_the_middle_of_a_stream_is_an_event(client: httpx.Client) -> None:
    response = client.post("/api/v1/ask/stream", json={"question": "crash"})
    name, last = events(response.text)[-1]
    assert (name, last["error"]["type"]) == ("error", "internal")
    _says_nothing_of_the_server(response)


@pytest.mark.parametrize("body", [b"{", b"\xff", b"[" * 200_000, b'{"question": "\\ud800"}', b'{"question": NaN}'])
def test_a_body_that_is_no_json_is_told(client: httpx.Client, body: bytes) -> None:
    response = client.post("/api/v1/ask", content=body, headers={"content-type": "application/json"})
    assert response.status_code in {400, 422}
    assert response.json()["error"]["message"]
    _says_nothing_of_the_server(response)


def test_a_huge_body_is_not_read_to_its_end() -> None:
    scope = {"type": "http", "method": "POST", "path": "/api/v1/ask", "query_string": b"", "headers": _JSON}
    read, sent = [], []

    async def receive() -> dict[str, Any]:
        read.append(1)
        return {"type": "http.request", "body": b" " * 1_000_000, "more_body": True}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    asyncio.run(app_of(Finding(), Shelf())(scope, receive, send))
    assert (sent[0]["status"], len(read)) == (413, 5)


@pytest.mark.parametrize(
    "path",
    ["nope", "..%2f..%2fetc%2fpasswd", "%2e%2e/%2e%2e/etc/passwd", "news%00", "x" * 200, "C:%5Cboot.ini", "%ff%fe"],
)
def test_an_unknown_id_or_a_path_is_not_found(client: httpx.Client, path: str) -> None:
    response = client.get(f"/api/v1/documents/{path}")
    assert (response.status_code, response.json()["error"]["type"]) == (404, "not_found")
    _says_nothing_of_the_server(response)


def test_an_address_or_method_that_is_none_is_told_by_the_door(client: httpx.Client) -> None:
    assert client.get("/api/v1/nothing").json()["error"]["type"] == "not_found"
    wrong = client.put("/api/v1/search", json={})
    assert (wrong.status_code, wrong.headers["allow"]) == (405, "GET, POST")
    assert client.delete("/health").status_code == 405
    assert client.head("/health").status_code == 200


def _says_nothing_of_the_server(response: httpx.Response) -> None:
    for secret in ("Traceback", ".py", "secret detail", "site-packages", "/home", "/root"):
        assert secret not in response.text


@dataclass(frozen=True)
class Broken:
    """A library that cannot be read."""

    error: OnrecordError

    def documents(self) -> list[Any]:
        raise self.error

    def document(self, document_id: str) -> Document:
        raise self.error


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (IndexBrokenError("/srv/data is damaged"), 503),
        (IndexBusyError("/srv/data"), 503),
        (IndexMismatchError("/srv/data"), 409),
    ],
)
def test_an_index_that_cannot_be_read_is_told_without_its_folder(error: OnrecordError, status: int) -> None:
    with served(Finding(), Broken(error)) as url:
        response = httpx.get(f"{url}/api/v1/documents")
        assert response.status_code == status
        assert "/srv" not in response.text
        health = httpx.get(f"{url}/health")
        assert (health.status_code, health.json()["ok"]) == (503, False)
        assert "/srv" not in health.text


# Several at once, and leaving


def test_two_clients_at_once_are_both_served(client: httpx.Client, finding: Finding) -> None:
    finding.gate.clear()
    with ThreadPoolExecutor(2) as clients:
        slow = clients.submit(client.post, "/api/v1/ask", json={"question": "slow article 5"})
        assert client.post("/api/v1/ask", json={"question": "arabic"}).json()["citations"][0]["document"] == "arabic"
        assert not slow.done()
        finding.gate.set()
        assert slow.result().json()["citations"][0]["document"] == "news"


@pytest.mark.parametrize("address", ["/api/v1/ask", "/api/v1/ask/stream"])
def test_a_client_that_leaves_stops_the_answer(client: httpx.Client, finding: Finding, address: str) -> None:
    finding.gate.clear()
    before = len(finding.stops)
    with pytest.raises(httpx.ReadTimeout), httpx.Client(base_url=client.base_url, timeout=1) as impatient:
        impatient.post(address, json={"question": "slow"})
    assert until(lambda: len(finding.stops) > before)
    stop = finding.stops[before]
    assert stop is not None
    assert until(stop.is_set)
    finding.gate.set()


def test_too_many_are_sent_away() -> None:
    room = WorkerPool(at_once=1, waiting=1)
    gate = Finding().gate
    held = [room.submit(lambda: gate.wait(10)) for _ in range(2)]
    with pytest.raises(PoolFullError) as full:
        room.submit(lambda: None)
    assert failure_of(full.value).status == 503
    gate.set()
    assert [one.result() for one in held] == [True, True]
    assert room.submit(lambda: 3).result() == 3


def test_questions_may_stand_in_line() -> None:
    asked = []

    def put(one: QuestionRequest, stop: threading.Event) -> Iterator[int | Answer]:
        asked.append(one)
        yield from (2, 1, 0)
        yield answer_to(one.question)

    with served(Finding(), ask_fn=put) as url:
        for address, body in (
            ("api/v1/ask", {"question": "arabic"}),
            ("v1/chat/completions", {"messages": [{"role": "user", "content": "arabic"}]}),
        ):
            assert "وأضاف" in httpx.post(f"{url}/{address}", json=body).text
        told = events(httpx.post(f"{url}/api/v1/ask/stream", json={"question": "arabic"}).text)
        assert [name for name, _ in told] == ["done"]
    assert [one.visitor for one in asked] == ["address 127.0.0.1"] * 3  # and not a connection each


# Who may come in


@pytest.mark.parametrize(
    ("host", "origin", "status"),
    [
        ("127.0.0.1:7860", "", None),
        ("localhost:7860", "http://localhost:3000", None),
        ("[::1]:7860", "http://[::1]:7860", None),
        ("192.168.1.5:7860", "http://192.168.1.5:7860", None),
        ("onrecord:7860", "", None),
        ("chat.example.org", "", None),
        ("evil.example", "", 403),
        ("127.0.0.1.evil.example:7860", "", 403),
        ("[::1", "", 403),
        ("127.0.0.1:7860", "http://evil.example", 403),
        ("127.0.0.1:7860", "http://localhost.evil.example", 403),
        ("127.0.0.1:7860", "null", 403),
        ("192.168.1.5:7860", "http://192.168.1.6", 403),
    ],
)
def test_without_a_key_pages_of_other_sites_stay_outside(host: str, origin: str, status: int | None) -> None:
    assert _denied(Access(names=("chat.example.org",)), host, origin) == status


def test_who_signed_in_comes_in_but_not_from_another_site() -> None:
    for access in (Access(), Access("k3y")):
        assert _denied(access, "chat.example.org", "https://chat.example.org", "ada") is None
        assert _denied(access, "chat.example.org", "", "ada") is None
        assert _denied(access, "chat.example.org", "https://evil.example", "ada") == 403
        assert _denied(access, "chat.example.org", "", "") in {401, 403}


def _denied(access: Access, host: str, origin: str, user: str = "") -> int | None:
    headers = [(b"host", host.encode()), *([(b"origin", origin.encode())] if origin else [])]
    failure = api_denial(access, {"headers": headers, USER_KEY: user})
    return failure.status if failure else None


def test_with_a_key_only_who_has_it_comes_in() -> None:
    with served(Finding(), Shelf(), Access("schlüssel-42")) as url:
        asked = {"question": "Article 5?"}
        for given in (None, "Bearer", "Bearer wrong", "Basic schlüssel-42", "schlüssel-42", "Bearer schlüssel-4"):
            headers = {"authorization": given.encode()} if given else {}
            response = httpx.post(f"{url}/api/v1/ask", json=asked, headers=headers)  # type: ignore[arg-type]
            assert (response.status_code, response.headers["www-authenticate"]) == (401, "Bearer")
            assert httpx.post(f"{url}/v1/chat/completions", json={}, headers=headers).status_code == 401  # type: ignore[arg-type]
        right = {"authorization": "bearer schlüssel-42".encode()}
        assert httpx.post(f"{url}/api/v1/ask", json=asked, headers=right).status_code == 200  # type: ignore[arg-type]
        assert httpx.get(f"{url}/health").status_code == 200
        described = httpx.get(f"{url}/openapi.json").json()
        assert described["paths"]["/api/v1/ask"]["post"]["security"] == [{"key": []}]
        assert "security" not in described["paths"]["/health"]["get"]


# Without the extra


def test_without_its_package_there_is_no_mcp_door(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.api.mcp.optional_import.find_spec", lambda name: None)
    with pytest.raises(SettingsError, match=r"onrecord\[mcp\]"):
        check_mcp_installed()
    with served(Finding()) as url:
        assert httpx.post(f"{url}/mcp", json={}).status_code == 404
        assert httpx.get(f"{url}/health").status_code == 200


# As described


def test_the_openapi_is_of_the_doors_alone(client: httpx.Client) -> None:
    described = client.get("/openapi.json").json()
    assert described == client.get("/api/v1/openapi.json").json()
    assert set(described["paths"]) == {
        "/health",
        "/api/v1/health",
        "/api/v1/ask",
        "/api/v1/ask/stream",
        "/api/v1/search",
        "/api/v1/documents",
        "/api/v1/documents/{id}",
        "/v1/chat/completions",
        "/v1/models",
        "/v1/models/{model}",
    }
    answer = described["components"]["schemas"]["AnswerRecord"]["properties"]["citations"]["items"]
    message = described["components"]["schemas"]["AssistantMessage"]["properties"]["citations"]["items"]
    assert answer == message == {"$ref": "#/components/schemas/Citation"}


def test_every_pattern_is_read_alike_by_every_dialect(client: httpx.Client) -> None:
    patterns = [found for found in walked(client.get("/openapi.json").json()) if isinstance(found, str)]
    assert patterns
    for pattern in patterns:
        re.compile(pattern)
        assert not re.search(r"\\[pPAZzwdb]|\(\?", pattern), pattern
    (words,) = {pattern for pattern in patterns if pattern.startswith("[^")}
    for question in ("Article 5", "你好", "مرحبا", "é"):
        assert re.search(words, question)


def walked(described: Any) -> Iterator[Any]:
    """Every pattern in it."""
    if isinstance(described, dict):
        yield described.get("pattern")
    if isinstance(described, dict | list):
        for inner in described.values() if isinstance(described, dict) else described:
            yield from walked(inner)


def test_behind_a_proxy_the_openapi_names_where_the_server_begins() -> None:
    from fastapi import FastAPI
    from fastapi.testclient import TestClient

    from ui.api.mount import add_api

    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    add_api(app, Finding(), Shelf(), root_path="/papers/")
    with TestClient(app, base_url="http://localhost") as one:
        for path in ("/openapi.json", "/api/v1/openapi.json"):
            assert one.get(path).json()["servers"] == [{"url": "/papers"}]


@pytest.mark.skipif(find_spec("schemathesis") is None, reason="needs schemathesis")
def test_the_doors_are_as_their_openapi_says(indexed: Callable[..., Pipeline], tmp_path: Path) -> None:
    pipeline = indexed(bridge=BRIDGE, other="Apples grow on trees in the north. Pears do too.")
    with served(pipeline, pipeline.store) as url:
        command = [sys.executable, "-m", "schemathesis.cli", "run", f"{url}/openapi.json", "--checks", "all"]
        bounded = ["--max-examples", "8", "--generation-deterministic", "--phases", "examples,coverage,fuzzing"]
        line = [*command, *bounded]
        done = subprocess.run(line, capture_output=True, text=True, timeout=280, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stdout[-8_000:] + done.stderr[-2_000:]


def test_the_key_is_no_setting_and_shown_nowhere() -> None:
    read = configuration({"ONRECORD_API_KEY": "k3y", "ONRECORD_TOP_K": "5"}, {})
    assert read.rag.top_k == 5
    assert "k3y" not in repr(read)
    assert access_from({"ONRECORD_API_KEY": " k3y "}).key == "k3y"
