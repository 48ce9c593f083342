"""Every pair of text and background meets WCAG 2.1 AA: 4.5 to 1 for text, 3 to 1 for edges."""

import re

import pytest

from ui.web.styles.theme import style_sheets

CSS = "".join(sheet.read_text(encoding="utf-8") for sheet in style_sheets())
TEXT = [
    ("ink", "paper"), ("ink", "card"), ("quiet", "paper"), ("quiet", "card"),
    ("accent", "paper"), ("accent", "card"),
    ("accent", "pill"), ("on-accent", "accent"), ("on-accent", "accent-strong"), ("mark-ink", "mark"),
    ("mark-ink", "mark-active"), ("warn", "warn-paper"), ("wrong", "wrong-paper"), ("wrong", "card"),
]  # fmt: skip
EDGES = [("field", "paper"), ("field", "card"), ("accent", "paper")]


def colours(selector: str) -> dict[str, str]:
    block = re.search(re.escape(selector) + r" \{(.*?)\n\}", CSS, re.DOTALL)
    assert block is not None
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block.group(1)))


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", [":root", ".dark"])
def test_contrast(scheme: str) -> None:
    named = colours(scheme)
    weak = [pair for pair in TEXT if contrast(named[pair[0]], named[pair[1]]) < 4.5]
    weak += [pair for pair in EDGES if contrast(named[pair[0]], named[pair[1]]) < 3]
    assert weak == []
