"""Whose words a question asks for, and whether a speaker is that person."""

import pytest
from case_table import rows
from hypothesis import given
from hypothesis import strategies as st

from rag.speech.asked_speaker import asked_speaker, asks_who, same_person


@pytest.mark.parametrize(
    ("question", "asked"),
    rows(
        """
        What did Hegseth say about Article 5?               | Hegseth
        what did hegseth say about article 5                | hegseth
        What did Pete Hegseth tell reporters about Ukraine? | Pete Hegseth
        What did the defence secretary warn about?          | defence secretary
        What has the mayor announced about the bridge?      | mayor
        What does Ana Ruiz think of the bridge?             | Ana Ruiz
        Did Ana Ruiz say the bridge would close?            | Ana Ruiz
        How did Ruiz respond to the report?                 | Ruiz
        Why did Ruiz call the plan unworkable?              | Ruiz
        What is Ruiz's view on the bridge?                  | Ruiz
        what is ruiz’s position on the bridge               | ruiz
        What was the mayor's warning about the bridge?      | mayor
        According to Ruiz, when will the bridge close?      | Ruiz
        When will the bridge close according to Ana Ruiz?   | Ana Ruiz
        according to ana ruiz when will the bridge close    | ana ruiz
        What Ruiz said about the bridge                     | Ruiz
        Ruiz said what about the bridge?                    | Ruiz
        Who said the bridge would close?                    |
        When will the bridge close?                         |
        What did he say about the bridge?                   |
        What does the article say about the bridge?         |
        What did Ruiz and Bell say about the bridge?        |
        What happened to the bridge?                        |
        What was the bridge called?                         |
        How did Ruiz make her call public?                  |
                                                            |
        """
    ),
)
def test_the_asked_speaker_is_found_in_a_question(question: str, asked: str) -> None:
    assert asked_speaker(question) == asked


@pytest.mark.parametrize(
    ("question", "asks"),
    [
        ("Who said the bridge would close?", True),
        ("who warned of floods", True),
        ("Who has called for a new bridge?", True),
        ("Who built the bridge?", False),
        ("What did Ruiz say?", False),
    ],
)
def test_who_said_it_is_a_question_for_a_speaker(question: str, asks: bool) -> None:
    assert asks_who(question) is asks


@pytest.mark.parametrize(
    ("asked", "speaker", "same"),
    [
        ("Hegseth", "Pete Hegseth", True),
        ("pete hegseth", "Pete Hegseth", True),
        ("Secretary Hegseth", "Pete Hegseth", True),
        ("Mr Hegseth", "Pete Hegseth", True),
        ("P. Hegseth", "Pete Hegseth", True),
        ("Hegseth's", "Pete Hegseth", True),
        ("Pete Brian Hegseth", "Pete Hegseth", True),
        ("Zelenskyy", "Volodymyr Zelenskyý", True),
        ("Merkel", "Emmanuel Macron", False),
        ("Pete Hegseth", "Ana Hegseth", False),
        ("Pete", "Pete Hegseth", True),
        ("AHB", "The Aldmoor Harbour Board", True),
        ("mayor of Vessa", "The mayor", True),
        ("harbour board", "The harbour board", True),
        ("mayor", "The mayor", True),
        ("Hegseth", "", False),
        ("", "Pete Hegseth", False),
        ("Ruiz", "Ruiz's office", False),
    ],
)
def test_a_person_is_known_by_surname_full_name_or_title(asked: str, speaker: str, same: bool) -> None:
    assert same_person(asked, speaker) is same


def test_a_first_name_that_two_bear_means_neither() -> None:
    assert not same_person("Pete", "Pete Hegseth", others=["Pete Hegseth", "Pete Doyle"])
    assert same_person("Pete", "Pete Hegseth", others=["Pete Hegseth", "Ana Doyle"])


def test_a_role_means_whoever_is_introduced_in_it() -> None:
    roles = [("us", "defence", "secretary")]
    assert same_person("defence secretary", "Pete Hegseth", roles)
    assert same_person("US defense secretary", "Pete Hegseth", roles)
    assert not same_person("foreign secretary", "Pete Hegseth", roles)


@given(st.text(max_size=200), st.text(max_size=60))
def test_any_text_can_be_asked_and_compared(question: str, speaker: str) -> None:
    asked = asked_speaker(question)
    assert asked in " ".join(question.split())
    assert isinstance(same_person(asked, speaker), bool)
