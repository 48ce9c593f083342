"""A language model that replies what it was told to, and remembers what it was asked."""

import re
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace

from index.schema import Hit
from rag.llm.protocol import Message, ModelFailedError
from rag.schema import Citation, Claim, Verdict


class QueuedModel:
    """Gives the queued replies one after another, in pieces of ``size`` characters.

    A reply that is an error is raised; a tuple of a text and an error is a reply that breaks off. ``«words»`` in a
    reply becomes the number under which the sentence with these words was shown. Asked to make a follow-up whole it
    fails, so that the rules do, and so it does when asked to check what it wrote.
    """

    def __init__(
        self, *replies: str | ModelFailedError | tuple[str, ModelFailedError], size: int = 7, context: int = 4_096
    ) -> None:
        self.name, self.where, self.context = "fake/queued", "this test", context
        self.asked: list[tuple[Message, ...]] = []
        self.rewriting: list[tuple[Message, ...]] = []
        self.checking: list[tuple[Message, ...]] = []
        self.closed = 0
        self._replies = list(replies)
        self._size = size

    def stream(
        self, messages: Sequence[Message], *, max_tokens: int, stop: threading.Event | None = None
    ) -> Iterator[str]:
        if messages[-1].text.endswith("The rewritten question:"):
            self.rewriting.append(tuple(messages))
            raise ModelFailedError("It does not rewrite.")
        if messages[-1].text.endswith("The verdicts:"):
            self.checking.append(tuple(messages))
            raise ModelFailedError("It does not check.")
        self.asked.append(tuple(messages))
        reply = self._replies.pop(0)
        text, error = reply if isinstance(reply, tuple) else (reply, None)
        if isinstance(text, ModelFailedError):
            raise text
        text = re.sub("«(.*?)»", lambda match: self.number_of(match[1]), text)
        try:
            for start in range(0, len(text), self._size):
                if stop is not None and stop.is_set():
                    return
                yield text[start : start + self._size]
            if error is not None:
                raise error
        finally:
            self.closed += 1

    def number_of(self, words: str) -> str:
        """Under which number the last request showed the sentence with ``words``."""
        found = re.search(rf"^\[(\d+)\].*{re.escape(words)}", self.prompt, re.MULTILINE)
        assert found, f"{words!r} was not offered"
        return found[1]

    @property
    def prompt(self) -> str:
        """The last request as one text."""
        return "\n".join(message.text for message in self.asked[-1])


class WordsChecker:
    """Supported where every word of the claim stands in the cited sentences."""

    checks_whole_answers = False

    def check_all(self, claims: Sequence[Claim]) -> tuple[Claim, ...]:
        return tuple(map(self.check, claims))

    def check(self, claim: Claim) -> Claim:
        held = {word for c in claim.citations for word in re.findall(r"\w+", c.text.casefold())}
        missing = [word for word in re.findall(r"\w+", claim.text.casefold()) if word not in held]
        verdict: Verdict = "unsupported" if missing else "supported"
        return replace(claim, verdict=verdict, reason=", ".join(missing))

    def support(self, text: str, hits: Sequence[Hit]) -> tuple[Citation, ...]:
        cited = [Citation(0, h.passage, h.passage.start, h.passage.end) for h in hits]
        return tuple(c for c in cited if self.check(Claim(text, (c,), "unsupported", "")).verdict == "supported")[:1]
