import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from operations import LINEAR, growth

from index.normalise import normalise, one_line

# Whatever has a say in normalising, far more often than chance would bring it up.
HARD = (
    "\r\n\t \x00\x0b\x0c\x1c\x85\u2028\u2029\ufeff\u200b\u200d\u00ad\u202e\u2066\ud83d\ude00\u0301\u0344"
    "\u0327\u1100\u1161aé"
)
TEXTS = st.text(st.one_of(st.sampled_from(HARD), st.characters()))


@given(TEXTS)
def test_is_idempotent(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)


@given(st.integers(1, 100), st.sampled_from(["\u0344", "\u0301", "\u0301\u0327", "\u0958\u093c"]))
def test_is_idempotent_on_runs_of_marks(count: int, marks: str) -> None:
    text = "a" + marks * count + "b"
    assert normalise(normalise(text)) == normalise(text)


@given(TEXTS)
def test_leaves_nothing_that_misleads_or_cannot_be_encoded(text: str) -> None:
    clean = normalise(text)
    clean.encode()
    assert unicodedata.is_normalized("NFC", clean)
    assert not any(unicodedata.category(c) == "Cc" and c not in "\n\t" for c in clean)
    assert not set(clean) & set("\u200b\u00ad\ufeff\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2028\u2029")
    assert "\n\n\n" not in clean
    assert not any(line != line.rstrip(" \t") for line in clean.split("\n"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\r\nb\rc\u2028d\u2029e\x85f\x0cg", "a\nb\nc\nd\ne\nf\ng"),
        ("\ufeffa\x00b\x07c", "abc"),
        ("cafe\u0301 10²", "café 10²"),
        ("10\u00a0000\u202f€", "10 000 €"),
        ("soft\u00adhyphen zero\u200bwidth", "softhyphen zerowidth"),
        ("می\u200cخواهم 👩\u200d👩\u200d👧", "می\u200cخواهم 👩\u200d👩\u200d👧"),
        ("evil\u202etxt.exe\u202c", "eviltxt.exe"),
        ("\ud83d\ude00 and \ud83d", "😀 and \ufffd"),
        ("a  \t\nb\n\n\n\nc\n", "a\nb\n\nc"),
        ("🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f x\U000e0041\U000e0042", None),
        ("<script>alert(1)</script> <img onerror=x>", "<script>alert(1)</script> <img onerror=x>"),
    ],
)
def test_examples(text: str, expected: str | None) -> None:
    # None: the flag of England stays, the hidden letters after it go.
    assert normalise(text) == (expected if expected is not None else text[:-2])


@pytest.mark.timeout(100)
@pytest.mark.parametrize(
    "text", [" " * 3_000_000 + "b", "a" + "\u0301\u0327" * 200_000, "\n" * 3_000_000, "\u200b" * 3_000_000]
)
def test_millions_of_one_character_are_read_once(text: str) -> None:
    assert normalise("a" + text + "c").startswith("a")
    assert growth(lambda size: lambda: normalise("a" + text[:size] + "c"), 10_000) < LINEAR


def test_one_line() -> None:
    assert one_line(" A\r\n title\u00a0 of\ttwo lines ") == "A title of two lines"
