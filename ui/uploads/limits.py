"""How much is taken in one upload."""

from dataclasses import dataclass

from ui.config import WebConfig

MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Limits:
    """``files`` of ``file_bytes`` each and ``total_bytes`` together, those unpacked from archives counted.

    What is in an archive may be ``ratio`` times as large as it is packed, and archives may stand in archives,
    ``depth`` of them in one another.
    """

    files: int = 50
    file_bytes: int = 50 * MEGABYTE
    total_bytes: int = 500 * MEGABYTE
    ratio: int = 100
    depth: int = 2


def limits_of(web: WebConfig) -> Limits:
    """The limits that are configured."""
    size = web.upload_mb * MEGABYTE
    return Limits(web.upload_files, size, max(size, min(10, web.upload_files) * size))
