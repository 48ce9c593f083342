"""Words without regard to case and accents."""

import unicodedata


def fold(word: str) -> str:
    """``word`` as it compares: case folded, accents off, typographic apostrophes straight."""
    plain = unicodedata.normalize("NFKD", word.replace("’", "'")).casefold()
    return "".join(c for c in plain if not unicodedata.combining(c))
