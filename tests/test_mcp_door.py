"""The MCP door, through the protocol's own client: over stdio, over HTTP and within the process."""

import asyncio
import json
import logging
import subprocess
import sys
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest
from conftest import ROOT, WordEmbedder, watched
from door_fixtures import Finding, served, until
from web_fixtures import NEWS, Shelf, answer_to

from index.chunking.chunk import Chunking
from index.config import IndexConfig
from index.embedding.sentence_transformers import SentenceTransformerEmbedder
from index.ingest.build import build
from index.ingest.plan import plan
from index.storage.open import index_fingerprint, open_for_writing
from rag.pipeline import Pipeline
from rag.prompts import CLOSEST_PASSAGES
from rag.question.scope import parse_scope
from rag.schema import Turn
from rag.serialize import citation_to_dict, hit_to_dict, without_folders
from ui.auth.access import Access
from ui.core.streaming import ask_directly
from ui.core.worker_pool import WorkerPool
from ui.logs.setup import WENT_WRONG

mcp = pytest.importorskip("mcp", reason="needs the extra mcp")

BRIDGE = "The old harbour bridge will close on 3 March, the mayor, Ada Quill, told reporters. Ferries will run."
PROTOCOL = "2025-06-18"
_CALL = {"accept": "application/json, text/event-stream", "mcp-protocol-version": PROTOCOL}


def with_client(target: Any, use: Callable[[Any], Coroutine[Any, Any, Any]]) -> Any:
    """What ``use`` gives back with a client of ``target``: an address, a server, or a command."""

    async def run() -> Any:
        async with mcp.Client(target) as client:
            return await use(client)

    return asyncio.run(asyncio.wait_for(run(), 60))


def command(*arguments: object, env: dict[str, str]) -> Any:
    """A program that speaks the protocol over its input and output."""
    from mcp.client.stdio import StdioServerParameters, stdio_client

    return stdio_client(StdioServerParameters(command=sys.executable, args=list(map(str, arguments)), env=env))


@pytest.fixture(scope="module")
def url(door: str) -> str:
    return f"{door}/mcp"


async def use_all(client: Any) -> dict[str, Any]:
    """A result of every tool, and the tools themselves."""
    return {
        "tools": {tool.name: tool for tool in (await client.list_tools()).tools},
        "ask": await client.call_tool("ask", {"question": "Article 5?"}),
        "search": await client.call_tool("search", {"query": "Article 5?", "k": 2}),
        "read": await client.call_tool("read", {"document": "news", "start": 10, "end": 40}),
    }


def check_all(results: dict[str, Any]) -> None:
    """That they are what the scripted answerer says."""
    tools = results["tools"]
    assert set(tools) == {"search", "ask", "read"}
    assert all(tool.description and tool.annotations.read_only_hint for tool in tools.values())
    assert tools["ask"].input_schema["required"] == ["question"]
    assert "citations" in tools["ask"].output_schema["properties"]
    answer = answer_to("Article 5?")
    asked = results["ask"].structured_content
    assert asked["citations"] == [without_folders(citation_to_dict(c)) for c in answer.citations]
    assert asked["answer"] == answer.text
    (text,) = results["ask"].content
    assert answer.text in text.text
    assert f"[2] “{answer.citations[1].text}”" in text.text
    assert "Checked, partly:" in text.text
    assert results["search"].structured_content["hits"] == [
        without_folders(hit_to_dict(hit)) for hit in answer.hits[:2]
    ]
    assert results["read"].structured_content["text"] == NEWS.text[10:40]
    assert "go on at start=40" in results["read"].content[0].text


def test_over_http(url: str) -> None:
    check_all(with_client(url, use_all))


def test_over_stdio() -> None:
    env = {"PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}:{':'.join(sys.path)}"}
    check_all(with_client(command(ROOT / "tests" / "mcp_stdio.py", env=env), use_all))


def test_the_command_serves_an_index(tmp_path: Path) -> None:
    class Posing(WordEmbedder):
        """Has the name of the default model without its weight: reading needs none."""

        fingerprint = SentenceTransformerEmbedder().fingerprint

    (tmp_path / "bridge.txt").write_text(BRIDGE, encoding="utf-8")
    with open_for_writing(IndexConfig(data_dir=tmp_path / "data"), index_fingerprint(Posing(), Chunking())) as store:
        build(store, Posing(), Chunking(), plan(store, [tmp_path / "bridge.txt"]))
        (document,) = store.documents()
    env = watched(tmp_path / "log")
    env["PYTHONPATH"] += f":{ROOT}:{':'.join(sys.path)}"
    started = command("-m", "ui.cli.main", "mcp", "--data-dir", tmp_path / "data", env=env)
    read = with_client(started, lambda client: client.call_tool("read", {"document": document.id}))
    assert read.structured_content["text"].strip() == BRIDGE
    assert not (tmp_path / "log").exists()


def test_the_command_without_an_index_is_one_line(tmp_path: Path) -> None:
    line = [sys.executable, "-m", "ui.cli.main", "mcp", "--data-dir", str(tmp_path / "none")]
    done = subprocess.run(line, capture_output=True, text=True, cwd=ROOT, input="", check=False, timeout=60)
    assert done.returncode == 1
    assert (done.stdout, done.stderr.count("\n")) == ("", 1)
    assert str(tmp_path / "none") in done.stderr


def test_the_real_pipeline_answers_through_the_tool(indexed: Callable[..., Pipeline]) -> None:
    from ui.api.mcp.server import mcp_server

    pipeline = indexed(bridge=BRIDGE, other="Apples grow on trees in the north.")
    server = mcp_server(ask_directly(pipeline), pipeline, pipeline.store, WorkerPool())

    async def use(client: Any) -> Any:
        asked = await client.call_tool("ask", {"question": "When will the harbour bridge close?"})
        (citation, *_) = asked.structured_content["citations"]
        place = {name: citation[name] for name in ("document", "start", "end")}
        return citation, await client.call_tool("read", place)

    citation, read = with_client(server, use)
    assert read.structured_content["text"] == citation["text"]
    assert "3 March" in citation["text"]


def test_history_and_scope_are_passed_on(url: str, finding: Finding) -> None:
    asked = {"question": "And then?", "history": [{"question": "Who?", "answer": "Hegseth."}], "since": "2024"}
    with_client(url, lambda client: client.call_tool("ask", asked))
    assert finding.asked[-1] == ("And then?", (Turn("Who?", "Hegseth."),))
    assert finding.scopes[-1] == parse_scope("2024")
    for tool, words in (("ask", "question"), ("search", "query")):
        asked = {words: "Article 5?", "collections": ["Stone bridges"]}
        with_client(url, lambda client, tool=tool, asked=asked: client.call_tool(tool, asked))
        assert finding.scopes[-1] == parse_scope(documents=["long", "news"])


def test_a_refusal_has_the_closest_passages(url: str) -> None:
    refused = with_client(url, lambda client: client.call_tool("ask", {"question": "weather"}))
    assert not refused.is_error
    assert (refused.structured_content["refused"], len(refused.structured_content["closest"])) == (True, 3)
    assert refused.content[0].text.startswith(f"The documents don't say.\n\n{CLOSEST_PASSAGES}")


@pytest.mark.parametrize(
    ("tool", "arguments", "told"),
    [
        ("ask", {}, "`question` is missing."),
        ("ask", {"question": "?!"}, "question"),
        ("ask", {"question": "a" * 2_001}, "question"),
        ("ask", {"question": ["x"]}, "`question` has to be text."),
        ("ask", {"question": "x", "sinse": "2025"}, "`sinse`"),
        ("ask", {"question": "x", "history": [{"answer": 3}]}, "`history[0].question` is missing; `history[0].answer`"),
        ("ask", {"question": "x", "documents": ["nope"]}, "'nope'"),
        ("ask", {"question": "x", "since": "yesterday"}, "since"),
        ("ask", {"question": "x", "since": "2025", "until": "2024"}, "Swap them"),
        ("ask", {"question": "x", "outlets": ["Nobody's News"]}, "No document is from"),
        ("ask", {"question": "x", "collections": ["Wooden"]}, "There are: Empty, Stone bridges"),
        ("ask", {"question": "crash"}, WENT_WRONG),
        ("search", {"query": "x", "k": 10_000}, "`k` may be at most 50."),
        ("search", {"query": 3}, "`query` has to be text."),
        ("read", {"document": "../../etc/passwd"}, "'../../etc/passwd'"),
        ("read", {"document": "news", "start": -1}, "start"),
        ("read", {"document": "x" * 400}, "document"),
        ("delete", {}, "delete"),
    ],
)
def test_what_goes_wrong_is_told_to_the_model(url: str, tool: str, arguments: dict[str, Any], told: str) -> None:
    async def call(client: Any) -> str:
        try:
            result = await client.call_tool(tool, arguments)
        except mcp.MCPError as error:
            return str(error)
        assert result.is_error
        return str(result.content[0].text)

    said = with_client(url, call)
    assert told in said
    for secret in ("Traceback", "secret detail", '.py"', str(ROOT), "site-packages", "pydantic", "input_value"):
        assert secret not in said
    for of_another_door in ("GET ", "POST ", "/api/v1", "onrecord list"):
        assert of_another_door not in said


def test_arguments_are_taken_as_models_send_them(url: str, finding: Finding) -> None:
    def told(tool: str, **arguments: Any) -> Any:
        result = with_client(url, lambda client: client.call_tool(tool, arguments))
        assert not result.is_error, result.content
        return result

    told("ask", question="x", since=None, outlets="Example Wire", documents='["news", "long"]', collections="")
    assert finding.scopes[-1] == parse_scope(outlets=["Example Wire"], documents=["news", "long"])
    assert len(told("search", query="Article 5?", k="2").structured_content["hits"]) == 2
    assert told("ask", question="👍").structured_content["refused"] is True
    assert told("search", query="👍").structured_content["hits"] == []
    assert told("read", document="news", end=None).structured_content["start"] == 0


def test_what_tools_take_is_a_schema_for_every_client(url: str) -> None:
    listed = with_client(url, lambda client: client.list_tools()).tools
    for tool in listed:
        for part in parts_of(tool.input_schema):
            assert set(part) <= {"title", "description", "type", "enum", "minimum", "maximum", "items", "properties",
                                 "required", "additionalProperties"}  # fmt: skip
            assert isinstance(part["type"], str)
            if part["type"] == "object":
                assert part["additionalProperties"] is False
                assert set(part["required"]) <= set(part["properties"])
                assert all(field["title"] and field["description"] for field in part["properties"].values())
        for schema in (tool.input_schema, tool.output_schema):
            jsonschema.Draft202012Validator.check_schema(schema, jsonschema.Draft202012Validator.FORMAT_CHECKER)


def test_results_are_as_their_schemas_say(url: str) -> None:
    results = with_client(url, use_all)
    refused = with_client(url, lambda client: client.call_tool("ask", {"question": "weather"}))
    for name, result in [*((name, results[name]) for name in ("ask", "search", "read")), ("ask", refused)]:
        jsonschema.validate(result.structured_content, results["tools"][name].output_schema)


def parts_of(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The schema and every schema in it."""
    yield schema
    for inner in [*schema.get("properties", {}).values(), *([schema["items"]] if "items" in schema else [])]:
        yield from parts_of(inner)


def test_two_clients_at_once_are_both_served(url: str, finding: Finding) -> None:
    finding.gate.clear()

    async def both() -> tuple[Any, Any]:
        async with mcp.Client(url) as first, mcp.Client(url) as second:
            slow = asyncio.ensure_future(first.call_tool("ask", {"question": "slow article 5"}))
            quick = await second.call_tool("ask", {"question": "arabic"})
            assert not slow.done()
            finding.gate.set()
            return await slow, quick

    slow, quick = asyncio.run(asyncio.wait_for(both(), 30))
    assert slow.structured_content["citations"][0]["document"] == "news"
    assert quick.structured_content["citations"][0]["document"] == "arabic"


@pytest.mark.parametrize("mode", ["legacy", "auto"])
def test_a_client_that_leaves_stops_the_answer(url: str, finding: Finding, mode: str) -> None:
    finding.gate.clear()
    before = len(finding.stops)

    async def leave() -> None:
        async with mcp.Client(url, mode=mode) as client:
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(client.call_tool("ask", {"question": "slow"}), 1)

    asyncio.run(leave())
    stop = finding.stops[before]
    assert stop is not None
    assert until(stop.is_set)
    finding.gate.set()


def test_a_connection_that_breaks_stops_the_answer(url: str, finding: Finding) -> None:
    finding.gate.clear()
    before = len(finding.stops)
    call = {"name": "ask", "arguments": {"question": "slow"}}
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call}
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(url, json=body, headers=_CALL, timeout=1)
    assert until(lambda: len(finding.stops) > before)
    stop = finding.stops[before]
    assert stop is not None
    assert until(stop.is_set)
    finding.gate.set()


def test_pages_of_other_sites_and_strangers_stay_outside(url: str) -> None:
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    assert httpx.post(url, json=body, headers=_CALL).status_code == 200
    assert httpx.post(url, json=body, headers=_CALL | {"origin": "http://evil.example"}).status_code == 403
    assert httpx.post(url, json=body, headers=_CALL | {"host": "evil.example"}).status_code == 403
    with served(Finding(), Shelf(), Access("k3y")) as guarded:
        address = f"{guarded}/mcp"
        refused = httpx.post(address, json=body, headers=_CALL)
        assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Bearer")
        known = httpx.post(address, json=body, headers=_CALL | {"authorization": "Bearer k3y"})
        assert len(known.json()["result"]["tools"]) == 3


@pytest.mark.parametrize("body", [b"{", b"[]", b"null", b'{"jsonrpc": "1.0"}', b"\xff\xfe", b"[" * 100_000])
def test_what_is_not_the_protocol_is_refused(url: str, body: bytes) -> None:
    response = httpx.post(url, content=body, headers=_CALL | {"content-type": "application/json"})
    assert 400 <= response.status_code < 500
    assert "Traceback" not in response.text
    assert len(json.dumps(response.text)) < 5_000


def test_a_server_leaves_the_process_s_logging_alone() -> None:
    from ui.api.mcp.server import mcp_server

    root = logging.getLogger()
    before = list(root.handlers), root.level
    mcp_server(ask_directly(Finding()), Finding(), Shelf(), WorkerPool())
    assert (root.handlers, root.level) == before
