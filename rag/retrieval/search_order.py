"""Plan where a question is searched, and in which order: in the time it names, then in the whole scope."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from index.schema import DocumentInfo
from rag.prompts import other_dates_note, searched_scope_note
from rag.question.scope import EVERYTHING, Scope, select_documents
from rag.question.time_expressions import Period, parse_period


@dataclass(frozen=True, slots=True)
class Search:
    """One search: ``query`` is put to the documents ``within``, or to all where that is None.

    ``scope`` is what ``within`` was chosen by. ``newest`` puts what is nearly as good in order of date. ``note`` tells
    the reader what was searched; it is empty where that goes without saying.
    """

    query: str
    scope: Scope
    within: frozenset[str] | None
    newest: bool = False
    note: str = ""


def plan_searches(
    query: str, scope: Scope, documents: Callable[[], Sequence[DocumentInfo]], today: date | None = None
) -> tuple[Search, ...]:
    """Return the searches to make, one after another until one answers; seldom more than one.

    A given ``scope`` always holds. A time named in the question ("last week", "in 1966") is only a preference, since
    the words may be about what happened and not about when it was published. Documents published then are searched
    first, for the question without these words (with only a year, first for the question as it stands, since a text may
    name its year). When there are none, or they do not answer, all of ``scope`` is searched for the question as it
    stands, so a question never finds less by naming a time. "The latest" is likewise taken out of the question, and of
    passages that are nearly as good the newest comes first.

    "Last week" counts from ``scope.as_of``, else from ``today``, else from the current day. Raises ScopeError as
    ``select_documents`` does.
    """
    period = parse_period(query, scope.as_of or today or date.today())
    if scope == EVERYTHING and not period.bounded:
        return _newest_then_plain(Search(query, scope, None, period.latest), period)
    held = documents()
    within = None if scope == EVERYTHING else select_documents(held, scope)
    if within is not None and not within:
        return (Search(query, scope, within),)
    whole = Search(query, scope, within, period.latest, searched_scope_note(scope))
    if not period.bounded:
        return _newest_then_plain(whole, period)
    then = scope.narrowed(period.since, period.until)
    dated = select_documents(held, then)
    if not dated:
        return (_with_note(whole, period),)
    note = searched_scope_note(then, period.words)
    asked = (query, period.question) if period.year else (period.question,)
    return (*(Search(words, then, dated, period.latest, note) for words in asked), _with_note(whole, period))


def _newest_then_plain(whole: Search, period: Period) -> tuple[Search, ...]:
    return (replace(whole, query=period.question), whole) if period.latest else (whole,)


def _with_note(whole: Search, period: Period) -> Search:
    """Return the wider search, noting that it is wider where its answer could be taken for that of "last week"."""
    if not period.relative:
        return whole
    note = other_dates_note(Scope(period.since, period.until), period.words)
    return replace(whole, note=f"{note} {whole.note}".strip())
