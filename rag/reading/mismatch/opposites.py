"""Compare the verbs and adjectives of a question with their opposites in a sentence: hired is not dismissed."""

import re
from collections.abc import Sequence

_TABLE = """
rise rises rose risen rising increase increases increased increasing grow grows grew grown growing climb climbs \
climbed up gain gained gains higher more expand expanded widen widened jump jumped surge surged double doubled raise \
raised raises | fall falls fell fallen falling decrease decreases decreased decreasing shrink shrank shrunk decline \
declined declines declining drop drops dropped down loss lost lower fewer less contract narrow narrowed plunge plunged \
halve halved cut cuts reduce reduced
win wins won winning victory | lose loses lost losing defeat
before earlier prior | after later following since
approve approves approved accept accepts accepted agree agrees agreed endorse endorsed welcome welcomed back backed \
support supports supported favour favoured favor favored praise praised | reject rejects rejected refuse refuses \
refused disagree disagreed oppose opposes opposed condemn condemned criticise criticised criticize criticized
allow allows allowed permit permits permitted | ban bans banned forbid forbade prohibit prohibits prohibited
confirm confirms confirmed admit admits admitted acknowledge acknowledged | deny denies denied
open opens opened opening begin begins began begun start starts started launch launched | close closes closed closing \
end ends ended finish finished stop stopped
buy buys bought purchase purchased acquire acquired | sell sells sold
arrive arrives arrived enter entered join joined | leave leaves left depart departed quit
include includes included including | exclude excludes excluded excluding
largest biggest greatest highest tallest longest most maximum | smallest least lowest shortest fewest minimum
best better | worst worse
first | last
north northern | south southern
east eastern | west western
left | right
above over | below under
inside | outside
always | never
all every both | none no some neither
majority | minority
male man men father son brother husband | female woman women mother daughter sister wife
guilty convicted | innocent acquitted cleared
true | false
success succeed succeeded successful | failure fail failed unsuccessful
strengthen strengthened strong stronger | weaken weakened weak weaker
import imports imported | export exports exported
early | late
old older oldest | new young younger newest youngest
hot warm warmer | cold cool cooler
near | far
fast faster quick | slow slower
safe | dangerous
easy | difficult hard
rich richer | poor poorer
private | public
major | minor
positive | negative
alive survived | dead died killed
profit | loss
borrow borrows borrowed borrowing | lend lends lent lending
hire hired | fire fired dismiss dismissed
save saved | spend spent
push pushed | pull pulled
morning | evening afternoon night
possible | impossible
likely | unlikely
legal lawful | illegal unlawful
"""
OPPOSITES = tuple(
    tuple(frozenset(side.split()) for side in line.split("|")) for line in _TABLE.strip().splitlines() if "|" in line
)
# Too common, or with too many senses, to be held against a sentence that has their opposite.
_UNSURE = frozenset(
    (
        "before earlier prior after later following since up down more less fewer over under above below all every "
        "both none no some neither male man men female woman women old older oldest new young younger newest youngest "
        "back right left hard best better worst worse most least early late save saved spend spent near far hot warm "
        "warmer cold cool cooler cut cuts double doubled contract fire fired drop drops dropped gain gains gained "
        "clear cleared stop stopped support supports supported include includes included including true false "
        "possible impossible confirm confirms confirmed public private fast faster quick slow slower"
    ).split()
)
# Hours of opening tell when it closes, and a route where it begins tells where it ends.
_BEGIN_AND_END = frozenset(
    (
        "open opens opened opening begin begins began begun start starts started launch launched close closes closed "
        "closing end ends ended finish finished arrive arrives arrived leave leaves left depart departed enter entered "
        "join joined quit"
    ).split()
)
_SPAN = re.compile(r"\b(?:to|until|till|from|between)\b|\d ?[–-] ?\d")
_WORD = re.compile(r"[^\W\d_]+")
_PHRASES = {
    "dismissed": re.compile(
        r"\b(?:la(?:y|ys|id) off|let go|mak(?:e|es) redundant|made redundant|sack(?:s|ed)?)\b", re.IGNORECASE
    ),
    "refused": re.compile(r"\b(?:turn(?:s|ed)? down)\b", re.IGNORECASE),
    "quit": re.compile(r"\b(?:drop(?:s|ped)? out|step(?:s|ped)? down|resign(?:s|ed)?)\b", re.IGNORECASE),
    "joined": re.compile(r"\b(?:sign(?:s|ed)? up|tak(?:e|es) office|took (?:office|over))\b", re.IGNORECASE),
}
# Somebody buys what is sold to them, and "not closed" is open.
_ASKER_OR_DENIAL = re.compile(
    r"\b(?:i|we|my|me|us|you|your|to (?:buy|borrow|sell|lend)|not|no|never)\b|n['’]t\b", re.IGNORECASE
)
_DENIAL = re.compile(r"\b(?:not|no|never|nobody|without)\b|n['’]t\b", re.IGNORECASE)


def says_the_opposite(question: str, text: str, above: Sequence[str]) -> bool:
    """Tell whether ``text`` has the opposite of a word of ``question`` and no word for it."""
    if _ASKER_OR_DENIAL.search(question) or _DENIAL.search(text):
        return False
    told = _words(text)
    around = told.union(*map(_words, above))
    for word in _words(question) - _UNSURE:
        for one, other in (*OPPOSITES, *(pair[::-1] for pair in OPPOSITES)):
            if word in one and not one & around and (other - _UNSURE) & told:
                return not (word in _BEGIN_AND_END and _SPAN.search(text))
    return False


def _words(text: str) -> frozenset[str]:
    for meant, phrase in _PHRASES.items():
        text = phrase.sub(meant, text)
    return frozenset(word.casefold() for word in _WORD.findall(text))


def are_opposites(one: str, other: str) -> bool:
    """Tell whether two folded words say the opposite of each other."""
    return any((one in a and other in b) or (one in b and other in a) for a, b in OPPOSITES)
