"""Passwords hashed with scrypt (RFC 7914), the cost kept beside each hash so that it can be raised later."""

import base64
import hashlib
import hmac
import secrets
import unicodedata
from dataclasses import dataclass

from index.errors import OnrecordError

SHORTEST, LONGEST = 8, 1000  # characters
_SALT, _KEY = 16, 32  # bytes
_SPARE = 1 << 20  # bytes that scrypt asks for beyond its table
_MOST_MEMORY = 256 << 20  # bytes; a file that asks for more was not written here


class PasswordError(OnrecordError):
    """The password is too short or too long to be taken."""


@dataclass(frozen=True, slots=True)
class Cost:
    """scrypt's N = 2^``log_n``, r and p. The default is one of OWASP's: 16 MiB, a quarter of a second."""

    log_n: int = 14
    r: int = 8
    p: int = 5


COST = Cost()


def hashed(password: str, cost: Cost = COST) -> str:
    """``scrypt$14$8$5$salt$key``, with a salt of its own. Raises PasswordError."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise PasswordError(f"A password has {SHORTEST} to {LONGEST:,} characters. Choose another.")
    salt = secrets.token_bytes(_SALT)
    return f"scrypt${cost.log_n}${cost.r}${cost.p}${_text(salt)}${_text(_key(password, salt, cost))}"


def matches(password: str, stored: str) -> bool:
    """Whether ``stored`` is a hash of ``password``; false for anything that is no hash."""
    read = _read(stored)
    if read is None or len(password) > LONGEST:
        return False
    cost, salt, key = read
    return hmac.compare_digest(_key(password, salt, cost), key)


def is_hash(stored: object) -> bool:
    """Whether ``stored`` is a hash that ``matches`` can read."""
    return isinstance(stored, str) and _read(stored) is not None


def normalized(text: str) -> str:
    """Give a password or a name as it is compared: two keyboards can compose the same letters in two ways."""
    return unicodedata.normalize("NFKC", text)


def _read(stored: str) -> tuple[Cost, bytes, bytes] | None:
    try:
        name, log_n, r, p, salt, key = stored.split("$")
        cost = Cost(int(log_n), int(r), int(p))
        if name != "scrypt" or not (0 < cost.log_n <= 24 and cost.r > 0 and cost.p > 0):  # noqa: PLR2004
            return None
        if 128 * (cost.r << cost.log_n) > _MOST_MEMORY:
            return None
        return cost, base64.b64decode(salt, validate=True), base64.b64decode(key, validate=True)
    except ValueError:
        return None


def _key(password: str, salt: bytes, cost: Cost) -> bytes:
    said = normalized(password).encode("utf-8", "surrogatepass")
    memory = 128 * cost.r * ((1 << cost.log_n) + cost.p) + _SPARE
    return hashlib.scrypt(said, salt=salt, n=1 << cost.log_n, r=cost.r, p=cost.p, dklen=_KEY, maxmem=memory)


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
