"""Whether the package of the protocol is installed; it comes with the extra ``mcp``."""

from importlib.util import find_spec

from index.errors import SettingsError


def mcp_installed() -> bool:
    """Return whether it can be imported."""
    return find_spec("mcp") is not None


def check_mcp_installed() -> None:
    """Raise SettingsError when it is not installed."""
    if not mcp_installed():
        raise SettingsError("The MCP server needs the package mcp. Install it with: pip install 'onrecord[mcp]'")
