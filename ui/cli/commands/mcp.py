"""``onrecord mcp``: the MCP server over standard input and output."""

from argparse import Namespace

from ui.api.mcp.optional_import import check_installed
from ui.library.collections import Collections
from ui.library.files import library_folder
from ui.logs.setup import begin_logging
from ui.runtime import opened
from ui.settings import Configuration


def run(config: Configuration, arguments: Namespace) -> int:
    """Serve the tools until the client closes the input."""
    check_installed()
    begin_logging(config.web.log_format)
    with opened(config) as pipeline:
        from ui.api.mcp.server import mcp_server
        from ui.api.mcp.stdio import serve_stdio
        from ui.core.app_state import Floor
        from ui.core.queue import Line
        from ui.core.streaming import in_line
        from ui.core.worker_pool import room_before

        groups = Collections(library_folder(config.index), pipeline.store.documents)
        floor = Floor(Line(config.web.at_once, config.web.in_line))
        put, room = in_line(pipeline, floor), room_before(floor)
        serve_stdio(mcp_server(put, pipeline, pipeline.store, room, groups))
    return 0
