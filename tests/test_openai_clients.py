"""What chat clients send to the OpenAI door beside a question and text: pictures, broken turns, tasks of their own."""

from collections.abc import Iterator
from typing import Any

import httpx
import openai
import pytest
from door_fixtures import Finding, served

from rag.schema import Turn
from ui.api.openai.messages import EMPTY_MESSAGE, UNREAD_NOTE
from ui.api.openai.models import TEXT_OR_PARTS, CompletionRequest
from ui.api.openai.tasks import task_reply
from ui.api.validation import OBJECT, TRUTH


@pytest.fixture(scope="module")
def pipeline() -> Finding:
    return Finding()


@pytest.fixture(scope="module")
def url(pipeline: Finding) -> Iterator[str]:
    with served(pipeline) as address:
        yield address


@pytest.fixture(scope="module")
def client(url: str) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{url}/v1", api_key="none", max_retries=0, timeout=30) as made:
        yield made


# What clients send beside a question

PICTURE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}


def complete(client: openai.OpenAI, *messages: dict[str, Any], **more: Any) -> Any:
    sent: Any = list(messages)
    return client.chat.completions.create(model="onrecord", messages=sent, **more)


def user(content: Any) -> dict[str, Any]:
    return {"role": "user", "content": content}


def test_pictures_are_left_aside_and_that_is_said(client: openai.OpenAI, pipeline: Finding) -> None:
    recording = {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}}
    file = {"type": "file", "file": {"file_id": "x"}}
    parts = [PICTURE, {"type": "text", "text": "Article 5?"}, recording, file]
    message = complete(client, user(parts)).choices[0].message
    assert pipeline.asked[-1][0] == "Article 5?"
    assert message.content.endswith(f"\n\n{UNREAD_NOTE}")
    assert message.onrecord["note"] in message.content
    pieces = complete(client, user(parts), stream=True)
    assert "".join(piece.choices[0].delta.content or "" for piece in pieces) == message.content
    later = complete(client, user(parts), {"role": "assistant", "content": "…"}, user("Article 5?"))
    assert "Pictures" not in later.choices[0].message.content
    assert pipeline.asked[-1][1] == (Turn("Article 5?", "…"),)


@pytest.mark.parametrize(
    ("content", "said", "param"),
    [
        ([PICTURE], UNREAD_NOTE, "messages[1].content"),
        ([PICTURE, {"type": "text", "text": " "}], UNREAD_NOTE, "messages[1].content"),
        ("", EMPTY_MESSAGE, "messages[1].content"),
        (None, EMPTY_MESSAGE, "messages[1].content"),
        ([], EMPTY_MESSAGE, "messages[1].content"),
        (7, f"`messages[1].content` {TEXT_OR_PARTS}.", "messages[1].content"),
        (["x"], f"`messages[1].content` {TEXT_OR_PARTS}", "messages[1].content"),
    ],
)
def test_a_message_that_cannot_be_read_is_told_in_words(
    client: openai.OpenAI, content: Any, said: str, param: str
) -> None:
    with pytest.raises(openai.BadRequestError) as told:
        complete(client, {"role": "system", "content": "Be kind."}, user(content))
    assert (told.value.body["message"].startswith(said), told.value.param) == (True, param)  # type: ignore[index, call-overload]


def test_other_faults_are_told_in_words(url: str) -> None:
    asked = [user("x")]
    for body, said in (
        ({}, "`messages` is missing."),
        ({"messages": []}, "`messages` is empty."),
        ({"messages": [{"role": "root"}]}, "`messages[0].role` has to be 'user', 'system'"),
        ({"messages": ["x"]}, f"`messages[0]` {OBJECT}."),
        ({"messages": asked, "n": 2}, "`n` has to be 1."),
        ({"messages": asked, "stream": "yes"}, f"`stream` {TRUTH}."),
        ({"messages": asked, "onrecord": {"since": "soon"}}, "`onrecord.since` is no date: write YYYY"),
        (
            {"messages": asked, "onrecord": {"until": 7, "x": 1}},
            "`onrecord.until` has to be text; `onrecord.x` is noth",
        ),
    ):
        message = httpx.post(f"{url}/v1/chat/completions", json=body).json()["error"]["message"]
        assert message.startswith(said), message


def test_whatever_came_earlier_a_chat_goes_on(client: openai.OpenAI, pipeline: Finding) -> None:
    call = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    complete(
        client,
        {"role": "developer", "content": [{"type": "text", "text": "Be kind."}], "name": "host"},
        user(""),
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c1", "content": "42"},
        {"role": "assistant", "content": None, "refusal": "I can't."},
        user([PICTURE]),
        {"role": "assistant", "content": ""},
        user(None),
        {"role": "user", "name": "ann", "content": "Who spoke?"},
        {"role": "assistant", "content": [{"type": "text", "text": "Hegseth."}, {"type": "refusal", "refusal": "No."}]},
        {"role": "assistant"},
        user([]),
        user("Article 5?"),
        tools=[{"type": "function", "function": {"name": "f", "parameters": {}}}],
    )
    assert pipeline.asked[-1] == ("Article 5?", (Turn("Who spoke?", "Hegseth."),))


# What clients ask about a conversation on their own account

QUOTED = """### Chat History:
<chat_history>
USER: What did Hegseth say about
Article 5?
ASSISTANT: It was unrealistic. [1]
USER: And then?
</chat_history>"""
TITLE = "What did Hegseth say about Article 5"


def open_webui(task: str, output: str) -> list[dict[str, Any]]:
    return [user(f"### Task:\n{task}\n### Guidelines:\n- Be brief.\n### Output:\nJSON format: {output}\n{QUOTED}")]


@pytest.mark.parametrize(
    ("messages", "reply"),
    [
        (
            open_webui(
                "Generate a concise, 3-5 word title with an emoji summarizing the chat history.",
                '{ "title": "your concise title here" }\n### Examples:\n- { "title": "📉 Stock Market Trends" }',
            ),
            f'{{"title": "{TITLE}"}}',
        ),
        (
            open_webui(
                "Generate 1-3 broad tags categorizing the main themes of the chat history, along with 1-3 more.",
                '{ "tags": ["tag1", "tag2", "tag3"] }',
            ),
            '{"tags": []}',
        ),
        (
            open_webui(
                "Suggest 3-5 relevant follow-up questions or prompts that the user might naturally ask next.",
                '{ "follow_ups": ["Question 1?", "Question 2?"] }',
            ),
            '{"follow_ups": []}',
        ),
        (
            open_webui(
                "Analyze the chat history to determine the necessity of generating search queries, in the language.",
                '{ "queries": ["query1", "query2"] }',
            ),
            '{"queries": []}',
        ),
        (
            [
                user(
                    "Provide a concise, 5-word-or-less title for the conversation, using title case conventions. Only "
                    "return the title itself.\n\nConversation:\nUser: What did Hegseth say about Article 5?\nAI: It was."
                )
            ],
            TITLE,
        ),
        ([user('Summarize in a 5-word Title. Give the title only. "What did Hegseth say about Article 5?"')], TITLE),
        (
            [
                user("What did Hegseth say about Article 5?"),
                {"role": "assistant", "content": "It was unrealistic. [1]"},
                user("Please generate a four to five word title summarizing our conversation without any lead-in."),
            ],
            TITLE,
        ),
        (
            [
                {"role": "system", "content": "You summarize conversations. Generate a concise title. Only the title."},
                user("user: What did Hegseth say about Article 5?\nassistant: It was unrealistic."),
            ],
            TITLE,
        ),
        (
            [
                user(
                    "Based on the chat history, give this conversation a name.\nKeep it short.\n```\n"
                    "User: What did Hegseth say about Article 5?\nAssistant: It was unrealistic.\n```"
                )
            ],
            TITLE,
        ),
    ],
)
def test_a_title_is_made_by_rules(
    client: openai.OpenAI, pipeline: Finding, messages: list[dict[str, Any]], reply: str
) -> None:
    before = len(pipeline.asked)
    message = complete(client, *messages).choices[0].message
    assert (message.content, message.citations, message.onrecord["answerer"]) == (reply, [], "rules")
    pieces = list(complete(client, *messages, stream=True))
    assert "".join(piece.choices[0].delta.content or "" for piece in pieces) == reply
    assert pieces[-1].choices[0].finish_reason == "stop"
    assert len(pipeline.asked) == before


@pytest.mark.parametrize(
    "question",
    [
        "What is the title of the report on the chat history?",
        "Give me the short title of the Harbour Bridge Act.",
        'Give the short title of the act that the mayor calls "the bridge law"',
        "Suggest follow-up questions that the committee asked in its conversation with the minister.",
        "Which tags does the library give a conversation?",
        "Create a table of the titles in our conversation.",
        "Who wrote this?\nUser: unknown",
        "Name the people in this chat:\nUser: Ann Poe\nAssistant: who else was there?",
    ],
)
def test_a_question_is_taken_for_no_task(question: str) -> None:
    earlier = [user("Who spoke?"), {"role": "assistant", "content": "Hegseth."}]
    request = CompletionRequest.model_validate({"messages": [*earlier, user(question)]})
    assert task_reply(request.messages) is None
