"""Who is signed in: names checked against the users file, sessions kept in memory."""

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
from ui.auth.passwords import hashed, matches
from ui.auth.throttle import Tries
from ui.auth.users_file import LONGEST_NAME, User, UsersFileError, as_typed, read_users
from ui.core.failures import PoolFullError
from ui.core.worker_pool import Room
from ui.logs.setup import log_event

_log = logging.getLogger(__name__)

LASTS = 12 * 3600.0  # seconds a session lasts
_REMEMBERED = 600.0  # seconds that a password sent with each request is not hashed again
_MAX_SESSIONS = 10_000  # and as many remembered passwords; the oldest go first
_AT_ONCE = 1  # passwords hashed at the same time: each takes 16 MiB and a core
_WAITING = 32  # passwords that wait to be hashed, a quarter of a second each
_LATER = 5.0  # seconds until somebody is to try again for whom there was no room


class NotNowError(OnrecordError):
    """No password is checked at present; one may be sent again after ``seconds``. ``status`` is HTTP's."""

    status = 503

    def __init__(self, reason: str, seconds: float) -> None:
        self.seconds = max(1, round(seconds + 0.5))
        super().__init__(f"{reason} Try again in {self.seconds} seconds.")


class TooSoonError(NotNowError):
    """Too many sign-ins failed."""

    status = 429

    def __init__(self, seconds: float) -> None:
        super().__init__("Too many sign-ins failed.", seconds)


class TooBusyError(NotNowError):
    """Too many passwords wait to be checked."""

    def __init__(self) -> None:
        super().__init__("Too many people sign in at the moment.", _LATER)


class SignedIn:
    """Checks names and passwords and hands out sessions.

    Passwords are hashed in ``hashing``, whose threads do nothing else, so that neither the event loop nor what else
    is served waits for them; the same password that is sent many times at once is hashed once.

    The users file is read again when it has changed, so a user who is removed, or whose password or role is changed,
    is signed out at once. Raises UsersFileError at the start where the file cannot be read or holds nobody.
    """

    def __init__(
        self,
        file: Path,
        tries: Tries | None = None,
        now: Callable[[], float] = time.monotonic,
        hashing: Room | None = None,
    ) -> None:
        self._file = file
        self._tries = tries or Tries(now)
        self._now = now
        self._hashing = hashing or Room(_AT_ONCE, _WAITING)
        self._lock = threading.Lock()
        self._read: tuple[tuple[int, int, int], Mapping[str, User]] | None = None
        self._sessions: dict[str, tuple[User, float]] = {}
        self._remembered: dict[bytes, tuple[User, float]] = {}
        self._under_way: dict[bytes, Future[User | None]] = {}
        self._secret = secrets.token_bytes(32)
        self._nobody = hashed(secrets.token_urlsafe(16))
        if not self._users():
            raise UsersFileError(f"The users file {file} holds nobody. Add one: onrecord users add NAME --auth {file}")

    async def sign_in(self, name: str, password: str, address: str) -> str | None:
        """A new session for who has this name and password, none for anybody else. Raises NotNowError."""
        user = await self._checked(as_typed(name), password, address)
        if user is None:
            return None
        token = secrets.token_urlsafe(32)
        with self._lock:
            self._sessions[_kept(token)] = (user, self._now() + LASTS)
            _shorten(self._sessions)
        return token

    def user(self, token: str) -> User | None:
        """Whose session this is; none where it has ended, or the user was removed or changed since."""
        with self._lock:
            user, until = self._sessions.get(_kept(token), (None, 0.0))
        if user is None:
            return None
        if self._now() < until and self.stands(user):
            return user
        self.sign_out(token)
        return None

    def stands(self, user: User) -> bool:
        """Whether the file still holds the user as they signed in: not removed, and password and role the same."""
        return self._users().get(user.name) == user

    def sign_out(self, token: str) -> None:
        """End the session."""
        with self._lock:
            self._sessions.pop(_kept(token), None)

    async def with_password(self, name: str, password: str, address: str) -> User | None:
        """The user whose name and password a program sends with each request. Raises NotNowError."""
        name = as_typed(name)
        key = self._key(name, password)
        with self._lock:
            held, until = self._remembered.get(key, (None, 0.0))
        if held is not None and self._now() < until and self.stands(held):
            return held
        user = await self._checked(name, password, address)
        if user is not None:
            with self._lock:
                self._remembered[key] = (user, self._now() + _REMEMBERED)
                _shorten(self._remembered)
        return user

    async def _checked(self, name: str, password: str, address: str) -> User | None:
        key = self._key(name, password)
        under_way = self._under_way.get(key)
        if under_way is None:
            under_way = self._begun(name, password, address)
            self._under_way[key] = under_way
            under_way.add_done_callback(lambda _: self._under_way.pop(key, None))
        # Who leaves must not break it off for those who sent the same.
        return await asyncio.shield(asyncio.wrap_future(under_way))

    def _begun(self, name: str, password: str, address: str) -> "Future[User | None]":
        counted = name if len(name) <= LONGEST_NAME else ""
        wait = self._tries.begin(counted, address)
        if wait > 0:
            log_event("sign-in slowed", seconds=round(wait))
            raise TooSoonError(wait)
        try:
            passed = partial(self._tries.passed, counted, address)
            return self._hashing.start(partial(self._hashed, name, password, passed))
        except PoolFullError:
            self._tries.taken_back(counted, address)
            log_event("sign-in refused", reason="too many passwords wait to be checked")
            raise TooBusyError from None

    def _hashed(self, name: str, password: str, passed: Callable[[], None]) -> User | None:
        user = self._users().get(name)
        # A name that is nobody's takes as long, so that time does not tell which names there are.
        good = matches(password, user.password if user else self._nobody)
        if user is None or not good:
            log_event("sign-in failed")
            return None
        passed()
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


def _kept(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _shorten(held: dict[Any, Any]) -> None:
    while len(held) > _MAX_SESSIONS:
        del held[next(iter(held))]
