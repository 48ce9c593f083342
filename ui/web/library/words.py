"""Numbers in words, as the Library tab says them."""

_MINUTE, _HOUR = 60, 3600


def left(seconds: float | None) -> str:
    """``"about 2 minutes left"``; nothing where it is not known."""
    if seconds is None:
        return ""
    if seconds < 1:
        return "less than a second left"
    if seconds < _MINUTE:
        return f"about {counted(round(seconds), 'second')} left"
    if seconds < _HOUR:
        return f"about {counted(round(seconds / _MINUTE), 'minute')} left"
    return f"about {counted(round(seconds / _HOUR), 'hour')} left"


def counted(number: int, what: str) -> str:
    """``"1 file"``, ``"1,200 files"``."""
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"
