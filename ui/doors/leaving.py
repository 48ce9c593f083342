"""A client that goes away while it is being served."""

import asyncio
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from starlette.requests import Request

T = TypeVar("T")


async def unless_left(request: "Request", work: Coroutine[Any, Any, T]) -> T:
    """What ``work`` gives back; it is cancelled, and ClientDisconnect raised, when the client leaves before."""
    from starlette.requests import ClientDisconnect

    working = asyncio.ensure_future(work)
    watching = asyncio.ensure_future(_left(request))
    try:
        await asyncio.wait({working, watching}, return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            return working.result()
        raise ClientDisconnect
    finally:
        working.cancel()
        watching.cancel()
        await asyncio.gather(working, watching, return_exceptions=True)


async def _left(request: "Request") -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
