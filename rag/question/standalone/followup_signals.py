"""Signs that a question can only be understood from what came before it."""

import re
from collections.abc import Sequence
from typing import Literal

from index.text.terms import STOPWORDS
from rag.question.key_terms import content_words, find_names, is_content_word
from rag.question.standalone.definite_nouns import definite_nouns
from rag.question.standalone.own_subject import has_own_subject
from rag.speech.lexicon import FAMILY, GROUPS, ROLES
from rag.speech.tokens import Token, strip_possessive, tokenize

FollowupSignal = Literal["pronoun", "pointer", "more", "compares", "definite", "short", "connects"]

PERSONAL_PRONOUNS = frozenset("he him his she her hers".split())
PLURAL_PRONOUNS = frozenset("they them their theirs".split())
_POSSESSIVES = frozenset("their theirs".split())
_ANYBODY = frozenset("who whoever everyone everybody anyone anybody someone somebody people".split())
NEUTER_PRONOUNS = frozenset("it its".split())
_DETERMINERS = frozenset("the a an this that these those my your our every each".split())
_BE = frozenset("is are was were be been being 's".split())
_EXPLETIVE_IT = re.compile(
    r"\b(?:is|was|would|will|does|did|can|could|has|might|if|that|and)?\s*it(?:['’]s| is| was| be| been)?\s+"
    r"(?:not |really |even |ever |also |still )*(?:possible|impossible|true|false|necessary|worth|safe|legal|illegal"
    r"|hard|easy|difficult|better|best|ok|okay|likely|unlikely|common|important|allowed|permitted|good|bad|wise|take"
    r"|takes|took|taken|rain|rains|comes to|turns out|seems|matter|matters|said|reported|clear|normal|required"
    r"|expected|feel|mean|all right|costs? (?:\w+ )?to)\b",
    re.IGNORECASE,
)
_RELATIVE_WORDS = frozenset("who that of with in from on at which".split())
_TIME_NOUNS = frozenset(
    "day week month year morning afternoon evening summer winter spring autumn time decade century".split()
)
_PREPOSITIONS = frozenset("about of for to after before with by from in on like than at against into over".split())
_MORE_PATTERN = re.compile(
    r"\b(?:more(?: (?:about|on|details?|information))?(?=\W*$)|(?:tell|say|know) (?:me )?more"
    r"|(?:any|some|no) more\b(?! \w+ than)"
    r"|else|(?:any|some|the|which|what|and) others?|another(?: one)?|instead|as well|the same|(?:too|either)(?=\W*$)"
    r"|(?:the|which|that|this|first|second|last|latter|former|other|new|old) ones?\b|which one|the (?:latter|former)"
    r"|the (?:first|second|third|last)(?=\W*$|\s+one))",
    re.IGNORECASE,
)
_COMPARISON_PATTERN = re.compile(
    r"^(?:and |so |but )?(?:which|who)(?: (?:one|of (?:them|those|the two)))? (?:is|was|are|were|has|had|costs?|takes?)"
    r"(?: the)? (?:more|less|most|least|fewer|better|worse|best|worst"
    r"|(?<!who is the )(?<!who was the )\w{2,}er|\w{2,}est)\b(?!.*\b(?:than|of|in)\b)",
    re.IGNORECASE,
)
_CONNECTIVE_PATTERN = re.compile(
    r"^(?:and|but|or|also|then|so then|plus|what about|how about|why not)\b", re.IGNORECASE
)
# "What is a polder?" wants no context, "What is the reason?" does.
_DEFINITION_QUESTION = re.compile(
    r"^(?:so |and )?what(?:['’]s| is| are| does| do)(?: an?)? (?!the\b|his\b|her\b|their\b|its\b)", re.IGNORECASE
)
_MAX_SHORT_WORDS, _MAX_DEFINITE_WORDS = 2, 3  # content words
_CLAUSE_BREAKS = frozenset("and or but when if because while although so since before after unless . ? ! ; , :".split())


def followup_signals(question: str) -> frozenset[FollowupSignal]:
    """Return every sign that ``question`` depends on an earlier turn; none for a question that stands alone.

    >>> sorted(followup_signals("And what did she say?"))
    ['connects', 'pronoun', 'short']
    """
    found = tokenize(question)
    seen: set[FollowupSignal] = set()
    if unresolved_pronouns(question):
        seen.add("pronoun")
    if _has_demonstrative(found):
        seen.add("pointer")
    if _MORE_PATTERN.search(question):
        seen.add("more")
    if _COMPARISON_PATTERN.search(question):
        seen.add("compares")
    if _CONNECTIVE_PATTERN.search(question):
        seen.add("connects")
    if not find_names(question):
        telling = len(content_words(question))
        defines = telling and _DEFINITION_QUESTION.search(question)
        if telling <= _MAX_SHORT_WORDS and not defines and (seen or not has_own_subject(question)):
            seen.add("short")
        nouns = definite_nouns(found)
        if nouns and (telling <= _MAX_DEFINITE_WORDS or not ROLES.isdisjoint(nouns) or not GROUPS.isdisjoint(nouns)):
            seen.add("definite")
    return frozenset(seen)


def unresolved_pronouns(question: str) -> list[Token]:
    """Return the pronouns of ``question`` that refer to nothing in the question itself."""
    text = _EXPLETIVE_IT.sub(lambda match: re.sub(r"\bit\b", "\0\0", match.group(), flags=re.IGNORECASE), question)
    found = tokenize(text)
    named = min((name.end for name in find_names(text)), default=len(text))
    return [token for at, token in enumerate(found) if token.start < named and _is_unresolved(found, at, text)]


def _is_unresolved(found: Sequence[Token], at: int, question: str) -> bool:
    low = found[at].low
    if low not in PERSONAL_PRONOUNS | PLURAL_PRONOUNS | NEUTER_PRONOUNS:
        return False
    if low in PERSONAL_PRONOUNS:
        # "My friend works there. He …": anybody in an earlier sentence can be meant, in the same sentence only a role.
        later = any(token.text in ".?!" for token in found[:at])
        return not _has_noun(found[:at], people=None if later else True)
    if low in _POSSESSIVES and any(token.low in _ANYBODY for token in found[:at]):
        return False
    if _follows_a_clause(found, at, question):
        return False
    people = None if low in PLURAL_PRONOUNS else False
    return not _has_noun(found[:at], people=people)


def _follows_a_clause(found: Sequence[Token], at: int, question: str) -> bool:
    """Tell whether an earlier clause holds what the word at ``at`` can mean: "the route and its advantage"."""
    ends = [n for n in range(at) if found[n].low in _CLAUSE_BREAKS]
    return bool(ends) and bool(content_words(question[: found[ends[-1]].start]))


def _has_noun(before: Sequence[Token], *, people: bool | None) -> bool:
    """Tell whether a noun with its article stands there: of a person, of a thing, or of either (``people`` is None)."""
    for n, token in enumerate(before[:-1]):
        if token.low not in _DETERMINERS or before[n + 1].low in STOPWORDS:
            continue
        nouns = [other.low for other in before[n + 1 : n + 4]]
        person = any(noun in ROLES | FAMILY for noun in nouns)
        group = any(noun in GROUPS for noun in nouns)
        if people is None or group or person == people:
            return True
    return False


def _has_demonstrative(found: Sequence[Token]) -> bool:
    """Tell whether "this", "those", "that" or "there" points at something said before.

    An earlier sentence of the same turn that says enough is not "before".
    """
    telling, said = 0, False
    for at, token in enumerate(found):
        following = found[at + 1].low if at + 1 < len(found) else ""
        before = found[at - 1].low if at else ""
        ends = not following[:1].isalnum()
        if said:
            return False
        if token.low in ("this", "these", "those"):
            if following not in _TIME_NOUNS and not (token.low == "those" and following in _RELATIVE_WORDS):
                return True
        elif token.low == "that":
            if ends or before in _PREPOSITIONS or before in _BE or before in ("", "did", "does", "do", "will", "would"):
                return True
        elif token.low in ("there", "here") and ends and before not in _BE | {"in", "up", "out"}:
            return True
        said = token.text in ".?!" and telling > _MAX_SHORT_WORDS
        telling += token.text[0].isalnum() and is_content_word(strip_possessive(token.text))
    return False
