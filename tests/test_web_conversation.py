"""What the conversation shows, and what it keeps."""

import re
from dataclasses import replace

import pytest
from markupsafe import escape
from web_fixtures import ARABIC, HOSTILE, NEWS, Scripted, Shelf, answer_to, claim

from index.errors import OnrecordError
from rag.answer.caption import caption
from rag.prompts import CLOSEST_PASSAGES
from rag.question.scope import parse_scope
from rag.schema import Answer, Turn
from ui.core.cancel import CancelRegistry
from ui.logs.setup import WENT_WRONG
from ui.web.app import QUOTED_ANSWERS, masthead_html
from ui.web.chat.render.conversation import conversation_html
from ui.web.chat.run_turn import open_citation, run_turn, show_more
from ui.web.chat.source_filter import SourceFilter, heading, read_filter
from ui.web.chat.state import NOT_CITED_HERE, Exchange, find_place, history, with_error, with_question, with_stop


def shown(question: str) -> str:
    return conversation_html((Exchange(question, answer_to(question)),))


def last_talk(question: str, talk: tuple[Exchange, ...] = ()) -> tuple[Exchange, ...]:
    return list(run_turn(Scripted(), Shelf(), question, talk))[-1].chat


def test_each_marker_is_a_named_button() -> None:
    html = shown("article 5")
    buttons = re.findall(r'<button type="button" class="cite"[^>]*>(\d)</button>', html)
    assert buttons == ["1", "2", "3"]
    assert (
        'aria-label="Source 1: Hegseth at NATO: Ukraine&#39;s bid is “unrealistic”, Example Wire, 12 February 2025"'
        in html
    )


def written(**changes: object) -> Answer:
    """An answer that a model wrote: two claims that hold and one that holds in part."""
    return replace(answer_to("article 5"), answerer="ollama/llama3.2", where="127.0.0.1:11434", **changes)  # type: ignore[arg-type]


def test_a_written_answer_says_who_wrote_it_where_and_what_was_checked() -> None:
    html = conversation_html((Exchange("article 5", written()),))
    assert "Written by ollama/llama3.2 at 127.0.0.1:11434" in html
    assert html.count('class="verdict supported"') == 2
    assert 'partly supported: <span class="why">Only the emoji is there.</span>' in html
    quoted = conversation_html((Exchange("article 5", answer_to("article 5")),))
    assert "Written by" not in quoted and "verdict supported" not in quoted


def test_a_draft_is_shown_as_text_while_it_is_written() -> None:
    draft = '<img src=x> and <a href="https://evil.example">more'
    html = conversation_html((Exchange("article 5", written(claims=(), draft=draft, done=False)),))
    assert f'<span class="draft">{escape(draft)}</span>' in html
    assert "Writing…" in html and "Written by" not in html


def test_the_masthead_says_which_model_answers_and_where() -> None:
    assert "Answers written by ollama/llama3.2 at 127.0.0.1:11434" in masthead_html(
        "T", 1, "ollama/llama3.2", "127.0.0.1:11434"
    )
    assert QUOTED_ANSWERS in masthead_html("T", 1, "quoted")


def test_stopping_reaches_whatever_still_works_on_the_answer() -> None:
    pipeline, stops = Scripted(), CancelRegistry()
    first, second = stops.begin("one"), stops.begin("two")
    list(run_turn(pipeline, Shelf(), "article 5", (), stop=first))
    assert pipeline.stops == [first]
    stops.cancel("one")
    assert first.is_set() and not second.is_set()
    assert stops.begin("two") is not second and second.is_set()
    stops.cancel("nobody")


def test_only_cited_documents_are_listed_once_each_with_their_markers() -> None:
    answer = answer_to("article 5")
    answer = replace(answer, claims=(*answer.claims, claim(ARABIC, "وأضاف أن المحادثات ستستمر.", 4)))
    html = conversation_html((Exchange("q", answer),))
    sources = html.partition('<ol class="sources"')[2]
    assert sources.count("<li>") == 2
    assert '<span class="markers">[1][2][3]</span>' in sources
    assert "12 February 2025" in sources


def test_a_source_says_whose_words_are_cited_each_speaker_once() -> None:
    answer = answer_to("article 5")
    said = [
        replace(c, citations=(replace(c.citations[0], speaker="<b>Hegseth", manner=manner),))
        for c, manner in zip(answer.claims, ("reported", "reported", "direct"), strict=True)
    ]
    html = conversation_html((Exchange("q", replace(answer, claims=tuple(said))),))
    assert '<span class="said">· &lt;b&gt;Hegseth, reported; &lt;b&gt;Hegseth, quoted directly</span>' in html
    assert 'class="said"' not in shown("article 5")


def also_in(exchange_answer: Answer, marker: int, *outlets: str) -> Answer:
    """The answer with the words of one citation carried by other outlets too."""
    claims = []
    for one in exchange_answer.claims:
        (citation,) = one.citations
        others = tuple(
            replace(citation.passage, document_id=f"other{n}", metadata={"outlet": outlet})
            for n, outlet in enumerate(outlets)
        )
        claims.append(
            replace(one, citations=(replace(citation, also_in=others),)) if citation.marker == marker else one
        )
    return replace(exchange_answer, claims=tuple(claims))


def carried_lines(answer: Answer) -> list[str]:
    return re.findall(r'<p class="carried">(.*?)</p>', conversation_html((Exchange("q", answer),)))


def test_a_source_says_who_else_carries_the_cited_words() -> None:
    answer = answer_to("article 5")
    assert carried_lines(answer) == []
    answer = also_in(answer, 2, "Gazette")
    assert carried_lines(answer) == ["[2] also carried by 1 other outlet: Gazette"]
    answer = also_in(also_in(answer, 1, "Gazette"), 3, "Gazette")
    assert carried_lines(answer) == ["also carried by 1 other outlet: Gazette"]
    assert carried_lines(also_in(answer, 1, "A", "B", "C", "D"))[0].endswith("4 other outlets: A, B, C and 1 more")


@pytest.mark.parametrize("outlet", ["<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "</p><b>"])
def test_the_name_of_a_carrier_is_escaped(outlet: str) -> None:
    html = conversation_html((Exchange("q", also_in(answer_to("article 5"), 1, outlet)),))
    assert escape(outlet) in html
    assert outlet not in html


def test_a_claim_that_is_not_fully_supported_says_so() -> None:
    html = shown("article 5")
    assert html.count('class="verdict') == 1
    assert 'class="verdict partly"' in html
    assert "Only the emoji is there." in html


def test_a_refusal_is_plain_and_its_closest_passages_are_marked_as_such() -> None:
    html = shown("weather")
    assert "The documents don&#39;t say." in html
    assert CLOSEST_PASSAGES in html
    assert html.count('data-open="0.closest.') == 3
    assert 'class="cite"' not in html


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "<img src=x onerror=alert(1)>", '"><b>', "**b** [a](b)"])
def test_whatever_anyone_wrote_is_escaped(text: str) -> None:
    bad = replace(claim(HOSTILE, "<script>window.__pwned=1</script>", 1), text=text, verdict="partly", reason=text)
    html = conversation_html(
        (Exchange(text, Answer(text, text, (bad,), (), False)), Exchange(text, error=text)), (text,)
    )
    assert not re.search(r"<(script|img|b)\b", html)
    assert "&lt;img src=x onerror=&#34;" in html  # the title of the hostile document


def test_an_empty_conversation_offers_the_examples() -> None:
    html = conversation_html((), ["What <b>?"])
    assert 'data-example="0">What &lt;b&gt;?</button>' in html
    assert "onrecord index" in conversation_html((), ["What?"], documents=0)


def test_masthead_counts_documents_and_names_who_answers() -> None:
    assert "1 document<" in masthead_html("Onrecord", 1, "quoted")
    assert QUOTED_ANSWERS in masthead_html("Onrecord", 2, "quoted")
    assert "1,200 documents" in masthead_html("Onrecord", 1200, "llama-3")
    assert "llama-3" in masthead_html("Onrecord", 1200, "llama-3")


def test_the_first_citation_opens_by_itself_and_only_once() -> None:
    steps = list(run_turn(Scripted(), Shelf(), "article 5", ()))
    opened = [step.pane for step in steps if step.pane is not None]
    assert len(opened) == 1
    assert opened[0].view is not None
    assert opened[0].view.active.key == "0.1"
    assert steps[0].chat == (Exchange("article 5"),)
    assert not steps[-1].chat[-1].waiting


def test_earlier_turns_are_passed_on_but_not_those_that_failed_or_were_stopped() -> None:
    pipeline = Scripted()
    talk = last_talk("article 5")
    talk = with_stop(with_question(talk, "half"))
    talk = last_talk("", talk)
    assert talk[-1].error.startswith("The question is empty")
    list(run_turn(pipeline, Shelf(), "and then?", talk))
    assert pipeline.asked == [("and then?", (Turn("article 5", answer_to("article 5").text),))]


def test_a_failed_question_leaves_the_conversation_with_the_next_one() -> None:
    talk = with_error(with_question((), "bad"), "No.")
    assert [e.question for e in with_question(talk, "good")] == ["good"]
    assert history(talk) == ()


def test_a_crash_is_told_without_its_details() -> None:
    html = conversation_html(last_talk("crash"))
    assert WENT_WRONG in html
    assert "secret detail" not in html


@pytest.mark.parametrize("key", ["9.1", "0.9", "0.closest.1", None, 7, {"a": 1}, "0.1<b>"])
def test_a_key_that_names_nothing_opens_nothing(key: object) -> None:
    talk = last_talk("article 5")
    with pytest.raises(OnrecordError):
        find_place(talk, key)
    pane = open_citation(Shelf(), talk, key)
    assert pane.view is None
    assert NOT_CITED_HERE in pane.html


def test_a_document_that_is_gone_is_told_in_the_pane() -> None:
    talk = last_talk("article 5")
    empty = Shelf(held=())
    gone = open_citation(empty, talk, "0.1").html
    assert 'class="source nothing"' in gone
    assert "news" in gone
    open_view = open_citation(Shelf(), talk, "0.1").view
    assert show_more(empty, open_view, "later").html == gone
    assert show_more(Shelf(), None, "later").view is None


def test_opening_a_citation_marks_the_others_of_the_same_document() -> None:
    pane = open_citation(Shelf(), last_talk("article 5"), "0.2")
    assert pane.html.count("<mark ") == 3
    assert pane.html.count('<mark class="active"') == 1
    assert pane.view is not None
    assert NEWS.text[pane.view.active.start : pane.view.active.end].startswith("Hegseth said NATO")


def test_the_date_is_said_as_exactly_as_it_is_known() -> None:
    assert caption({"outlet": "Example Wire", "date": "2025-02-12"}) == "Example Wire, 12 February 2025"
    assert caption({"date": "2025-02-12T10:00:00Z"}) == "12 February 2025"
    assert caption({"date": "2025-02"}) == "February 2025"
    assert caption({"date": "2025"}) == "2025"
    assert caption({"date": "soon"}) == "soon"
    assert caption({}) == ""


def test_what_was_searched_is_told_under_the_finished_answer() -> None:
    noted = replace(answer_to("article 5"), note="Searched only <b>documents</b> by Reuters.")
    html = conversation_html((Exchange("q", noted),))
    assert '<p class="searched">Searched only &lt;b&gt;documents&lt;/b&gt; by Reuters.</p>' in html
    assert "searched" not in conversation_html((Exchange("q", replace(noted, done=False)),))
    assert 'class="searched"' in conversation_html((Exchange("q", replace(answer_to("weather"), note="Some.")),))


def test_the_chosen_sources_go_to_the_pipeline_and_a_bad_date_is_told() -> None:
    pipeline = Scripted()
    list(run_turn(pipeline, Shelf(), "article 5", (), read_filter(["Reuters"], " 2024 ", None)))
    assert pipeline.scopes == [parse_scope(since="2024", outlets=["Reuters"])]
    *_, last = run_turn(pipeline, Shelf(), "article 5", (), read_filter(None, "", "12 May"))
    assert "'12 May' is not a date for until" in last.chat[-1].error
    assert len(pipeline.scopes) == 1


def test_the_heading_of_the_sources_says_what_is_chosen() -> None:
    assert heading(SourceFilter()) == "Sources: all"
    assert heading(SourceFilter(("Reuters", "AP"), "2024", "2025-02")) == "Sources: Reuters, AP, from 2024, to 2025-02"
