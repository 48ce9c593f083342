"""What the doors need besides the documents: something that answers and also finds."""

from typing import Protocol

from index.schema import Hit
from rag.scope import EVERYTHING, Scope
from ui.core.protocols import Answerer


class Finder(Answerer, Protocol):
    """Answers questions, and finds passages without answering."""

    def search(self, query: str, k: int | None = None, scope: Scope = EVERYTHING) -> tuple[Hit, ...]:
        """The best ``k`` passages in ``scope``, best first. Raise ``OnrecordError`` when it cannot be searched for."""
        ...
