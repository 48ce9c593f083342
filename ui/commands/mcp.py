"""``onrecord mcp``: the MCP server over standard input and output."""

from argparse import Namespace

from ui.configuration import Configuration
from ui.library.collections import Collections
from ui.library.folder import library_folder
from ui.logs.begin import begin_logging
from ui.mcp.installed import check_installed
from ui.opened import opened


def run(config: Configuration, arguments: Namespace) -> int:
    """Serve the tools until the client closes the input."""
    check_installed()
    begin_logging(config.web.log_format)
    with opened(config) as pipeline:
        from ui.doors.answering import at_once
        from ui.doors.room import Room
        from ui.mcp.server import mcp_server
        from ui.mcp.stdio import serve_stdio

        groups = Collections(library_folder(config.index), pipeline.store.documents)
        serve_stdio(mcp_server(at_once(pipeline), pipeline, pipeline.store, Room(), groups))
    return 0
