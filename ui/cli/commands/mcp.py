"""``onrecord mcp``: the MCP server over standard input and output."""

from argparse import Namespace

from ui.api.mcp.optional_import import check_installed
from ui.library.collections import Collections
from ui.library.files import library_folder
from ui.runtime import opened
from ui.settings import Configuration


def run(config: Configuration, arguments: Namespace) -> int:
    """Serve the tools until the client closes the input."""
    check_installed()
    with opened(config) as pipeline:
        from ui.api.mcp.server import mcp_server
        from ui.core.streaming import at_once
        from ui.core.worker_pool import Room

        groups = Collections(library_folder(config.index), pipeline.store.documents)
        mcp_server(at_once(pipeline), pipeline, pipeline.store, Room(), groups).run("stdio")
    return 0
