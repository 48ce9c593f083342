"""Keep numpy's threads out of the way of the models'."""

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Inside, numpy multiplies matrices on one thread.

    Those of a question are small, and BLAS threads that wait for the next one keep the cores busy: on two cores the
    models between them took twice as long.
    """
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1, user_api="blas"):
        yield
