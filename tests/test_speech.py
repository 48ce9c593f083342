"""Whose words a sentence reports: the grammar, quotations over sentences, names, roles and pronouns."""

from itertools import pairwise

import pytest
from conftest import ARTICLE
from hypothesis import given
from hypothesis import strategies as st
from operations import LINEAR, growth

from index.text.sentences import sentence_spans
from index.text.terms import fold_word
from rag.speech.people import People, can_refer_to, find_people
from rag.speech.quote_marks import quotations
from rag.speech.reported_speech import Speech, SubjectTracker, find_speech
from rag.speech.tokens import tokenize


def read(text: str) -> list[Speech | None]:
    return list(find_speech(text, sentence_spans(text)))


def last(text: str) -> tuple[str, str] | None:
    """Speaker and kind of the last sentence of ``text``."""
    found = read(text)[-1]
    return (found.speaker, found.kind) if found else None


REPORTED = [
    "Ana Ruiz said the bridge would close in May.",
    "Ana Ruiz said on Monday that the bridge would close.",
    "Ana Ruiz on Monday told reporters that the bridge would close.",
    "Ana Ruiz also warned of floods.",
    "Ana Ruiz has repeatedly argued that the bridge is unsafe.",
    "Ana Ruiz added that the bridge would close.",
    "Ana Ruiz added the bridge would close.",
    "The bridge, Ana Ruiz added, would close.",
    "The bridge would close, Ana Ruiz insisted.",
    "The bridge would close, said Ana Ruiz.",
    "The bridge will close, according to Ana Ruiz.",
    "Ana Ruiz came. According to her, the bridge will close.",
    "Ana Ruiz expects a long closure, and she added that it would be dear.",
    "According to Ana Ruiz, the bridge will close.",
    "Ana Ruiz's statement said the bridge would close.",
    "Ana Ruiz’s warning that the bridge would close was heard.",
    "Ana Ruiz was quoted as saying that the bridge would close.",
    "Ana Ruiz, the mayor, said the bridge would close.",
    "Ana Ruiz, the mayor of Kestrel Bay, said the bridge would close.",
    "Ana Ruiz, who told the council that the bridge would close, left early.",
    "Ana Ruiz, making her first visit to the yard, said it would close.",
    "Mayor Ana Ruiz said the bridge would close.",
    "Kestrel Bay's mayor, Ana Ruiz, said the bridge would close.",
    "Council leader Ana Ruiz said the bridge would close.",
    "Dr. Ana Ruiz denied that the bridge was unsafe.",
    "Ana Ruiz visited the yard, saying that the bridge would close.",
    "Ana Ruiz visited the yard on Monday and warned that the bridge would close.",
    "Ana Ruiz wrote that the bridge would close.",
    "Ana Ruiz tweeted that the bridge would close.",
    "Ana Ruiz promised a new bridge.",
    "Ana Ruiz called the plan “unworkable”.",
    "In Brussels, Ana Ruiz said the bridge would close.",
    "When the yard closed, Ana Ruiz said the bridge would follow.",
    'Ana Ruiz said the plan was "unworkable".',
    "Ana Ruiz of the Harbour Board said the bridge would close.",
]
QUOTED = [
    "“The bridge will close,” Ana Ruiz said.",
    "“The bridge will close,” said Ana Ruiz.",
    '"The bridge will close," said Ana Ruiz, the mayor.',
    "“The bridge will close,” said the mayor, Ana Ruiz.",
    "“The bridge will close,” said council leader Ana Ruiz on Monday.",
    "Ana Ruiz said: “The bridge will close.”",
    "Ana Ruiz told reporters, “The bridge will close.”",
    "‘The bridge will close,’ Ana Ruiz said.",
    "'The bridge will close,' Ana Ruiz said.",
    "“Never,” Ana Ruiz said.",
    "Ana Ruiz called it “a bridge to nowhere at all”.",
    "“The bridge,” Ana Ruiz told the mayor, “will close in May.”",
]


@pytest.mark.parametrize(
    ("kind", "sentence"), [*(("reported", sentence) for sentence in REPORTED), *(("direct", words) for words in QUOTED)]
)
def test_a_clause_names_the_speaker_and_quoted_words_are_direct(kind: str, sentence: str) -> None:
    assert last(sentence) == ("Ana Ruiz", kind)


@pytest.mark.parametrize(
    "sentence",
    [
        "It goes without saying that the bridge is old.",
        "The buyer pays a said amount within ten days.",
        "The agreement states that the bridge belongs to the town.",
        "The law says that bridges must be inspected.",
        "All told, twelve people were hurt.",
        "The company added two routes.",
        "Ana Ruiz wrote two novels.",
        "Ana Ruiz maintained the engines for years.",
        "The storm claimed twelve lives.",
        "Ana Ruiz did not say when the bridge would close.",
        "Ana Ruiz declined to comment.",
        "Ana Ruiz was told that the bridge would close.",
        "The bridge is said to be haunted.",
        "The bridge was closed in May.",
        "The so-called “ghost bridge” was closed in May.",
        "He read “A Farewell to Arms” on the train.",
        "Easier said than done.",
        "",
    ],
)
def test_what_only_sounds_like_speech_is_none(sentence: str) -> None:
    assert [s for s in read(sentence) if s] == []


def test_a_quotation_over_several_sentences_belongs_to_its_speaker() -> None:
    text = "“It is old. It leaks. Nobody wants it,” said Ana Ruiz. “We will pull it down. That is final.”"
    assert [(s.speaker, s.kind) for s in read(text) if s][2:] == [("Ana Ruiz", "direct")] * 3
    text = "Ana Ruiz said: “It is old. It leaks. Nobody wants it.” The yard is empty."
    assert [s and (s.speaker, s.kind) for s in read(text)] == [("Ana Ruiz", "direct")] * 3 + [None]


def test_the_first_sentences_of_a_quotation_wait_for_the_clause_that_ends_it() -> None:
    text = "Tom Bell disagreed, the council said. “It is old. It leaks,” Ana Ruiz told the board."
    assert [s and s.speaker for s in read(text)][1:] == ["Ana Ruiz", "Ana Ruiz"]


def test_a_title_in_quotation_marks_is_nobodys_words() -> None:
    assert not any(read("Ana Ruiz said no.\n\n“Cruella”\n\n“…”")[1:])


def test_paragraphs_may_be_wrapped_lines() -> None:
    text = "Ana Ruiz, the mayor of the bay, said on\nMonday that the bridge would close\nin May.\n\n“It is old and we will pull\nit down,” she said."
    assert [(s.speaker, s.kind) for s in read(text) if s] == [("Ana Ruiz", "reported"), ("Ana Ruiz", "direct")]


def test_a_paragraph_may_leave_its_quotation_open_for_the_next() -> None:
    text = "“It is old,” Ana Ruiz said. “It leaks.\n“Nobody wants it.”\nTom Bell said the bridge was fine."
    assert [s and s.speaker for s in read(text)] == ["Ana Ruiz", "Ana Ruiz", "Ana Ruiz", "Tom Bell"]


def test_a_surname_stands_for_the_full_name_only_where_one_person_bears_it() -> None:
    assert last("Ana Ruiz came. Ruiz said the bridge would close.") == ("Ana Ruiz", "reported")
    assert last("Ana Ruiz met Tom Ruiz. Ruiz said the bridge would close.") == ("", "reported")


@pytest.mark.parametrize(
    "introduced",
    [
        "US Defence Secretary Ana Ruiz came.",
        "Ana Ruiz, the US defence secretary, came.",
        "The US defence secretary, Ana Ruiz, came.",
        "Ana Ruiz is the US defence secretary.",
        "US defense secretary Ana Ruiz came.",
    ],
)
def test_a_role_stands_for_whoever_was_introduced_in_it(introduced: str) -> None:
    assert last(f"{introduced}\nThe defence secretary said no.") == ("Ana Ruiz", "reported")
    assert last(f"{introduced}\nThe secretary said no.") == ("Ana Ruiz", "reported")
    assert last(f"{introduced}\nThe French defence secretary said no.") != ("Ana Ruiz", "reported")


def test_a_role_that_two_people_have_is_nobodys() -> None:
    text = "President Ana Ruiz met the president of Norland, Tom Bell. The president said no."
    assert last(text) == ("", "reported")
    assert last("Vice President Ana Ruiz came. The president said no.") == ("The president", "reported")


def test_a_pronoun_means_the_only_candidate() -> None:
    assert last("Ana Ruiz said the bridge was old. She added that it leaked.") == ("Ana Ruiz", "reported")
    assert last("Ana Ruiz said the bridge was old.\nShe added that it leaked.") == ("Ana Ruiz", "reported")
    assert last("Ana Ruiz said it was old. Tom Bell said it was not. He added that it stood.") == ("", "reported")
    assert last("Mrs Ana Ruiz said it was old. Mr Tom Bell said not. He added that it stood.") == (
        "Tom Bell",
        "reported",
    )
    assert last("The bridge is old. He said it leaked.") == ("", "reported")


def test_a_speaker_without_a_name_is_called_as_the_article_does() -> None:
    assert last("A spokeswoman for the ministry said no.") == ("A spokeswoman for the ministry", "reported")
    assert last("The harbour board said no.") == ("The harbour board", "reported")
    assert last("The baker said no.") == ("The baker", "reported")
    assert last("Residents said no.") == ("Residents", "reported")


NEWS = st.sampled_from(
    "Ana Ruiz Bell said told “ ” \" ' ‘ ’ , . : the mayor who and he she that according to was \n \n\n Mr. 's 5 é".split(
        " "
    )
)


@given(st.one_of(st.text(max_size=300), st.lists(NEWS, max_size=80).map(" ".join)))
def test_any_text_is_read_sentence_by_sentence(text: str) -> None:
    sentences = sentence_spans(text)
    found = find_speech(text, sentences)
    assert len(found) == len(sentences)
    for span, said in zip(sentences, found, strict=True):
        if said is not None:
            assert (said.start, said.end) == span
            assert said.kind in ("direct", "reported")
            assert all(word.strip("—-") in text.replace("’s", "") or word in text for word in said.speaker.split())


def test_the_starter_article_says_who_said_what() -> None:
    text = ARTICLE.read_text(encoding="utf-8")
    said = {text[s.start : s.end].split(" ", 3)[-1][:20]: s for s in read(text) if s}
    assert [s.speaker for s in said.values()].count("Pete Hegseth") == 4
    words = next(s for s in said.values() if "Article 5" in text[s.start : s.end])
    assert (words.speaker, words.kind) == ("Pete Hegseth", "reported")
    assert ("us", "defence", "secretary") in words.roles


@pytest.mark.timeout(120)
@pytest.mark.parametrize(
    "unit",
    ["Ab ", '"', "Ana Ruiz said ", "Ana, the mayor, said, ", " ‘a", "“a. ", "Ana, who, ", "the mayor of ", "“a b c.\n"],
)
def test_text_that_never_ends_a_sentence_takes_no_longer(unit: str) -> None:
    read((unit * 100_000)[:100_000])
    assert growth(lambda size: lambda: read((unit * size)[:size]), 2_000) < LINEAR


PEOPLE = st.lists(
    st.sampled_from(
        "Ana|Ana Ruiz|Tom Ruiz|Bell Ana|Tom Bell|the mayor|Mayor|Minister|US defence minister|defense minister|in|said|,"
        "|. He|. She|was".split("|")
    ),
    max_size=30,
).map(" ".join)


@given(PEOPLE)
def test_names_and_roles_mean_whom_they_can(text: str) -> None:
    people = find_people(tokenize(text, start, end) for start, end in sentence_spans(text))
    everybody = {name for held in people.names.values() for name in held}
    surnames = {fold_word(name.split()[-1]) for name in everybody}
    for key, held in people.names.items():
        assert {fold_word(name.split()[-1 if key in surnames else 0]) for name in held} == {key}
    assert {fold_word(name.split()[0]) for name in everybody} <= {*people.names}
    for name in everybody | people.places:
        assert people.is_person(name) == (name in people.roles or (name in everybody and name not in people.places))
    for role in {whole[n:] for held in people.roles.values() for whole in held for n in range(len(whole) + 1)}:
        meant = [name for name, held in people.roles.items() if any(can_refer_to(role, other) for other in held)]
        assert people.holders_of(role) == tuple(meant)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["", "", "he", "she"]), st.integers(0, 3), st.sampled_from(["A", "B", "He", "M", "b"])
        )
    )
)
def test_a_pronoun_means_the_one_of_its_paragraph_or_the_one_before(told: list[tuple[str, int, str]]) -> None:
    people = People({}, {"M": (("mr",),)})
    subjects, named, known = SubjectTracker(people), dict[int, dict[str, None]](), dict[str, str]()
    for pronoun, paragraph, name in told:
        if not pronoun:
            subjects.add(paragraph, name)
            named.setdefault(paragraph, {})[name] = None
            continue
        blocks = [[*named.get(paragraph, ())], [*named.get(paragraph - 1, ())]]
        possible = [
            [one for one in block if one.istitle() and (people.gender(one) or known.get(one) or pronoun) == pronoun]
            for block in blocks
        ]
        candidates = possible[0] or possible[1]
        if len(candidates) == 1:
            known.setdefault(candidates[0], pronoun)
        assert subjects.resolve(pronoun, paragraph) == (candidates[0] if len(candidates) == 1 else "")


@given(st.text(st.sampled_from("“”\"'‘’,. ab"), max_size=60))
def test_no_quotation_stands_inside_another(text: str) -> None:
    found = quotations(text, [(0, len(text))])
    assert all(one.end <= other.start for one, other in pairwise(found))
