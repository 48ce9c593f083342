"""Words without regard to case and accents."""

from index.text import terms as words


def fold(word: str) -> str:
    """``word`` as it compares: case folded, accents off, typographic apostrophes straight."""
    return words.fold(word.replace("’", "'"))
