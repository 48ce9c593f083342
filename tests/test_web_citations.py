"""What stands beside a marker, and what was found but not cited."""

import re
from dataclasses import replace
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import escape
from web_fixtures import ARABIC, HOSTILE, LONG, NEWS, Shelf, answer_to, claim, passage

from index.schema import Hit
from rag.schema import Answer
from ui.web.chat.render.card import cards_html
from ui.web.chat.render.considered import RANKINGS, considered_html, ordinal, ranks_text
from ui.web.chat.render.conversation import conversation_html
from ui.web.chat.run_turn import open_citation
from ui.web.chat.state import NOT_CITED_HERE, Exchange, considered_hits, find_place


def talk(answer: Answer) -> tuple[Exchange, ...]:
    return (Exchange("q", answer),)


def found(*hits: Hit) -> Answer:
    """The answer about Article 5 with more hits than it cites."""
    answer = answer_to("article 5")
    return replace(answer, hits=(*answer.hits, *hits))


RANKED = f"3rd {RANKINGS['dense']}, 1st {RANKINGS['keyword']}, 2nd {RANKINGS['cross']}"
OTHER = Hit(passage(ARABIC, "قال الوزير إن العضوية غير واقعية."), 0.3, {"cross": 2, "dense": 3, "keyword": 1})


def test_every_marker_is_described_by_its_own_card() -> None:
    html = conversation_html(talk(answer_to("article 5")))
    described = re.findall(r'class="cite"[^>]*aria-describedby="([^"]+)"', html)
    assert len(described) == len(set(described)) == 3
    assert all(html.count(f'id="{one}"') == 1 for one in described)


def test_a_card_tells_title_origin_speaker_words_and_verdict() -> None:
    answer = answer_to("article 5")
    first, second, weak = answer.claims
    said = replace(first, citations=(replace(first.citations[0], speaker="Pete Hegseth", manner="reported"),))
    cards = cards_html(talk(replace(answer, claims=(said, second, weak)))).split('<div class="card"')[1:]
    for part in (NEWS.title, "Example Wire, 12 February 2025", "Pete Hegseth, reported", first.text):
        assert part in unescape(cards[0])
    assert 'class="found' not in cards[1]  # quoted, and nothing to say about it
    assert "Partly supported: Only the emoji is there." in cards[2]


def test_one_citation_of_two_claims_has_the_verdict_of_each() -> None:
    one = claim(NEWS, "Last line.", 1)
    answer = replace(answer_to("q"), claims=(one, replace(one, verdict="unsupported", reason="not there")))
    cards = cards_html(talk(answer)).split('<div class="card"')[1:]
    assert "not there" not in cards[0] and "Not supported: not there" in cards[1]


def test_cards_stand_outside_of_what_is_read_out_as_the_log() -> None:
    html = conversation_html(talk(answer_to("article 5")))
    log, cards = html.split('<div class="cards">')
    assert 'role="log"' in log and log.count("<div") == log.count("</div>")
    assert cards.count('role="tooltip"') == 3


def test_a_card_of_a_hostile_document_is_escaped_and_short() -> None:
    answer = replace(answer_to("hostile"), claims=(claim(HOSTILE, HOSTILE.text, 1), claim(LONG, LONG.text[:9000], 2)))
    html = cards_html(talk(answer))
    assert "<script" not in html and "<img" not in html and "<b>" not in html
    assert escape(HOSTILE.title) in html
    assert len(html) < 3000


@given(st.integers(1, 10_000))
def test_an_ordinal_ends_as_it_is_spoken(number: int) -> None:
    said = ordinal(number)
    assert said[:-2] == str(number)
    expected = "th" if number // 10 % 10 == 1 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    assert said[-2:] == expected


@pytest.mark.parametrize(
    ("ranks", "words"),
    [
        ({"cross": 2, "dense": 3, "keyword": 1}, RANKED),
        ({"late": 11}, "11th word by word"),
        ({"colour": 4}, "4th by colour"),
        ({}, ""),
    ],
)
def test_ranks_are_told_in_words(ranks: dict[str, int], words: str) -> None:
    assert ranks_text(replace(OTHER, ranks=ranks)) == words


def test_what_is_cited_is_not_listed_as_considered() -> None:
    wider = passage(NEWS, "Opening paragraph 😀 with an emoji and e\u0301 combining.")
    assert considered_hits(found(Hit(wider, 0.5))) == ()
    assert considered_html(0, answer_to("article 5")) == ""


def test_what_was_not_cited_is_folded_below_with_its_ranks() -> None:
    html = conversation_html(talk(found(replace(OTHER, copies=(OTHER.passage,)))))
    fold = html.partition('<details class="also"')[2].partition("</details>")[0]
    assert "Also considered (1)" in fold
    assert "3rd by meaning, 1st by words, 2nd on a close reading · 1 near-copy" in fold
    assert "open" not in fold.partition(">")[0]
    assert html.index('class="sources"') < html.index('class="also"')


def test_nothing_is_folded_below_while_the_answer_is_coming() -> None:
    assert 'class="also"' not in conversation_html(talk(replace(found(OTHER), done=False)))


def test_a_refusal_folds_what_is_not_among_the_closest() -> None:
    answer = answer_to("weather")
    assert considered_hits(answer) == ()
    ((rank, hit),) = considered_hits(replace(answer, hits=(*answer.hits, OTHER)))
    assert (rank, hit) == (4, OTHER)


def test_what_was_considered_opens_among_the_words_cited_in_its_document() -> None:
    hit = Hit(passage(NEWS, "Last line."), 0.1)
    kept = talk(found(OTHER, hit))
    one, places = find_place(kept, "0.also.5")
    assert (one.start, one.end) == (hit.passage.start, hit.passage.end)
    assert [p.key for p in places] == ["0.also.5", "0.1", "0.2", "0.3"]
    html = open_citation(Shelf(), kept, "0.also.5").html
    assert re.findall(r'<mark class="active"[^>]*>([^<]*)', html) == ["Last line."]
    assert html.count('<mark class="other"') == 3
    assert find_place(kept, "0.also.4")[1] == (find_place(kept, "0.also.4")[0],)


def test_only_what_is_listed_as_considered_can_be_opened_as_such() -> None:
    assert NOT_CITED_HERE in open_citation(Shelf(), talk(found(OTHER)), "0.also.1").html


def answering(words: str) -> str:
    """The first claim about Article 5 as the page shows it, with ``words`` of its citation as those that answer."""
    answer = answer_to("article 5")
    (cited,) = answer.claims[0].citations
    at = cited.start + cited.text.index(words)
    marked = replace(answer.claims[0], citations=(replace(cited, answer=(at, at + len(words))),))
    html = conversation_html(talk(replace(answer, claims=(marked, *answer.claims[1:]))))
    return re.search(r'<p class="claim">.*?</p>', html, re.DOTALL)[0]  # type: ignore[index]


@pytest.mark.parametrize("words", ["the force", "Article 5 protections", "protections 🇺🇦", "🇺🇦"])
def test_the_words_that_answer_are_set_off_and_none_is_lost(words: str) -> None:
    html = answering(words)
    shown = "".join(re.findall(r'<span class="answering">(.*?)</span>', html))
    assert shown == words
    plain = unescape(re.sub(r"<button.*?</button>|<[^>]+>", "", html)).replace("\xa0", " ")
    assert plain.split() == answer_to("article 5").claims[0].text.split()
