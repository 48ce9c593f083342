"""Where a text comes from, in words: outlet, date."""

from collections.abc import Mapping
from datetime import date


def caption(metadata: Mapping[str, str]) -> str:
    """Outlet and date as far as the file says: ``"Reuters, 12 February 2025"``; may be empty."""
    parts = (metadata.get("outlet", ""), spoken_date(metadata.get("date", "")))
    return ", ".join(part for part in parts if part)


def spoken_date(iso: str) -> str:
    """An ISO date as people write it; anything else as it stands."""
    try:
        day = date.fromisoformat(iso[:10])
    except ValueError:
        return iso
    return f"{day.day} {day:%B} {day.year}"
