"""The MCP server over standard input and output, with known answers; run as a program by the tests."""

from door_fixtures import Finding
from web_fixtures import Shelf

from ui.doors.answering import at_once
from ui.doors.room import Room
from ui.mcp.server import mcp_server
from ui.mcp.stdio import serve_stdio

if __name__ == "__main__":
    pipeline = Finding()
    serve_stdio(mcp_server(at_once(pipeline), pipeline, Shelf(), Room()))
