"""Compare the names in a question with the document of a sentence: what is said of Halden is not said of Marrow."""

import re
from collections.abc import Callable, Sequence

from index.schema import Document, Hit, Passage
from index.text.headings import context_lines
from index.text.terms import terms
from rag.reading.features import analyze_question


def is_of_another_document(
    question: str, passage: Passage, hits: Sequence[Hit], read: Callable[[str], Document]
) -> bool:
    """Tell whether names of ``question`` stand in another document that was found, and none in that of ``passage``.

    Where no document has them, they may mean whoever wrote the one at hand.
    """
    texts = {hit.passage.id: "\n".join((*context_lines(hit.passage), hit.passage.text)) for hit in hits}
    names = analyze_question(question, list(texts.values())).names
    if not names:
        return False
    own = passage.document_id
    held_elsewhere = names & {t for hit in hits if hit.passage.document_id != own for t in terms(texts[hit.passage.id])}
    if not held_elsewhere:
        return False
    document = read(own)
    anywhere = re.compile(rf"\b(?:{'|'.join(map(re.escape, names))})", re.IGNORECASE)  # terms are beginnings of words
    labels = (document.title, document.source, *(section.label for section in document.sections), document.text)
    return not any(anywhere.search(text) for text in labels)
