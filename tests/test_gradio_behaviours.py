"""Gradio does what we rely on without its documentation promising it; run this first after an upgrade of Gradio.

What fails says which behaviour is gone and which files relied on it: see ``ui/core/gradio_behaviours.py``.
"""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gradio as gr
import httpx
import pytest
from conftest import ROOT
from fastapi import FastAPI
from gradio_page import EVENTS, SELECTORS, STYLE, TESTED, Page, Seen, behaviour, in_browser, opened, served
from playwright.sync_api import expect
from starlette.testclient import TestClient
from waiting import until
from web_browser import comes_to

from ui.core.gradio_behaviours import (
    BEHAVIOURS,
    asgi_scope,
    enclosing_page,
    enclosing_tab,
    event_data,
    mark_running,
    page_functions,
)
from ui.server.gradio_guard import is_open


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with served(tmp_path_factory.mktemp("styles")) as one:
        yield one


@pytest.fixture(scope="module")
def seen(page: Page, chromium: Any) -> Iterator[Seen]:
    with opened(chromium, page.url) as one:
        yield one


# In Python


@behaviour("process_api")
def test_every_call_passes_process_api(page: Page) -> None:
    before = len(page.calls)
    assert httpx.post(f"{page.url}gradio_api/run/inside", json={"data": []}).json()["data"] == ["in"]
    event = httpx.post(f"{page.url}gradio_api/call/inside", json={"data": []}).json()["event_id"]
    assert '"in"' in httpx.get(f"{page.url}gradio_api/call/inside/{event}", timeout=30).text
    assert len(page.calls) == before + 2


@behaviour("fns")
def test_the_functions_are_known_by_their_numbers(page: Page) -> None:
    functions = page_functions(page.blocks)
    (inside,) = [one for one in functions if one.name == "inside"]
    assert inside.named
    assert [one.named for one in functions].count(True) == 2
    assert [one.on_load for one in functions].count(True) == 1
    called = {"fn_index": inside.number, "session_hash": "numbers", "data": []}
    assert httpx.post(f"{page.url}gradio_api/run/predict", json=called).json()["data"] == ["in"]


@behaviour("calls")
def test_a_number_may_be_sent_as_a_string(page: Page) -> None:
    number = next(one.number for one in page_functions(page.blocks) if one.name == "inside")
    for sent in (str(number), float(number)):
        called = {"fn_index": sent, "session_hash": "strings", "data": []}
        assert httpx.post(f"{page.url}gradio_api/run/predict", json=called).json()["data"] == ["in"]


@behaviour("event data")
def test_what_is_sent_with_an_event_is_read() -> None:
    assert event_data(gr.EventData(None, {"open": "1.2"})) == {"open": "1.2"}
    assert [event_data(gr.EventData(None, sent)) for sent in ("text", None, [1])] == [{}] * 3


@behaviour("request")
def test_the_scope_of_a_request_is_read_as_it_is() -> None:
    scope = {"onrecord.user": "ana", "state": {"a": {}}}
    held: Any = SimpleNamespace(scope=scope)
    assert asgi_scope(gr.Request(held)) is scope
    assert asgi_scope(held) is scope
    assert asgi_scope(gr.Request()) == {}
    assert gr.Request(held).scope is not scope  # type: ignore[attr-defined]


@behaviour("parent")
def test_a_component_knows_what_it_is_in() -> None:
    with gr.Blocks() as page:
        outside = gr.Textbox()
        with gr.Tabs(), gr.Tab("A") as tab, gr.Column() as column, gr.Accordion(), gr.Row():
            inside = gr.Textbox()
    assert enclosing_tab(inside) is tab
    assert enclosing_tab(outside) is None
    assert column.parent is tab
    assert enclosing_page(inside) is enclosing_page(outside) is page


@behaviour("serving")
def test_a_mounted_page_has_the_threads_it_is_given(page: Page) -> None:
    httpx.get(f"{page.url}gradio_api/startup-events")
    assert page.blocks.limiter.total_tokens == len(page.blocks._queue.active_jobs) == 144


@behaviour("serving")
def test_a_mounted_page_hands_out_no_file_of_the_machine(page: Page) -> None:
    sent = httpx.post(f"{page.url}gradio_api/run/outside", json={"data": []})
    assert sent.is_error
    assert "Cannot move" in sent.text


@behaviour("serving")
def test_a_page_closes_its_server() -> None:
    with gr.Blocks() as blocks:
        gr.Textbox()
    outside = gr.mount_gradio_app(FastAPI(), blocks, "/")
    blocks.app = outside.routes[-1].app
    closed: list[bool] = []
    mark_running(blocks, SimpleNamespace(close=lambda: closed.append(True)), "http://127.0.0.1/")
    blocks.close(verbose=False)
    assert closed == [True]
    assert not blocks.is_running
    assert blocks.app.stop_event.is_set()


@behaviour("manifest")
def test_the_page_links_a_manifest(page: Page) -> None:
    from ui.server.security_headers import _MANIFEST

    assert _MANIFEST.search(TestClient(page.blocks.app).get("/").content)
    assert 'rel="manifest"' not in httpx.get(page.url).text


@behaviour("file names")
def test_an_upload_keeps_the_end_of_a_name(page: Page) -> None:
    def kept(name: str) -> str:
        sent = httpx.post(f"{page.url}gradio_api/upload", files={"files": (name, b"text")})
        (path,) = sent.json()
        return Path(path).name

    assert kept("above/below.txt") == "below.txt"
    assert kept("above\u2215below.txt") == "above\u2215below.txt"
    assert kept("n" * 180 + ".txt") == "n" * 180 + ".txt"
    assert len(kept("n" * 300 + ".txt").encode()) <= 200 + len(".txt")


# In the browser


@in_browser
@behaviour("empty template")
def test_an_empty_template_leaves_drawing_to_the_script(seen: Seen) -> None:
    empty = seen.page.locator("#empty [data-runs]")
    comes_to(seen.page, "document.querySelector('#empty [data-runs]').dataset.began.trim()", "")
    expect(empty).to_have_text("", use_inner_text=True)
    seen.page.evaluate(
        "() => { document.querySelector('#empty [data-runs]').same = true;"
        "document.querySelectorAll('#placed button')[0].was = 'a'; document.querySelector('#placed details').open = true; }"
    )
    seen.page.click("#redraw")
    seen.page.wait_for_function("() => document.querySelector('#empty').textContent.includes('drawn one')")
    expect(empty).to_have_attribute("data-runs", "1")
    expect(empty).to_have_js_property("same", True)


@in_browser
@behaviour("by place")
def test_nodes_are_matched_by_their_place(seen: Seen) -> None:
    seen.page.reload()
    seen.page.wait_for_selector("#placed details")
    seen.page.evaluate(
        "() => { document.querySelectorAll('#placed button')[0].was = 'a';"
        "document.querySelector('#placed details').open = true; }"
    )
    seen.page.click("#redraw")
    seen.page.wait_for_function("() => document.querySelectorAll('#placed button').length === 1")
    button = seen.page.locator("#placed button")
    expect(button).to_have_text("b", use_inner_text=True)
    expect(button).to_have_js_property("was", "a")
    expect(seen.page.locator("#placed details")).to_have_js_property("open", False)


@in_browser
@behaviour("no template")
def test_a_value_is_no_template(page: Page, seen: Seen) -> None:
    seen.page.reload()
    seen.page.wait_for_selector("#template")
    expect(seen.page.locator("#template")).to_have_text("${1 + 1} {{value}} {{{value}}} @children", use_inner_text=True)
    seen.page.click("#redraw")
    seen.page.wait_for_function("() => document.querySelector('#template').textContent.includes('2 + 2')")
    expect(seen.page.locator("#template")).to_have_text("`${2 + 2}` {{value}}", use_inner_text=True)


@in_browser
@behaviour("event names")
def test_every_event_arrives_with_what_was_sent(page: Page, seen: Seen) -> None:
    for name in EVENTS:
        for button in seen.page.query_selector_all(f"#events [data-event={name}]"):
            button.click()
        until(lambda name=name: len(page.named(name)) == 2)
        assert page.named(name) == [{"name": name}, "text"]


@in_browser
@behaviour("calls")
def test_a_call_names_its_function_its_session_and_its_files(page: Page, seen: Seen) -> None:
    name = "above\u2215below.txt"
    with seen.page.expect_request(lambda sent: "/gradio_api/queue/join" in sent.url) as join:
        seen.page.set_input_files("#files input[type=file]", {"name": name, "mimeType": "text/plain", "buffer": b"x"})
    body = join.value.post_data_json
    assert isinstance(body["fn_index"], int)
    assert body["session_hash"]
    assert body["data"][0][0]["path"].endswith(name)
    until(lambda: page.named("files"))


@in_browser
@behaviour("trigger modes")
@pytest.mark.parametrize(("mode", "runs"), [("once", [1]), ("always_last", [1, 1]), ("multiple", [1, 2, 3])])
def test_events_while_a_function_runs(page: Page, seen: Seen, mode: str, runs: list[int]) -> None:
    page.gate.clear()
    clicked = seen.page.query_selector_all(f"#{mode} button")
    clicked[0].click()
    until(lambda: page.named(mode) == [1])
    clicked[1].click()
    clicked[2].click()
    if mode == "multiple":
        until(lambda: len(page.named(mode)) == 3)
    page.gate.set()
    until(lambda: page.named(mode) == runs)

    def fourth() -> bool:
        clicked[3].click()
        return page.named(mode)[-1] == 4

    until(fourth)
    # A fourth click that a busy page still counts as during the last run makes "always_last" run once more, as before.
    assert {sent for sent in page.named(mode) if sent != 4} == set(runs)


@in_browser
@behaviour("last again")
def test_the_last_step_is_sent_once_more(page: Page, seen: Seen) -> None:
    page.gate.clear()
    seen.page.click("#steps")
    seen.page.wait_for_function("() => document.querySelector('#again').textContent.includes('last')")
    seen.page.click("#other")
    seen.page.wait_for_function("() => document.querySelector('#again').textContent.includes('other')")
    page.gate.set()
    seen.page.wait_for_function("() => document.querySelector('#again').textContent.includes('last')")
    expect(seen.page.locator("#again")).to_have_text("last", use_inner_text=True)


@in_browser
@behaviour("hidden")
def test_what_is_not_visible_is_not_there(seen: Seen) -> None:
    assert seen.page.query_selector("#unseen") is None
    seen.page.click("#show")
    seen.page.wait_for_selector("#unseen")
    seen.page.click("#hide")
    seen.page.wait_for_selector("#unseen", state="detached")


@in_browser
@behaviour("css lists")
def test_a_list_within_a_selector_outweighs_what_follows(seen: Seen) -> None:
    assert seen.page.locator(".probe").evaluate(STYLE, "backgroundColor") == "rgb(5, 5, 5)"


@in_browser
@behaviour("css queries")
def test_a_query_within_a_rule_works_around_the_page(seen: Seen) -> None:
    around = seen.page.locator(".gradio-container > .main")
    assert around.evaluate(STYLE, "outlineColor") == "rgb(1, 1, 1)"  # a rule within a query is lost
    assert around.evaluate(STYLE, "borderTopColor") == "rgb(4, 4, 4)"
    assert seen.page.locator(".probe").evaluate(STYLE, "color") == "rgb(3, 3, 3)"


@in_browser
@behaviour("selectors")
def test_what_our_sheets_select_is_there(seen: Seen) -> None:
    seen.page.reload()
    seen.page.click("#many input")
    seen.page.wait_for_selector(".options")
    assert [one for one in SELECTORS if seen.page.query_selector(one) is None] == []


@in_browser
@behaviour("eval")
def test_a_script_needs_eval(page: Page, chromium: Any) -> None:
    context = chromium.new_context()

    def without(route: Any) -> None:
        answer = route.fetch()
        policy = answer.headers["content-security-policy"].replace("'unsafe-eval'", "")
        route.fulfill(response=answer, headers={**answer.headers, "content-security-policy": policy})

    context.route(page.url, without)
    with context.expect_console_message(lambda said: "unsafe-eval" in said.text):
        context.new_page().goto(page.url)
    context.close()


@in_browser
@behaviour("routes")
def test_the_page_asks_only_for_what_is_open(page: Page, seen: Seen) -> None:
    ours = [(method, url.removeprefix(page.url)) for method, url in seen.requests if url.startswith(page.url)]
    paths = {(method, "/" + path.split("?")[0]) for method, path in ours}
    assert {path.rsplit("/", 1)[0] for _, path in paths} >= {"/gradio_api", "/gradio_api/queue", "/assets"}
    assert sorted(one for one in paths if not is_open(*one)) == []
    assert [said for said in seen.errors if "Content Security Policy" in said] == []


def test_every_behaviour_has_a_test_and_its_files() -> None:
    assert set(BEHAVIOURS) == TESTED
    missing = [name for one in BEHAVIOURS.values() for name in one.used_in if not (ROOT / name).is_file()]
    assert missing == []
