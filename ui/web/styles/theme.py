"""The theme of Gradio's own components, and the order of the style sheets."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import gradio as gr

SANS = ("system-ui", "-apple-system", "Segoe UI", "Roboto", "Helvetica Neue", "Arial", "sans-serif")
STYLES = ("page", "controls", "conversation", "cards", "feedback", "composer", "source", "sidebar")
MONO = ("ui-monospace", "Menlo", "Consolas", "monospace")


def style_sheets() -> list[Path]:
    """Return the files with the page's styles, in the order in which they apply."""
    return [Path(__file__).parent / f"{name}.css" for name in STYLES]


def theme() -> "gr.themes.Base":
    """Return a plain theme on fonts of the reader's system, so that none is fetched from anywhere."""
    from gradio import themes

    base = themes.Base(
        primary_hue=themes.colors.stone,
        secondary_hue=themes.colors.stone,
        neutral_hue=themes.colors.stone,
        radius_size=themes.sizes.radius_sm,
        font=[themes.Font(name) for name in SANS],
        font_mono=[themes.Font(name) for name in MONO],
    )
    base.set(
        body_background_fill="var(--paper)",
        body_background_fill_dark="var(--paper)",
        body_text_color="var(--ink)",
        body_text_color_dark="var(--ink)",
        block_background_fill="transparent",
        block_background_fill_dark="transparent",
        input_background_fill="var(--card)",
        input_background_fill_dark="var(--card)",
        input_border_color="var(--field)",
        input_border_color_dark="var(--field)",
        input_placeholder_color="var(--quiet)",
        input_placeholder_color_dark="var(--quiet)",
        button_primary_background_fill="var(--accent)",
        button_primary_background_fill_dark="var(--accent)",
        button_primary_background_fill_hover="var(--accent-strong)",
        button_primary_background_fill_hover_dark="var(--accent-strong)",
        button_primary_text_color="var(--on-accent)",
        button_primary_text_color_dark="var(--on-accent)",
    )
    return base
