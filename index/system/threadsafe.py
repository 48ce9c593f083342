"""Let several threads share things: remembered values, things loaded once, a tokenizer, a lock that can break."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from types import TracebackType
from typing import Any, Generic, Self, TypeVar, overload

K = TypeVar("K")
V = TypeVar("V")
T = TypeVar("T")


class LruCache(Generic[K, V]):
    """A cache of the values used last, as long as their sizes add up to at most ``most``. Safe between threads.

    ``size`` returns how much a key and its value take, in whatever unit ``most`` counts. The newest value always stays,
    so that one larger than the cache is not made again for each use.
    """

    def __init__(self, most: int, size: Callable[[K, V], int]) -> None:
        self._most = most
        self._size_of = size
        self._kept: OrderedDict[K, tuple[V, int]] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()

    @property
    def size(self) -> int:
        """The total size of the values."""
        return self._size

    def get_many(self, keys: Iterable[K], make: Callable[[list[K]], Iterable[V]]) -> list[V]:
        """Return the value of each key, in their order.

        ``make`` makes the missing values, all at once. Other threads do not wait for it, so two may make the same value
        at the same time. If it raises, nothing is stored.
        """
        wanted = list(keys)
        with self._lock:
            found = {key: self._take(key) for key in wanted if key in self._kept}
        new = [key for key in dict.fromkeys(wanted) if key not in found]
        if new:
            made = dict(zip(new, make(new), strict=True))
            sizes = {key: self._size_of(key, value) for key, value in made.items()}
            with self._lock:
                for key, value in made.items():
                    self._store(key, value, sizes[key])
            found |= made
        return [found[key] for key in wanted]

    def get(self, key: K, make: Callable[[K], V]) -> V:
        """Return the value of one key; ``make`` makes it if it is missing."""
        return self.get_many([key], lambda keys: map(make, keys))[0]

    def _take(self, key: K) -> V:
        self._kept.move_to_end(key)
        return self._kept[key][0]

    def _store(self, key: K, value: V, size: int) -> None:
        self._size += size - self._kept.pop(key, (value, 0))[1]
        self._kept[key] = value, size
        while self._size > self._most and len(self._kept) > 1:
            self._size -= self._kept.popitem(last=False)[1][1]


class loaded_once(Generic[T]):  # noqa: N801  # named like functools.cached_property, which it replaces
    """A property that one thread computes at first use, while the others wait for it.

    ``functools.cached_property`` lets every thread compute its own from Python 3.12 on. After a failure, the next use
    tries again.
    """

    def __init__(self, make: Callable[[Any], T]) -> None:
        self._make = make
        self._name = make.__name__
        self.__doc__ = make.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, instance: None, owner: type) -> Self: ...
    @overload
    def __get__(self, instance: object, owner: type) -> T: ...
    def __get__(self, instance: object | None, owner: type) -> Self | T:
        if instance is None:
            return self
        # Once the value is in the instance's dictionary, Python no longer calls this.
        held = instance.__dict__
        lock = held.setdefault(f"{self._name} is loaded", threading.RLock())
        with lock:
            if self._name not in held:
                held[self._name] = self._make(instance)
            held.pop(f"{self._name} is loaded", None)
            found: T = held[self._name]
            return found


def lock_tokenizer(model: Any) -> AbstractContextManager[object]:
    """Let one thread at a time use the tokenizer of a sentence-transformers model; returns the lock for other uses.

    A Hugging Face tokenizer keeps its padding and truncation as settings of its own, which each use changes for all.
    Threads wait only for the tokenizer, a small part of the encoding.
    """
    lock = threading.RLock()
    inner = model.preprocess

    def preprocess(*given: Any, **named: Any) -> Any:
        with lock:
            return inner(*given, **named)

    model.preprocess = preprocess
    return lock


class BreakableLock:
    """A reentrant lock that nobody can take once it is broken; ``broken`` makes the error that is raised then."""

    def __init__(self, broken: Callable[[BaseException], Exception]) -> None:
        self._lock = threading.RLock()
        self._broken = broken
        self._cause: BaseException | None = None

    def __enter__(self) -> Self:
        self._lock.acquire()
        if self._cause is not None:
            self._lock.release()
            raise self._broken(self._cause) from self._cause
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lock.release()

    @contextmanager
    def hold_or_break(self) -> Iterator[None]:
        """Hold the lock; an exception raised inside breaks it for everyone who takes it later."""
        with self:
            try:
                yield
            except BaseException as error:
                self._cause = error
                raise
