"""Bring text into canonical form, once, before anything counts an offset in it."""

import re
import unicodedata

# UAX #15's stream-safe limit. Without it, normalising a long run of combining marks takes quadratic time.
MAX_MARKS = 30

_SURROGATE = re.compile("[\ud800-\udfff]")
_LINE_END = re.compile("\r\n|[\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029]")
_MANY_NEWLINES = re.compile(r"\n{3,}")
_MAYBE_MARKS = re.compile(rf"[^\w\s\x00-\x7f]{{{MAX_MARKS + 1},}}")
# Tag characters are invisible and can carry hidden text; they belong only in the flags of regions.
_TAGS = re.compile("(\U0001f3f4[\U000e0020-\U000e007e]{2,6}\U000e007f)|[\U000e0000-\U000e007f]")

_SPACES = "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
_INVISIBLE = "\u00ad\u200b\u2060\ufeff\ufffe\uffff"
# Embeddings, overrides and isolates reorder what is shown, so a quotation could be made to read otherwise.
_BIDI_CONTROLS = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_CONTROLS = "".join(map(chr, [*range(0x20), *range(0x7F, 0xA0)])).translate({ord("\n"): None, ord("\t"): None})

_MAPPED = str.maketrans(_SPACES, " " * len(_SPACES), _INVISIBLE + _BIDI_CONTROLS + _CONTROLS)


def normalise(text: str) -> str:
    r"""Return the text in canonical form, in linear time; ``normalise(normalise(t)) == normalise(t)``.

    Every kind of line end becomes ``\n``, and three or more of them two. Every kind of space but the tab becomes a
    plain space, and none stays at the end of a line. Control characters, byte order marks, soft hyphens, zero-width
    spaces and bidirectional overrides are removed; joiners stay, since Persian and emoji need them. Lone surrogates
    become U+FFFD. The Unicode form is NFC (UAX #15), not NFKC, which would turn "10²" into "102".
    """
    if _SURROGATE.search(text):
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    text = _LINE_END.sub("\n", text).translate(_MAPPED)
    text = _TAGS.sub(r"\1", text)
    # Capped again afterwards because a few characters come apart into more marks.
    text = _cap_marks(unicodedata.normalize("NFC", _cap_marks(text)))
    text = "\n".join(line.rstrip(" \t") for line in text.split("\n"))
    return _MANY_NEWLINES.sub("\n\n", text).strip("\n\t ")


def one_line(text: str) -> str:
    """Normalise the text and make every run of white space one space: for titles and names."""
    return " ".join(normalise(text).split())


def _cap_marks(text: str) -> str:
    return _MAYBE_MARKS.sub(lambda run: _first_marks(run[0]), text)


def _first_marks(run: str) -> str:
    kept: list[str] = []
    marks = 0
    for character in run:
        marks = marks + 1 if unicodedata.combining(character) else 0
        if marks <= MAX_MARKS:
            kept.append(character)
    return "".join(kept)
