"""Two runs side by side: what differs, how sure that is, and which cases flipped."""

from collections.abc import Iterable, Mapping

from evals.report import figures
from evals.report.facts import facts, names
from evals.report.flips import Flip, flips
from evals.report.markdown import escaped, markdown_table
from evals.report.markup import Html, element, folded, joined, table
from evals.report.outcome import outcome, reason
from evals.report.page import page, theme_button
from evals.report.plots.differences import Difference, difference_plot
from evals.report.plots.figure import figure
from evals.report.verdicts import Judged, judged
from evals.report.wording import interval, p_value, plural, signed, unit_of, writer
from evals.runner.compare import Verdict
from evals.runner.models import Result, Run
from evals.stats.paired import Comparison

_VERDICTS: tuple[Verdict, ...] = ("better", "worse", "same", "no difference shown")
_TONES: Mapping[Verdict, str] = {"better": "better", "worse": "worse", "same": "same", "no difference shown": "same"}
_HEADER = (
    "metric", "A", "B", "B − A", "95 % interval", "B is", "wins", "ties", "losses", "p", "p by document",
    "p adjusted", "n",
)  # fmt: skip
_READING = (
    "Wins are cases where B is the better. B is called better or worse only where the interval of the "
    "difference leaves out 0 and the larger p-value, adjusted for the number of metrics that differ (Holm), is "
    "below 0.05. Where no difference is shown there may still be one, too small for these cases to tell."
)


def comparison_html(comparisons: Mapping[str, Comparison], a: Run, b: Run) -> str:
    """The comparison as one HTML file that fetches nothing; ``comparisons`` by metric, A the baseline."""
    name_a, name_b = names((a, b))
    flipped, verdicts = flips(comparisons, a, b), judged(comparisons, a, b)
    runs = (element("p", element("b", f"{letter} "), _named(run)) for letter, run in (("A", a), ("B", b)))
    body = joined(
        element(
            "header",
            element("div", element("h1", f"{name_b} against {name_a}"), *runs),
            theme_button(),
            class_="masthead",
        ),
        element(
            "main",
            element("p", _conclusion(verdicts), class_="lead"),
            *(element("p", element("b", warning), class_="lead") for warning in _warnings(a, b)),
            *_plots(comparisons, verdicts, a),
            element("h2", "Figures"),
            element("p", _READING, class_="quiet"),
            table("B against A, by metric", _HEADER, _rows(comparisons, verdicts, a)),
            *_left_out(comparisons),
            *_settings(a, b),
            element("h2", f"Flipped cases ({len(flipped):,})"),
            element(
                "p",
                "Cases a metric put on one side of 0.5 in A and on the other in B: ▲ better, ▼ worse.",
                class_="quiet",
            ),
            *_flipped(flipped, a, b),
        ),
    )
    return page(f"{name_b} against {name_a}", body)


def comparison_markdown(comparisons: Mapping[str, Comparison], a: Run, b: Run) -> str:
    """The comparison in Markdown, with every flipped case."""
    name_a, name_b = names((a, b))
    flipped, verdicts = flips(comparisons, a, b), judged(comparisons, a, b)
    questions = {result.case_id: str(result.case.get("question", "")) for result in b.results}
    rows = ((f.case_id, questions[f.case_id], ", ".join(f.better), ", ".join(f.worse)) for f in flipped)
    parts = [
        f"# {escaped(name_b)} against {escaped(name_a)}",
        f"A: {escaped(_named(a))}  \nB: {escaped(_named(b))}",
        escaped(_conclusion(verdicts)),
        *(f"**{escaped(warning)}**" for warning in _warnings(a, b)),
        markdown_table(_HEADER, _rows(comparisons, verdicts, a)),
        _READING,
        "\n".join(f"- {escaped(line)}" for line in _missing(comparisons)),
        f"## Flipped cases ({len(flipped):,})",
        markdown_table(("case", "question", "better in B", "worse in B"), rows, words=4) if flipped else "None.",
    ]
    return "\n\n".join(filter(None, parts)) + "\n"


def _named(run: Run) -> str:
    return " · ".join(f"{name} {value}" for name, value in facts(run))


def _conclusion(verdicts: Mapping[str, Judged]) -> str:
    by = {word: [metric for metric, found in verdicts.items() if found.verdict == word] for word in _VERDICTS}
    said = [f"B is {word} on {', '.join(by[word])}" for word in ("better", "worse") if by[word]]
    if not said and len(by["same"]) == len(verdicts):
        return "The runs differ in no case on any metric."
    if not said:
        return f"No difference is shown on any of {plural(len(verdicts), 'metric')}."
    rest = len(by["same"]) + len(by["no difference shown"])
    return f"{'; '.join(said)}{f'; no difference is shown on {rest} more' if rest else ''}."


def _warnings(a: Run, b: Run) -> Iterable[str]:
    if a.set_sha256 != b.set_sha256:
        yield "The runs used different versions of their sets: only cases with the same id are compared."
    for letter, run in (("A", a), ("B", b)):
        if not run.finished:
            yield f"Run {letter} has not finished."


def _plots(comparisons: Mapping[str, Comparison], verdicts: Mapping[str, Judged], a: Run) -> Iterable[Html]:
    """Shares on one axis; a metric in another unit has none to share and stands in the table alone."""
    shown = [
        Difference(metric, value.difference, value.low, value.high, _TONES[verdicts[metric].verdict])
        for metric, value in comparisons.items()
        if value.difference is not None and unit_of(metric, a.estimates.get(metric)) == "share"
    ]
    if shown:
        image = difference_plot("differences", "Differences of B from A", shown)
        note = "Right of 0, B is higher. Green: B is better; red: worse; grey: no difference is shown."
        yield figure("differences-figure", "Differences", image, note=note)


def _rows(comparisons: Mapping[str, Comparison], verdicts: Mapping[str, Judged], a: Run) -> Iterable[tuple[str, ...]]:
    for metric, value in comparisons.items():
        write = writer(unit_of(metric, a.estimates.get(metric)))
        counts = (f"{n:,}" for n in (value.wins, value.ties, value.losses))
        yield (
            metric,
            write(value.mean_a),
            write(value.mean_b),
            signed(value.difference),
            interval(value.low, value.high, signed),
            verdicts[metric].verdict,
            *counts,
            f"{p_value(value.p_value)} ({value.test})",
            p_value(value.clustered_p_value),
            p_value(verdicts[metric].adjusted_p_value),
            f"{value.n:,}",
        )


def _missing(comparisons: Mapping[str, Comparison]) -> Iterable[str]:
    """What could not be compared: cases that one run lacks, then by metric those without a value."""
    first = next(iter(comparisons.values()), None)
    if first is not None:
        for letter, cases in (("A", first.missing_in_a), ("B", first.missing_in_b)):
            if cases:
                yield f"{plural(len(cases), 'case')} not in {letter}: {_some(cases)}"
    for metric, value in comparisons.items():
        unscored = {"A": set(value.unscored_in_a), "B": set(value.unscored_in_b)}
        for letter, cases_ in unscored.items():
            # A case unscored in both is one that the metric does not apply to.
            only = sorted(cases_ - unscored["B" if letter == "A" else "A"])
            if only:
                yield f"{metric}: {plural(len(only), 'case')} unscored in {letter} alone: {_some(only)}"


def _some(cases: Iterable[str]) -> str:
    all_ = list(cases)
    return ", ".join(all_[:10]) + (f" and {len(all_) - 10:,} more" if len(all_) > 10 else "")  # noqa: PLR2004


def _left_out(comparisons: Mapping[str, Comparison]) -> Iterable[Html]:
    lines = list(_missing(comparisons))
    if lines:
        yield folded("Cases left out of a comparison", element("ul", *(element("li", line) for line in lines)))


def _settings(a: Run, b: Run) -> Iterable[Html]:
    in_a, in_b = dict(figures.conditions(a)), dict(figures.conditions(b))
    rows = [
        (name, str(in_a.get(name, "–")), str(in_b.get(name, "–")))
        for name in dict.fromkeys((*in_a, *in_b))
        if in_a.get(name) != in_b.get(name)
    ]
    if rows:
        yield element("h2", "Conditions that differ")
        yield table("What was recorded otherwise in A than in B", ("condition", "A", "B"), rows, words=3)


def _flipped(flipped: list[Flip], a: Run, b: Run) -> Iterable[Html]:
    in_a = {result.case_id: result for result in a.results}
    in_b = {result.case_id: result for result in b.results}
    groups = {
        "Worse in B": [flip for flip in flipped if flip.worse and not flip.better],
        "Better in B": [flip for flip in flipped if flip.better and not flip.worse],
        "Better on one metric, worse on another": [flip for flip in flipped if flip.better and flip.worse],
    }
    for title, group in groups.items():
        if group:
            cases = (_flip(flip, in_a[flip.case_id], in_b[flip.case_id]) for flip in group)
            yield element("div", element("h3", f"{title} ({len(group):,})"), *cases, class_="panel")


def _flip(flip: Flip, a: Result, b: Result) -> Html:
    badges = [element("span", f"{m} ▲", class_="badge good") for m in flip.better]
    badges += [element("span", f"{m} ▼", class_="badge wrong") for m in flip.worse]
    spaced = joined(*(joined(" ", badge) for badge in badges))
    return folded(
        joined(element("b", flip.case_id), f" {b.case.get('question', '')}", spaced),
        element("div", _answer("A", a), _answer("B", b), class_="answers"),
    )


def _answer(letter: str, result: Result) -> Html:
    why = element("p", reason(result), class_="quiet") if reason(result) else Html()
    said = str(result.answer.get("answer", "")) or "No answer came."
    return element("div", element("h4", f"{letter}: {outcome(result)}"), element("p", said), why)
