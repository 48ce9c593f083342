"""The limits of one upload."""

from dataclasses import dataclass

from ui.settings import WebConfig

MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class UploadLimits:
    """An archive may hold ``files`` documents and ``total_bytes``, a file ``file_bytes``.

    A document that is an archive itself may unpack to ``ratio`` times its packed size.
    """

    files: int = 50
    file_bytes: int = 50 * MEGABYTE
    total_bytes: int = 500 * MEGABYTE
    ratio: int = 100


def upload_limits(web: WebConfig) -> UploadLimits:
    """Return the configured limits."""
    size = web.upload_mb * MEGABYTE
    return UploadLimits(web.upload_files, size, max(size, min(10, web.upload_files) * size))
