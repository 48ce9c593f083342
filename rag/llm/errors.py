"""What went wrong with a request, in words, and whether to try again."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from index.errors import first_line
from rag.llm.backend import Call, RefusedError, UnfinishedError
from rag.llm.http import NoReplyError

_LONGEST_SAID = 300
_NUMBER_ALONE = ("Error code: ", "(status code: ")  # what the libraries say of an error without a body
_ELSEWHERE, _BAD, _THEIRS = 300, 400, 500  # where the classes of HTTP status begin
_OVERLOADED = (408, 429)
_SAID_ERRORS = ("APIError", "ResponseError")  # of openai and anthropic, and of ollama: an error told in the stream
_HINTS = {
    401: "Check its key.",
    403: "Check its key, and that it may use this model.",
    404: "Check the model's name and `llm_url`.",
    429: "It takes no more requests for now; `llm_per_minute` sends fewer.",
}


@dataclass(frozen=True, slots=True)
class Failure:
    """``why`` continues "The language model …". With ``again`` another try may help, after ``wait`` seconds."""

    why: str
    again: bool = False
    wait: float | None = None


def failure(error: Exception, call: Call) -> Failure:
    """Read ``error``, raised while ``call`` was under way."""
    if no_reply := next((one for one in _chain(error) if isinstance(one, NoReplyError)), None):
        return Failure(f"sent what cannot be a reply: {no_reply}. Check `llm_url`.")
    if call.status >= _ELSEWHERE:
        return _refusal(_said(error), call)
    if isinstance(error, UnfinishedError) or _lost_connection(error):
        return _lost(error, call)
    if isinstance(error, RefusedError) or any(kind.__name__ in _SAID_ERRORS for kind in type(error).__mro__):
        return Failure(f"gave up on its reply ({_said(error)}).")
    return Failure(f"sent something that is no reply ({type(error).__name__}: {_said(error)}). Check `llm_url`.")


def _said(error: Exception) -> str:
    """The server's own words where the library kept them apart, else the library's, but not a number alone."""
    said = _told(getattr(error, "body", None)) or _told(getattr(error, "error", None)) or first_line(error)
    return "" if said.startswith(_NUMBER_ALONE) else " ".join(said.split())[:_LONGEST_SAID]


def _told(body: object) -> str:
    """The message in the body of an error, of whichever form: each server has its own."""
    while isinstance(body, dict):
        body = next((body[key] for key in ("error", "message", "detail") if body.get(key)), None)
    return body.strip() if isinstance(body, str) else ""


def _lost(error: Exception, call: Call) -> Failure:
    if call.status or isinstance(error, UnfinishedError):
        return Failure("stopped in the middle of its reply. Try again; if it stays so, look at the server.", True)
    return Failure(f"could not be reached ({_root(error)}). Start it, or set `llm_url` to where it is.", True)


def _refusal(said: str, call: Call) -> Failure:
    if call.status < _BAD:
        return Failure("passes requests on to another address, which is not followed. Set `llm_url` to the right one.")
    again = call.status in _OVERLOADED or call.status >= _THEIRS
    hint = _HINTS.get(call.status, "It may be overloaded; try again later." if again else "")
    words = f" ({said})" if said else ""
    why = f"refused with status {call.status}{words}. {hint}".strip()
    return Failure(why, again, _asked_wait(call.retry_after))


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _lost_connection(error: BaseException) -> bool:
    """Whether it is the network's: by name, since httpx and httpx2 share no class."""
    return any(
        isinstance(one, OSError) or any(kind.__name__ == "TransportError" for kind in type(one).__mro__)
        for one in _chain(error)
    )


def _root(error: BaseException) -> str:
    lost = [one for one in _chain(error) if _lost_connection(one)]
    return first_line(lost[-1])


def _asked_wait(retry_after: str) -> float | None:
    """Seconds, from either form of the header (RFC 9110, 10.2.3); None for anything else."""
    try:
        return max(0.0, float(retry_after)) if float(retry_after) < float("inf") else None
    except ValueError:
        pass
    try:
        at = parsedate_to_datetime(retry_after)
    except ValueError:
        return None
    return max(0.0, (at.replace(tzinfo=at.tzinfo or UTC) - datetime.now(UTC)).total_seconds())
