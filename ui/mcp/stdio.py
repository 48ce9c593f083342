"""The MCP server over standard input and output."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mcp.server import Server


def serve_stdio(server: "Server[Any]") -> None:
    """Serve until the client closes the input."""
    import anyio

    anyio.run(_serve, server)


async def _serve(server: "Server[Any]") -> None:
    from mcp.server.stdio import stdio_server

    async with stdio_server() as (incoming, outgoing):
        await server.run(incoming, outgoing, server.create_initialization_options())
