"""An answerer: any callable from a question and its history to an answer."""

import importlib
import inspect
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, TypeAlias

from evals.schema import Case
from index.errors import OnrecordError
from rag.question.scope import Scope
from rag.schema import Answer, Claim

# Called with the question and its history, and with ``scope`` where it takes one and a case gives its date.
Answerer: TypeAlias = Callable[..., Answer]


class NoSuchAnswererError(OnrecordError):
    """An answerer, or another callable, was named that does not exist."""


def ask_case(answerer: Answerer, case: Case) -> Answer:
    """Ask ``answerer`` the question of ``case``. Raises as ``to_answer`` does.

    For a case with a date (``as_of``), an answerer with a parameter ``scope`` is asked as of that day, so that nothing
    published later is searched and "last week" counts from it.
    """
    options: dict[str, Scope] = {}
    if case.as_of and _takes_scope(answerer):
        options = {"scope": Scope(as_of=datetime.fromisoformat(case.as_of).date())}
    return to_answer(case.question, answerer(case.question, case.history, **options))


def _takes_scope(answerer: Answerer) -> bool:
    try:
        return "scope" in inspect.signature(answerer).parameters
    except (TypeError, ValueError):  # some callables written in C have no signature
        return False


def to_answer(question: str, given: object) -> Answer:
    """Return what an answerer gave as an ``Answer``; a plain text becomes one claim that cites nothing.

    An empty text is a refusal. Raises TypeError for anything else, and ValueError for an answer whose
    confidence is no number from 0 to 1.
    """
    if isinstance(given, Answer):
        if not 0 <= given.confidence <= 1:
            raise ValueError(f"the answer's confidence is {given.confidence}, not a number from 0 to 1")
        return given
    if not isinstance(given, str):
        raise TypeError(f"the answerer gave {type(given).__name__}, not an Answer or a text")
    text = " ".join(given.split())
    claims = (Claim(text, (), "unsupported", "cites nothing"),) if text else ()
    return Answer(question, question, claims, (), refused=not text, confidence=float(bool(text)), answerer="text")


def load_callable(name: str) -> Callable[..., Any]:
    """Import the callable ``package.module:function``; the current folder is searched too.

    Raises ``NoSuchAnswererError`` when there is none of that name.
    """
    module, _, attribute = name.partition(":")
    if not module or not attribute:
        raise NoSuchAnswererError(f"{name!r} names no callable: write package.module:function")
    if str(Path.cwd()) not in sys.path:
        sys.path.insert(0, str(Path.cwd()))
    try:
        found = getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError) as error:
        raise NoSuchAnswererError(f"{name!r} cannot be loaded ({error}): check the name") from error
    if not callable(found):
        raise NoSuchAnswererError(f"{name!r} is a {type(found).__name__}, not something to call")
    return found  # type: ignore[no-any-return]
