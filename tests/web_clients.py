"""Gradio's own client, kept to the machine."""

from typing import Any

from waiting import PATIENCE


def client(url: str, **more: Any) -> Any:
    """A program that talks to the chat at ``url``."""
    from gradio_client import Client
    from huggingface_hub.utils import _detect_agent

    # Without this the client's library asks its hub what kinds of callers there are, once a process.
    _detect_agent._registry = _detect_agent._EMPTY_REGISTRY
    # Its own patience is five seconds, which a busy machine takes for twenty at once.
    return Client(url, verbose=False, analytics_enabled=False, httpx_kwargs={"timeout": PATIENCE}, **more)
