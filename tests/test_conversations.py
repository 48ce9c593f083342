"""Conversations on disk: kept whole, found again, each for its owner alone, whoever writes at the same time."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from conftest import ROOT
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from web_fixtures import NEWS, Scripted, Shelf, answer_to

from rag.serialize import AnswerRecordError, to_dict
from ui.conversations.database import FILE
from ui.conversations.export.export import to_json
from ui.conversations.lookup import conversation_to_continue, find_conversation
from ui.conversations.migrations import STEPS
from ui.conversations.models import ConversationMissingError, ConversationsBrokenError, history_of
from ui.conversations.store import NOT_SHARED, ConversationStore, keep_turn
from ui.conversations.titles import title_of
from ui.web.chat.run_turn import run_turn
from ui.web.chat.state import ChatState, conversation_of

ANSWER = answer_to("article 5")


@pytest.fixture
def kept(tmp_path: Path) -> ConversationStore:
    minutes = iter(range(100_000))
    return ConversationStore(tmp_path, lambda: datetime(2025, 6, 1, tzinfo=UTC) + timedelta(minutes=next(minutes)))


def test_a_conversation_comes_back_with_its_answers(kept: ConversationStore) -> None:
    made = kept.create("What did Hegseth say about Article 5?")
    kept.add(made.id, "What did Hegseth say about Article 5?", ANSWER)
    kept.add(made.id, "And about the weather?", answer_to("weather"))
    first, second = kept.read(made.id)
    assert first.answer == ANSWER
    assert second.question == "And about the weather?"
    assert second.answer.refused
    assert first.asked < second.asked
    assert [turn.answer for turn in history_of(kept.read(made.id))] == [ANSWER.text, second.answer.text]
    assert kept.get(made.id).turns == 2


def test_what_is_thought_of_an_answer_stays_until_it_is_taken_back(kept: ConversationStore) -> None:
    made = kept.create("q", "ana")
    first, second = (kept.add(made.id, question, ANSWER, "ana") for question in ("one", "two"))

    def thought() -> list[bool | None]:
        return [turn.good for turn in kept.read(made.id, "ana")]

    kept.judge(made.id, second, False, "ana")
    assert thought() == [None, False]
    kept.judge(made.id, first, True, "ana")
    kept.judge(made.id, second, None, "ana")
    assert thought() == [True, None]
    with pytest.raises(ConversationMissingError):
        kept.judge(made.id, first, False, "ben")
    assert kept.replace(made.id, "one", "one again", ANSWER, "ana") == first
    assert thought() == [None, None]  # another answer, not thought about yet


def test_conversations_of_the_version_before_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.conversations.migrations.STEPS", STEPS[:2])
    kept = ConversationStore(tmp_path)
    made = kept.create("q")
    with sqlite3.connect(tmp_path / FILE) as old:
        old.execute("insert into turns values (?, 1, 'q', ?, 'q', 'then')", (made.id, json.dumps(to_dict(ANSWER))))
    old.close()
    monkeypatch.undo()
    (turn,) = kept.read(made.id)
    assert (turn.answer, turn.number, turn.good) == (ANSWER, 1, None)
    assert kept.add(made.id, "more", ANSWER) == 2


def test_the_last_changed_comes_first(kept: ConversationStore) -> None:
    one, two, three = (kept.create(name) for name in ("One", "Two", "Three"))
    kept.add(one.id, "q", ANSWER)
    assert [c.id for c in kept.list()] == [one.id, three.id, two.id]
    kept.rename(two.id, "Zwei")
    assert [c.title for c in kept.list()] == ["One", "Three", "Zwei"]


def test_words_are_found_in_titles_questions_and_answers(kept: ConversationStore) -> None:
    cafe, tram = kept.create("Café prices"), kept.create("The tram")
    kept.add(tram.id, "Who is 100 % sure_about it?", ANSWER)

    def found(words: str) -> list[str]:
        return [c.id for c in kept.search(words)]

    assert found("cafe") == found("CAFÉ") == [cafe.id]
    assert found("tram hegseth") == [tram.id]
    assert found("unrealis") == [tram.id]
    assert found("nrealistic") == []
    assert found("tram cafe") == []
    assert found("sure") == [tram.id]
    assert found("%") == found("_") == found("") == [tram.id, cafe.id]
    kept.rename(cafe.id, "Tea")
    assert found("cafe") == []
    assert found("tea") == [cafe.id]


def test_removing_takes_the_turns_along(kept: ConversationStore, tmp_path: Path) -> None:
    made = kept.create("Secret plans")
    kept.add(made.id, "Secret?", ANSWER)
    kept.delete(made.id)
    assert kept.list() == ()
    with pytest.raises(ConversationMissingError, match="no conversation"):
        kept.read(made.id)
    with sqlite3.connect(tmp_path / FILE) as raw:
        assert raw.execute("select count(*) from turns").fetchone() == (0,)


def test_another_owners_conversation_is_not_there(kept: ConversationStore) -> None:
    mine = kept.create("Mine", "ana")
    kept.add(mine.id, "q", ANSWER, "ana")
    for owner in ("", "ben", "ANA", "%"):
        assert kept.list(owner) == kept.search("mine", owner) == ()
        for forbidden in (
            lambda owner=owner: kept.read(mine.id, owner),
            lambda owner=owner: kept.get(mine.id, owner),
            lambda owner=owner: kept.rename(mine.id, "Yours", owner),
            lambda owner=owner: kept.delete(mine.id, owner),
            lambda owner=owner: kept.add(mine.id, "q", ANSWER, owner),
            lambda owner=owner: find_conversation(kept, "Mine", owner),
        ):
            with pytest.raises(ConversationMissingError):
                forbidden()
    assert kept.get(mine.id, "ana").title == "Mine"
    assert kept.get(mine.id, "ana").turns == 1


def test_a_turn_is_replaced_where_it_stands(kept: ConversationStore) -> None:
    made = kept.create("One")
    for question in ("first", "again", "again", "last"):
        kept.add(made.id, question, ANSWER)
    kept.replace(made.id, "again", "better", answer_to("weather"))
    assert [turn.question for turn in kept.read(made.id)] == ["first", "again", "better", "last"]
    assert kept.read(made.id)[2].answer.refused
    assert [c.id for c in kept.search("better")] == [made.id]
    kept.replace(made.id, "gone meanwhile", "new", ANSWER)
    assert [turn.question for turn in kept.read(made.id)] == ["first", "again", "better", "last", "new"]


def test_only_the_owner_replaces(kept: ConversationStore) -> None:
    mine = kept.create("Mine", "ana")
    kept.add(mine.id, "q", ANSWER, "ana")
    for owner in ("", "ben"):
        with pytest.raises(ConversationMissingError):
            kept.replace(mine.id, "q", "hacked", ANSWER, owner)
    assert [turn.question for turn in kept.read(mine.id, "ana")] == ["q"]


def test_a_shared_conversation_is_read_by_its_token_until_revoked(kept: ConversationStore) -> None:
    mine, other = kept.create("Mine", "ana"), kept.create("Other", "ana")
    kept.add(mine.id, "q", ANSWER, "ana")
    token = kept.share(mine.id, "ana")
    assert len(token) == 22  # 128 bits
    assert kept.share(mine.id, "ana") == kept.shared_by(mine.id, "ana") == token != kept.share(other.id, "ana")
    conversation, turns = kept.shared(token)
    assert (conversation.title, [turn.question for turn in turns]) == ("Mine", ["q"])
    kept.revoke(mine.id, "ana")
    assert kept.shared_by(mine.id, "ana") == ""
    for bad in (token, "", mine.id, "%", "\ud800"):
        with pytest.raises(ConversationMissingError, match=NOT_SHARED):
            kept.shared(bad)
    assert kept.share(mine.id, "ana") != token


def test_only_the_owner_shares_and_revokes(kept: ConversationStore) -> None:
    mine = kept.create("Mine", "ana")
    token = kept.share(mine.id, "ana")
    for owner in ("", "ben"):
        for forbidden in (kept.share, kept.revoke, kept.shared_by):
            with pytest.raises(ConversationMissingError):
                forbidden(mine.id, owner)
    assert kept.shared(token)[0].id == mine.id
    kept.delete(mine.id, "ana")
    with pytest.raises(ConversationMissingError):
        kept.shared(token)


def test_a_title_is_made_of_the_first_question() -> None:
    assert title_of("What did Hegseth say?") == "What did Hegseth say"
    assert title_of("  \n?") == "Untitled"
    long = title_of("Why " + "really " * 40 + "?")
    assert len(long) <= 80
    assert long.endswith("…")
    assert len(title_of("x" * 500)) <= 80
    assert title_of("a\nb\x07c\u202e") == "a b c"


@given(st.text())
def test_any_question_makes_a_title_of_one_line(question: str) -> None:
    title = title_of(question)
    assert title
    assert len(title) <= 80
    assert title.isprintable()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(), st.text(), st.text())
def test_any_text_is_kept(tmp_path: Path, title: str, question: str, words: str) -> None:
    kept = ConversationStore(tmp_path)
    made = kept.create(title)
    kept.add(made.id, question, ANSWER)
    assert kept.read(made.id)[0].question.encode("utf-8", "replace") == question.encode("utf-8", "replace")
    kept.search(words)
    with pytest.raises(ConversationMissingError):
        kept.read(made.id + words + "x")


def check_side_by_side(conversation: str, store: Callable[[], ConversationStore]) -> None:
    """Turns that four threads add, each through the ``store`` it calls for, are all kept, each thread's in order."""

    def write(n: int) -> None:
        kept = store()
        for k in range(10):
            kept.add(conversation, f"{n}.{k}", ANSWER)

    threads = [threading.Thread(target=write, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    asked = [turn.question for turn in store().read(conversation)]
    assert sorted(asked) == sorted(f"{n}.{k}" for n in range(4) for k in range(10))
    for n in range(4):
        assert [q for q in asked if q.startswith(f"{n}.")] == [f"{n}.{k}" for k in range(10)]


def test_threads_write_side_by_side(tmp_path: Path) -> None:
    kept = ConversationStore(tmp_path)
    made = kept.create("Shared")

    check_side_by_side(made.id, lambda: kept)


WRITER = """
import sys
from pathlib import Path
sys.path[:0] = [{root!r}, {tests!r}]
from ui.conversations.store import ConversationStore
from web_fixtures import answer_to
kept = ConversationStore(Path({folder!r}))
mine = kept.create({name!r})
print(mine.id, flush=True)
for n in range({count}):
    kept.add(mine.id, str(n), answer_to("article 5"))
    print(n, flush=True)
"""


def writer(folder: Path, name: str, count: int) -> "subprocess.Popen[str]":
    code = WRITER.format(root=str(ROOT), tests=str(ROOT / "tests"), folder=str(folder), name=name, count=count)
    return subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)


def test_two_processes_that_begin_the_file_at_once_lose_nothing(tmp_path: Path) -> None:
    processes = [writer(tmp_path, name, 25) for name in ("one", "two", "three")]
    assert [process.wait(60) for process in processes] == [0, 0, 0]
    for process in processes:
        process.communicate()
    kept = ConversationStore(tmp_path)
    assert sorted((c.title, c.turns) for c in kept.list()) == [("one", 25), ("three", 25), ("two", 25)]
    for conversation in kept.list():
        assert [turn.question for turn in kept.read(conversation.id)] == [str(n) for n in range(25)]


def test_killed_in_mid_write_leaves_whole_turns(tmp_path: Path) -> None:
    for attempt in range(3):
        process = writer(tmp_path, f"killed {attempt}", 100_000)
        assert process.stdout
        process.stdout.readline()
        time.sleep(0.05 + 0.11 * attempt)
        os.kill(process.pid, signal.SIGKILL)
        told = process.communicate()[0].split()
        (conversation,) = [c for c in ConversationStore(tmp_path).list() if c.title == f"killed {attempt}"]
        turns = ConversationStore(tmp_path).read(conversation.id)
        assert [turn.question for turn in turns] == [str(n) for n in range(len(turns))]
        assert len(turns) in (len(told), len(told) + 1)
    ConversationStore(tmp_path).create("Still to be written")


def test_a_file_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    ConversationStore(tmp_path).create("Old")
    with sqlite3.connect(tmp_path / FILE) as raw:
        raw.execute(f"pragma user_version = {len(STEPS) + 1}")
    with pytest.raises(ConversationsBrokenError, match="newer Onrecord"):
        ConversationStore(tmp_path).list()


def test_a_file_that_is_none_is_told_by_its_path(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"no database at all" * 100)
    with pytest.raises(ConversationsBrokenError, match=FILE):
        ConversationStore(tmp_path).list()
    assert (tmp_path / FILE).read_bytes().startswith(b"no database")


def test_a_migration_that_fails_leaves_what_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = ConversationStore(tmp_path)
    kept.create("Kept")
    monkeypatch.setattr("ui.conversations.migrations.STEPS", (*STEPS, ("create table more (id)", "no statement")))
    with pytest.raises(ConversationsBrokenError):
        kept.list()
    monkeypatch.undo()
    assert [c.title for c in kept.list()] == ["Kept"]
    monkeypatch.setattr("ui.conversations.migrations.STEPS", (*STEPS, ("create table more (id)",)))
    assert [c.title for c in kept.list()] == ["Kept"]


def test_a_damaged_answer_is_told(kept: ConversationStore, tmp_path: Path) -> None:
    made = kept.create("q")
    kept.add(made.id, "q", ANSWER)
    with sqlite3.connect(tmp_path / FILE) as raw:
        raw.execute("update turns set answer = '{}'")
    with pytest.raises(AnswerRecordError):
        kept.read(made.id)


def test_a_name_is_an_id_a_title_or_the_beginning_of_an_id(kept: ConversationStore) -> None:
    one, two = kept.create("Tram"), kept.create("tram ")
    other = kept.create("Harbour")
    assert find_conversation(kept, one.id) == one
    assert find_conversation(kept, "HARBOUR").id == find_conversation(kept, other.id[:6]).id == other.id
    with pytest.raises(ConversationMissingError, match=r"names 2 conversations: .*Use an id"):
        find_conversation(kept, "tram")
    with pytest.raises(ConversationMissingError, match="no conversation 'bus'"):
        find_conversation(kept, "bus")
    assert two.title == "tram"


def test_the_latest_is_continued_and_an_unknown_name_begins_one(kept: ConversationStore) -> None:
    with pytest.raises(ConversationMissingError, match="--conversation NAME"):
        conversation_to_continue(kept, "", latest=True)
    one = kept.create("One")
    kept.create("Two")
    kept.add(one.id, "q", ANSWER)
    assert (latest := conversation_to_continue(kept, "", latest=True)) and latest.id == one.id
    assert conversation_to_continue(kept, "Three", latest=False) is None
    assert conversation_to_continue(kept, "", latest=False) is None


def test_as_plain_data_it_has_every_citation(kept: ConversationStore) -> None:
    made = kept.create("q")
    kept.add(made.id, "What was said?", ANSWER)
    record = json.loads(json.dumps(to_json(kept.get(made.id), kept.read(made.id))))
    (turn,) = record["turns"]
    assert turn["question"] == "What was said?"
    for citation in turn["answer"]["citations"]:
        assert NEWS.text[citation["start"] : citation["end"]] == citation["text"]


def test_the_web_chat_keeps_each_finished_exchange_in_one_conversation(kept: ConversationStore) -> None:
    def ask(question: str, talk: ChatState = ()) -> ChatState:
        steps = run_turn(Scripted(), Shelf(), question, talk, keep=partial(keep_turn, kept))
        return list(steps)[-1].chat

    talk = ask("article 5")
    talk = ask("weather", ask("crash", talk))
    (conversation,) = kept.list()
    assert conversation_of(talk) == conversation.id
    assert conversation.title == "article 5"
    assert [turn.question for turn in kept.read(conversation.id)] == ["article 5", "weather"]
    kept.delete(conversation.id)
    assert ask("article 5 again", talk)[-1].finished
    assert kept.list() == ()
