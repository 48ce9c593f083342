"""Passwords hashed with scrypt (RFC 7914), with the cost beside each hash so that it can be raised later."""

import base64
import hashlib
import hmac
import secrets
import unicodedata
from dataclasses import dataclass

from index.errors import OnrecordError

MIN_LENGTH, MAX_LENGTH = 8, 1000  # characters
_SALT_BYTES, _KEY_BYTES = 16, 32  # bytes
_SPARE_MEMORY = 1 << 20  # bytes that scrypt needs beyond its table
_MAX_MEMORY = 256 << 20  # bytes; a hash that needs more was not written by this program


class PasswordError(OnrecordError):
    """The password is too short or too long."""


@dataclass(frozen=True, slots=True)
class Cost:
    """scrypt's parameters: N = 2^``log_n``, r and p. The default is one of OWASP's: 16 MiB, a quarter of a second."""

    log_n: int = 14
    r: int = 8
    p: int = 5


COST = Cost()


def hash_password(password: str, cost: Cost = COST) -> str:
    """Return ``scrypt$14$8$5$salt$key``, with a salt of its own. Raises PasswordError."""
    if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
        raise PasswordError(f"A password has {MIN_LENGTH} to {MAX_LENGTH:,} characters. Choose another.")
    salt = secrets.token_bytes(_SALT_BYTES)
    return f"scrypt${cost.log_n}${cost.r}${cost.p}${_base64(salt)}${_base64(_key(password, salt, cost))}"


def verify_password(password: str, stored: str) -> bool:
    """Return whether ``stored`` is a hash of ``password``; False for anything that is no hash."""
    parsed = _parse(stored)
    if parsed is None or len(password) > MAX_LENGTH:
        return False
    cost, salt, key = parsed
    return hmac.compare_digest(_key(password, salt, cost), key)


def is_hash(stored: object) -> bool:
    """Return whether ``stored`` is a hash that ``verify_password`` can read."""
    return isinstance(stored, str) and _parse(stored) is not None


def nfkc(text: str) -> str:
    """Return a password or name in the form in which it is compared: keyboards compose the same letters differently."""
    return unicodedata.normalize("NFKC", text)


def _parse(stored: str) -> tuple[Cost, bytes, bytes] | None:
    try:
        name, log_n, r, p, salt, key = stored.split("$")
        cost = Cost(int(log_n), int(r), int(p))
        if name != "scrypt" or not (0 < cost.log_n <= 24 and cost.r > 0 and cost.p > 0):  # noqa: PLR2004
            return None
        if 128 * (cost.r << cost.log_n) > _MAX_MEMORY:
            return None
        return cost, base64.b64decode(salt, validate=True), base64.b64decode(key, validate=True)
    except ValueError:
        return None


def _key(password: str, salt: bytes, cost: Cost) -> bytes:
    secret = nfkc(password).encode("utf-8", "surrogatepass")
    memory = 128 * cost.r * ((1 << cost.log_n) + cost.p) + _SPARE_MEMORY
    return hashlib.scrypt(secret, salt=salt, n=1 << cost.log_n, r=cost.r, p=cost.p, dklen=_KEY_BYTES, maxmem=memory)


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
