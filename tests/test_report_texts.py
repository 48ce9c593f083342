"""What the reports say: Markdown, CSV, the parts of the page that need no script, and comparisons."""

import csv
import io
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from report_runs import CITED, METRICS, TEXT, a_run, answer, hit, result

from evals.report.comparison import comparison_html, comparison_markdown, flipped_cases
from evals.report.comparison_text import NO_CASE_DIFFERS
from evals.report.csv import csv_report, escape_formula
from evals.report.html import html_report
from evals.report.markdown import markdown_report
from evals.report.number_format import format_p_value, format_seconds, unit_of
from evals.report.outcomes import common_reasons
from evals.report.page import case_table
from evals.report.page.markup import element, join_html
from evals.report.plots.scale import round_step, scale_for
from evals.report.run_figures import estimates_by_tag
from evals.runner.compare import MetricComparison, add_verdicts, compare_runs
from evals.runner.estimates import case_scores, higher_is_better
from evals.runner.records import Run
from evals.stats.interval import Estimate
from evals.stats.paired import Comparison, compare

HOSTILE = "</script><script>window.pwned=1</script><img src=x onerror=window.pwned=1> & | `x` \u2028"


class Page(HTMLParser):
    """The elements of a page, and the text of its scripts by id."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.data: dict[str, str] = {}
        self._inside = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._inside = dict(attrs).get("id") or "" if tag == "script" else ""

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.data[self._inside] = self.data.get(self._inside, "") + data


def comparisons(a: Run, b: Run) -> dict[str, MetricComparison]:
    found = {
        metric: compare(
            case_scores(a.results, metric),
            case_scores(b.results, metric),
            higher_is_better=higher_is_better(METRICS, metric),
            draws=500,
        )
        for metric in METRICS
    }
    return add_verdicts(found, METRICS)


# The page


def test_the_page_asks_for_nothing_and_runs_only_its_own_scripts() -> None:
    page = Page(html_report(a_run()))
    for tag, attributes in page.elements:
        assert not {"src", "onclick", "onerror", "style"} & attributes.keys(), tag
        assert tag not in {"link", "iframe", "object", "base"}
        assert attributes.get("href", "#").startswith("#")
    policies = [a["content"] for t, a in page.elements if a.get("http-equiv") == "Content-Security-Policy"]
    assert len(policies) == 1
    assert "default-src 'none'" in policies[0]
    assert "unsafe" not in policies[0]


def test_every_plot_is_named_and_described() -> None:
    page = Page(html_report(a_run(), [a_run(id="other", answerer="bm25")]))
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    plots = [attributes for tag, attributes in page.elements if tag == "svg"]
    assert len(plots) >= 4
    for plot in plots:
        assert plot["role"] == "img"
        assert plot["aria-labelledby"] in ids
        assert plot["aria-describedby"] in ids


def test_the_summary_stands_in_the_page_without_scripts() -> None:
    run = a_run()
    page = re.sub(r"<script.*?</script>", "", html_report(run), flags=re.DOTALL)
    value = run.estimates["answer_contained"]
    assert f"{value.mean:.3f}" in page
    assert f"[{value.low:.3f}, {value.high:.3f}]" in page
    assert f"n {value.n}" in page
    assert "0123456789ab" in page
    assert "refuse_below" in page
    assert "(less is better)" in page
    assert "<noscript>" in page


def test_bars_begin_at_zero_and_are_as_long_as_the_mean() -> None:
    run = a_run(estimates={"m": Estimate(0.25, 0.125, 0.5, 8, 4, 0, 0)})
    page = html_report(run)
    assert re.search(r'<rect x="0" y="[\d.]+" width="25%"', page)
    assert re.search(r'<line x1="12.5%" x2="50%"[^>]* class="whisker"', page)


def test_the_shipped_threshold_is_marked() -> None:
    run = a_run()
    points = run.summary["risk_coverage"]["points"]
    end = max(points, key=lambda point: point["coverage"])
    assert (
        f"The threshold shipped, 0.2, answers {100 * end['coverage']:.0f} % at risk {end['risk']:.3f}."
        in html_report(run)
    )
    stricter = replace(run, conditions={**run.conditions, "settings": {"refuse_below": 0.6}})
    kept = [point for point in points if point["threshold"] >= 0.6]
    cut = max(kept, key=lambda point: point["coverage"])
    assert f"answers {100 * cut['coverage']:.0f} % at risk {cut['risk']:.3f}." in html_report(stricter)


def test_what_is_missing_is_left_out() -> None:
    bare = a_run(summary={}, conditions={}, estimates={})
    page = html_report(bare)
    for part in ("Risk and coverage", "Latency by stage", "Score by tag", "AUROC"):
        assert part not in page
    assert "Nothing was scored." in page
    empty = replace(bare, results=(), finished="")
    assert "This run has not finished" in html_report(empty)
    assert "0 cases" in markdown_report(empty)
    assert csv_report(empty).count("\n") == 1


def test_hostile_text_is_text_everywhere_in_the_page() -> None:
    case = {**result(1).case, "question": HOSTILE, "answers": [HOSTILE]}
    said = answer(answer=HOSTILE, hits=[hit(text=HOSTILE)])
    bad = result(1, case=case, answer=said, tags=(HOSTILE,), why=HOSTILE, case_id=HOSTILE, group=HOSTILE)
    run = a_run(bad, result(2), set_name=HOSTILE, answerer=HOSTILE, conditions={"settings": {HOSTILE: HOSTILE}})
    page = Page(html_report(run, [run]))
    assert [tag for tag, _ in page.elements if tag == "img"] == []
    scripts = [attributes for tag, attributes in page.elements if tag == "script"]
    assert len(scripts) == 5
    assert json.loads(page.data["case-rows"])["rows"][0]["question"] == HOSTILE
    assert json.loads(page.data["case-details"])["cases"][0]["references"] == [HOSTILE]


@given(st.text())
def test_markup_escapes_what_is_not_markup(text: str) -> None:
    page = join_html(element("p", text, title=text), text)
    assert re.findall(r"<[^>]*>", page)[:1] == [f'<p title="{join_html(text)}">']
    assert page.count("<") == 2


@given(
    st.recursive(
        st.text() | st.none() | st.floats(allow_nan=False), lambda x: st.lists(x) | st.dictionaries(st.text(), x)
    )
)
def test_embedded_json_reads_back_and_cannot_end_its_element(data: object) -> None:
    text = case_table.json_for_script(data)
    assert json.loads(text) == data
    assert not set("<>&\u2028\u2029") & set(text)


def test_marks_are_the_cited_and_the_gold_words() -> None:
    opened = case_table.case_details(a_run(result(1)))
    case, passages = opened["cases"][0], opened["passages"]
    [citation] = case["citations"]
    [(start, end)] = citation["marks"]
    assert passages[citation["passage"]]["text"][start:end] == CITED
    assert [found["gold"] for found in case["hits"]] == [False, True]
    [(start, end)] = case["hits"][1]["marks"]
    assert passages[case["hits"][1]["passage"]]["text"][start:end] == CITED
    assert case["first_gold"] == 2
    assert case["gold"][0]["text"] == CITED


def test_a_citation_outside_every_hit_shows_its_own_words() -> None:
    said = answer()
    opened = case_table.case_details(a_run(result(1, answer={**said, "hits": []})))
    [citation] = opened["cases"][0]["citations"]
    assert opened["passages"][citation["passage"]]["text"] == CITED
    assert citation["marks"] == [(0, len(CITED))]


def test_passages_are_embedded_once() -> None:
    opened = case_table.case_details(a_run(*(result(12 * i) for i in range(20))))
    assert len(opened["passages"]) == 2
    assert sum(passage["text"] == TEXT for passage in opened["passages"]) == 1


def test_sources_are_named_without_their_folders() -> None:
    said = answer(
        hits=[{**hit(), "source": "/home/someone/news/doc-1.txt"}, {**hit(start=900), "source": "C:\\x\\y.txt"}]
    )
    page = html_report(a_run(result(1, answer=said)))
    assert "/home/someone" not in page
    passages = json.loads(Page(page).data["case-details"])["passages"]
    assert [passage["source"] for passage in passages] == ["doc-1.txt", "y.txt"]


def test_reasons_are_counted_by_their_kind() -> None:
    reasons = (
        "Answered although the documents do not hold it (confidence 0.31): “He said “never” again.”",
        "Answered although the documents do not hold it (confidence 0.40): “Two.”",
        "The gold passage was retrieved at rank 3.",
        "The gold passage was retrieved at rank 12.",
        "",
    )
    found = common_reasons(result(i, why=why) for i, why in enumerate(reasons))
    assert found == [
        ("Answered although the documents do not hold it", 2),
        ("The gold passage was retrieved at rank #", 2),
    ]


def test_intervals_are_not_called_clustered_where_no_case_shares_a_document() -> None:
    alone = a_run(*(result(i, right=i % 2 == 0, group="") for i in range(9)))
    assert "each case standing alone" in html_report(alone)
    assert "clustered by document" not in markdown_report(alone)
    assert "clustered by document" in html_report(a_run())


def test_gold_documents_mark_hits_where_no_spans_are_known() -> None:
    one = result(1, gold=(), case={"question": "?", "documents": ["articles/doc-1.txt"]})
    assert [case_table.holds_gold(found, one) for found in one.answer["hits"]] == [False, True]
    by_id = result(1, gold=(), case={"question": "?", "relevance": {"doc-1-other": 2}})
    assert [case_table.holds_gold(found, by_id) for found in by_id.answer["hits"]] == [True, False]


# Markdown and CSV


def test_markdown_holds_summary_tags_and_failures() -> None:
    run = a_run()
    text = markdown_report(run)
    value = run.estimates["answer_contained"]
    row = f"| answer\\_contained | {value.mean:.3f} | \\[{value.low:.3f}, {value.high:.3f}\\] | {value.n} | {value.crashed} | {value.unscored} |"
    assert row in text
    assert value.crashed == 1
    assert value.unscored > 0
    assert "| paraphrase | answer\\_contained |" in text
    failed = [r for r in run.results if r.why or r.status != "answered"]
    rows = [line for line in text.splitlines() if re.match(r"\| case-\d", line)]
    assert [line.split(" | ")[0][2:] for line in rows] == [r.case_id for r in failed]
    assert "| case-008 | When did mayor 8 resign? | crashed | crashed: ValueError: the model gave nothing |" in text


def test_markdown_shows_hostile_text_as_it_is() -> None:
    text = markdown_report(a_run(result(1, right=False, why=f"{HOSTILE}\n| a | b |"), result(2)))
    assert "<script" not in re.sub(r"\\<", "", text)
    [row] = [line for line in text.splitlines() if line.startswith("| case-001")]
    assert len(re.findall(r"(?<!\\)\|", row)) == 5


def test_csv_has_one_row_a_case_and_a_column_a_score() -> None:
    run = a_run()
    rows = list(csv.DictReader(io.StringIO(csv_report(run), newline="")))
    assert [row["case"] for row in rows] == [r.case_id for r in run.results]
    assert set(METRICS) <= rows[0].keys()
    assert float(rows[2]["answer_contained"]) == 0.0
    assert rows[3]["answer_contained"] == ""
    assert rows[3]["outcome"] == "refused"
    assert rows[8]["status"] == "crashed"
    assert rows[8]["refused"] == ""


def test_csv_is_rfc_4180() -> None:
    text = csv_report(a_run(result(1, why='said "no",\nthen left', tags=("a", "b"))))
    assert text.endswith("\r\n")
    [row] = list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
    assert row["why"] == 'said "no",\nthen left'
    assert '"said ""no"",\nthen left"' in text


@given(st.text(alphabet="=+-@\t\r\n '\"a1,"))
def test_no_cell_begins_like_a_formula(text: str) -> None:
    cell = escape_formula(text)
    assert not cell.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
    assert cell in (text, f"'{text}")


def test_formulas_in_any_text_are_disarmed_and_numbers_are_not() -> None:
    one = result(
        1, case_id="=1+1", case={"question": "@SUM(A1)"}, answer=answer(answer="+1"), tags=("-x",), scores={"=m": 0.5}
    )
    [row] = list(csv.DictReader(io.StringIO(csv_report(a_run(one, estimates={})), newline="")))
    assert (row["case"], row["question"], row["answer"], row["tags"]) == ("'=1+1", "'@SUM(A1)", "'+1", "'-x")
    assert row["'=m"] == "0.5"


# Comparisons


def test_a_clear_difference_is_named_and_its_cases_listed() -> None:
    a = a_run(*(result(i, right=i // 12 % 2 == 0) for i in range(60)))
    b = a_run(*(result(i, right=i != 0) for i in range(60)), id="b", answerer="better one")
    found = comparisons(a, b)
    flipped = flipped_cases(found, a, b)
    assert len(flipped) == 25
    assert [flip.case_id for flip in flipped if flip.worse] == ["case-000"]
    assert "answer_contained" in flipped[1].better
    page, text = comparison_html(found, a, b), comparison_markdown(found, a, b)
    assert re.search(r"B is better on [^.]*answer_contained", page)
    assert "Worse in B (1)" in page
    assert "Better in B (24)" in page
    assert "## Flipped cases (25)" in text
    assert "| case-000 | When did mayor 0 resign? |  | " in text


def test_less_of_a_metric_where_less_is_better_is_better() -> None:
    a = a_run(*(result(i, scores={"novel_words": 0.6}) for i in range(40)))
    b = a_run(*(result(i, scores={"novel_words": 0.1 + i / 400}) for i in range(40)), id="b")
    found = {"novel_words": comparisons(a, b)["novel_words"]}
    assert "B is better on novel_words." in comparison_markdown(found, a, b).replace("\\", "")
    assert all(flip.better == ("novel_words",) for flip in flipped_cases(found, a, b))


def test_no_more_is_said_than_is_shown() -> None:
    a = a_run(*(result(i, right=i % 4 != 0) for i in range(60)))
    b = a_run(*(result(i, right=i % 4 != 1) for i in range(60)), id="b")
    found = comparisons(a, b)
    assert "No difference is shown on any of 5 metrics." in comparison_html(found, a, b)
    same = comparisons(a, a)
    assert NO_CASE_DIFFERS in comparison_markdown(same, a, a)
    assert flipped_cases(same, a, a) == []


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, "better"),
        ({"difference": -0.2, "low": -0.3, "high": -0.1}, "worse"),
        ({"low": -0.01}, "no difference shown"),
        ({"p_value": 0.06}, "no difference shown"),
        ({"clustered_p_value": 0.2}, "no difference shown"),
        ({"low": None, "high": None}, "no difference shown"),
        ({"wins": 0, "losses": 0}, "same"),
    ],
)
def test_verdict(change: dict[str, Any], expected: str) -> None:
    clear = Comparison(50, 20, 12, 37, 1, 0.5, 0.7, 0.2, 0.1, 0.3, "mcnemar", 0.003, 0.004, (), (), (), (), ())
    assert add_verdicts({"recall@4": replace(clear, **change)}, METRICS)["recall@4"].verdict == expected


def test_verdicts_are_adjusted_for_the_number_of_metrics() -> None:
    near = Comparison(50, 20, 12, 37, 1, 0.5, 0.7, 0.2, 0.1, 0.3, "mcnemar", 0.03, 0.03, (), (), (), (), ())
    assert add_verdicts({"one": near}, METRICS)["one"].verdict == "better"
    assert add_verdicts({"one": near, "two": near}, METRICS)["one"].verdict == "no difference shown"


@pytest.mark.parametrize("every", [1, 2, 3, 5, 9, 60])
def test_the_report_and_the_command_say_the_same(every: int) -> None:
    a = a_run(*(result(i, right=i % 4 != 0) for i in range(60)))
    b = a_run(*(result(i, right=i % every == 0 or i % 4 != 0) for i in range(60)), id="b")
    compared = compare_runs(a, b).metrics
    lines = comparison_markdown(compared, a, b).replace("\\", "").splitlines()
    rows = [line.split(" | ") for line in lines if line.startswith("| ")]
    told = {row[0].removeprefix("| "): row[5] for row in rows if len(row) > 5}
    assert {name: told[name] for name in compared} == {name: each.verdict for name, each in compared.items()}


def test_a_comparison_tells_what_it_leaves_out_and_what_else_differs() -> None:
    a = a_run(*(result(i) for i in range(10)))
    conditions = {**a.conditions, "settings": {"top_k": 3}}
    b = a_run(*(result(i) for i in range(1, 12)), id="b", set_sha256="00", conditions=conditions, finished="")
    page = comparison_html(comparisons(a, b), a, b)
    assert "1 case not in B: case-000" in page
    assert "2 cases not in A: case-010, case-011" in page
    assert "settings.top_k" in page
    assert "different versions of their sets" in page
    assert "Run B has not finished." in page


def test_hostile_text_in_a_comparison_is_text() -> None:
    case = {"question": HOSTILE, "answers": ["x"]}
    a = a_run(result(1, case=case, why=HOSTILE), result(2), answerer=HOSTILE)
    b = a_run(result(1, right=False, case=case, answer=answer(answer=HOSTILE)), result(2), id=HOSTILE)
    page = Page(comparison_html(comparisons(a, b), a, b))
    assert [tag for tag, _ in page.elements if tag == "img"] == []
    assert [tag for tag, _ in page.elements].count("script") == 1


# Figures


def test_tags_are_estimated_as_the_run_is() -> None:
    run = a_run()
    found = estimates_by_tag(run)["answer_contained"]
    tagged = [r for r in run.results if "who" in r.tags]
    values = [r.scores["answer_contained"] for r in tagged if r.scores["answer_contained"] is not None]
    assert found["who"].n == len(values)
    assert found["who"].mean == pytest.approx(sum(values) / len(values))
    assert found["when"].n + found["who"].n == run.estimates["answer_contained"].n


@given(st.floats(1e-6, 1e6))
def test_axes_reach_what_they_show_and_not_far_beyond(highest: float) -> None:
    top = scale_for("seconds", [highest]).top
    assert highest <= top * (1 + 1e-9)
    assert top <= 2.6 * highest
    assert round_step(0.0) == 1.0


def test_figures_are_written_in_their_unit() -> None:
    assert unit_of("latency_total") == unit_of("seconds") == "seconds"
    assert unit_of("passages_read") == "count"
    assert unit_of("novel_words") == unit_of("recall@10") == "share"
    assert (format_seconds(0.0421), format_seconds(1.234), format_seconds(None)) == ("42 ms", "1.23 s", "–")
    assert (format_p_value(0.0), format_p_value(0.0312)) == ("< 0.001", "0.031")
