"""The index on a Chroma server: several processes read and write it at once, and one that dies costs the others nothing."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from itertools import count
from pathlib import Path

import numpy as np
import pytest
from chroma_server import asking_for, chroma_server
from conftest import ROOT, TokenWordEmbedder, WordEmbedder
from waiting import until

from index.chunking.chunk import Chunking, chunk
from index.config import IndexConfig
from index.embedding.token_codes import TokenCodes
from index.errors import IndexBrokenError, IndexBusyError, IndexMismatchError, IndexMissingError, SettingsError
from index.ingest.build import build
from index.ingest.plan import plan
from index.ingest.rebuild import rebuild
from index.schema import Document, DocumentInfo
from index.storage.chroma.leases import DocumentLeasedError, Leases
from index.storage.chroma.server import TOKEN_VARIABLE, server_from_settings
from index.storage.document_rows import read_info
from index.storage.open import index_fingerprint, open_for_reading, open_for_writing, open_shared
from index.storage.store import Store
from index.system.locking import UNCHANGED
from rag.config import RagConfig
from rag.pipeline import make_pipeline
from ui.cli.main import main

CHUNKING = Chunking()
_numbers = count()

# A process of its own that carries out what its argument says, with ``store`` open on the server.
APART = """
import sys, time
from pathlib import Path
from conftest import TokenWordEmbedder
from index.ingest.build import build
from index.chunking.chunk import Chunking, chunk
from index.config import IndexConfig
from index.storage.open import index_fingerprint, open_for_writing
from index.ingest.plan import plan
from index.ingest.rebuild import rebuild
from index.schema import Document, DocumentInfo
url, tenant, code = sys.argv[1:]
words = TokenWordEmbedder()
config = IndexConfig(data_dir=Path("."), chroma_url=url, chroma_tenant=tenant, chroma_database="documents")
with open_for_writing(config, index_fingerprint(words, Chunking())) as store:
    exec(code)
"""


@pytest.fixture(scope="session")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with chroma_server(tmp_path_factory.mktemp("chroma")) as address:
        yield address


@pytest.fixture
def shared(url: str, tmp_path: Path) -> IndexConfig:
    """A tenant of its own on the server."""
    tenant = f"tenant-{next(_numbers)}"
    return IndexConfig(data_dir=tmp_path / "own", chroma_url=url, chroma_tenant=tenant, chroma_database="documents")


@pytest.fixture
def tokens() -> TokenWordEmbedder:
    return TokenWordEmbedder()


@pytest.fixture
def apart(shared: IndexConfig, tmp_path: Path) -> Callable[[str], "subprocess.Popen[str]"]:
    def start(code: str) -> "subprocess.Popen[str]":
        path = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
        return subprocess.Popen(
            [sys.executable, "-c", APART, shared.chroma_url, shared.chroma_tenant, code],
            cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": path},
            stdout=subprocess.PIPE,
            text=True,
        )

    return start


@pytest.fixture(autouse=True)
def looked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.storage.catalog._MIN_REFRESH_INTERVAL", 0.0)
    monkeypatch.setattr("index.storage.catalog._REST_PER_REFRESH", 0.0)


def opened(config: IndexConfig, words: WordEmbedder) -> Store:
    with open_for_writing(config, index_fingerprint(words, CHUNKING)) as store:
        return store  # a server's store has nothing to close


def put(store: Store, words: TokenWordEmbedder, name: str, text: str) -> None:
    document = Document(name, f"Title of {name}", f"/{name}.txt", text)
    passages = chunk(document, CHUNKING)
    store.add(document, passages, words.embed([p.text for p in passages]), coded(store, words, passages))


def coded(store: Store, words: TokenWordEmbedder, passages: object) -> list[TokenCodes]:
    from index.embedding.contextual import embed_passages

    return list(embed_passages(words, passages, store.ensure_rotation)[1])  # type: ignore[arg-type]


def articles(folder: Path, many: int, start: int = 0) -> None:
    folder.mkdir(exist_ok=True)
    for n in range(start, start + many):
        text = f"The bridge of town {n} opened in {1900 + n}. " + f"Its toll in town {n} is {n} crowns. " * 30
        (folder / f"town-{n}.txt").write_text(text)


def test_a_server_holds_what_the_folder_holds(
    shared: IndexConfig, config: IndexConfig, folder: Path, tokens: TokenWordEmbedder
) -> None:
    articles(folder, 3)
    (folder / "long.txt").write_text("A sentence with “quotes” and 😀. " * 200)
    held = []
    for one in (shared, config):
        with open_for_writing(one, index_fingerprint(tokens, CHUNKING)) as store:
            report = build(store, tokens, CHUNKING, plan(store, [folder]))
            assert report.new == 4
            passages = {p.id: p for p in store.passages()}
            codes = store.token_codes(list(passages))
            texts = {d.id: store.document(d.id) for d in store.documents()}
            asked = make_pipeline(store, tokens, RagConfig(), None).ask("What is the toll in town 2?")
            rotation = store.rotation(256)
            assert rotation is not None
            held.append((passages, codes, store.vectors(list(passages)), texts, asked.text, rotation, store.files()))
    (p1, c1, v1, t1, a1, r1, f1), (p2, c2, v2, t2, a2, r2, f2) = held
    assert p1 == p2 and t1 == t2 and a1 == a2 and f1 == f2
    assert "2 crowns" in a1
    assert np.array_equal(r1, r2)
    assert c1.keys() == c2.keys() == p1.keys()
    assert all(np.array_equal(c1[k].signs, c2[k].signs) and np.array_equal(c1[k].starts, c2[k].starts) for k in c1)
    assert all(np.array_equal(v1[k], v2[k]) for k in v1)
    assert not (shared.data_dir / "chroma").exists()
    with open_for_reading(shared) as store:
        count, size = store.token_size()
        assert count == len(p1)
        assert size == pytest.approx(sum(c.signs.nbytes + c.starts.nbytes for c in c1.values()), rel=0.5)
        store.remove(next(iter(t1)))
        assert store.token_size()[0] == store.count() < len(p1)


def test_tenants_are_apart(shared: IndexConfig, tokens: TokenWordEmbedder) -> None:
    put(opened(shared, tokens), tokens, "one", "Words of one tenant alone.")
    other = replace(shared, chroma_tenant="another")
    with pytest.raises(IndexMissingError, match="tenant another"), open_for_reading(other):
        pass
    assert opened(other, tokens).documents() == []
    with pytest.raises(IndexMissingError, match="are: 'default'"), open_for_reading(replace(other, collection="none")):
        pass
    with open_for_reading(shared) as store:
        assert [d.id for d in store.documents()] == ["one"]


def test_what_another_process_adds_removes_and_makes_anew_is_seen(
    shared: IndexConfig, tokens: TokenWordEmbedder
) -> None:
    writing = opened(shared, tokens)
    with open_for_reading(shared) as reading, open_shared(shared, index_fingerprint(tokens, CHUNKING)) as chat:
        assert reading.documents() == []
        put(writing, tokens, "one", "The first of them.")
        assert [d.id for d in reading.documents()] == ["one"] == [d.id for d in chat.store.documents()]
        put(writing, tokens, "two", "The second of them.")
        assert reading.has("two")
        writing.remove("one")
        assert [d.id for d in reading.documents()] == ["two"]
        put(chat.store, tokens, "two", "The second of them, again. " * 200)
        assert reading.documents()[0].passages > 1
        writing.clear(index_fingerprint(tokens, Chunking(90)))
        assert reading.documents() == []
        with pytest.raises(IndexMismatchError):
            reading.check(index_fingerprint(tokens, CHUNKING))
        put(writing, tokens, "three", "The third.")
        assert [d.id for d in reading.documents()] == ["three"]
        assert len(list(reading.passages())) == 1


def test_who_looks_seldom_finds_a_rebuilt_index_at_once(
    shared: IndexConfig, tokens: TokenWordEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    writing = opened(shared, tokens)
    for n in range(3):
        put(writing, tokens, f"d{n}", f"The bridge of town {n}. " * 100)
    with open_for_reading(shared) as reading:
        pipeline = make_pipeline(reading, tokens, RagConfig(), None)
        assert "town 1" in pipeline.ask("What of town 1?").text
        monkeypatch.setattr("index.storage.catalog._MIN_REFRESH_INTERVAL", 3600.0)
        reading.documents()
        rebuild(writing, tokens, Chunking(40))
        assert "town 1" in pipeline.ask("What of town 1?").text
        assert sum(d.passages for d in reading.documents()) == writing.count() == reading.count()
        assert {p.id for p in reading.passages()} == {p.id for p in writing.passages()}
        # Made anew by deleting, and empty.
        writing.clear(index_fingerprint(tokens, Chunking(40)))
        reading.count()
        assert reading.documents() == []


def test_the_rotation_is_asked_for_once(shared: IndexConfig, tokens: TokenWordEmbedder) -> None:
    writing = opened(shared, tokens)
    put(writing, tokens, "one", "The first of them.")
    with open_for_reading(shared) as reading:
        first = reading.rotation(256)
        assert first is not None
        assert reading.rotation(256) is first
        rebuild(writing, tokens, CHUNKING)
        assert reading.has("one")
        assert np.array_equal(reading.rotation(256), first)


def test_no_two_codes_stand_at_one_point(
    shared: IndexConfig, tokens: TokenWordEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.storage.token_codes.collection._RECORDS_PER_REQUEST", 3)
    store = opened(shared, tokens)
    put(store, tokens, "one", "The bridge of a town is old. " * 400)
    held = store._database.collection("tokens").get(include=["embeddings"])["embeddings"]
    assert held is not None
    points = [float(point[0]) for point in held]
    assert len(set(points)) == len(points) > 6


def test_counts_of_processes_that_ended_long_ago_are_pruned(shared: IndexConfig, tokens: TokenWordEmbedder) -> None:
    ended, store = opened(shared, tokens), opened(shared, tokens)
    put(ended, tokens, "one", "The first of them.")
    put(store, tokens, "two", "The second of them.")
    assert len(store._database.collection("writers").get(include=[])["ids"]) == 2
    store.sweep()
    assert len(store._database.collection("writers").get(include=[])["ids"]) == 2
    late(store).time += 8 * 24 * 3600
    store.sweep()
    assert store._database.leases is not None
    assert store._database.collection("writers").get(include=[])["ids"] == [store._database.leases.owner]


def test_only_what_is_new_is_read_of_the_list(
    shared: IndexConfig, tokens: TokenWordEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    writing = opened(shared, tokens)
    for n in range(3):
        put(writing, tokens, f"d{n}", f"Document {n}.")
    with open_for_reading(shared) as reading:
        assert len(reading.documents()) == 3
        read: list[str] = []
        first = read_info

        def noted(row: dict[str, object]) -> DocumentInfo:
            read.append(str(row["document_id"]))
            return first(row)

        monkeypatch.setattr("index.storage.document_rows.read_info", noted)
        put(writing, tokens, "d3", "Document 3.")
        read.clear()
        assert len(reading.documents()) == 4
        assert read == ["d3"]
        assert len(reading.documents()) == 4
        assert read == ["d3"]


def test_two_processes_index_while_two_ask_and_one_that_is_killed_costs_nothing(
    shared: IndexConfig, tmp_path: Path, tokens: TokenWordEmbedder, apart: Callable[[str], "subprocess.Popen[str]"]
) -> None:
    asking, both = tmp_path / "asked", tmp_path / "both"
    articles(asking, 4)
    articles(both, 12, start=100)
    store = opened(shared, tokens)
    build(store, tokens, CHUNKING, plan(store, [asking]))
    slowly = "from index.storage.writer import DocumentWriter; first = DocumentWriter._renew_leases\n"
    slowly += "def _renew(self, id_):\n    print(id_, flush=True); time.sleep(0.05); first(self, id_)\nDocumentWriter._renew_leases = _renew\n"
    index = f"build(store, words, Chunking(), plan(store, [Path({str(both)!r})]))"
    ask = (
        "from rag.config import RagConfig; from rag.pipeline import make_pipeline\n"
        "asked = make_pipeline(store, words, RagConfig(), None)\n"
        "for n in range(3):\n"
        "    assert '3 crowns' in asked.ask('What is the toll in town 3?').text\n"
        "    assert all(store.document(d.id).text for d in store.documents())\n"
        "print('answered', len(store.documents()))"
    )
    with ExitStack() as stack:
        killed, other, *askers = (
            stack.enter_context(apart(code)) for code in (slowly + index, slowly + index, ask, ask)
        )
        assert killed.stdout is not None
        for _ in range(5):
            killed.stdout.readline()
        killed.send_signal(signal.SIGKILL)
        for asker in askers:
            said, _ = asker.communicate(timeout=60)
            assert asker.returncode == 0
            assert said.startswith("answered")
        other.communicate(timeout=60)
        assert other.returncode == 0
    # What the killed one was in the midst of is either whole, written by the other, or was never seen.
    counts: dict[str, int] = {}
    for passage in store.passages():
        counts[passage.document_id] = counts.get(passage.document_id, 0) + 1
    assert counts == {d.id: d.passages for d in store.documents()}
    assert len(counts) == 16
    report = build(store, tokens, CHUNKING, plan(store, [asking, both]))
    assert (report.new, report.changed, report.same) == (0, 0, 16)


class Clock:
    def __init__(self) -> None:
        self.time = 1000.0

    def __call__(self) -> float:
        return self.time


def late(store: Store) -> Clock:
    """A clock for this store's claims, to be set forward."""
    clock = Clock()
    clock.time = time.time()
    assert store._database.leases is not None
    store._database.leases._now = clock
    return clock


def test_what_died_is_swept_and_what_lives_is_not(
    shared: IndexConfig, tokens: TokenWordEmbedder, apart: Callable[[str], "subprocess.Popen[str]"]
) -> None:
    half = (
        "from index.storage.writer import DocumentWriter\n"
        "def stop(self, id_):\n    print('written', flush=True); time.sleep(60)\n"
        "DocumentWriter._renew_leases = stop\n"
        "d = Document('half', 'Half', '/half.txt', 'Half of it. ' * 400); p = chunk(d, Chunking())\n"
        "store.add(d, p, words.embed([x.text for x in p]))"
    )
    store = opened(shared, tokens)
    put(store, tokens, "whole", "All of it.")
    with apart(half) as dying:
        assert dying.stdout is not None
        assert dying.stdout.readline() == "written\n"
        assert store.count() > 1
        assert store.sweep() == 0  # it is alive
        with pytest.raises(IndexBusyError, match=UNCHANGED):
            store.clear(index_fingerprint(tokens, CHUNKING))
        store.remove("half")  # gives way
        assert store.count() > 1
        dying.kill()
    assert [d.id for d in store.documents()] == ["whole"]
    assert {p.document_id for p in store.passages()} == {"whole"}
    assert store.sweep() == 0  # who knows yet
    late(store).time += 121
    assert store.sweep() == 1
    assert store.count() == 1
    assert store._database.collection("writers").get(where={"document_id": "half"})["ids"] == []


def test_a_dead_writer_takes_nothing_that_another_finished(shared: IndexConfig, tokens: TokenWordEmbedder) -> None:
    dead, store = opened(shared, tokens), opened(shared, tokens)
    assert dead._database.leases is not None
    claim = dead._database.leases.lease_for_writing("both")
    claim.__enter__()
    put(store, tokens, "both", "Written by two. " * 300)
    late(store).time += 121
    assert store.sweep() == 0
    assert store.has("both")
    assert store.document("both").text.startswith("Written by two.")


def test_who_was_taken_for_dead_does_not_finish(
    shared: IndexConfig, tokens: TokenWordEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow, other = opened(shared, tokens), opened(shared, tokens)
    first = Leases.renew

    def long_asleep(self: Leases, document_id: str) -> None:
        late(other).time += 121
        monkeypatch.setattr(Leases, "renew", first)
        other.sweep()
        first(self, document_id)

    monkeypatch.setattr(Leases, "renew", long_asleep)
    with pytest.raises(IndexBusyError, match="Run the same command again"):
        put(slow, tokens, "half", "Half of it. " * 400)
    assert not slow.has("half") and not other.has("half")
    other.sweep()
    put(slow, tokens, "half", "Half of it. " * 400)
    assert other.has("half")


def test_a_removal_gives_way_and_a_writer_waits(
    shared: IndexConfig, tokens: TokenWordEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = opened(shared, tokens)._database.leases, opened(shared, tokens)._database.leases
    assert one is not None and other is not None
    with (
        one.lease_for_writing("d"),
        one.lease_for_writing("e"),
        pytest.raises(DocumentLeasedError),
        other.lease_for_removal("d"),
    ):
        pass
    with one.lease_for_writing("d"), other.lease_for_writing("d"), other.lease_for_removal("e"):
        pass
    entered, looks, others = threading.Event(), list[str](), other._others
    monkeypatch.setattr(other, "_others", lambda *of: looks.append(of[0]) or others(*of))

    def write() -> None:
        with other.lease_for_writing("d"):
            entered.set()

    with one.lease_for_removal("d"):
        waiting = threading.Thread(target=write)
        waiting.start()
        until(lambda: len(looks) > 2)
        assert not entered.is_set()
    assert entered.wait(60)
    waiting.join()


def test_a_token_is_asked_for_by_a_proxy_and_never_shown(
    shared: IndexConfig, tokens: TokenWordEmbedder, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    put(opened(shared, tokens), tokens, "one", "Behind a proxy.")
    with asking_for("s3cret", shared.chroma_url) as proxy:
        behind = replace(shared, chroma_url=proxy)
        with pytest.raises(IndexBrokenError, match=rf"wants a token\. Set {TOKEN_VARIABLE}"), open_for_reading(behind):
            pass
        monkeypatch.setenv(TOKEN_VARIABLE, "wrong")
        with pytest.raises(IndexBrokenError, match="does not take the token"), open_for_reading(behind):
            pass
        monkeypatch.setenv(TOKEN_VARIABLE, "s3cret")
        with open_for_reading(behind) as store:
            assert store.document("one").text == "Behind a proxy."
            put(store, tokens, "two", "Written through it.")
            assert store.has("two")
            # A token that is changed while the process runs.
            store._database.client._server._session.headers["Authorization"] = "Bearer old"  # type: ignore[attr-defined]
            with pytest.raises(IndexBrokenError, match="does not take the token"):
                store.document("one")
        assert "s3cret" not in repr(server_from_settings(proxy, "t", "d", os.environ))
        main(["info", "--chroma-url", proxy, "--chroma-tenant", shared.chroma_tenant, "--chroma-database", "documents"])
        said = capsys.readouterr().out
        assert "chroma_url" in said and "documents" in said
        assert "s3cret" not in said


@pytest.mark.parametrize(
    "address", ["chroma:8000", "ftp://chroma", "http://", "http://a:b@chroma", "http://c/d", "http://c:x"]
)
def test_an_address_that_is_none_is_named(address: str) -> None:
    with pytest.raises(SettingsError, match="chroma_url must be the address"):
        server_from_settings(address, "t", "d", {})


def test_a_server_that_is_not_there_or_another_is_named(
    shared: IndexConfig, tmp_path: Path, words: WordEmbedder
) -> None:
    away = replace(shared, chroma_url="http://127.0.0.1:9")
    with pytest.raises(IndexBrokenError, match=r"cannot be reached.*Start it"), open_for_reading(away):
        pass
    with chroma_server(tmp_path) as address:
        there = replace(shared, chroma_url=address)
        store = opened(there, words)
        document = Document("one", "One", "/one.txt", "Some words.")
        store.add(document, chunk(document, CHUNKING), words.embed(["Some words."]))
    with pytest.raises(IndexBrokenError, match="cannot be reached"):
        store.document("one")
    with pytest.raises(IndexBrokenError, match="cannot be reached"):
        store.add(document, chunk(document, CHUNKING), words.embed(["Some words."]))
    port = int(address.rsplit(":", 1)[1])
    with chroma_server(tmp_path, port):
        assert store.document("one").text == "Some words."


def test_a_folder_can_be_served_as_it_is_and_gets_its_tokens_by_a_rebuild(
    config: IndexConfig, folder: Path, tokens: TokenWordEmbedder
) -> None:
    articles(folder, 2)
    with open_for_writing(config, index_fingerprint(tokens, CHUNKING)) as store:
        build(store, tokens, CHUNKING, plan(store, [folder]))
        held = store.documents()
    with chroma_server(config.store_dir) as address:
        served = replace(config, chroma_url=address)
        with open_for_writing(served, index_fingerprint(tokens, CHUNKING)) as store:
            assert store.documents() == held
            assert store.token_size()[0] == 0
            assert plan(store, [folder]).same
            rebuild(store, tokens, CHUNKING)
            assert store.documents() == held
            assert store.token_size()[0] == store.count() > 0
