"""The words that questions are made with, and that their answers have, by language.

Patterns are read without regard to case, on text without accents (ß as ss), except of languages without spaces.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from rag.languages.load import join_pattern, load_tables


@dataclass(frozen=True, slots=True)
class QuestionWords:
    """The words of one language, each field a pattern, except ``light``: words that ask and name no subject.

    Those that ask for a kind of fact stand beside what an answer of that kind has: ``when`` and ``time``, ``price`` and
    ``money``, ``amount`` and ``number``, ``who`` and ``name``, ``why`` and ``reason``, ``leave`` and ``rule``.
    ``overview`` matches a whole question, with its subject where it names one.
    """

    when: str
    time: str
    price: str
    money: str
    amount: str
    number: str
    who: str
    why: str
    reason: str
    leave: str
    rule: str
    light: str
    overview: str
    library: str
    tool: str
    greeting: str
    thanks: str
    bye: str
    name: str = r"(?-i:\b[A-Z][\w'’-]+ (?:(?:de|da|do|dos|di|del|della|van|von|el|la|le|den|der) ){0,2}[A-Z]\w+)"


@cache
def load_question_words() -> Mapping[str, QuestionWords]:
    """Load the packaged words of each language, by its code.

    >>> load_question_words()["fr"].bye
    'au revoir|a bientot|bonne journee'
    """
    return {
        language: QuestionWords(**{field: join_pattern(written) for field, written in table["questions"].items()})
        for language, table in load_tables().items()
    }
