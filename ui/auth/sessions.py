"""Sessions of signed-in users, kept in memory; names and passwords checked against the users file."""

import asyncio
import hashlib
import hmac
import logging
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from typing import Any

from index.errors import OnrecordError
from ui.auth.passwords import hash_password, verify_password
from ui.auth.throttle import LoginThrottle
from ui.auth.users_file import MAX_NAME_LENGTH, User, UsersFileError, normalize_name, read_users
from ui.core.failures import PoolFullError
from ui.core.worker_pool import WorkerPool
from ui.logs.setup import log_event

_log = logging.getLogger(__name__)

SESSION_SECONDS = 12 * 3600.0  # seconds a session lasts
_PASSWORD_CACHE_SECONDS = 600.0  # seconds that a password sent with each request is not hashed again
_MAX_SESSIONS = 10_000  # and as many remembered passwords; the oldest are dropped first
_MAX_HASHING = 1  # passwords hashed at the same time: each takes 16 MiB and a core
_MAX_WAITING = 32  # passwords that wait to be hashed, a quarter of a second each
_RETRY_SECONDS = 5.0  # seconds after which a refused sign-in may be tried again


class SignInDelayedError(OnrecordError):
    """No password is checked at present; one may be sent again after ``seconds``. ``status`` is HTTP's."""

    status = 503

    def __init__(self, reason: str, seconds: float) -> None:
        self.seconds = max(1, round(seconds + 0.5))
        super().__init__(f"{reason} Try again in {self.seconds} seconds.")


class TooManyFailuresError(SignInDelayedError):
    """Too many sign-ins failed."""

    status = 429

    def __init__(self, seconds: float) -> None:
        super().__init__("Too many sign-ins failed.", seconds)


class PasswordQueueFullError(SignInDelayedError):
    """Too many passwords are waiting to be checked."""

    def __init__(self) -> None:
        super().__init__("Too many people sign in at the moment.", _RETRY_SECONDS)


class SessionManager:
    """Checks names and passwords and gives out sessions.

    Passwords are hashed in ``hashing``, whose threads do nothing else, so that neither the event loop nor other
    requests wait for them; the same password sent many times at once is hashed once.

    The users file is read again when it has changed, so a user who is removed, or whose password or role is changed, is
    signed out at once. Raises UsersFileError at the start where the file cannot be read or holds nobody.
    """

    def __init__(
        self,
        file: Path,
        throttle: LoginThrottle | None = None,
        now: Callable[[], float] = time.monotonic,
        hashing: WorkerPool | None = None,
    ) -> None:
        self._file = file
        self._throttle = throttle or LoginThrottle(now)
        self._now = now
        self._hashing = hashing or WorkerPool(_MAX_HASHING, _MAX_WAITING)
        self._lock = threading.Lock()
        self._read: tuple[tuple[int, int, int], Mapping[str, User]] | None = None
        self._sessions: dict[str, tuple[User, float]] = {}
        self._remembered: dict[bytes, tuple[User, float]] = {}
        self._under_way: dict[bytes, Future[User | None]] = {}
        self._secret = secrets.token_bytes(32)
        self._nobody = hash_password(secrets.token_urlsafe(16))
        if not self._users():
            raise UsersFileError(f"The users file {file} holds nobody. Add one: onrecord users add NAME --auth {file}")

    async def sign_in(self, name: str, password: str, address: str) -> str | None:
        """Return a new session token, or None where name or password is wrong. Raises SignInDelayedError."""
        user = await self._checked(normalize_name(name), password, address)
        if user is None:
            return None
        token = secrets.token_urlsafe(32)
        with self._lock:
            self._sessions[_token_hash(token)] = (user, self._now() + SESSION_SECONDS)
            _drop_oldest(self._sessions)
        return token

    def user(self, token: str) -> User | None:
        """Return whose session this is; None where it has ended, or the user was removed or changed since."""
        with self._lock:
            user, until = self._sessions.get(_token_hash(token), (None, 0.0))
        if user is None:
            return None
        if self._now() < until and self.is_current(user):
            return user
        self.sign_out(token)
        return None

    def is_current(self, user: User) -> bool:
        """Return whether the file still holds the user with the same password and role."""
        return self._users().get(user.name) == user

    def sign_out(self, token: str) -> None:
        """End the session."""
        with self._lock:
            self._sessions.pop(_token_hash(token), None)

    async def authenticate(self, name: str, password: str, address: str) -> User | None:
        """Return the user whose name and password came with a request, None if wrong. Raises SignInDelayedError."""
        name = normalize_name(name)
        key = self._key(name, password)
        with self._lock:
            held, until = self._remembered.get(key, (None, 0.0))
        if held is not None and self._now() < until and self.is_current(held):
            return held
        user = await self._checked(name, password, address)
        if user is not None:
            with self._lock:
                self._remembered[key] = (user, self._now() + _PASSWORD_CACHE_SECONDS)
                _drop_oldest(self._remembered)
        return user

    async def _checked(self, name: str, password: str, address: str) -> User | None:
        key = self._key(name, password)
        under_way = self._under_way.get(key)
        if under_way is None:
            under_way = self._begun(name, password, address)
            self._under_way[key] = under_way
            under_way.add_done_callback(lambda _: self._under_way.pop(key, None))
        # A client that leaves must not cancel the check for others who sent the same password.
        return await asyncio.shield(asyncio.wrap_future(under_way))

    def _begun(self, name: str, password: str, address: str) -> "Future[User | None]":
        counted = name if len(name) <= MAX_NAME_LENGTH else ""
        wait = self._throttle.begin(counted, address)
        if wait > 0:
            log_event("sign-in slowed", seconds=round(wait))
            raise TooManyFailuresError(wait)
        try:
            succeeded = partial(self._throttle.succeeded, counted, address)
            return self._hashing.submit(partial(self._hashed, name, password, succeeded))
        except PoolFullError:
            self._throttle.withdraw(counted, address)
            log_event("sign-in refused", reason="too many passwords wait to be checked")
            raise PasswordQueueFullError from None

    def _hashed(self, name: str, password: str, succeeded: Callable[[], None]) -> User | None:
        user = self._users().get(name)
        # An unknown name takes as long, so that the time does not reveal which names exist.
        good = verify_password(password, user.password if user else self._nobody)
        if user is None or not good:
            log_event("sign-in failed")
            return None
        succeeded()
        return user

    def _key(self, name: str, password: str) -> bytes:
        return hmac.digest(self._secret, f"{name}\0{password}".encode("utf-8", "surrogatepass"), "sha256")

    def _users(self) -> Mapping[str, User]:
        try:
            stat = self._file.stat()
            stamp = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
        except OSError:
            stamp = (0, 0, 0)
        with self._lock:
            if self._read is None or self._read[0] != stamp:
                self._read = (stamp, self._fresh())
            return self._read[1]

    def _fresh(self) -> Mapping[str, User]:
        try:
            return read_users(self._file)
        except UsersFileError as error:
            if self._read is None:
                raise
            _log.error("Nobody is signed in any more: %s", error)
            return {}


def _token_hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _drop_oldest(held: dict[Any, Any]) -> None:
    while len(held) > _MAX_SESSIONS:
        del held[next(iter(held))]
