import hashlib
import json
import logging
import shutil
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from index.config import IndexConfig
from index.embedding import onnx_export
from index.embedding.compare_backends import compare_backends
from index.embedding.factory import embedder_for, export_of
from index.embedding.model_folder import PooledTransformer, read_pooled_transformer
from index.embedding.onnx_export import GRAPH_FILE, NOTE_FILE, SAMPLE_TEXTS, OnnxExport
from index.embedding.protocol import TokenEmbedder
from index.embedding.sentence_transformers import DEFAULT_MODEL, SentenceTransformerEmbedder, model_folder
from index.errors import ModelMissingError, SettingsError

TEXTS = [
    *SAMPLE_TEXTS,
    "Short.",
    "  spaces before,\n\nand line\tbreaks ",
    "Ｆｕｌｌ ｗｉｄｔｈ and combining e\u0301",
    "x" * 400,
]


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> IndexConfig:
    """A cache with the default model's graphs, made by the one test run."""
    return IndexConfig(cache_dir=tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="module")
def exact(exported: IndexConfig) -> TokenEmbedder:
    return embedder_for(replace(exported, backend="onnx"))


def test_vectors_are_those_of_the_library(exact: TokenEmbedder, minilm: SentenceTransformerEmbedder) -> None:
    cosines = np.sum(exact.embed(TEXTS) * minilm.embed(TEXTS), axis=1)
    assert cosines.min() > 0.99999
    assert exact.embed_query("Who built it?") @ minilm.embed_query("Who built it?") > 0.99999
    assert exact.fingerprint == minilm.fingerprint


def test_tokens_and_their_places_are_those_of_the_library(
    exact: TokenEmbedder, minilm: SentenceTransformerEmbedder
) -> None:
    ours, theirs = exact.embed_tokens(TEXTS)[1], minilm.embed_tokens(TEXTS)[1]
    for mine, other in zip(ours, theirs, strict=True):
        assert mine.offsets.tolist() == other.offsets.tolist()
        assert np.sum(mine.vectors * other.vectors, axis=1).min(initial=1.0) > 0.9999
    asked, also = exact.embed_query_tokens("Who built it?")[1], minilm.embed_query_tokens("Who built it?")[1]
    assert asked.offsets.tolist() == also.offsets.tolist()


def test_a_text_has_one_vector_in_whatever_company(exact: TokenEmbedder) -> None:
    together = exact.embed(TEXTS)
    for text, vector in zip(TEXTS, together, strict=True):
        assert (exact.embed([text])[0] == vector).all()
    assert (exact.embed_tokens(TEXTS[::-1])[0] == together[::-1]).all()


def test_nothing_to_embed_is_nothing(exact: TokenEmbedder) -> None:
    assert len(exact.embed([])) == 0
    assert exact.embed_tokens([])[1] == []


def test_eight_bits_are_near_and_say_what_they_are(exported: IndexConfig, minilm: SentenceTransformerEmbedder) -> None:
    eight = embedder_for(replace(exported, backend="onnx-int8"))
    cosines = np.sum(eight.embed(TEXTS) * minilm.embed(TEXTS), axis=1)
    assert 0.95 < cosines.min() < 0.9999
    assert cosines.mean() > 0.98
    assert eight.fingerprint == f"{minilm.fingerprint}+int8"
    assert eight.running_backend == "onnx-int8"


def test_an_index_is_read_with_what_made_it(exported: IndexConfig) -> None:
    fingerprint = embedder_for(exported).fingerprint
    assert embedder_for(exported, fingerprint).fingerprint == fingerprint
    assert embedder_for(exported, f"{fingerprint}+int8").fingerprint == f"{fingerprint}+int8"
    # What is asked for by name is not talked out of it, and the mismatch is told.
    assert embedder_for(replace(exported, backend="torch"), f"{fingerprint}+int8").fingerprint == fingerprint
    assert embedder_for(replace(exported, backend="onnx-int8"), fingerprint).fingerprint == f"{fingerprint}+int8"


def test_auto_takes_onnx_where_it_can_be_had(exported: IndexConfig, exact: TokenEmbedder) -> None:
    del exact
    assert embedder_for(exported).running_backend == "onnx"


def test_an_unknown_backend_is_told_with_those_there_are(exported: IndexConfig) -> None:
    with pytest.raises(SettingsError, match="auto, torch, onnx, onnx-int8"):
        embedder_for(replace(exported, backend="tensorflow"))


def test_without_the_package_onnx_torch_does_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(onnx_export, "find_spec", lambda name: None)
    config = IndexConfig(cache_dir=tmp_path / "cache")
    assert embedder_for(config).running_backend == "torch"
    with pytest.raises(ModelMissingError, match=r"pip install onnx.*\"auto\" does without"):
        embedder_for(replace(config, backend="onnx")).embed(["x"])


def test_a_model_that_is_not_plain_stays_on_torch(tmp_path: Path) -> None:
    copy = shutil.copytree(default(), tmp_path / "model")
    (copy / "1_Pooling" / "config.json").write_text('{"pooling_mode_max_tokens": true}')
    config = IndexConfig(model=str(copy), cache_dir=tmp_path / "cache")
    assert embedder_for(config).running_backend == "torch"
    with pytest.raises(ModelMissingError, match="cannot be run by onnxruntime"):
        embedder_for(replace(config, backend="onnx")).embed(["x"])


@pytest.fixture
def drawn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[OnnxExport, list[str]]]:
    """An export whose graph is a few bytes, and a list that grows with every making."""
    made: list[str] = []

    def quick(wanted: OnnxExport, path: Path) -> bytes:
        made.append(wanted.precision)
        path.write_bytes(b"a graph")
        return b"a graph"

    monkeypatch.setattr(onnx_export, "_export", quick)
    yield export_of(IndexConfig(cache_dir=tmp_path / "cache"), "fp32"), made


def test_a_graph_is_made_once(drawn: tuple[OnnxExport, list[str]]) -> None:
    export, made = drawn
    assert [export.read(), export.read()] == [b"a graph"] * 2
    assert len(made) == 1
    assert [path.name for path in export.cache.iterdir()] == [export.folder.name]


def test_a_copy_of_the_model_has_the_same_graph(drawn: tuple[OnnxExport, list[str]], tmp_path: Path) -> None:
    export, made = drawn
    export.read()
    copy = shutil.copytree(default(), tmp_path / "model", copy_function=shutil.copyfile)
    others = replace(export, transformer=replace(export.transformer, folder=copy))
    assert [others.read(), export.read()] == [b"a graph"] * 2
    assert len(made) == 1
    (copy / "config.json").write_text("{}")
    others.read()
    assert len(made) == 2


@pytest.mark.parametrize("damage", ["changed", "gone", "note", "weights"])
def test_a_damaged_graph_is_made_anew(
    drawn: tuple[OnnxExport, list[str]], damage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    export, made = drawn
    export.read()
    if damage == "changed":
        (export.folder / GRAPH_FILE).write_bytes(b"a graf")
    elif damage == "gone":
        (export.folder / GRAPH_FILE).unlink()
    elif damage == "note":
        (export.folder / NOTE_FILE).write_text("{")
    else:
        monkeypatch.setattr(onnx_export, "_describe", lambda *_: ["other weights"])
    assert export.read() == b"a graph"
    assert len(made) == 2
    assert hashlib.sha256(b"a graph").hexdigest() in (export.folder / NOTE_FILE).read_text()


def test_a_model_that_cannot_be_exported_is_not_tried_again(
    drawn: tuple[OnnxExport, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    export, _ = drawn
    tries: list[OnnxExport] = []

    def failing(wanted: OnnxExport, path: Path) -> bytes:
        tries.append(wanted)
        raise ModelMissingError("It does not agree.")

    monkeypatch.setattr(onnx_export, "_export", failing)
    for _ in range(2):
        with pytest.raises(ModelMissingError, match="does not agree"):
            export.read()
    assert len(tries) == 1
    assert export.failure() == "It does not agree."
    export.delete()
    assert export.failure() == ""


def test_many_may_make_it_at_once(drawn: tuple[OnnxExport, list[str]]) -> None:
    export, _ = drawn
    found: list[bytes] = []
    threads = [threading.Thread(target=lambda: found.append(export.read())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [b"a graph"] * 8
    assert export.read() == b"a graph"
    assert [path.name for path in export.cache.iterdir()] == [export.folder.name]


def test_a_cache_that_cannot_be_written_is_told(tmp_path: Path, drawn: tuple[OnnxExport, list[str]]) -> None:
    (tmp_path / "file").write_text("no folder")
    export = replace(drawn[0], cache=tmp_path / "file")
    with pytest.raises(ModelMissingError, match="cache_dir"):
        export.read()


def test_a_graph_that_does_not_agree_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, minilm: SentenceTransformerEmbedder
) -> None:
    monkeypatch.setattr(onnx_export, "agreement", lambda reference, other: 0.97)
    monkeypatch.setattr(onnx_export, "SentenceTransformerEmbedder", lambda folder: minilm)
    config = IndexConfig(cache_dir=tmp_path / "cache")
    with pytest.raises(ModelMissingError, match=r"does not agree with it \(cosine 0.9700\)"):
        embedder_for(replace(config, backend="onnx")).embed(["x"])
    assert embedder_for(config).running_backend == "torch"


@pytest.mark.slow
def test_doctor_compares_all_backends(exported: IndexConfig, exact: TokenEmbedder) -> None:
    del exact
    found = {one.backend: one for one in compare_backends(exported)}
    assert list(found) == ["torch", "onnx", "onnx-int8"]
    assert found["onnx"].min_cosine > 0.99999 > found["onnx-int8"].min_cosine > 0.95
    assert all(one.passages_per_second > 0 for one in found.values())


def test_a_plain_model_is_told_by_its_files(tmp_path: Path) -> None:
    folder = default()
    assert read_pooled_transformer(folder) == PooledTransformer(folder, "mean", 256)
    copy = shutil.copytree(folder, tmp_path / "model", ignore=shutil.ignore_patterns("*.safetensors"))
    options = {"prompts": {"query": "query: ", "passage": "passage: "}}
    (copy / "config_sentence_transformers.json").write_text(json.dumps(options))
    (copy / "1_Pooling" / "config.json").write_text('{"pooling_mode": "cls", "embedding_dimension": 384}')
    assert read_pooled_transformer(copy) == PooledTransformer(copy, "cls", 256, "passage: ", "query: ")


@pytest.mark.parametrize(
    ("file", "held"),
    [
        ("modules.json", "[]"),
        ("modules.json", "not json"),
        ("modules.json", '[{"path": "", "type": "a.Transformer"}, {"path": "2", "type": "a.Dense"}]'),
        ("1_Pooling/config.json", '{"pooling_mode_mean_tokens": true, "pooling_mode_max_tokens": true}'),
        ("1_Pooling/config.json", '{"pooling_mode_mean_tokens": true, "include_prompt": false}'),
        ("config_sentence_transformers.json", '{"default_prompt_name": "query"}'),
        ("sentence_bert_config.json", '{"max_seq_length": null}'),
        ("sentence_bert_config.json", '{"max_seq_length": 256, "do_lower_case": true}'),
    ],
)
def test_anything_else_is_not_plain(tmp_path: Path, file: str, held: str) -> None:
    copy = shutil.copytree(default(), tmp_path / "model", ignore=shutil.ignore_patterns("*.safetensors"))
    (copy / file).write_text(held)
    assert read_pooled_transformer(copy) is None


def default() -> Path:
    folder = model_folder(DEFAULT_MODEL)
    assert folder is not None
    return folder


def test_two_exports_beside_each_other_leave_the_log_as_it_was() -> None:
    before = logging.root.manager.disable
    within, leaving = threading.Event(), threading.Event()

    def export_first() -> None:
        with onnx_export._quiet():
            within.set()
            assert leaving.wait(120)

    def export_second() -> None:
        assert within.wait(120)
        threading.Timer(0.2, leaving.set).start()
        with onnx_export._quiet():
            first.join(120)

    first, second = threading.Thread(target=export_first), threading.Thread(target=export_second)
    first.start()
    second.start()
    second.join(60)
    assert logging.root.manager.disable == before
