"""Decode bytes to text: detect the encoding, or refuse plainly."""

import codecs
import re
from pathlib import Path

from index.errors import UnreadableFileError

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

_MAGIC = (
    (b"\x89PNG\r\n\x1a\n", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF87a", "a GIF image"),
    (b"GIF89a", "a GIF image"),
    (b"II*\x00", "a TIFF image"),
    (b"MM\x00*", "a TIFF image"),
    (b"%PDF-", "a PDF document"),
    (b"{\\rtf", "an RTF document"),
    (b"PK\x03\x04", "a ZIP archive or an Office document"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office document"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ\x00", "an xz archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
    (b"\xcf\xfa\xed\xfe", "a program"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"RIFF", "an image, sound or video"),
    (b"OggS", "a sound or video"),
    (b"ID3", "a sound"),
    (b"fLaC", "a sound"),
)
_TEXT_MAGIC = (b"%PDF-", b"{\\rtf")

_CONTROLS = bytes([*range(0x09), *range(0x0E, 0x1B), *range(0x1C, 0x20), 0x7F])
# Shares of control characters above which bytes are no text; stray ones are removed. UTF-8 is evidence for
# text, so there may be more.
MAX_CONTROLS, MAX_CONTROLS_IN_UTF8 = 0.1, 0.3
MAX_DAMAGED = 0.001  # share of a text's bytes that may be replaced when nothing else fits

# Declared encoding → what it means on the web (https://encoding.spec.whatwg.org/#names-and-labels).
_WEB_ENCODINGS = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "utf-16": "utf-8",
    "utf-16-le": "utf-8",
    "utf-16-be": "utf-8",
    "utf-7": "utf-8",
}

MIN_WHOLE_PER_DAMAGED = 10  # good characters for each bad byte; with more, the text counts as damaged UTF-8
SAMPLE_BYTES = 200_000  # bytes shown to the detector, from the first that is not ASCII
_HIGH = re.compile(rb"[\x80-\xff]")
_ASCII_LETTER = re.compile(rb"[A-Za-z]")
MIN_LATIN_SHARE = 0.5  # share of ASCII letters; a text with more counts as Latin script
MIN_LETTERS = 20
MIN_FITTING_SHARE = 0.98  # share of the letters beyond ASCII that must belong to one language
MAX_MESS, MIN_COHERENCE, TIE_MARGIN = 0.1, 0.4, 0.02  # in charset-normalizer's measures, from 0 to 1
_EAST_ASIAN = frozenset({"gb18030", "big5", "big5hkscs", "cp949"})
_JAPANESE = ("cp932", "euc_jp")
_JAPANESE_VARIANTS = ("shift_jis", "shift_jis_2004", "shift_jisx0213", "euc_jis_2004", "euc_jisx0213")
_HIGH_RUN = re.compile(rb"[\x80-\xff]+")
_GB_COMMON = (0xB0, 0xD7)  # the first bytes of the 3,755 common characters of GB 2312
_GB_FIRST_TRAIL = 0xA1
_LAST_HANGUL = 0xC8  # the first byte of the last Korean syllables of KS X 1001
_HIRAGANA = re.compile("[ぁ-ん]")
MIN_HIRAGANA_SHARE = 0.2  # share of a Japanese text's characters

# In order: the first that fits is taken. Turkish stands before Icelandic, whose letters share its codes,
# since Icelandic never goes without á, í or é; all the West's letters come last, for names of many languages.
_ALPHABETS = (
    ("cp1252", "àâæçéèêëîïôœùûüÿ"),  # French
    ("cp1252", "äöüßé"),  # German
    ("cp1252", "áéíóúüñçàèòï·ªº"),  # Spanish, Catalan
    ("cp1252", "àèéìíîòóùú"),  # Italian
    ("cp1252", "áàâãçéêíóôõúüªº"),  # Portuguese
    ("cp1252", "åäöøæéàü"),  # Swedish, Danish, Norwegian, Finnish
    ("cp1254", "çğıi̇öşüâîû"),  # Turkish
    ("cp1252", "áðéíóúýþæö"),  # Icelandic
    ("cp1250", "ąćęłńóśźż"),  # Polish
    ("cp1250", "áčďéěíňóřšťúůýžäľĺŕô"),  # Czech, Slovak
    ("cp1250", "áéíóöőúüű"),  # Hungarian
    ("cp1250", "čćđšž"),  # Croatian, Slovene
    ("cp1250", "ăâîşţ"),  # Romanian
    ("cp1257", "ąčęėįšųūžāēģīķļņõäöü"),  # Lithuanian, Latvian, Estonian
    ("mac_roman", "àâæçéèêëîïôœùûüÿäößáíóúñåø"),
    ("cp1252", "áàâäãåæçéèêëíìîïñóòôöõøœúùûüß"),
)
_TYPOGRAPHY = frozenset("“”‘’‚„«»‹›–—…•·¿¡€£¥§°©®™×½¼¾²³\xa0\xad")
# A capital after a small letter, a sign inside a word, a letter alone that is no word of any language.
_MISPLACED = re.compile(
    r"[a-zß-öø-ÿ][À-ÖØ-ÞŠŽŸŒ]"
    r"|[^\W\d_][°§¿][^\W\d_]|[£¥²³¼½¾®][^\W\d_]"
    r"|(?<![^\W\d_])[ÂÃÅÆÇËÏÐÑÔÕÛÜÝÞŸŒÿßðþœýûüñç](?![^\W\d_])"
)
_ESCAPED = re.compile("[\udc80-\udcff]")
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")


def decode(data: bytes, path: Path, declared: str | None = None) -> str:
    """Decode ``data``. ``path`` is named in errors; ``declared`` is the encoding that the file itself states.

    Tried in order: a byte order mark; UTF-16 without one, which its NULs give away; UTF-8; the declared encoding; UTF-8
    with little damage, which becomes U+FFFD; what the detector is sure of.

    Raises:
        UnreadableFileError: nothing but white space and NULs, binary data, or an encoding that stays in doubt.
    """
    if not data.strip(b"\x00 \t\r\n\x0b\x0c"):
        raise UnreadableFileError(f"{path} is empty: there is no text in it. Remove it or put text in it.")
    text = _decode_by_mark(data) or _refuse_binary(data, path)
    if text is None and data.isascii() and (b"\x1b$B" in data or b"\x1b$@" in data):
        text = _decode_strictly(data, "iso2022_jp")
    if text is None:
        text = (
            _decode_strictly(data, "utf-8")
            or _decode_strictly(data, _web_encoding(declared))
            or _decode_by_evidence(data, path)
        )
    if not text.strip("\ufeff\x00 \t\r\n"):
        raise UnreadableFileError(f"{path} is empty: there is no text in it. Remove it or put text in it.")
    return text


def _decode_by_mark(data: bytes) -> str | None:
    for mark, encoding in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace") or " "
    return None


def _refuse_binary(data: bytes, path: Path) -> str | None:
    """Raise UnreadableFileError for binary data; returns the text if it is UTF-16, else None."""
    controls = len(data) - len(data.translate(None, _CONTROLS))
    kind = next(
        (kind for magic, kind in _MAGIC if data.startswith(magic) and (controls or magic in _TEXT_MAGIC)),
        None,
    )
    if kind:
        raise UnreadableFileError(f"{path} is not text: it looks like {kind}. Save its text as UTF-8 and add that.")
    most = MAX_CONTROLS_IN_UTF8 if _decode_strictly(data, "utf-8") is not None else MAX_CONTROLS
    if controls <= most * len(data):
        return None
    text = _utf_16(data)
    if text is None:
        raise UnreadableFileError(
            f"{path} is not text: it looks like binary data. Save its text as UTF-8 and add that."
        )
    return text


def _utf_16(data: bytes) -> str | None:
    """Decode UTF-16 without a mark, in which nearly all NULs are high bytes; None if the result is not clean."""
    even, odd = data[::2].count(0), data[1::2].count(0)
    if len(data) % 2 or even + odd < 0.02 * len(data) or min(even, odd) > 0.1 * max(even, odd):
        return None
    text = _decode_strictly(data, "utf-16-le" if odd > even else "utf-16-be")
    if text is None or any(ord(c) < ord("\t") or "\ue000" <= c <= "\uf8ff" for c in text[:SAMPLE_BYTES]):
        return None
    return text


def _web_encoding(declared: str | None) -> str | None:
    try:
        name = codecs.lookup(declared or "").name
    except (LookupError, ValueError):
        return None
    return _WEB_ENCODINGS.get(name, name)


def _decode_strictly(data: bytes, encoding: str | None) -> str | None:
    try:
        return data.decode(encoding) if encoding else None
    except (UnicodeError, LookupError):  # LookupError: a codec that is not for text
        return None


def _decode_by_evidence(data: bytes, path: Path) -> str:
    text = data.decode("utf-8", "surrogateescape")
    damaged = len(_ESCAPED.findall(text))
    whole = len(_NOT_ASCII.findall(text)) - damaged
    if whole >= MIN_WHOLE_PER_DAMAGED * damaged or (whole and _is_cut_off(data)):
        return data.decode("utf-8", "replace")
    found = _decode_strictly(data, _detect_encoding(data))
    if found is not None:
        return found
    if damaged <= MAX_DAMAGED * len(data):
        return data.decode("utf-8", "replace")
    raise UnreadableFileError(
        f"{path} is not UTF-8 and its encoding cannot be told for sure. Open it in the program that made it and save "
        f"it as UTF-8, or, where that is Windows' western encoding, run: "
        f"iconv -f WINDOWS-1252 -t UTF-8 '{path.name}' > 'utf8-{path.name}'"
    )


def _is_cut_off(data: bytes) -> bool:
    return any(_decode_strictly(data[:-missing], "utf-8") for missing in (1, 2, 3))


def _detect_encoding(data: bytes) -> str | None:
    """Return the encoding that fits clearly best; None if that stays in doubt."""
    first = _HIGH.search(data)
    sample = data[max(0, first.start() - 1000) :][:SAMPLE_BYTES] if first else data
    if len(sample) == SAMPLE_BYTES:
        sample = sample[: max(sample.rfind(b"\n"), sample.rfind(b" ")) + 1] or sample
    ascii_letters = len(_ASCII_LETTER.findall(sample))
    if ascii_letters >= MIN_LATIN_SHARE * len(sample):
        found = _detect_latin_encoding(sample) if ascii_letters >= MIN_LETTERS else None
    else:
        found = _detect_other_encoding(sample) if len(sample) >= MIN_LETTERS else None
    return found or (_detect_east_asian_words(sample) if ascii_letters >= MIN_LETTERS else None)


def _detect_latin_encoding(sample: bytes) -> str | None:
    """Return the first encoding in which the letters beyond ASCII are those of one language, in likely places.

    Statistics fail here: a few accents in a long text are too few to count.
    """
    for encoding, alphabet in _ALPHABETS:
        text = _decode_strictly(sample, encoding)
        if text is None or _MISPLACED.search(text):
            continue
        beyond = [c for c in text.lower() if c > "\x7f" and c not in _TYPOGRAPHY]
        if sum(c in alphabet for c in beyond) >= MIN_FITTING_SHARE * len(beyond):
            return encoding
    return None


def _detect_east_asian_words(sample: bytes) -> str | None:
    """Detect Chinese or Japanese words among Latin ones, as in a list of staff: too few for statistics.

    Chinese words are whole pairs of bytes from GB 2312's common characters, some of which are no Korean syllables.
    """
    japanese = _detect_japanese(sample)
    if japanese:
        return japanese
    words = _HIGH_RUN.findall(sample)
    leads = {lead for word in words for lead in word[::2]}
    in_pairs = all(len(word) % 2 == 0 and min(word[1::2]) >= _GB_FIRST_TRAIL for word in words)
    common = in_pairs and bool(leads) and min(leads) >= _GB_COMMON[0] and max(leads) <= _GB_COMMON[1]
    return "gb18030" if common and max(leads) > _LAST_HANGUL else None


def _detect_japanese(sample: bytes) -> str | None:
    for encoding in _JAPANESE:
        text = _decode_strictly(sample, encoding)
        if text and len(_HIRAGANA.findall(text)) >= MIN_HIRAGANA_SHARE * len(_NOT_ASCII.findall(text)):
            return encoding
    return None


def _detect_other_encoding(sample: bytes) -> str | None:
    """Detect Japanese by its hiragana, and the rest with charset-normalizer.

    Its result counts if it sees a language, or Chinese or Korean without mess. Readings that fit as well but differ
    leave the matter open, but Windows encodings win over their near twins from ISO and the Macintosh, as in browsers.
    """
    from charset_normalizer import from_bytes

    japanese = _detect_japanese(sample)
    if japanese:
        return japanese
    readings = [
        m
        for m in from_bytes(sample, cp_exclusion=[*_JAPANESE, *_JAPANESE_VARIANTS])
        if not m.encoding.startswith("utf")
    ]
    if not readings or readings[0].chaos > MAX_MESS:
        return None
    best = readings[0]
    if best.encoding not in _EAST_ASIAN and best.coherence < MIN_COHERENCE:
        return None
    ties = [m for m in readings if m.chaos <= best.chaos + TIE_MARGIN and m.coherence >= best.coherence - TIE_MARGIN]
    ties = [m for m in ties if m.encoding.startswith("cp125")] or ties
    return ties[0].encoding if len({str(m) for m in ties}) == 1 else None
