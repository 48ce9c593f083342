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
    texts = [(hit.passage.document_id, "\n".join((*context_lines(hit.passage), hit.passage.text))) for hit in hits]
    names = analyze_question(question, [text for _, text in texts]).names
    if not names:
        return False
    named = re.compile(rf"\b(?:{'|'.join(map(re.escape, names))})", re.IGNORECASE)  # terms are beginnings of words
    own = passage.document_id
    # What was found of the document mostly names it, which spares reading the whole.
    if any(named.search(text) for document_id, text in texts if document_id == own):
        return False
    if all(names.isdisjoint(terms(text)) for document_id, text in texts if document_id != own):
        return False
    document = read(own)
    labels = (document.title, document.source, *(section.label for section in document.sections), document.text)
    return not any(named.search(text) for text in labels)
