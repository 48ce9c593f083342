"""Which sentences are shown as the answer to a question for a fact."""

from hypothesis import given, settings
from hypothesis import strategies as st

from index.schema import Passage
from rag.answer.kinds.fact import choose_quotes
from rag.config import RagConfig
from rag.reading.sentence_ranker import Quote

MOST = RagConfig().max_sentences
QUESTIONS = ("when is it due", "who pays and how much", "what are the rules", "What did Varga say?", "x")
PASSAGES = st.lists(
    st.tuples(st.sampled_from("ab"), st.integers(0, 9), st.floats(0.001, 0.999)), min_size=1, max_size=8
)


def quotes_of(*said: tuple[str, float]) -> list[Quote]:
    """Make a quote of each text with its probability, each in a document of its own."""
    return [Quote(Passage(str(n), 0, len(text), text), 0, len(text), p, ()) for n, (text, p) in enumerate(said)]


def shown(question: str, *said: tuple[str, float]) -> list[str]:
    return [quote.text for quote in choose_quotes(quotes_of(*said), question, MOST)]


@settings(deadline=None)
@given(PASSAGES, st.sampled_from(QUESTIONS))
def test_the_best_is_shown_first_and_the_others_in_their_order(
    places: list[tuple[str, int, float]], question: str
) -> None:
    quotes = sorted(
        (Quote(Passage(d, 0, 20, "x" * 20), at, at + 5, chance, ()) for d, at, chance in places),
        key=lambda q: -q.probability,
    )
    chosen = choose_quotes(quotes, question, MOST)
    assert chosen[0] == quotes[0]
    assert len(chosen) <= MOST
    assert [q.probability for q in chosen] == sorted((q.probability for q in chosen), reverse=True)


def test_nothing_is_shown_where_nothing_was_found() -> None:
    assert choose_quotes((), "when is it due", MOST) == ()


RENT = "The rent is due on the first of each month."


def test_a_second_sentence_is_shown_only_where_it_adds_what_is_asked() -> None:
    for question, second in (
        ("When is the rent due and how much is it?", "It amounts to £740."),
        ("When is the rent due, and who collects the deposit?", "The deposit is held by an agent."),
        ("How much is the rent?", "The sum payable is £740."),
    ):
        assert shown(question, (RENT, 0.7), (second, 0.35)) == [RENT, second]
    review = "The rent may be reviewed once a year."
    assert shown("When is the rent due?", (RENT, 0.7), (review, 0.35)) == [RENT]


def test_what_somebody_said_is_shown_in_several_sentences() -> None:
    said = ["Varga said it was late.", "Varga also said it would cost more."]
    assert shown("What did Varga say?", (said[0], 0.8), (said[1], 0.5)) == said


def test_two_that_are_as_likely_are_both_shown_where_neither_is_sure() -> None:
    two = ["Dogs stay outside.", "Pets need the consent of the secretary."]
    assert shown("can I bring my hamster", (two[0], 0.3), (two[1], 0.28)) == two
    assert shown("can I bring my hamster", (two[0], 0.9), (two[1], 0.88)) == two[:1]
