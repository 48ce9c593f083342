"""Ask the language model that writes whether its sentences follow from what they cite, several in one request.

The model is tried first on sentences whose verdict is known (``is_trusted``): the smallest only repeat what they get.
"""

import logging
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from index.system.threadsafe import loaded_once
from rag.answer.sanitize import sanitize
from rag.llm.protocol import Model, complete
from rag.prompts import checking_messages
from rag.schema import Verdict

_logger = logging.getLogger(__name__)
_PAIRS_A_REQUEST = 8
_MAX_REASON_CHARACTERS = 160
_LINE = re.compile(
    r"^[\s*#\"'-]*(\d{1,3})[\"'*]*\s*[:.)-]\s*[\"'*]*(yes|partly|no)\b[\"'*]*[\s,;:.–—-]*(.*)$", re.IGNORECASE
)
_VERDICTS: dict[str, Verdict] = {"yes": "supported", "partly": "partly", "no": "unsupported"}
_ENOUGH_RIGHT = 8  # of the trial's ten; one that guesses gets there once in eighteen times

# Evidence, a sentence, and whether the evidence supports it.
_TRIAL = (
    ("The fee fell by a third, to 40 crowns, in May.", "Since May the fee is two thirds of what it was.", True),
    ("The fee fell by a third, to 40 crowns, in May.", "In May the fee was cut in half.", False),
    ("Marek told the board that Ines Holt had asked for the audit.", "The audit had been requested by Holt.", True),
    ("Marek told the board that Ines Holt had asked for the audit.", "The audit was Marek's idea.", False),
    ("The line may close in 2027 if no buyer is found.", "Without a buyer, the line could shut in 2027.", True),
    ("The line may close in 2027 if no buyer is found.", "The line is going to shut in 2027.", False),
    ("Of 80 pupils, 52 passed; most who failed had missed lessons.", "Twenty-eight pupils did not pass.", True),
    ("Of 80 pupils, 52 passed; most who failed had missed lessons.", "All who failed had missed lessons.", False),
    ("The pool was shut because of the leak, not because of the cold.", "A leak was why the pool closed.", True),
    ("The pool was shut because of the leak, not because of the cold.", "Low temperatures closed the pool.", False),
)


@dataclass(frozen=True, slots=True)
class ModelVerdict:
    """What the model says of one sentence, with its ``reason`` in a few words, empty where it gives none."""

    verdict: Verdict
    reason: str = ""


class ModelChecker:
    """Judges sentences with ``model``. Safe to call from several threads."""

    def __init__(self, model: Model, max_tokens: int, *, tried: bool = True) -> None:
        self.model = model
        self._max_tokens = max_tokens
        self._tried = tried

    @property
    def may_judge(self) -> bool:
        """Whether the model has not been found out to judge badly; asks it nothing."""
        return bool(vars(self).get("is_trusted", True))

    @loaded_once
    def is_trusted(self) -> bool:
        """Whether the model judges well enough: tried once, unless ``tried`` is off. Raises ModelFailedError."""
        if not self._tried:
            return True
        said = self._ask([(evidence, sentence) for evidence, sentence, _ in _TRIAL])
        verdicts = [one.verdict == "supported" if one else None for one in said]
        right = sum(found == true for found, (*_, true) in zip(verdicts, _TRIAL, strict=True))
        trusted = right >= _ENOUGH_RIGHT
        how = "checks what it writes" if trusted else "is not asked to check what it writes"
        _logger.info("%s judged %d of %d trial sentences rightly and %s", self.model.name, right, len(_TRIAL), how)
        return trusted

    def judge(self, pairs: Sequence[tuple[str, str]]) -> list[ModelVerdict | None]:
        """Judge sentences, each given after its evidence; None where the reply says nothing of one.

        Raises ModelFailedError.
        """
        starts = range(0, len(pairs), _PAIRS_A_REQUEST)
        return [one for start in starts for one in self._ask(pairs[start : start + _PAIRS_A_REQUEST])]

    def _ask(self, pairs: Sequence[tuple[str, str]]) -> list[ModelVerdict | None]:
        reply = complete(self.model, checking_messages(pairs), max_tokens=self._max_tokens)
        found = dict(_read_verdicts(reply))
        return [found.get(number) for number in range(1, len(pairs) + 1)]


def make_model_checker(checker: str, model: Model, max_tokens: int) -> ModelChecker | None:
    """Make the checker that the setting ``checker`` names, where that is ``model``; ``auto`` tries it first."""
    return ModelChecker(model, max_tokens, tried=checker == "auto") if checker in {"auto", "llm"} else None


def _read_verdicts(reply: str) -> Iterator[tuple[int, ModelVerdict]]:
    """Yield the numbers and verdicts of a reply's lines; other lines are passed over."""
    for line in reply.splitlines():
        match = _LINE.match(line)
        if match:
            reason = sanitize(match[3])[:_MAX_REASON_CHARACTERS].rstrip(" .*")
            yield int(match[1]), ModelVerdict(_VERDICTS[match[2].casefold()], reason)
