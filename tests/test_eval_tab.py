"""The Evals tab: choose a set, run it, stop it, go on, read the report, compare two runs."""

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from functools import partial
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect
from waiting import until
from web_browser import IN_BROWSER, WIDE, comes_to, open_page
from web_fixtures import free_port

from evals.datasets.cases import CasesError, load_cases, save_cases
from evals.runner.store import RunError, list_runs, read_results, read_run, runs_folder
from evals.schema import Case, Evidence
from evals.web import tab_html
from evals.web.actions import Actions
from evals.web.feedback import keep_case
from evals.web.run_manager import Job, RunManager
from evals.web.sets import check_set, find_sets, save_uploaded_set, set_choices
from evals.web.tab import build_tab, frame_scripts
from index.config import IndexConfig
from rag.pipeline import Pipeline
from rag.question.scope import EVERYTHING, Scope
from rag.schema import Answer, Turn
from ui.core.app_state import AppState
from ui.core.ask import background_slot
from ui.core.protocols import Tab
from ui.core.queue import STOPPING, FairQueue
from ui.core.roles import Action
from ui.logs.setup import WENT_WRONG
from ui.server.app import Site as Served
from ui.server.run import start
from ui.web.app import build_app
from ui.web.feedback import words as labels

TOWNS = ("Arles", "Brno", "Cork", "Delft", "Evora", "Fano")
TEXTS = {t: f"The bridge of {t} has {n} arches. The market of {t} opens early." for n, t in enumerate(TOWNS, 11)}
CASES = tuple(
    Case(
        f"arches-{town}",
        f"How many arches has the bridge of {town}?",
        answers=(f"{n} arches",),
        evidence=(Evidence(f"{town}.txt", f"The bridge of {town} has {n} arches."),),
        tags=("how-many",),
    )
    for n, town in enumerate(TOWNS, 11)
)


@dataclass(frozen=True, kw_only=True)
class Gated(Pipeline):
    """A pipeline that answers a few questions and then waits for the gate."""

    gate: threading.Event
    free: threading.Semaphore

    def ask(self, question: str, history: Sequence[Turn] = (), scope: Scope = EVERYTHING) -> Answer:
        while not (self.gate.is_set() or self.free.acquire(timeout=0.05)):
            pass
        return super().ask(question, history, scope)


def gated(pipeline: Pipeline, free: int) -> Gated:
    parts = {f.name: getattr(pipeline, f.name) for f in fields(Pipeline)}
    return Gated(**parts, gate=threading.Event(), free=threading.Semaphore(free))


@pytest.fixture
def pipeline(indexed: Callable[..., Pipeline]) -> Pipeline:
    return indexed(**TEXTS)


@pytest.fixture
def data(config: IndexConfig) -> Path:
    """The data folder, with one set of six cases."""
    save_cases(CASES, config.data_dir / "evals" / "towns.jsonl")
    return config.data_dir


def towns(data: Path) -> Path:
    return data / "evals" / "towns.jsonl"


def finished(job: Job) -> Job:
    assert job.over.wait(120)
    return job


# Sets


def test_sets_of_the_data_folder_and_the_seeds_are_found(data: Path, tmp_path: Path) -> None:
    seeds = tmp_path / "seeds"
    seeds.mkdir()
    for name in ("towns.jsonl", "more.yaml", "README.md"):
        (seeds / name).write_text("", encoding="utf-8")
    found = find_sets(data, seeds)
    assert [path.name for path in found] == ["towns.jsonl", "more.yaml", "towns.jsonl"]
    names = [name for name, _ in set_choices(found)]
    assert names[1] == "more.yaml"
    assert len(set(names)) == 3
    assert find_sets(tmp_path / "none", tmp_path / "none") == []


def test_a_sound_set_is_described(data: Path, pipeline: Pipeline) -> None:
    said = check_set(towns(data), pipeline.store)
    assert said.problems == ()
    assert "6 cases, 0 of them not answerable" in said.summary
    assert "how-many (6)" in said.summary


def test_problems_of_a_set_are_told_line_by_line(data: Path, pipeline: Pipeline) -> None:
    path = data / "evals" / "bad.jsonl"
    lost = {"id": "b", "question": "q", "evidence": [{"document": "Arles.txt", "quote": "<b>no such words"}]}
    path.write_text('{"id": "a"}\n' + json.dumps(lost) + "\nnot json\n", encoding="utf-8")
    said = check_set(path, pipeline.store)
    assert [problem.split(":")[1] for problem in said.problems] == ["1", "1", "3"]
    path.write_text(json.dumps(lost) + "\n", encoding="utf-8")
    html = tab_html.set_html(check_set(path, pipeline.store))
    assert "bad.jsonl:1" in html
    assert "&lt;b&gt;no such words" in html
    assert str(data) not in html


def test_an_uploaded_set_is_taken_in_once_under_a_name_of_its_own(data: Path, tmp_path: Path) -> None:
    uploaded = tmp_path / "up" / "towns.jsonl"
    save_cases(CASES[:2], uploaded)
    taken = save_uploaded_set(uploaded, data)
    assert taken == data / "evals" / "towns-2.jsonl"
    assert save_uploaded_set(uploaded, data) == taken
    assert load_cases(taken) == CASES[:2]
    assert load_cases(towns(data)) == CASES
    (tmp_path / "bad.csv").write_text("id\n", encoding="utf-8")
    with pytest.raises(CasesError):
        save_uploaded_set(tmp_path / "bad.csv", data)
    assert not (data / "evals" / "bad.csv").exists()


# Runs


def test_a_run_is_kept_with_its_conditions_and_its_report(data: Path, pipeline: Pipeline, config: IndexConfig) -> None:
    actions = Actions(RunManager(pipeline, data, {"model": config.model}), pipeline.store, data)
    job = finished(actions.manager.start(towns(data), "quoted"))
    assert job.error == ""
    run = read_run(job.folder)
    assert run.finished
    assert len(run.results) == 6
    assert run.conditions["settings"]["model"] == config.model
    assert run.conditions["settings"]["top_k"] == pipeline.config.top_k
    assert (job.folder / "report.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    assert actions.manager.current() is None


def test_a_stopped_run_loses_nothing_and_goes_on_where_it_was(data: Path, pipeline: Pipeline) -> None:
    slow = gated(pipeline, 2)
    manager = RunManager(slow, data, {})
    job = manager.start(towns(data), "quoted")
    while job.done < 2:
        assert not job.over.wait(0.01)
    job.stop.set()
    finished(job)
    assert [r.case_id for r in read_results(job.folder)] == ["arches-Arles", "arches-Brno"]
    assert not read_run(job.folder).finished
    assert "Stopped after 2 of 6 cases" in tab_html.outcome_html(job)
    slow.gate.set()
    again = finished(manager.resume(job.folder))
    assert again.error == ""
    assert (again.kept, again.done) == (2, 6)
    assert [r.case_id for r in read_run(job.folder).results] == [case.id for case in CASES]
    with pytest.raises(RunError, match="is finished"):
        manager.resume(job.folder)


def test_a_set_that_changed_is_not_gone_on_with(data: Path, pipeline: Pipeline) -> None:
    slow = gated(pipeline, 1)
    manager = RunManager(slow, data, {})
    job = manager.start(towns(data), "quoted")
    job.stop.set()
    finished(job)
    save_cases(CASES[:5], towns(data))
    with pytest.raises(RunError, match="set changed"):
        manager.resume(job.folder)


def test_one_run_at_a_time_and_only_its_own_visitor_can_stop_it(data: Path, pipeline: Pipeline) -> None:
    slow = gated(pipeline, 1)
    actions = Actions(RunManager(slow, data, {}), pipeline.store, data)
    mine = actions.manager.start(towns(data), "quoted")
    with pytest.raises(RunError, match=r"Another run is under way: towns, \d of 6 cases"):
        actions.manager.start(towns(data), "quoted")
    (refused,) = actions.begin(str(towns(data)), "quoted")
    assert refused[0] is None
    assert "Another run is under way" in refused[4]
    actions.stop(refused[0])
    assert not mine.stop.is_set()
    actions.stop(mine)
    finished(mine)
    slow.gate.set()
    assert finished(actions.manager.start(towns(data), "keyword")).error == ""


def test_each_question_of_a_run_waits_for_its_turn_behind_people(data: Path, pipeline: Pipeline) -> None:
    line = FairQueue(1)
    slow = gated(pipeline, 1)
    manager = RunManager(slow, data, {}, partial(background_slot, line, "evals"))
    held = line.join("somebody")
    job = manager.start(towns(data), "quoted")
    until(lambda: line._waiting)
    person = line.join("else")
    line.leave(held)
    assert person.admitted
    assert job.done == 0
    line.leave(person)
    # The first case is asked; whoever comes meanwhile goes before the second.
    until(lambda: job.done == 1 and line._admitted)
    person = line.join("else")
    slow.free.release()
    until(lambda: person.admitted)
    until(lambda: job.done == 2)
    assert [ticket.visitor for ticket in line._admitted] == ["else"]
    job.stop.set()
    finished(job)
    assert (job.error, job.done) == ("", 2)
    until(lambda: line._waiting == [])
    line.leave(person)
    slow.gate.set()
    assert finished(manager.resume(job.folder)).error == ""


def test_a_run_ends_unfinished_when_the_chat_is_stopped(data: Path, pipeline: Pipeline) -> None:
    line = FairQueue(1)
    held = line.join("somebody")
    job = RunManager(pipeline, data, {}, partial(background_slot, line, "evals")).start(towns(data), "quoted")
    until(lambda: line._waiting)
    line.close()
    line.leave(held)
    assert STOPPING in finished(job).error
    assert not read_run(job.folder).finished
    assert read_results(job.folder) == ()


def test_a_set_with_problems_leaves_no_run(data: Path, pipeline: Pipeline) -> None:
    save_cases((Case("x", "q", evidence=(Evidence("gone.txt", "words"),)),), data / "evals" / "gone.jsonl")
    with pytest.raises(CasesError, match=r"gone\.txt"):
        RunManager(pipeline, data, {}).start(data / "evals" / "gone.jsonl", "quoted")
    assert list_runs(runs_folder(data)) == []


def test_a_run_that_breaks_is_told_without_its_details(
    data: Path, pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("evals.web.run_manager.run_cases", broken)
    job = finished(RunManager(pipeline, data, {}).start(towns(data), "quoted"))
    assert WENT_WRONG in job.error
    assert "secret" not in tab_html.outcome_html(job)


@pytest.mark.parametrize("sent", ["", None, "../../etc", "/etc", ".", "last"])
def test_the_page_names_only_sets_and_runs_that_are_listed(data: Path, pipeline: Pipeline, sent: str | None) -> None:
    actions = Actions(RunManager(pipeline, data, {}), pipeline.store, data)
    finished(actions.manager.start(towns(data), "quoted"))
    assert "<iframe" not in actions.read(sent)[0]
    assert "<iframe" not in actions.compare(sent, "x")
    (refused,) = actions.begin(sent, "quoted")
    assert "Choose a set" in refused[4]
    (refused,) = actions.begin(str(towns(data)), "os:getcwd")
    assert "does not answer here" in refused[4]


def test_the_second_run_is_compared_with_the_first(data: Path, pipeline: Pipeline) -> None:
    actions = Actions(RunManager(pipeline, data, {}), pipeline.store, data)
    first, second = (finished(actions.manager.start(towns(data), name)).run.id for name in ("quoted", "keyword"))
    html = actions.compare(second, first)
    assert "<iframe" in html
    assert "Settings differ: dense_weight 0.5 → 0.0" in html
    assert "Choose two runs" in actions.compare(first, first)


def test_a_report_runs_in_a_frame_that_reaches_nothing() -> None:
    html = tab_html.report_html('<script>"</script>', "a")
    assert 'sandbox="allow-scripts"' in html
    assert "allow-same-origin" not in html
    assert 'srcdoc="&lt;script&gt;&#34;&lt;/script&gt;"' in html


def test_the_page_finds_the_tab_by_its_entry_point() -> None:
    (found,) = entry_points(group="onrecord.tabs")
    assert found.load() is build_tab


def test_nothing_of_the_tab_is_sent_before_it_is_opened(data: Path, pipeline: Pipeline) -> None:
    app_state = AppState()
    tab = Tab("Evals", partial(build_tab, pipeline, data), needs=Action.EVALS)
    app = build_app(pipeline, pipeline.store, tabs=[tab], app_state=app_state)
    ours = {fn.name for fn in app.fns.values() if (fn.fn.__module__ if fn.fn else "") == Actions.__module__}
    assert {"refresh", "describe", "read"} <= ours
    for number, fn in app.fns.items():
        if fn.fn and fn.fn.__module__ == Actions.__module__:
            assert app_state.needs[number] is Action.EVALS, fn.name
            assert all(event != "load" for _, event in fn.targets), fn.name
    assert "towns" not in json.dumps(app.get_config_file(), default=str)


# In the browser


@dataclass
class Site:
    url: str
    pipeline: Gated
    data: Path


@pytest.fixture
def site(data: Path, pipeline: Pipeline) -> Iterator[Site]:
    slow = gated(pipeline, 2)
    app = build_app(
        slow,
        slow.store,
        tabs=[Tab("Evals", partial(build_tab, slow, data))],
        feedback=partial(keep_case, data),
    )
    yield Site(start(app, "127.0.0.1", free_port(), Served(scripts=frame_scripts())), slow, data)
    slow.gate.set()
    app.close(verbose=False)


@pytest.fixture
def context(chromium: Any, request: pytest.FixtureRequest) -> Iterator[Any]:
    made = chromium.new_context(viewport=getattr(request, "param", WIDE))
    yield made
    made.close()


def choose(page: Any, label: str, option: str) -> None:
    page.get_by_label(label, exact=True).click()
    page.get_by_role("option", name=option).first.click()


def press_until_shown(button: Any, text: Any) -> None:
    """Press ``button`` again while it is there and ``text`` has not come: a busy page may miss a press."""
    for _ in range(10):
        if not text.is_visible() and button.is_visible():
            button.click()
        try:
            expect(text).to_be_visible(timeout=15_000)
            break
        except AssertionError:
            continue
    expect(text).to_be_visible()


class TestInTheBrowser:
    pytestmark = IN_BROWSER

    @pytest.mark.parametrize("context", [WIDE, {"width": 390, "height": 800}], indirect=True)
    def test_run_cancel_go_on_read_and_compare(self, site: Site, context: Any) -> None:
        visit = open_page(context, site.url)
        page = visit.page
        page.get_by_role("tab", name="Evals").click()
        page.get_by_text("6 cases, 0 of them not answerable").wait_for()
        page.get_by_role("button", name="Run", exact=True).click()
        page.get_by_text("Asking: 2 of 6 cases").wait_for()
        expect(page.get_by_role("progressbar")).to_have_attribute("aria-valuenow", "2")
        other = open_page(context, site.url).page
        other.get_by_role("tab", name="Evals").click()
        other.get_by_text("6 cases, 0 of them not answerable").wait_for()
        other.get_by_role("button", name="Run", exact=True).click()
        other.get_by_text("Another run is under way").wait_for()
        expect(other.get_by_role("button", name="Cancel")).to_be_hidden()
        other.close()
        press_until_shown(page.get_by_role("button", name="Cancel"), page.get_by_text("Stopped after 2 of 6 cases"))
        report = page.frame_locator("iframe.eval-report")
        report.get_by_text("This run has not finished").wait_for()
        site.pipeline.gate.set()
        page.get_by_role("button", name="Go on with this run").click()
        page.get_by_text("Finished: 6 cases").wait_for()
        report.get_by_role("heading", name="towns").wait_for()
        report.get_by_text("arches-Fano").first.wait_for()
        expect(report.get_by_text("This run has not finished")).to_have_count(0)
        choose(page, "Answered by", "Keywords alone")
        page.get_by_role("button", name="Run", exact=True).click()
        page.wait_for_function("() => document.querySelectorAll('#eval-past tbody tr').length === 2")
        page.wait_for_function("() => document.querySelector('#eval-chosen input').value.includes('keyword')")
        choose(page, "Against", "quoted")
        page.get_by_role("button", name="Compare").click()
        report.get_by_text("Flipped cases").first.wait_for()
        comes_to(page, "document.documentElement.scrollWidth <= innerWidth", True)
        assert visit.errors == []
        assert [url for url in visit.requests if not url.startswith((site.url, "data:", "blob:", "about:"))] == []
        with page.expect_download() as download:
            page.get_by_role("button", name="Download this report").click()
        assert Path(download.value.path()).read_text(encoding="utf-8").startswith("<!doctype html>")

    def test_a_case_made_in_the_chat_can_be_run(self, site: Site, context: Any) -> None:
        site.pipeline.gate.set()
        visit = open_page(context, site.url)
        page = visit.page
        visit.ask("How many arches has the bridge of Cork?")
        page.get_by_role("button", name=labels.GOOD).click()
        page.get_by_role("button", name=labels.MAKE_CASE).click()
        page.get_by_role("button", name=labels.KEEP).click()
        page.get_by_text(labels.KEPT_IN).wait_for()
        page.get_by_role("tab", name="Evals").click()
        page.get_by_text("0 of them not answerable").wait_for()
        choose(page, "Set of cases", "feedback.jsonl")
        page.get_by_text("1 case, 0 of them not answerable").wait_for()
        page.get_by_role("button", name="Run", exact=True).click()
        page.get_by_text("Finished: 1 case.").wait_for()
        assert visit.errors == []

    def test_a_set_with_problems_is_told_on_upload(self, site: Site, context: Any, tmp_path: Path) -> None:
        visit = open_page(context, site.url)
        page = visit.page
        page.get_by_role("tab", name="Evals").click()
        bad = tmp_path / "bad.jsonl"
        bad.write_text('{"id": "a"}\nnot json\n', encoding="utf-8")
        page.set_input_files("#evals input[type=file]", bad)
        page.get_by_text("bad.jsonl:2: not JSON").wait_for()
        save_cases(CASES[:3], tmp_path / "three.jsonl")
        page.set_input_files("#evals input[type=file]", tmp_path / "three.jsonl")
        page.get_by_text("3 cases, 0 of them not answerable").wait_for()
        assert visit.errors == []
