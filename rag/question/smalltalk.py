"""Turns that ask nothing: thanks, greetings, "I see"."""

import re

_PHRASES = (
    r"hi|hiya|hello|hey|good (?:morning|afternoon|evening|day)"
    r"|(?:many )?thanks(?: a lot| so much| very much| again)?|thank you(?: so much| very much| again)?|cheers"
    r"|ok|okay|alright|all right|great|good|nice|fine|wow|oh|ah|aha|cool|perfect|excellent|brilliant|wonderful"
    r"|amazing|awesome|interesting|lovely|i see|got it|understood|makes sense|yes|yeah|yep|no|nope|right|sure"
    r"|of course|please|sorry|(?:i am|i['’]m) sorry|bye|goodbye|see you|never ?mind|no problem"
    r"|(?:that|this|it)(?:['’]?s| is| was| helps| sounds)?"
    r" ?(?:all|great|good|fine|interesting|helpful|clear|useful|a lot)?(?: for now)?"
    r"|(?:you['’]re|you are|you were) (?:very )?(?:helpful|welcome)|very (?:helpful|interesting|good|useful)"
    r"|(?:can|could|would) you (?:please )?help(?: me)?|(?:please )?help(?: me)?"
    r"|(?:for|to) (?:that|the (?:information|info|help|answer)|your (?:help|time|answer)|now)"
)
# An atomic group, so that matching takes linear time.
_ONLY_SMALLTALK = re.compile(rf"(?>(?:{_PHRASES})(?:[\s,.!…;:)-]+|\Z))+", re.IGNORECASE)
_LEADING_SMALLTALK = re.compile(
    rf"(?>(?!(?:that|this|it)\b)(?:{_PHRASES})\s*[,.!…;-]+\s*|(?:so|well|hmm|um|please)\b[\s,]*)+", re.IGNORECASE
)


def is_smalltalk(turn: str) -> bool:
    """Tell whether the turn holds nothing but smalltalk.

    >>> is_smalltalk("Great, thank you!")
    True
    """
    return _ONLY_SMALLTALK.fullmatch(" ".join(turn.split())) is not None


def strip_smalltalk(turn: str) -> str:
    """Return the turn without the smalltalk that it begins with; the turn itself when nothing else is in it."""
    found = _LEADING_SMALLTALK.match(turn)
    rest = turn[found.end() :].strip() if found else turn
    return rest if any(c.isalnum() for c in rest) else turn
