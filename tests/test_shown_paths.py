"""No interface shows others in which folder of the server a document lies."""

import json
from collections.abc import Callable
from pathlib import Path

from rag.pipeline import Pipeline
from rag.serialize import to_dict, without_folders
from ui.api.mcp.texts import hits_text
from ui.api.serialize import answer_record, document_text, hit_records, verification_record
from ui.conversations.export.footnote import footnote
from ui.core.document_records import document_record
from ui.library.files import LibraryFolder
from ui.web.document.captions import passage_title

BRIDGE = "The new bridge of Arles was opened in May 2024 by the mayor, Ines Varga."


def test_no_record_or_page_shows_folders(indexed: Callable[..., Pipeline], folder: Path) -> None:
    pipeline = indexed(bridge=BRIDGE)
    answer = pipeline.ask("Who opened the bridge of Arles?")
    refused = pipeline.ask("What is the weather in Oslo?")
    (info,) = pipeline.store.documents()
    document = pipeline.store.document(info.id)
    assert str(folder) in json.dumps(to_dict(answer))  # as it is kept
    shown = [
        *(answer_record(each) for each in (answer, refused)),
        *(without_folders(to_dict(each)) for each in (answer, refused)),
        verification_record(answer), document_text(document), document_record(info), hit_records(answer.hits),
        hits_text(answer.hits), *(footnote(citation).place for citation in answer.citations),
        *(passage_title(hit.passage) for hit in answer.hits), LibraryFolder(folder / "library").shown(info.source),
    ]  # fmt: skip
    for each in shown:
        assert str(folder) not in json.dumps(each), each
    assert "bridge.txt" in json.dumps(shown)
