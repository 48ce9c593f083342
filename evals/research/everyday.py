"""How everyday questions are answered, as Markdown: ``python -m evals.research.everyday``.

Asks ``seeds/evals/everyday.jsonl`` over ``seeds/everyday``, ``seeds/news`` and ``seeds/documents``, on the half that
nothing was tuned on unless ``--half tune``. ``--set languages`` asks ``seeds/evals/languages.jsonl`` over
``seeds/languages`` instead. ``--set changed`` asks questions in pairs, one of which names another number, person, time
and so on than the documents do, ``--set conversations`` the last turns of conversations. Marked by rules that a person
would mostly agree with:

- *right*: one of the ``answers`` stands in what is shown, or the evidence is cited: one piece of it in the first two
  sentences for a fact, all of it for a list, a comparison or a summary; a list of documents names those wanted and no
  others; a friendly reply for a greeting; a refusal where the documents do not say;
- *partly*: some of the evidence of a list, comparison or summary is cited, or some of the documents are listed;
- *wrongly refused*, and *wrong*: something else is shown.

Intervals are resampled by document. ``--wrong`` lists what went wrong.
"""

import argparse
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Literal, get_args

from evals.datasets.cases import load_cases
from evals.research.flags import add_half_flag
from evals.schema import Case
from evals.stats.interval import CaseScore, estimate
from index import index_folder
from index.config import IndexConfig
from rag.pipeline import open_pipeline
from rag.schema import Answer, Claim

_SEEDS = Path("seeds")
_LIBRARY = ("everyday", "news", "documents")
SETS = {"everyday": _LIBRARY, "conversations": _LIBRARY, "changed": _LIBRARY, "languages": ("languages",)}
"""The folders of ``seeds`` that each set asks about."""
Mark = Literal["right", "partly", "wrongly refused", "wrong"]
_WHOLE_ANSWERS = frozenset({"list", "overview", "compare", "count"})  # kinds that want all of their evidence
_CODE_ANSWERS = {"smalltalk": "smalltalk", "about-tool": "about_tool"}
_FACT_SENTENCES = 2
_GROUPED = ("language:", "original:", "changed:", "turn:")  # tags by which questions are counted apart


@dataclass(frozen=True, slots=True)
class MarkedCase:
    """A case with its answer and how that is marked."""

    case: Case
    answer: Answer
    mark: Mark

    @property
    def kind(self) -> str:
        """What kind of answer the case asks for."""
        return self.case.tags[0]

    @property
    def group(self) -> str:
        """The language, or what was changed, that the case is tagged with; empty for none."""
        return next((tag for tag in self.case.tags if tag.startswith(_GROUPED)), "")


def main(arguments: Sequence[str] | None = None) -> None:
    """Ask the questions of one half and print the tables."""
    parser = argparse.ArgumentParser(prog="python -m evals.research.everyday", description=__doc__)
    parser.add_argument("--set", choices=tuple(SETS), default="everyday", dest="name")
    add_half_flag(parser)
    parser.add_argument("--wrong", action="store_true", help="list every case that is not right")
    options = parser.parse_args(arguments)
    cases, folders = cases_and_folders(options.name)
    marked = ask_all([case for case in cases if f"half:{options.half}" in case.tags], folders)
    print("\n".join(table(marked)))
    if options.wrong:
        for one in marked:
            if one.mark != "right":
                print(f"\n{one.case.id}, {one.kind}, {one.mark}: {one.case.question}\n{one.answer.text}")


def cases_and_folders(name: str) -> tuple[list[Case], list[Path]]:
    """Return the cases of the set called ``name``, a key of ``SETS``, and the folders that they ask about."""
    return list(load_cases(_SEEDS / "evals" / f"{name}.jsonl")), [_SEEDS / folder for folder in SETS[name]]


def ask_all(cases: Sequence[Case], folders: Iterable[Path]) -> list[MarkedCase]:
    """Index ``folders`` in a temporary place, ask every case and mark its answer."""
    with tempfile.TemporaryDirectory(prefix="onrecord-everyday-") as place:
        config = IndexConfig(data_dir=Path(place))
        for folder in folders:
            index_folder(folder, config)
        with open_pipeline(config) as pipeline:
            answers = [pipeline.ask(case.question, case.history) for case in cases]
            titles = {PurePath(info.source).name: info.title for info in pipeline.store.documents()}
    return [MarkedCase(case, answer, mark(case, answer, titles)) for case, answer in zip(cases, answers, strict=True)]


def mark(case: Case, answer: Answer, titles: Mapping[str, str]) -> Mark:
    """Mark the answer to a case by the rules above; ``titles`` are those of all documents, by their file names."""
    kind = case.tags[0]
    if kind in _CODE_ANSWERS:
        return "right" if answer.kind == _CODE_ANSWERS[kind] else "wrong"
    if not case.answerable:
        return "right" if answer.refused else "wrong"
    return "wrongly refused" if answer.refused else _mark_said(case, answer, titles)


def _mark_said(case: Case, answer: Answer, titles: Mapping[str, str]) -> Mark:
    kind = case.tags[0]
    claims = answer.claims if kind in _WHOLE_ANSWERS else answer.claims[:_FACT_SENTENCES]
    said = _plain(" ".join([answer.lead, *(claim.text for claim in claims)]))
    if any(_plain(gold) in said for gold in case.answers):
        return "right"
    if case.documents and not case.evidence:
        return _mark_list(case, said, titles)
    cited = [_is_cited(_plain(item.quote), claims) for item in case.evidence]
    if cited and (all(cited) or (any(cited) and kind not in _WHOLE_ANSWERS)):
        return "right"
    return "partly" if any(cited) else "wrong"


def _mark_list(case: Case, said: str, titles: Mapping[str, str]) -> Mark:
    """Mark a list of documents: right where it names those of the case and no others."""
    named = {file for file, title in titles.items() if _plain(title) in said}
    wanted = set(case.documents)
    return "right" if named == wanted else "partly" if named & wanted else "wrong"


def table(marked: Sequence[MarkedCase]) -> list[str]:
    """Return a Markdown table: the share of each mark, by whether the documents answer and by kind."""
    lines = ["| questions | n | " + " | ".join(get_args(Mark)) + " |", "| --- | --: |" + " --: |" * len(get_args(Mark))]
    lines.append(_row("all that the documents answer", [one for one in marked if one.case.answerable]))
    lines.append(_row("all that they do not", [one for one in marked if not one.case.answerable]))
    kinds = dict.fromkeys(one.kind for one in marked)
    lines += [_row(kind, [m for m in marked if m.kind == kind and m.case.answerable]) for kind in kinds]
    for group in dict.fromkeys(filter(None, (one.group for one in marked))):
        name = group.replace(":", ": ")
        alike = [one for one in marked if one.group == group]
        answered = [one for one in alike if one.case.answerable]
        silent = [one for one in alike if not one.case.answerable]
        lines += [
            _row(f"{name}, {what}", some) for what, some in (("answered", answered), ("not answered", silent)) if some
        ]
    return lines


def _row(name: str, marked: Sequence[MarkedCase]) -> str:
    return f"| {name} | {len(marked)} | " + " | ".join(_share(marked, wanted) for wanted in get_args(Mark)) + " |"


def _share(marked: Sequence[MarkedCase], wanted: Mark) -> str:
    found = estimate(CaseScore(one.case.id, one.case.group, float(one.mark == wanted)) for one in marked)
    if found.mean is None:
        return "–"
    if found.low is None or found.high is None:
        return f"{found.mean:.0%}"
    return f"{found.mean:.0%} ({found.low:.0%}–{found.high:.0%})"


def _is_cited(quote: str, claims: Iterable[Claim]) -> bool:
    cited = [_plain(citation.text) for claim in claims for citation in claim.citations]
    return any(quote in text or text in quote for text in cited)


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


if __name__ == "__main__":
    main()
