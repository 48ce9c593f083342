"""How much is taken in one upload."""

from dataclasses import dataclass

from ui.config import WebConfig

MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Limits:
    """An archive may hold ``files`` and ``total_bytes``, a file ``file_bytes``.

    What is in a document that is an archive itself may be ``ratio`` times as large as it is packed.
    """

    files: int = 50
    file_bytes: int = 50 * MEGABYTE
    total_bytes: int = 500 * MEGABYTE
    ratio: int = 100


def limits_of(web: WebConfig) -> Limits:
    """The limits that are configured."""
    size = web.upload_mb * MEGABYTE
    return Limits(web.upload_files, size, max(size, min(10, web.upload_files) * size))
