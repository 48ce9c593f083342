"""Who is signed in: names checked against the users file, sessions kept in memory."""

import hashlib
import hmac
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from index.errors import OnrecordError
from ui.users.file import BadUsers, User, read_users
from ui.users.password import hashed, matches
from ui.users.tries import Tries

LASTS = 12 * 3600.0  # seconds a session lasts
_REMEMBERED = 600.0  # seconds that a password sent with each request is not hashed again
_MOST = 10_000  # sessions kept; the oldest go first


class TooSoon(OnrecordError):  # noqa: N818
    """Too many sign-ins failed; the next is taken after ``seconds``."""

    def __init__(self, seconds: float) -> None:
        self.seconds = max(1, round(seconds + 0.5))
        super().__init__(f"Too many sign-ins failed. Try again in {self.seconds} seconds.")


class SignedIn:
    """Checks names and passwords and hands out sessions. Safe to call from several threads.

    The users file is read again when it has changed, so a user who is removed, or whose password is changed, is
    signed out at once. Raises BadUsers at the start where the file cannot be read or holds nobody.
    """

    def __init__(self, file: Path, tries: Tries | None = None, now: Callable[[], float] = time.monotonic) -> None:
        self._file = file
        self._tries = tries or Tries(now)
        self._now = now
        self._lock = threading.Lock()
        self._hashing = threading.Lock()  # one at a time: each takes 16 MiB and a core
        self._read: tuple[tuple[int, int, int], Mapping[str, User]] | None = None
        self._sessions: dict[str, tuple[User, float]] = {}
        self._remembered: dict[bytes, tuple[User, float]] = {}
        self._secret = secrets.token_bytes(32)
        self._nobody = hashed(secrets.token_urlsafe(16))
        if not self._users():
            raise BadUsers(f"The users file {file} holds nobody. Add one: onrecord users add NAME --auth {file}")

    def sign_in(self, name: str, password: str, address: str) -> str | None:
        """A new session for who has this name and password, none for anybody else. Raises TooSoon."""
        user = self._checked(name.strip(), password, address)
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
        if self._now() < until and self._users().get(user.name) == user:
            return user
        self.sign_out(token)
        return None

    def sign_out(self, token: str) -> None:
        """End the session."""
        with self._lock:
            self._sessions.pop(_kept(token), None)

    def with_password(self, name: str, password: str, address: str) -> User | None:
        """The user whose name and password a program sends with each request. Raises TooSoon."""
        key = hmac.digest(self._secret, f"{name}\0{password}".encode("utf-8", "surrogatepass"), "sha256")
        with self._lock:
            held, until = self._remembered.get(key, (None, 0.0))
        if held is not None and self._now() < until and self._users().get(held.name) == held:
            return held
        user = self._checked(name, password, address)
        if user is not None:
            with self._lock:
                self._remembered[key] = (user, self._now() + _REMEMBERED)
                _shorten(self._remembered)
        return user

    def _checked(self, name: str, password: str, address: str) -> User | None:
        with self._hashing:
            wait = self._tries.wait(name, address)
            if wait > 0:
                raise TooSoon(wait)
            user = self._users().get(name)
            # A name that is nobody's takes as long, so that time does not tell which names there are.
            good = matches(password, user.password if user else self._nobody)
            if user is None or not good:
                self._tries.failed(name, address)
                return None
        self._tries.passed(name)
        return user

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
        except BadUsers:
            if self._read is None:
                raise
            return {}  # a file that went bad lets nobody in


def _kept(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _shorten(held: dict[Any, Any]) -> None:
    while len(held) > _MOST:
        del held[next(iter(held))]
