"""Read the topic of a question for the place that deals with it: "Which clause deals with rent increases?"."""

import re

_PLACE = r"(?:sub)?(?:clause|section|article|paragraph|chapter|rule|part|point|passage|provision|heading)s?"
_DEALS = (
    r"(?:deals? with|covers?|(?:is|are) (?:about|on)|regulates?|governs?|concerns?|speaks? (?:of|about)|mentions?"
    r"|talks? about|discuss(?:es)?|treats?|address(?:es)?|explains?|describes?|refers? to|relates? to"
    r"|says? (?:something |anything )?about)"
)
_NAMED = re.compile(
    rf"^(?:and |so )?(?:which|what) {_PLACE}(?: (?:of|in) [^?]{{2,60}}?)? {_DEALS} (?P<topic>[^?]{{2,120}}?)\W*$"
    rf"|^(?:in|under) (?:which|what) {_PLACE}(?: of [^?]{{2,60}}?)? (?:is|are) (?P<ruled>[^?]{{2,120}}?) "
    r"(?:regulated|dealt with|covered|mentioned|described|explained|addressed|found|settled|treated)\W*$",
    re.IGNORECASE,
)


def located_topic(question: str) -> str:
    """Return what the place that ``question`` asks for deals with; empty where it asks for no place.

    >>> located_topic("Which clause of the lease deals with rent increases?"), located_topic("Which clause is it?")
    ('rent increases', '')
    """
    found = _NAMED.match(question.strip())
    return (found["topic"] or found["ruled"]).strip() if found else ""
