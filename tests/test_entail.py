"""Entailment: the fitted mix, and any NLI cross-encoder from a folder."""

from pathlib import Path

import pytest
from conftest import TokenWordEmbedder, WordEmbedder

from index.errors import ModelMissingError
from rag.verify.entailment import (
    FEATURES,
    CrossEncoderEntailment,
    FittedEntailment,
    load_entailment_weights,
    make_entailment,
)

SOURCE = "The council closed the bridge over the river for three weeks after the flood."


@pytest.mark.parametrize("embedder", [WordEmbedder(), TokenWordEmbedder()])
def test_the_mix_prefers_what_the_words_say(embedder: WordEmbedder) -> None:
    mix = FittedEntailment(embedder)
    same = mix.score(SOURCE, SOURCE)
    part = mix.score(SOURCE, "The council closed the bridge and sacked its engineer without notice.")
    other = mix.score(SOURCE, "Penguins breed on the ice in winter.")
    assert 0 <= other < part < same <= 1
    assert same >= mix.supported >= mix.partly > other


@pytest.mark.parametrize("kind", ["cross", "tokens", "cosine"])
def test_no_shipped_weight_has_the_wrong_sign(kind: str) -> None:
    mix = load_entailment_weights(kind)  # type: ignore[arg-type]
    assert 0 < mix.partly <= mix.supported < 1
    assert set(mix.weights) <= {*FEATURES, "bias"}
    assert all((w <= 0) == name.endswith("missing") for name, w in mix.weights.items() if name != "bias" and w)


def test_the_values_of_a_text_against_itself_are_the_best_ones() -> None:
    values = dict(zip(FEATURES, FittedEntailment(TokenWordEmbedder()).values(SOURCE, SOURCE), strict=True))
    assert values["coverage"] == values["weakest_part"] == values["pair_coverage"] == 1
    assert values["late"] == pytest.approx(1, abs=1e-5)
    assert values["names_missing"] == values["numbers_missing"] == 0


def test_empty_texts_do_no_harm() -> None:
    mix = FittedEntailment(TokenWordEmbedder())
    assert 0 <= mix.score("", "It rained.") <= 1
    assert 0 <= mix.score(SOURCE, "…") <= 1


def test_a_missing_folder_is_told_at_once() -> None:
    with pytest.raises(ModelMissingError, match="There is no entailment folder"):
        make_entailment("./nowhere", WordEmbedder(), None)


@pytest.fixture(scope="module")
def nli(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny NLI cross-encoder with random weights, its labels in another order than usual."""
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast

    folder = tmp_path_factory.mktemp("nli")
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *SOURCE.lower().rstrip(".").split(), "."]
    (folder / "vocab.txt").write_text("\n".join(dict.fromkeys(words)), encoding="utf-8")
    labels = {0: "neutral", 1: "contradiction", 2: "ENTAILMENT"}
    config = BertConfig(
        vocab_size=len(set(words)), hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16,
        id2label=labels, label2id={label: n for n, label in labels.items()},
    )  # fmt: skip
    BertForSequenceClassification(config).save_pretrained(folder)
    BertTokenizerFast(vocab_file=str(folder / "vocab.txt")).save_pretrained(folder)
    return folder


def test_an_nli_folder_is_read_by_its_own_labels(nli: Path) -> None:
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    claim = "the council closed the river"
    model = AutoModelForSequenceClassification.from_pretrained(nli).eval()
    read = AutoTokenizer.from_pretrained(nli)(SOURCE, claim, return_tensors="pt")
    with torch.no_grad():
        expected = model(**read).logits.softmax(-1)[0, 2].item()
    entailment = make_entailment(str(nli), WordEmbedder(), None)
    assert isinstance(entailment, CrossEncoderEntailment)
    assert entailment.score(SOURCE, claim) == pytest.approx(expected, abs=1e-4)


def test_a_model_without_the_label_is_refused(nli: Path, tmp_path: Path) -> None:
    import json
    import shutil

    other = tmp_path / "other"
    shutil.copytree(nli, other)
    config = json.loads((other / "config.json").read_text())
    config["id2label"] = {"0": "a", "1": "b", "2": "c"}
    config["label2id"] = {"a": 0, "b": 1, "c": 2}
    (other / "config.json").write_text(json.dumps(config))
    with pytest.raises(ModelMissingError, match="has no label “entailment”, but a, b, c"):
        CrossEncoderEntailment(str(other)).score(SOURCE, SOURCE)


def test_a_hub_name_that_cannot_be_had_says_what_to_do() -> None:
    with pytest.raises(ModelMissingError, match="Set `checker` to an NLI cross-encoder's folder"):
        CrossEncoderEntailment("nobody/no-such-model").score(SOURCE, SOURCE)
