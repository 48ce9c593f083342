"""A share in the index that a process keeps, and lets go of between two uses for as long as another one writes."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import Any

from index.errors import IndexBusyError
from index.system.locking import READER_TIMEOUT, Held, gaps, writer_lock

_log = logging.getLogger(__name__)

_IDLE = 0.3  # seconds without a use after which it is let go of to a writer that waits
_LONGEST = 2.0  # seconds after which it is, between any two uses
_LOOK = 0.1  # seconds between looks at whether a writer waits
_A_MOMENT = 1.0  # seconds that readers get to let go; whoever wants to write may try again


class Share:
    """The index in ``folder`` held for reading, taken again where it was let go of.

    ``opened`` and ``closed`` of ``attach`` are called when it is taken again and before it is let go of: whatever has
    the database open must close it. ``times`` counts the takings, so what was read before another one may have changed.
    ``alone`` has the index whole, to write it. Safe to use from several threads.
    """

    def __init__(self, folder: Path, patience: float = READER_TIMEOUT) -> None:
        self.times = 1
        self._folder = folder
        self._patience = patience
        self._held = Held(folder)
        self._guard = threading.Lock()
        self._holding = True
        self._uses = 0
        self._since = self._last = time.monotonic()
        self._opened: Callable[[], None] = lambda: None
        self._closed: Callable[[], None] = lambda: None
        self._rest: Callable[[], AbstractContextManager[Any]] | None = None
        self._within = 0
        self._entering = threading.Lock()
        self._writing = ExitStack()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._look, name="share", daemon=True)
        try:
            self._held.read(patience)
            self._thread.start()
        except BaseException:
            self._held.close()
            raise

    def attach(
        self,
        opened: Callable[[], None],
        closed: Callable[[], None],
        rest: Callable[[], AbstractContextManager[Any]],
    ) -> None:
        """Name what opens and closes the database, and what is entered to keep the next write waiting."""
        self._opened, self._closed, self._rest = opened, closed, rest

    def close(self) -> None:
        """Let go of it for good."""
        self._stop.set()
        self._thread.join()
        self._held.close()

    @property
    def open(self) -> bool:
        """Whether it is held now."""
        return self._holding

    @contextmanager
    def using(self) -> Iterator[None]:
        """Have it while this lasts, after waiting for a gap if a writer is at work. Raises IndexBusyError."""
        with self._guard:
            if not self._holding:
                self._held.read(self._patience)
                try:
                    self._opened()
                except BaseException:
                    self._held.let_go()
                    raise
                self._holding, self._since = True, time.monotonic()
                self.times += 1
            self._uses += 1
        try:
            yield
        finally:
            with self._guard:
                self._uses -= 1
                self._last = time.monotonic()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Have the index whole, to write it; may be entered from several threads, until the last has left.

        Raises IndexBusyError at once while another process writes, and soon where readers do not let go.
        """
        with self._entering:
            if self._within == 0:
                self._begin()
            self._within += 1
        try:
            yield
        finally:
            with self._entering:
                self._within -= 1
                if self._within == 0:
                    self._writing.close()

    def _begin(self) -> None:
        with ExitStack() as stack:
            stack.enter_context(writer_lock(self._folder))
            stack.enter_context(self.using())
            stack.callback(self._read_on)
            self._held.write(_A_MOMENT)
            if self._rest is not None:  # else the index is being made
                stack.enter_context(gaps(self._held, self._rest))
            self._writing = stack.pop_all()

    def _read_on(self) -> None:
        """Hold it for reading again, after it was held whole or could not be."""
        try:
            self._held.downgrade()
        except (OSError, IndexBusyError):
            _log.exception("The index could not be held for reading; it is opened again at the next use")
            with self._guard:
                self._leave()

    def _look(self) -> None:
        told = False
        while not self._stop.wait(_LOOK):
            try:
                if self._may_let_go() and self._held.has_writer_waiting():
                    with self._guard:
                        if self._may_let_go():
                            self._leave()
            except Exception:
                if not told:
                    _log.exception("The index could not be let go of cleanly")
                told = True

    def _leave(self) -> None:
        """Let go of it. Whatever fails, nobody takes it for held: the next use opens it anew."""
        self._holding = False
        try:
            self._closed()
        finally:
            self._held.let_go()

    def _may_let_go(self) -> bool:
        now = time.monotonic()
        rested = now - self._last >= _IDLE or now - self._since >= _LONGEST
        return self._holding and not self._uses and rested
