"""The MCP server over standard input and output, with known answers; run as a program by the tests."""

from door_fixtures import Finding
from web_fixtures import Shelf

from ui.api.mcp.server import mcp_server, serve_stdio
from ui.core.streaming import ask_directly
from ui.core.worker_pool import WorkerPool

if __name__ == "__main__":
    pipeline = Finding()
    serve_stdio(mcp_server(ask_directly(pipeline), pipeline, Shelf(), WorkerPool()))
