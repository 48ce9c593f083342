"""The HTML report as a reader meets it, in a real Chromium."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect
from report_runs import CITED, METRICS, a_run, answer, hit, result
from waiting import until
from web_browser import IN_BROWSER, comes_to, drawn

from evals.report.comparison import comparison_html
from evals.report.html import html_report
from evals.runner.compare import add_verdicts
from evals.runner.estimates import case_scores
from evals.runner.records import Run
from evals.stats.paired import compare

pytestmark = IN_BROWSER
HOSTILE = "</script><script>window.pwned=1</script><img src=x onerror=window.pwned=1>&amp;<b>b</b>"
LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" * 4


@pytest.fixture
def show(chromium: Any, tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """Opens a report; afterwards there must have been no error, no request and no script of others."""
    contexts, wrong = [], []

    def open_(report: str, anchor: str = "", **options: Any) -> Any:
        path = tmp_path / "report.html"
        path.write_text(report, encoding="utf-8")
        context = chromium.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})
        page = context.new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda message: wrong.append(message.text))
        page.on(
            "request", lambda request: wrong.append(request.url) if request.url.split("#")[0] != path.as_uri() else None
        )
        page.goto(path.as_uri() + anchor)
        contexts.append((context, page))
        return page

    yield open_
    for context, page in contexts:
        comes_to(page, "window.pwned", None)
        context.close()
    assert wrong == []


def cases(page: Any) -> list[str]:
    return page.locator("#cases tr.case").evaluate_all("rows => rows.map((row) => row.dataset.case)")


def run_of(n: int) -> Run:
    return a_run(*(result(i, right=i % 6 != 2, crashed=i == 8, refused=i % 10 in (3, 4)) for i in range(n)))


def test_filter_by_status_tag_and_words(show: Callable[..., Any]) -> None:
    run = run_of(40)
    page = show(html_report(run))
    assert cases(page) == [r.case_id for r in run.results]
    page.select_option("#filter-status", "crashed")
    assert cases(page) == ["case-008"]
    page.select_option("#filter-status", "refused")
    assert cases(page) == [r.case_id for r in run.results if r.answer.get("refused")]
    page.select_option("#filter-status", "failed")
    assert cases(page) == [r.case_id for r in run.results if r.why or r.status == "crashed"]
    page.select_option("#filter-status", "all")
    page.select_option("#filter-tag", label="who")
    assert cases(page) == [r.case_id for r in run.results if "who" in r.tags]
    page.fill("#filter-text", "MAYOR 12 who")
    page.locator("#cases tr.case").nth(1).wait_for(state="detached")
    assert cases(page) == ["case-012"]
    expect(page.locator("#case-count").first).to_have_text("1–1 of 1 (of 40 cases)", use_inner_text=True)
    page.fill("#filter-text", "nowhere")
    page.wait_for_selector("#cases .none")
    expect(page.locator("#case-count").first).to_contain_text("0 of 40 cases", use_inner_text=True)


def test_sort_by_click_and_by_keyboard(show: Callable[..., Any]) -> None:
    run = run_of(40)
    page = show(html_report(run))
    header = page.locator("#cases th", has_text="answer_contained")
    header.locator("button").click()
    expect(header).to_have_attribute("aria-sort", "ascending")
    scores = {r.case_id: r.scores["answer_contained"] for r in run.results}
    shown = [scores[case] for case in cases(page)]
    known = [value for value in shown if value is not None]
    assert known == sorted(known)
    assert shown[len(known) :] == [None] * (len(shown) - len(known))
    page.keyboard.press("Enter")
    expect(header).to_have_attribute("aria-sort", "descending")
    shown = [scores[case] for case in cases(page)]
    assert shown[: len(known)] == sorted(known, reverse=True)
    assert shown[-1] is None
    page.focus("#cases th button >> nth=0")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    assert cases(page) == sorted(scores, reverse=True)
    expect(header).to_have_attribute("aria-sort", "none")


def test_open_a_case_by_keyboard_and_read_it(show: Callable[..., Any]) -> None:
    page = show(html_report(run_of(40)))
    button = page.locator("#cases tr[data-case=case-005] button")
    button.focus()
    page.keyboard.press("Enter")
    expect(button).to_have_attribute("aria-expanded", "true")
    opened = page.locator(f"#{button.get_attribute('aria-controls')}")
    text = opened.inner_text()
    for words in (
        "Who resigned?",
        "When did mayor 5 resign?",
        "on Friday",
        "Example Wire",
        "dense 2",
        "Gold first at rank 2 of 2.",
    ):
        assert words in text
    expect(opened.locator("mark.cited")).to_have_text([CITED], use_inner_text=True)
    expect(opened.locator("details.passage")).to_have_count(2)
    expect(opened.locator("details.passage.is-gold")).to_have_count(1)
    opened.locator("details.passage.is-gold summary").click()
    expect(opened.locator("details.passage.is-gold mark.gold")).to_have_text(CITED, use_inner_text=True)
    page.keyboard.press("Escape")
    button.press("Space")
    expect(page.locator("#cases tr.detail")).to_have_count(0)


def test_why_a_case_failed_is_told(show: Callable[..., Any]) -> None:
    page = show(html_report(run_of(40)))
    page.click("#cases tr[data-case=case-002] .question")
    expect(page.locator("#cases tr.detail .why").first).to_contain_text(
        "another sentence was cited", use_inner_text=True
    )
    page.click("#cases tr[data-case=case-008] .question")
    expect(page.locator("#cases tr[data-case=case-008] + tr .why").first).to_contain_text(
        "ValueError: the model gave nothing", use_inner_text=True
    )


def test_a_case_can_be_linked_to(show: Callable[..., Any]) -> None:
    page = show(html_report(run_of(120)), anchor="#case=case-110")
    expect(page.locator("#cases tr[data-case=case-110] button")).to_have_attribute("aria-expanded", "true")
    expect(page.locator("#case-count")).to_contain_text("101–120 of 120", use_inner_text=True)


def test_hostile_text_shows_as_text(show: Callable[..., Any]) -> None:
    said = answer(
        answer=HOSTILE,
        hits=[hit(text=HOSTILE)],
        claims=[{"text": HOSTILE, "verdict": "supported", "reason": HOSTILE, "citations": [1]}],
    )
    case = {
        "question": HOSTILE,
        "answers": [HOSTILE],
        "history": [{"question": HOSTILE, "answer": HOSTILE}],
        "evidence": [],
    }
    bad = result(
        1, case_id=HOSTILE, case=case, answer=said, tags=(HOSTILE, ""), why=HOSTILE, group=HOSTILE, error=HOSTILE
    )
    run = a_run(bad, result(2), set_name=HOSTILE, answerer=HOSTILE, conditions={"metrics": METRICS, HOSTILE: HOSTILE})
    page = show(html_report(run))
    page.click("#cases tr.case .question >> nth=0")
    page.locator("#cases details.passage summary").first.click()
    for place in ("h1", "#cases .question", ".opened .why", ".opened .said", ".opened details .words", "#cases .tags"):
        expect(page.locator(place).first).to_contain_text(HOSTILE, use_inner_text=True)
    page.select_option("#filter-tag", label=HOSTILE)
    assert cases(page) == [HOSTILE]
    expect(page.locator("img, .opened b b")).to_have_count(0)


def test_hostile_text_in_a_comparison_shows_as_text(show: Callable[..., Any]) -> None:
    case = {"question": HOSTILE, "answers": ["x"]}
    a = a_run(result(1, case=case), result(2), answerer=HOSTILE)
    b = a_run(result(1, right=False, case=case, answer=answer(answer=HOSTILE)), result(2), id="b")
    name = "answer_contained"
    found = add_verdicts({name: compare(case_scores(a.results, name), case_scores(b.results, name))}, METRICS)
    page = show(comparison_html(found, a, b))
    page.click(".panel details summary")
    expect(page.locator(".panel .answers").first).to_contain_text(HOSTILE, use_inner_text=True)
    expect(page.locator("h1").first).to_contain_text(HOSTILE, use_inner_text=True)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_theme_follows_the_system_and_can_be_chosen(show: Callable[..., Any], scheme: str) -> None:
    page = show(html_report(run_of(10)), color_scheme=scheme)

    def brightness() -> int:
        colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
        return sum(map(int, colour.removeprefix("rgb(").rstrip(")").split(",")))

    assert (brightness() > 600) == (scheme == "light")
    page.click("#theme")
    expect(page.locator("#theme").first).to_have_text("Theme: light", use_inner_text=True)
    assert brightness() > 600
    page.click("#theme")
    expect(page.locator("#theme").first).to_have_text("Theme: dark", use_inner_text=True)
    assert brightness() < 150

    def kept() -> bool:
        """Choose it again where Chromium, busy, had not yet taken over what the page stored when that was left."""
        while page.inner_text("#theme") != "Theme: dark":
            page.click("#theme")
        drawn(page)
        page.reload()
        return bool(page.inner_text("#theme") == "Theme: dark")

    until(kept)


CONTRAST = """() => {
  const channel = (v) => ((v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
  const rgb = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const behind = (node) => {
    for (; node; node = node.parentElement) {
      const colour = rgb(getComputedStyle(node).backgroundColor);
      if (colour.length === 3 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  const weak = [];
  for (const node of document.querySelectorAll("body *:not(script):not(style):not(option):not(desc):not(title)")) {
    const own = [...node.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim());
    if (!own || node.disabled || !node.getClientRects().length) continue;
    const style = getComputedStyle(node);
    const ink = node.closest("svg") ? style.fill : style.color;
    const [a, b] = [light(rgb(ink)), light(behind(node))].sort((x, y) => y - x);
    if ((a + 0.05) / (b + 0.05) < 4.5)
      weak.push(`${node.tagName}.${node.getAttribute("class")}: ${node.textContent.slice(0, 30)}`);
  }
  return weak;
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_has_contrast(show: Callable[..., Any], scheme: str) -> None:
    page = show(html_report(run_of(20), [a_run(id="other")]), color_scheme=scheme)
    for case in ("case-001", "case-002", "case-003", "case-008"):
        page.click(f"#cases tr[data-case={case}] .question")
    page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    comes_to(page, f"({CONTRAST})()", [])


@pytest.mark.parametrize("width", [360, 390, 768, 1920])
def test_the_page_never_scrolls_sideways(show: Callable[..., Any], width: int) -> None:
    case = {"question": LONG, "answers": [LONG], "evidence": [{"document": "d", "quote": LONG}]}
    long = result(1, case_id=LONG, case=case, tags=(LONG,), why=LONG, answer=answer(answer=LONG, hits=[hit(text=LONG)]))
    run = a_run(long, *(result(i, right=False) for i in range(2, 12)), set_name=LONG, answerer=LONG)
    page = show(html_report(run, [run]), viewport={"width": width, "height": 800})
    page.locator("#cases tr.case .id button").first.click()
    page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    comes_to(page, "document.documentElement.scrollWidth <= innerWidth", True)
    comes_to(page, "document.querySelector('.opened').getBoundingClientRect().width <= innerWidth", True)
    name = "answer_contained"
    found = add_verdicts({name: compare(case_scores(run.results, name), case_scores(a_run().results, name))}, METRICS)
    page = show(comparison_html(found, run, a_run()), viewport={"width": width, "height": 800})
    comes_to(page, "document.documentElement.scrollWidth <= innerWidth", True)


def test_figures_do_not_run_into_labels_on_a_phone(show: Callable[..., Any]) -> None:
    page = show(html_report(run_of(40)), viewport={"width": 360, "height": 740})
    overlaps = page.evaluate("""() => [...document.querySelectorAll("svg:not(.scaled)")].flatMap((plot) => {
      const texts = [...plot.querySelectorAll(".label, .value")];
      const boxes = texts.map((node) => [node.textContent, node.getBoundingClientRect()]);
      const apart = (a, b) => a.right <= b.left || b.right <= a.left || a.bottom <= b.top + 3 || b.bottom <= a.top + 3;
      return boxes.flatMap(([one, a], i) => boxes.slice(i + 1)
        .filter(([, b]) => a.width && b.width && !apart(a, b))
        .map(([other]) => `${one} / ${other}`));
    })""")
    assert overlaps == []


def test_the_essentials_stand_without_scripts(show: Callable[..., Any]) -> None:
    run = run_of(40)
    page = show(html_report(run), java_script_enabled=False)
    assert page.locator("figure svg").count() >= 4
    expect(page.locator("figure svg >> nth=0")).to_be_visible()
    expect(page.locator("main").first).to_contain_text(
        f"{run.estimates['answer_contained'].mean:.3f}", use_inner_text=True
    )
    expect(page.locator("noscript").first).to_be_visible()
    expect(page.locator("#cases-section").first).to_be_hidden()
    expect(page.locator("#theme").first).to_be_hidden()


def test_columns_and_tag_metrics_can_be_chosen(show: Callable[..., Any]) -> None:
    page = show(html_report(run_of(20)))
    expect(page.locator("#cases th", has_text="novel_words")).to_have_count(0)
    page.click(".columns summary")
    page.check(".columns label:has-text('novel_words') input")
    expect(page.locator("#cases th", has_text="novel_words")).to_have_count(1)
    page.select_option("#tag-metric", "span_recall")
    expect(page.locator("[data-tag-metric=span_recall]")).to_be_visible()
    expect(page.locator("[data-tag-metric=answer_contained]")).to_be_hidden()


def test_six_thousand_cases_stay_usable(show: Callable[..., Any]) -> None:
    page = show(html_report(run_of(6000)))
    expect(page.locator("#cases tr.case")).to_have_count(50)
    page.click("#next")
    assert cases(page)[0] == "case-050"
    page.click("#cases th button >> nth=4")
    page.fill("#filter-text", "mayor 5999")
    page.locator("#cases tr.case").nth(1).wait_for(state="detached")
    page.click("#cases tr.case .id button")
    expect(page.locator(".opened").first).to_contain_text("When did mayor 5999 resign?", use_inner_text=True)
    expect(page.locator("#cases tr.case")).to_have_count(1)
