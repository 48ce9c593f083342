"""Tell whether a sentence, however alike, speaks of another thing than the question: another day, measure or office.

The wording of a question and the text of a sentence with the words above it come in; what comes out is whether they
differ in something that an answer must share. Imports the vocabulary of ``rag.speech`` and nothing else of the room
above it.
"""

import re
from collections.abc import Sequence

from rag.reading.mismatch.calendar import is_of_another_time
from rag.reading.mismatch.measures import measures_otherwise
from rag.reading.mismatch.offices import names_another_office
from rag.reading.mismatch.opposites import says_the_opposite
from rag.reading.mismatch.ordinals import is_another_in_order

MISMATCH_CONFIDENCE = 0.2
"""The most that a sentence is worth as an answer which is on another thing, or holds nothing of the type asked for."""

# What is asked with yes or no is answered by another day or the opposite too: "No, it closes on Friday."
_YES_NO = re.compile(
    r"^(?:(?:and|so|but|ok|please|hi|hello)[, ]+)*(?:is|are|was|were|am|do|does|did|can|could|may|might|must|should|"
    r"shall|will|would|has|have|had|need|isn|aren|don|doesn|didn)\b",
    re.IGNORECASE,
)


def is_about_another(question: str, text: str, above: Sequence[str] = ()) -> bool:
    """Tell whether ``text``, below the headings and titles ``above``, speaks of another thing than ``question`` asks.

    >>> is_about_another("who is booked for 27 December", "Kilbride can come on 17 December.")
    True
    >>> is_about_another("who is booked for 17 December", "Kilbride can come on 17 December.")
    False
    """
    if _YES_NO.match(question.strip()):
        return False
    return (
        is_of_another_time(question, text, above)
        or measures_otherwise(question, text, above)
        or names_another_office(question, text, above)
        or says_the_opposite(question, text, above)
        or is_another_in_order(question, text, above)
    )
