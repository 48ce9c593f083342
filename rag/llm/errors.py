"""What went wrong with a request to a model, in words, and whether trying again may help."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from index.errors import first_line
from rag.llm.backend import CancellableRequest, IncompleteReplyError, ReplyRefusedError
from rag.llm.http import InvalidReplyError

_MAX_MESSAGE_CHARACTERS = 300
_STATUS_ONLY_MESSAGES = ("Error code: ", "(status code: ")  # the libraries' messages for an error without a body
_FIRST_REDIRECT, _FIRST_CLIENT_ERROR, _FIRST_SERVER_ERROR = 300, 400, 500  # the first status of each class
_OVERLOADED = (408, 429)
_STREAM_ERROR_CLASSES = (
    "APIError",
    "ResponseError",
)  # of openai, anthropic and ollama
_HINTS = {
    401: "Check its key.",
    403: "Check its key, and that it may use this model.",
    404: "Check the model's name and `llm_url`.",
    429: "It takes no more requests for now; `llm_per_minute` sends fewer.",
}


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a request failed. ``reason`` continues "The language model …".

    ``retryable`` says that another try may help, after ``wait`` seconds where the server asked for that.
    """

    reason: str
    retryable: bool = False
    wait: float | None = None


def describe_failure(error: Exception, call: CancellableRequest) -> Failure:
    """Describe ``error``, which was raised while ``call`` was under way."""
    if no_reply := next((one for one in _chain(error) if isinstance(one, InvalidReplyError)), None):
        return Failure(f"sent what cannot be a reply: {no_reply}. Check `llm_url`.")
    if call.status >= _FIRST_REDIRECT:
        return _status_failure(_error_message(error), call)
    if isinstance(error, IncompleteReplyError) or _is_connection_error(error):
        return _connection_failure(error, call)
    if isinstance(error, ReplyRefusedError) or any(
        kind.__name__ in _STREAM_ERROR_CLASSES for kind in type(error).__mro__
    ):
        return Failure(f"gave up on its reply ({_error_message(error)}).")
    return Failure(
        f"sent something that is no reply ({type(error).__name__}: {_error_message(error)}). Check `llm_url`."
    )


def _error_message(error: Exception) -> str:
    """Return the server's own message where the library keeps it, else the library's, but not a bare status code."""
    said = _message_in(getattr(error, "body", None)) or _message_in(getattr(error, "error", None)) or first_line(error)
    return "" if said.startswith(_STATUS_ONLY_MESSAGES) else " ".join(said.split())[:_MAX_MESSAGE_CHARACTERS]


def _message_in(body: object) -> str:
    """Return the message in the body of an error; each server puts it elsewhere."""
    while isinstance(body, dict):
        body = next((body[key] for key in ("error", "message", "detail") if body.get(key)), None)
    return body.strip() if isinstance(body, str) else ""


def _connection_failure(error: Exception, call: CancellableRequest) -> Failure:
    if call.status or isinstance(error, IncompleteReplyError):
        return Failure("stopped in the middle of its reply. Try again; if it stays so, look at the server.", True)
    return Failure(f"could not be reached ({_root_cause(error)}). Start it, or set `llm_url` to where it is.", True)


def _status_failure(said: str, call: CancellableRequest) -> Failure:
    if call.status < _FIRST_CLIENT_ERROR:
        return Failure("passes requests on to another address, which is not followed. Set `llm_url` to the right one.")
    again = call.status in _OVERLOADED or call.status >= _FIRST_SERVER_ERROR
    hint = _HINTS.get(call.status, "It may be overloaded; try again later." if again else "")
    words = f" ({said})" if said else ""
    why = f"refused with status {call.status}{words}. {hint}".strip()
    return Failure(why, again, _parse_retry_after(call.retry_after))


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _is_connection_error(error: BaseException) -> bool:
    """Tell whether the network failed, by the names of classes, since httpx and httpx2 share none."""
    return any(
        isinstance(one, OSError) or any(kind.__name__ == "TransportError" for kind in type(one).__mro__)
        for one in _chain(error)
    )


def _root_cause(error: BaseException) -> str:
    lost = [one for one in _chain(error) if _is_connection_error(one)]
    return first_line(lost[-1])


def _parse_retry_after(retry_after: str) -> float | None:
    """Return the seconds that either form of the header asks for (RFC 9110, 10.2.3); None for anything else."""
    try:
        return max(0.0, float(retry_after)) if float(retry_after) < float("inf") else None
    except ValueError:
        pass
    try:
        at = parsedate_to_datetime(retry_after)
    except ValueError:
        return None
    return max(0.0, (at.replace(tzinfo=at.tzinfo or UTC) - datetime.now(UTC)).total_seconds())
