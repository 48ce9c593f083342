"""English function words by class, as the rules of reported speech read them."""

from index.text.month_names import MONTHS, WEEKDAYS

PRONOUNS = frozenset("he she they it i we you".split())
DEFINITE = frozenset("the this that his her its their our my".split())
_INDEFINITE = frozenset("a an one another some many several two three no".split())
DETERMINERS = DEFINITE | _INDEFINITE
PREPOSITIONS = frozenset(
    "of for at from in with by to on near under against about over into through between among".split()
)
NAME_PARTICLES = frozenset("de da di do del della der den la le al el bin ibn van von ter ten y e".split())
AUXILIARIES = frozenset("has have had also later then now again once still already did does repeatedly and".split())
BE_FORMS = frozenset("is are was were be been being am".split())
NEGATIONS_AND_MODALS = frozenset(
    "not never to would could should may might cannot can will shall didn't didn’t doesn't doesn’t".split()
)
DAY_MODIFIERS = frozenset("on last late early this earlier".split())
DAY_WORDS = frozenset([*map(str.casefold, WEEKDAYS), "yesterday", "today", "tonight"])
_MONTH_WORDS = frozenset([*map(str.casefold, MONTHS), *"jan feb apr aug sept oct nov dec".split()])
CONNECTIVES = frozenset(
    (
        "but and or yet so nor when while after before because although though since until unless if as whether that "
        "which who whom whose where what why how there here however meanwhile then later earlier still also only even "
        "both each every all most not now asked once"
    ).split()
)
NEVER_NAMES = DAY_WORDS | _MONTH_WORDS | CONNECTIVES | PRONOUNS | DETERMINERS | PREPOSITIONS | BE_FORMS
ROLES_ALSO_SURNAMES = frozenset(
    "king bishop dean baker pope priest judge farmer prince duke page warden clerk major".split()
)
