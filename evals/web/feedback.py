"""An answer that a reader judged, kept as a case of a set."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path

from evals.datasets.cases import CasesError, append_case, load_cases
from evals.datasets.resolve import resolve_evidence
from evals.schema import Case, Evidence
from evals.scoring.scorer import answer_text
from index.errors import OnrecordError
from index.schema import Document
from rag.schema import Answer, Turn

DEFAULT_SET = "feedback"
_LONGEST_NAME = 60  # characters of a set's name, and of an id before its number
_SHORTEST_QUOTE = 8  # characters; fewer would stand anywhere


class KeepCaseError(OnrecordError):
    """The given fields do not make a sound case, or it cannot be written."""


def sets_folder(data_dir: Path) -> Path:
    """Return the folder of the sets of a data folder."""
    return data_dir / "evals"


def keep_case(
    data_dir: Path,
    answer: Answer,
    good: bool,
    edits: Mapping[str, object],
    *,
    history: Sequence[Turn] = (),
    read: Callable[[str], Document],
) -> Path:
    """Add ``answer`` as a case to a set of ``data_dir`` and return the set's file.

    ``edits`` is what the reader filled in, every part optional: ``question``; ``reference``, a good answer;
    ``answerable``, true or false; ``citations``, the markers of the cited words that are right; ``quote``,
    other words that are, copied from a document that was found; ``tags``, comma-separated; ``set``, its name.
    ``history`` is what was said before, and ``read`` gives a document by id. The case carries the tag
    ``thumbs-up`` or ``thumbs-down``, and today's date.

    Raises ``KeepCaseError`` saying what to change; the set is then as it was.
    """
    path = sets_folder(data_dir) / f"{set_name(edits.get('set'))}.jsonl"
    question = _text(edits, "question", answer.question)
    if not question:
        raise KeepCaseError("The question is empty. Write what is to be asked.")
    reference = _text(edits, "reference", answer_text(answer) if good else "")
    answerable = bool(edits.get("answerable", not (good and answer.refused)))
    evidence = tuple(_evidence(answer, edits, read)) if answerable else ()
    if answerable and not reference and not evidence:
        raise KeepCaseError(
            "Nothing says what would be right. Give a good answer, tick or copy the words it rests on, or "
            "say that the documents do not hold the answer."
        )
    try:
        case = Case(
            id=_free_id(question, path),
            question=question,
            history=tuple(history),
            answers=(reference,) if answerable and reference else (),
            evidence=evidence,
            answerable=answerable,
            tags=_tags(good, _text(edits, "tags", "")),
            as_of=date.today().isoformat(),
        )
        append_case(case, path)
    except CasesError as error:
        raise KeepCaseError(str(error)) from error
    except OSError as error:
        raise KeepCaseError(
            f"{path} cannot be written ({error.strerror or error}): check permissions and free space."
        ) from error
    return path


def set_name(wanted: object) -> str:
    """Turn ``wanted`` into the name of a set: letters, digits and dashes only, so that it names no other place."""
    kept = "".join(c if c.isalnum() else "-" for c in wanted) if isinstance(wanted, str) else ""
    return re.sub("-+", "-", kept)[:_LONGEST_NAME].strip("-") or DEFAULT_SET


def _evidence(answer: Answer, edits: Mapping[str, object], read: Callable[[str], Document]) -> Iterator[Evidence]:
    chosen = edits.get("citations", ())
    markers = {str(marker) for marker in chosen} if isinstance(chosen, Iterable) else set()
    for citation in answer.citations:
        if str(citation.marker) in markers:
            yield Evidence(citation.passage.document_id, citation.text, citation.start, citation.end)
    quote = _text(edits, "quote", "")
    if quote:
        yield _quoted(quote, answer, read)


def _quoted(quote: str, answer: Answer, read: Callable[[str], Document]) -> Evidence:
    """Find the one place of the words among the documents that were found for the question."""
    if len(quote) < _SHORTEST_QUOTE:
        raise KeepCaseError(f"The copied words, “{quote}”, are too few to be found again. Copy a whole sentence.")
    for document_id in dict.fromkeys(hit.passage.document_id for hit in answer.hits):
        document = read(document_id)
        try:
            (span,) = resolve_evidence(Case("", "", evidence=(Evidence(document_id, quote),)), {document_id: document})
        except CasesError:
            continue
        return Evidence(document_id, document.text[span.start : span.end], span.start, span.end)
    raise KeepCaseError(
        "The copied words stand exactly once in none of the documents found for this question. Copy a whole "
        "sentence from the source pane, as it stands there."
    )


def _tags(good: bool, given: str) -> tuple[str, ...]:
    named = (tag.strip() for tag in given.split(","))
    return tuple(dict.fromkeys(["thumbs-up" if good else "thumbs-down", *(tag for tag in named if tag)]))


def _free_id(question: str, path: Path) -> str:
    taken = {case.id for case in load_cases(path)} if path.exists() and path.stat().st_size else set()
    stem = "-".join(re.findall(r"\w+", question.lower()))[:_LONGEST_NAME].strip("-") or "case"
    number = 1
    while (name := stem if number == 1 else f"{stem}-{number}") in taken:
        number += 1
    return name


def _text(edits: Mapping[str, object], name: str, default: str) -> str:
    value = edits.get(name, default)
    return value.strip() if isinstance(value, str) else default
