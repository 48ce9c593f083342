"""What can be set about the faces."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WebConfig:
    """Where the web chat listens. ``examples`` names a file of example questions, one a line."""

    host: str = "127.0.0.1"
    port: int = 7860
    root_path: str = ""
    examples: str = ""
