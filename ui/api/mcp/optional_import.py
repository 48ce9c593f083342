"""Whether the protocol's own package is there; it comes with the extra ``mcp``."""

from importlib.util import find_spec

from index.errors import SettingsError


def installed() -> bool:
    """Whether it can be imported."""
    return find_spec("mcp") is not None


def check_installed() -> None:
    """Raise SettingsError when it cannot."""
    if not installed():
        raise SettingsError("The MCP server needs the package mcp. Install it with: pip install 'onrecord[mcp]'")
