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
        from ui.doors.answering import in_line
        from ui.doors.room import room_before
        from ui.mcp.server import mcp_server
        from ui.mcp.stdio import serve_stdio
        from ui.web.floor import Floor
        from ui.web.line import Line

        groups = Collections(library_folder(config.index), pipeline.store.documents)
        floor = Floor(Line(config.web.at_once, config.web.in_line))
        put, room = in_line(pipeline, floor), room_before(floor)
        serve_stdio(mcp_server(put, pipeline, pipeline.store, room, groups))
    return 0
