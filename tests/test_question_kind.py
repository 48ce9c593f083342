"""What kind of answer a question asks for."""

import pytest

from rag.question.kind import AskedKind, question_kind


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("What is this about?", "overview"),
        ("what's this article about", "overview"),
        ("so what is it all about?", "overview"),
        ("Summarise", "overview"),
        ("Could you please sum up the document for me?", "overview"),
        ("tl;dr", "overview"),
        ("TLDR please", "overview"),
        ("key takeaways?", "overview"),
        ("what happened", "overview"),
        ("Which articles mention the harbour?", "list_documents"),
        ("what documents do you have about trams", "list_documents"),
        ("list all files that mention refunds", "list_documents"),
        ("how many documents are there?", "about_library"),
        ("what can I ask you", "about_library"),
        ("which is the oldest document", "about_library"),
        ("how many csv files do I have", "about_library"),
        ("list all authors", "about_library"),
        ("who wrote these documents", "about_library"),
        ("what file types are in here", "about_library"),
        ("which documents are pdfs", "about_library"),
        ("in which languages are the documents", "about_library"),
        ("how many pages in total", "about_library"),
        ("documents from 2025", "about_library"),
        ("show me everything from march", "about_library"),
        ("what was published before May 2024", "about_library"),
        ("which types of plots are there", "fact"),
        ("what kind of dogs are allowed", "fact"),
        ("who wrote the letter to the council", "fact"),
        ("which PDF documents are there?", "about_library"),
        ("articles by Lena Osei", "about_library"),
        ("Do you have anything about volunteering?", "list_documents"),
        ("is there something on parking", "list_documents"),
        ("who wrote this article?", "about_document"),
        ("how long is the report", "about_document"),
        ("which is the newest", "about_library"),
        ("do you have any spreadsheets?", "about_library"),
        ("who wrote the annual report 2024", "about_document"),
        ("key figures of 2024", "overview"),
        ("what's the news about the wall", "overview"),
        ("list all deadlines", "list_items"),
        ("which dates are mentioned in the minutes", "list_items"),
        ("what was decided?", "list_items"),
        ("who was present at the meeting?", "list_people"),
        ("who are you", "about_tool"),
        ("help", "about_tool"),
        ("how does this work?", "about_tool"),
        ("hello", "smalltalk"),
        ("Thanks a lot!", "smalltalk"),
    ],
)
def test_the_kind_is_told_from_the_words(question: str, kind: str) -> None:
    assert question_kind(question).kind == kind


@pytest.mark.parametrize(
    "question",
    [
        "What did Hegseth say about Article 5?",
        "what happened to the tunnel?",
        "How many people died?",
        "how many documents did the court receive from the bank?",
        "What is the policy on remote work?",
        "who wrote the letter to the council?",
        "When was the tunnel built?",
        "what is the report of the inspector worth?",
        "Summarise what Varga said about the tram",
        "what does the manual say about resetting the pump?",
        "What is in the box?",
        "Which document do I need to open an account?",
        "how does the pump work?",
        "what is the newest tram called?",
        "who is the author of Hamlet?",
        "how many text messages were sent?",
        "is there anything I should bring?",
        "how long is the lease?",
        "what are the prices in euros?",
        "what was decided about the wall?",
    ],
)
def test_a_question_for_a_fact_is_left_to_the_search(question: str) -> None:
    assert question_kind(question) == AskedKind("fact")


def test_the_subject_is_what_a_summary_is_to_be_of() -> None:
    assert question_kind("can you summarise the tram article for me?").subject == "the tram article"
    assert question_kind("Give me a short overview of the leave policy.").subject == "the leave policy"
    assert question_kind("what is the leave policy about").subject == "the leave policy"
    assert question_kind("which files mention Article 5?").subject == "Article 5"
    assert question_kind("Summarise the document").subject == ""


def test_a_property_is_named() -> None:
    assert question_kind("what's the most recent article?").property == "most recent"
    assert question_kind("when was the article about the museum published?") == AskedKind(
        "about_document", "the museum", "date"
    )


@pytest.mark.parametrize(
    ("question", "most"),
    [
        ("Summarise the report in three sentences", 3),
        ("tl;dr in 1 line", 1),
        ("key points in a few bullets", None),
        ("tl;dr", None),
    ],
)
def test_how_many_sentences_are_wanted_is_told(question: str, most: int | None) -> None:
    assert (question_kind(question).kind, question_kind(question).most) == ("overview", most)
