"""Kept conversations on the page: each visitor's for them alone, asked anew in place, shared to be read."""

import threading
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html
from web_fixtures import Scripted, Shelf, answer_to

from index.errors import OnrecordError
from ui.conversations.store import NOT_SHARED, ConversationStore
from ui.web.chat.followups import followups_html
from ui.web.chat.render.actions import actions_html
from ui.web.chat.render.conversation import conversation_html
from ui.web.chat.run_turn import run_turn
from ui.web.chat.state import ChatState, Exchange, conversation_of
from ui.web.feedback.actions import rate
from ui.web.feedback.opinion import Opinion
from ui.web.sidebar.conversation_service import OwnedConversations
from ui.web.sidebar.list_html import sidebar_html
from ui.web.sidebar.sidebar import shared_conversation
from ui.web.sidebar.visitor import Visitor, Visitors, read_visitor


@pytest.fixture
def store(tmp_path: Path) -> ConversationStore:
    return ConversationStore(tmp_path)


def ask(mine: OwnedConversations, question: str, talk: ChatState = (), *, anew: bool = False) -> ChatState:
    steps = run_turn(Scripted(), Shelf(), question, talk, keep=mine.keep(), anew=anew)
    return list(steps)[-1].chat


def questions(mine: OwnedConversations, talk: ChatState) -> list[str]:
    return [turn.question for turn in mine.store.read(conversation_of(talk), mine.owner)]


def test_an_account_is_the_owner_wherever_it_signs_in() -> None:
    visitors = Visitors()
    sent = Visitor("a" * 32).remembered()
    assert visitors.owner("ana", sent, "s1") == visitors.owner("ana", None, "s2") == "ana"
    assert visitors.owner("", sent, "s1") == visitors.owner("", sent, "s2") == "browser:" + "a" * 32


def test_a_new_browser_gets_one_id_for_its_session_that_others_cannot_work_out() -> None:
    visitors = Visitors()
    made = visitors.visitor(None, "session")
    assert read_visitor(made.remembered()) == made
    assert visitors.visitor({"id": "chosen"}, "session") == made
    assert visitors.visitor(None, "other") != made
    assert Visitors().visitor(None, "session") != made
    assert visitors.owner("", None, None) != visitors.owner("", None, None) != ""


@given(
    st.recursive(
        st.none() | st.text() | st.integers() | st.just("a" * 32),
        lambda inner: st.dictionaries(st.sampled_from(["id", "open"]), inner) | st.lists(inner),
    )
)
def test_whatever_a_browser_sends_nobody_is_the_command_line(sent: Any) -> None:
    owner = Visitors().owner("", sent, "s")
    assert owner.startswith("browser:")
    assert len(owner) == len("browser:") + 32


def test_nobody_opens_lists_exports_renames_shares_or_deletes_anothers(store: ConversationStore) -> None:
    ana, ben = OwnedConversations(store, "ana"), OwnedConversations(store, "browser:" + "b" * 32)
    talk = ask(ana, "Article 5?")
    held = conversation_of(talk)
    assert held in ana.sidebar(held)
    assert ben.sidebar(held) == sidebar_html((), "")
    assert ben.last_open(held) == ben.last_open(None) == ()
    for forbidden in (partial(ben.chat, held), partial(ben.parcel, held, "md")):
        with pytest.raises(OnrecordError):
            forbidden()
    for change in (ConversationStore.share, ConversationStore.revoke, ConversationStore.delete):
        assert "no conversation" in ben.attempt(held, change)
    ask(ben, "weather", talk)  # a talk that is somebody else's is not added to
    assert questions(ana, talk) == ["Article 5?"]


def test_a_talk_comes_back_as_it_was(store: ConversationStore) -> None:
    ana = OwnedConversations(store, "ana")
    talk = ask(ana, "weather", ask(ana, "Article 5?"))
    back = OwnedConversations(store, "ana").last_open(None)
    assert [(e.question, e.answer, e.kept) for e in back] == [(e.question, e.answer, e.kept) for e in talk]
    other = ask(ana, "a long file")
    assert ana.last_open(None) == ana.chat(conversation_of(other))
    assert ana.last_open(conversation_of(talk)) == back
    assert ana.last_open("") == ()
    assert ana.last_open("deleted meanwhile") == ana.last_open(None)


def test_judgements_are_kept_for_their_owner_alone(store: ConversationStore) -> None:
    ana, ben = OwnedConversations(store, "ana"), OwnedConversations(store, "ben")
    talk = rate(ask(ana, "weather", ask(ana, "Article 5?")), {"turn": 1, "good": False})
    ana.judge(talk[1])
    assert [e.opinion.good for e in ana.chat(conversation_of(talk))] == [None, False]
    ben.judge(replace(talk[1], opinion=Opinion(True)))
    assert [e.opinion.good for e in ana.chat(conversation_of(talk))] == [None, False]
    token = store.share(conversation_of(talk), "ana")
    assert [e.opinion.good for e in shared_conversation(store, token)[0]] == [
        None,
        None,
    ]  # not for whoever has the link
    ana.judge(rate(talk, {"turn": 1, "good": False})[1])  # pressed once more
    assert [e.opinion.good for e in ana.chat(conversation_of(talk))] == [None, None]


def test_a_stopped_first_answer_leaves_nothing_and_the_next_begins_the_conversation(store: ConversationStore) -> None:
    ana, stop = OwnedConversations(store, "ana"), threading.Event()
    stop.set()
    *_, step = run_turn(Scripted(), Shelf(), "Article 5?", (), keep=ana.keep(), conversation="c1", stop=stop)
    assert step.chat[-1].stopped
    assert conversation_of(step.chat) == ""
    assert store.list("ana") == ()
    *_, step = run_turn(Scripted(), Shelf(), "weather", step.chat, keep=ana.keep(), conversation="c2")
    assert [each.id for each in store.list("ana")] == [conversation_of(step.chat)] == ["c2"]


def test_asked_anew_takes_the_place_of_the_last_one(store: ConversationStore) -> None:
    ana = OwnedConversations(store, "ana")
    talk = ask(ana, "a long file", ask(ana, "Article 5?"))
    talk = ask(ana, "a long file", talk, anew=True)
    assert questions(ana, talk) == ["Article 5?", "a long file"]
    talk = ask(ana, "weather", talk, anew=True)
    assert questions(ana, talk) == [e.question for e in talk] == ["Article 5?", "weather"]
    alone = ask(ana, "weather", ask(ana, "Article 5?"), anew=True)
    assert questions(ana, alone) == ["weather"]


def test_what_is_asked_anew_is_not_in_its_own_history() -> None:
    pipeline = Scripted()
    talk: ChatState = ()
    for question in ("one", "two"):
        *_, step = run_turn(pipeline, Shelf(), question, talk)
        talk = step.chat
    list(run_turn(pipeline, Shelf(), "two again", talk, anew=True))
    assert [turn.question for turn in pipeline.asked[-1][1]] == ["one"]


def test_what_cannot_be_answered_anew_leaves_what_was_there(store: ConversationStore) -> None:
    ana = OwnedConversations(store, "ana")
    talk = ask(ana, "Article 5?")
    after = ask(ana, "crash", talk, anew=True)
    assert [e.question for e in after if not e.error] == ["Article 5?"]
    assert after[-1].error
    assert questions(ana, talk) == ["Article 5?"]
    assert [e.question for e in ask(ana, "weather", after)] == ["Article 5?", "weather"]


def test_a_shared_talk_is_read_only(store: ConversationStore) -> None:
    ana = OwnedConversations(store, "ana")
    talk = ask(ana, "Article 5?")
    token = store.share(conversation_of(talk), "ana")
    read, page = shared_conversation(store, token)
    assert [e.answer for e in read] == [e.answer for e in talk]
    assert conversation_of(read) == ""
    assert not html.fromstring(page).xpath("//form | //textarea | //*[@data-again or @data-rate or @data-copy]")
    ask(OwnedConversations(store, "ben"), "weather", read)
    assert questions(ana, talk) == ["Article 5?"]
    store.revoke(conversation_of(talk), "ana")
    assert shared_conversation(store, token)[0] == ()
    assert NOT_SHARED in shared_conversation(store, token)[1]


HOSTILE = "</textarea></button>\"'><script>window.__pwned=1</script><img src=x onerror=y>&lt;"


def test_whatever_anyone_wrote_is_escaped(store: ConversationStore) -> None:
    ana = OwnedConversations(store, "ana")
    talk = ask(ana, f"hostile {HOSTILE}")
    store.rename(conversation_of(talk), HOSTILE, "ana")
    token = store.share(conversation_of(talk), "ana")
    drawn = (
        ana.sidebar(conversation_of(talk), HOSTILE),
        ana.sidebar(""),
        followups_html([HOSTILE]),
        conversation_html(talk, acting=True),
        shared_conversation(store, token)[1],
        ana.parcel(conversation_of(talk), "html"),
    )
    for made in drawn:
        assert not html.fromstring(f"<div>{made}</div>").xpath("//script | //img | //@onerror")
    assert html.fromstring(drawn[2]).xpath("//@data-followup") == [HOSTILE]


def test_only_the_last_exchange_is_asked_anew_and_only_what_is_finished_is_copied() -> None:
    done, stopped = Exchange("q", answer_to("article 5")), Exchange("q", stopped=True)
    assert "data-copy" in actions_html(0, done, last=False, idle=True)
    assert "data-again" not in actions_html(0, done, last=False, idle=True)
    assert "data-again" in actions_html(0, stopped, last=True, idle=True)
    assert "data-copy" not in actions_html(0, stopped, last=True, idle=True)
    assert actions_html(0, Exchange("q"), last=True, idle=False) == ""


def test_how_a_question_was_understood_is_told_where_words_were_added() -> None:
    answer = answer_to("And <b>Kim</b>?")
    added = replace(answer, query="What did <b>Kim</b> say about NATO?")
    assert 'class="understood"' in conversation_html((Exchange(answer.question, added),))
    assert "&lt;b&gt;Kim&lt;/b&gt; say about NATO?" in conversation_html((Exchange(answer.question, added),))
    assert 'class="understood"' not in conversation_html((Exchange(answer.question, replace(answer, query="kim")),))
