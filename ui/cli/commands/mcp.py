"""``onrecord mcp``: the MCP server over standard input and output."""

from argparse import Namespace

from rag.pipeline import open_pipeline
from ui.api.mcp.optional_import import check_mcp_installed
from ui.library.collections import Collections
from ui.library.files import library_folder
from ui.logs.setup import begin_logging
from ui.settings import Configuration


def run(config: Configuration, arguments: Namespace) -> int:
    """Serve the tools until the client closes the input."""
    check_mcp_installed()
    begin_logging(config.web.log_format)
    with open_pipeline(config.index, config.rag, config.model) as pipeline:
        from ui.api.mcp.server import mcp_server, serve_stdio
        from ui.core.app_state import AppState
        from ui.core.queue import FairQueue
        from ui.core.streaming import ask_in_queue
        from ui.core.worker_pool import pool_for

        groups = Collections(library_folder(config.index), pipeline.store.documents)
        app_state = AppState(FairQueue(config.web.at_once, config.web.in_line))
        ask_fn, pool = ask_in_queue(pipeline, app_state), pool_for(app_state)
        serve_stdio(mcp_server(ask_fn, pipeline, pipeline.store, pool, groups))
    return 0
