"""Keep numpy's threads out of the way of the models' threads."""

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Let numpy multiply matrices on one thread only; a decorator too.

    The matrices of a question or a passage are small, and BLAS threads that wait for the next one keep the cores busy:
    on two cores the models took twice as long, and encoding tokens many times as long while others worked.
    """
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1, user_api="blas"):
        yield
