"""How fast work has gone of late, to say how long the rest will take."""

_KEPT = 0.9  # of what was known before each new measurement, so that a changed speed shows soon


class Pace:
    """Work done a second, in any unit, the latest counting most."""

    def __init__(self) -> None:
        self._work = 0.0
        self._seconds = 0.0

    def note(self, work: float, seconds: float) -> None:
        """So much was done in so many seconds."""
        self._work = _KEPT * self._work + work
        self._seconds = _KEPT * self._seconds + seconds

    def seconds(self, work: float) -> float | None:
        """How long so much will take; None while nothing was measured."""
        return work * self._seconds / self._work if self._work > 0 else None
