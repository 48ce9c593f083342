"""Cut a set into a half to tune on and a half to report, once and for all."""

import hashlib
from typing import Literal

Half = Literal["tune", "report"]


def half(group: str) -> Half:
    """The half that everything of ``group`` (a document, an article, a conversation) belongs to.

    It depends on the name of the group alone, so it never changes, whatever else is in the set.
    """
    digest = hashlib.sha256(f"onrecord:{group}".replace("_", " ").encode()).digest()
    return "tune" if digest[0] % 2 == 0 else "report"
