"""The doors served on loopback, over known answers or a real pipeline."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from web_fixtures import Scripted, Shelf, answer_to, free_port

from index.schema import Hit
from rag.question.scope import EVERYTHING, Scope
from rag.question.validate import validate_question
from ui.auth.access import Access
from ui.library.collections import Collections


@dataclass
class Finding(Scripted):
    """The scripted answerer, which finds what its answers cite."""

    def search(self, query: str, k: int | None = None, scope: Scope = EVERYTHING) -> tuple[Hit, ...]:
        self.scopes.append(scope)
        return answer_to(validate_question(query)).hits[:k]


def app_of(pipeline: Any, library: Any, access: Access | None = None, **more: Any) -> Any:
    """An application that is nothing but the doors, made with what ``add_api`` takes."""
    from fastapi import FastAPI

    from ui.api.mount import add_api

    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    add_api(app, pipeline, library, access=access, **more)
    return app


def stone_bridges(folder: Path) -> Collections:
    """Two collections of the shelf: "Stone bridges", of two documents, and one without any."""
    made = Collections(folder, Shelf().documents)
    made.add("Stone bridges", [info for info in Shelf().documents() if info.id in {"news", "long"}])
    made.add("Empty", ())
    return made


@contextmanager
def served(pipeline: Any, library: Any = None, access: Access | None = None, **more: Any) -> Iterator[str]:
    """The address of the doors, served from a thread."""
    import uvicorn

    port = free_port()
    app = app_of(pipeline, library or Shelf(), access, **more)
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    for _ in range(200):
        if server.started:
            break
        time.sleep(0.05)
    assert server.started
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(timeout=60)


def until(what: Any, seconds: float = 60.0) -> bool:
    """Whether ``what()`` comes true in time."""
    end = time.monotonic() + seconds
    while not what() and time.monotonic() < end:
        time.sleep(0.02)
    return bool(what())
