"""Leave out what a model thinks aloud before it replies: ``<think>…</think>``."""

_OPEN, _CLOSE = "<think>", "</think>"


class ThinkFilter:
    """Takes a reply in pieces of any size and returns what is for the reader.

    Only blocks at the start are cut, with the white space around them; the same words later belong to the reply. A
    block that never ends hides the rest.
    """

    def __init__(self) -> None:
        self._held = ""
        self._inside = False
        self._over = False
        self._thought = False

    def feed(self, text: str) -> str:
        """Return what can be shown now that ``text`` has arrived."""
        self._held += text
        while not self._over:
            if self._inside and not self._end_thinking():
                return ""
            begun = self._held.lstrip()
            if begun.startswith(_OPEN):
                self._held, self._inside, self._thought = begun[len(_OPEN) :], True, True
            elif _OPEN.startswith(begun):
                return ""
            else:
                self._over = True
                return self.finish()
        return self.finish()

    def finish(self) -> str:
        """Return what was held back, once nothing more comes."""
        held, self._held = self._held, ""
        if self._inside:
            return ""
        trimmed, self._thought = (held.lstrip() if self._thought else held), False
        return trimmed

    def _end_thinking(self) -> bool:
        """Drop the thinking so far; return True when it ends here."""
        at = self._held.find(_CLOSE)
        if at < 0:
            self._held = self._held[1 - len(_CLOSE) :]
            return False
        self._held, self._inside = self._held[at + len(_CLOSE) :], False
        return True
