"""Documents and questions in other languages than English: cut, stemmed, searched, answered and refused."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from case_table import rows
from eval_fixtures import load_documents

from evals.datasets.cases import load_cases
from evals.datasets.resolve import resolve_evidence
from index import index_folder
from index.config import IndexConfig
from index.text.language import language_of, may_be_english, question_language
from index.text.sentences import sentence_spans
from index.text.terms import terms
from rag.languages.kind import kind_in_language
from rag.languages.messages import documents_named, load_messages
from rag.languages.question_words import load_question_words
from rag.pipeline import Pipeline, open_pipeline
from rag.prompts import is_refusal
from rag.reading.lexical import analyze_in

SEEDS = Path(__file__).parents[1] / "seeds"
RULES = (
    "Hausordnung des Heims\n\nHunde dürfen nicht mitgebracht werden. Die Wäsche wird am 12. März 2024 abgeholt. "
    "Ein Urlaubstag muss vorher gemeldet werden. Das Zimmer kostet 1.250,50 € im Monat. Leiter ist Herr Jonas Wiebe.\n"
)


@pytest.fixture(scope="module")
def german(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pipeline]:
    folder = tmp_path_factory.mktemp("german")
    (folder / "ordnung.txt").write_text(RULES, encoding="utf-8")
    config = IndexConfig(data_dir=tmp_path_factory.mktemp("data"))
    index_folder(folder, config)
    with open_pipeline(config) as pipeline:
        yield pipeline


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("Wertsachen, z. B. Handys, bleiben hier. Danke.", "Wertsachen, z. B. Handys, bleiben hier."),
        ("Der Rat tagte am 12. März 2024. Er ging.", "Der Rat tagte am 12. März 2024."),
        ("Sie wohnt im 3. Stock. Er auch.", "Sie wohnt im 3. Stock."),
        ("Es kostet 3 Mio. Euro. Das ist viel.", "Es kostet 3 Mio. Euro."),
        ("La imparte la Sra. Inés Collado. Llame.", "La imparte la Sra. Inés Collado."),
        ("È la dott.ssa Giulia Ferrante. Prego.", "È la dott.ssa Giulia Ferrante."),
        ("Dat is dhr. Kuipers. Dag.", "Dat is dhr. Kuipers."),
        ("一、工作时间\n公司的上班时间为上午九点至下午六点，午休一小时。", "一、工作时间"),
        ("It opened on 12. Then it shut.", "It opened on 12."),
    ],
)
def test_sentences_end_where_each_language_ends_them(text: str, first: str) -> None:
    start, end = sentence_spans(text)[0]
    assert text[start:end] == first


@pytest.mark.parametrize(
    ("question", "language"),
    rows(
        """
        Was kostet die Gießkanne?     | de
        Combien coûte l'abonnement ?  | fr
        ¿Cuánto cuesta la cuota?      | es
        Quanto costa il biglietto?    | it
        Quem assina o contrato?       | pt
        Hoeveel kost het?             | nl
        差旅费用由谁审批？            | zh
        休館日はいつですか            | ja
        And Eckhart?                  | en
        pension contribution employer |
        """
    ),
)
def test_the_language_of_a_question_is_told_or_left_open(question: str, language: str) -> None:
    assert question_language(question) == language


def test_what_is_not_sure_counts_as_english_only_among_english_documents() -> None:
    assert may_be_english("pension contribution employer", {"en"})
    assert not may_be_english("pension contribution employer", {"en", "de"})
    assert not may_be_english("Was kostet die Gießkanne?", {"en"})


def test_words_are_stemmed_and_numbers_read_by_language() -> None:
    assert terms("Die Häuser kosten 1.250,50 €", "de") == terms("das Haus, Kosten 1250,50", "de")
    assert terms("les maisons", "fr") == terms("la maison", "fr")
    assert terms("the houses") == ["hous"]


def test_every_case_has_its_evidence_once_and_a_document_one_half() -> None:
    cases = load_cases(SEEDS / "evals" / "languages.jsonl")
    documents = load_documents(path for path in (SEEDS / "languages").rglob("*") if path.is_file())
    halves: dict[str, set[str]] = {}
    for case in cases:
        spans = resolve_evidence(case, documents)
        assert [documents[s.document_id].text[s.start : s.end] for s in spans] == [e.quote for e in case.evidence]
        halves.setdefault(case.group, set()).add(case.tags[1])
    assert {language_of(document.text) for document in documents.values()} == load_question_words().keys()
    assert all(len(found) == 1 for found in halves.values())


def test_each_language_has_its_words_and_messages() -> None:
    assert load_question_words().keys() == load_messages().keys()
    for messages in load_messages().values():
        assert is_refusal(messages.nothing.format(documents=documents_named(messages, 17)))
        assert is_refusal(messages.other_language)
    assert not is_refusal("Das Bad hat montags geöffnet.")


@pytest.mark.parametrize(
    ("question", "kind", "subject"),
    rows(
        """
        Worum geht es im Bericht?     | overview      | bericht
        De quoi parle le rapport ?    | overview      | rapport
        ¿De qué trata este documento? | overview      |
        总结一下茶厂的年度报告        | overview      | 茶厂的年度报告
        Welche Dokumente gibt es?     | about_library |
        Wer bist du?                  | about_tool    |
        hola                          | smalltalk     |
        Merci beaucoup !              | smalltalk     |
        你好                          | smalltalk     |
        """
    ),
)
def test_kinds_are_told_by_the_words_of_each_language(question: str, kind: str, subject: str) -> None:
    asked = kind_in_language(question)
    assert asked is not None
    assert (asked.kind, asked.subject) == (kind, subject)


def test_words_that_only_ask_are_no_terms() -> None:
    assert analyze_in("Wie viel kostet die Tageskarte?", "de").terms == ("tageskart",)
    assert "多少" not in analyze_in("押金是多少？", "zh").terms


def test_a_question_is_answered_in_its_language_and_what_is_not_there_refused(german: Pipeline) -> None:
    assert "mitgebracht" in german.ask("Darf ich meinen Hund mitbringen?").text
    assert "1.250,50 €" in german.ask("Was kostet das Zimmer?").text
    refused = german.ask("Wie wird das Wetter morgen in Shanghai?")
    assert refused.refused
    assert "Ihrem Dokument" in refused.reason


def test_part_of_a_compound_finds_it(german: Pipeline) -> None:
    assert german.store.keyword.search("Urlaub", 1)


def test_another_language_than_the_documents_is_said_in_the_questions(german: Pipeline) -> None:
    refused = german.ask("¿Cuánto cuesta una bicicleta nueva en la tienda?")
    assert refused.reason == load_messages()["es"].other_language
    assert "--model" in german.ask("How much does a new bicycle cost in the shop?").reason


def test_a_greeting_is_returned_in_its_language(german: Pipeline) -> None:
    assert german.ask("Bonjour").lead == load_messages()["fr"].hello
