"""All that is checked of a claim's own words: numbers, dates, names, negations, opposites, who did it to whom."""

from rag.verify.checks.cited import Cited
from rag.verify.checks.contrast import contrast_findings, direction_findings
from rag.verify.checks.dates import date_findings
from rag.verify.checks.finding import Finding
from rag.verify.checks.names import name_findings, opens_as_name
from rag.verify.checks.numbers import number_findings
from rag.verify.checks.offices import office_findings
from rag.verify.checks.polarity import polarity_findings
from rag.verify.checks.roles import role_findings
from rag.verify.checks.swapped import exchange_findings
from rag.verify.checks.wording import lay_beside, named_inside, words


def facts(claim: str, source: Cited) -> tuple[Finding, ...]:
    """What the cited sentences do not bear out, what they contradict first."""
    said = words(claim)
    beside = lay_beside(said, source.words)
    capitals = frozenset(w.low for sentence in source.words for w in sentence if w.text[:1].isupper())
    opening = frozenset(w.low for w in said if opens_as_name(w)) & capitals
    known = source.known_names | named_inside(said) | opening
    found = (
        *number_findings(claim, source, beside),
        *date_findings(claim, source),
        *name_findings(said, source, beside, known),
        *polarity_findings(said, source, beside),
        *contrast_findings(said, source, beside),
        *direction_findings(claim, source),
        *exchange_findings(said, beside, known),
        *role_findings(said, source, known),
        *office_findings(claim, source),
    )
    once = {one.reason: one for one in found}
    return tuple(sorted(once.values(), key=lambda one: one.weight != "wrong"))
