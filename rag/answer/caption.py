"""Say where a text comes from, in words: outlet, date."""

from collections.abc import Mapping

from index.text.dates import format_date, parse_date_range


def caption(metadata: Mapping[str, str]) -> str:
    """Give outlet and date as far as the file says them: ``"Reuters, 12 February 2025"``; may be empty."""
    parts = (metadata.get("outlet", ""), spoken_date(metadata.get("date", "")))
    return ", ".join(part for part in parts if part)


def spoken_date(iso: str) -> str:
    """Give an ISO date as people write it, a month or a year alone too; anything else as it stands."""
    days = parse_date_range(iso)
    if days is None:
        return iso
    first, last = days
    if first == last:
        return format_date(first)
    return f"{first:%B} {first.year}" if first.month == last.month else f"{first.year}"
