"""Verdicts in words, on the terminal and in Markdown."""

from dataclasses import replace

from web_fixtures import answer_to

from rag.schema import Claim
from rag.verify.labels import describe_doubt, describe_verdict, describe_writer
from ui.cli.answer_text import answer_text
from ui.conversations.export.markdown import to_markdown
from ui.conversations.models import Conversation, StoredTurn

ANSWER = replace(answer_to("article 5"), answerer="ollama/llama3.2", where="this computer")


def test_a_verdict_in_words_has_its_reason() -> None:
    wrong = Claim("It cost 15.", (), "unsupported", "the source says 12, not 15")
    assert describe_doubt(wrong) == "not supported: the source says 12, not 15"
    assert describe_doubt(replace(wrong, verdict="supported")) == ""
    assert describe_verdict(replace(wrong, verdict="supported", reason="")) == "supported"


def test_who_wrote_is_said_with_where() -> None:
    assert describe_writer(ANSWER) == "Written by ollama/llama3.2 on this computer"
    assert describe_writer(replace(ANSWER, where="127.0.0.1:11434")).endswith(" at 127.0.0.1:11434")
    assert describe_writer(answer_to("article 5")) == ""


def test_the_terminal_shows_what_speaks_against_a_sentence_and_who_wrote() -> None:
    shown = " ".join(answer_text(ANSWER).split())
    assert "[3] (partly supported: Only the emoji is there.)" in shown
    assert "Written by ollama/llama3.2 on this computer" in shown
    assert "Written by" not in answer_text(answer_to("article 5"))


def test_so_does_an_export() -> None:
    kept = Conversation("c", "", "T", "2025-01-01T00:00:00", "2025-01-01T00:00:00", 1)
    text = to_markdown(kept, [StoredTurn("article 5", ANSWER, "2025-01-01T00:00:00")])
    assert "(partly supported: Only the emoji is there.)" in text
    assert "Written by ollama/llama3.2 on this computer" in text
