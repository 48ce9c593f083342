"""Every file under the data folder, cut and overwritten: what is said, and what repairs it (``docs/data-folder.md``)."""

import json
import random
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from conftest import ROOT
from jobs_apart import CUT, NotedEmbedder, carry_out, found_by_word, whole, write_documents

from index.config import IndexConfig
from index.duplicates.near_duplicates import near_duplicates
from index.errors import OnrecordError
from index.ingest.build import build
from index.ingest.file_cache import read_file_cache, save_file_cache
from index.ingest.plan import plan
from index.maintenance.backup import back_up
from index.maintenance.check import check_index
from index.maintenance.data_files import find_damaged_files
from index.maintenance.repair import make_openable, repair_index
from index.maintenance.restore import restore
from index.storage.open import index_fingerprint, open_for_reading, open_for_writing
from ui.auth.users_file import read_users
from ui.conversations.store import ConversationStore
from ui.library.collections import Collections

FILES = 8
DOCS = ROOT / "docs" / "data-folder.md"

Damage = Callable[[bytes], bytes]


def nothing(data: bytes) -> bytes:
    return b""


def half(data: bytes) -> bytes:
    return data[: len(data) // 2]


def flipped(data: bytes) -> bytes:
    """A hundredth of the bytes, in runs of 16, anywhere."""
    if not data:
        return b"junk"
    chance, changed = random.Random(len(data)), bytearray(data)
    for _ in range(max(1, len(data) // 1_600)):
        at = chance.randrange(len(data))
        changed[at : at + 16] = bytes(byte ^ 0xFF for byte in changed[at : at + 16])
    return bytes(changed)


def zeroed(data: bytes) -> bytes:
    """A page in the middle."""
    at = len(data) // 2
    return data[:at] + bytes(len(data[at : at + 4096])) + data[at + 4096 :]


def index(home: Path) -> None:
    data, folders = home / "data", [Path((home / "where").read_text()), home / "more"]
    embedder = NotedEmbedder(home / "embedded.log")
    with open_for_writing(IndexConfig(data_dir=data), index_fingerprint(embedder, CUT)) as store:
        digests = read_file_cache(data)
        build(store, embedder, CUT, plan(store, folders, digests))
        save_file_cache(data, digests)
        store.keyword.search("river", 3)


def use(home: Path) -> None:
    """Read all that an answer reads; what is refused is written down."""
    with reported(home), open_for_reading(IndexConfig(data_dir=home / "data")) as store:
        ids = [passage.id for passage in store.passages()][:50]
        store.token_codes(ids)
        vectors = store.vectors(ids)
        store.rotation(256)
        store.keyword.search("river", 3)
        near_duplicates(store)
        for vector in list(vectors.values())[:1]:
            store.nearest(vector, 3)
        for info in store.documents():
            store.document(info.id)


def run(home: Path) -> None:
    """Index what is new."""
    with reported(home):
        index(home)


def repair(home: Path) -> None:
    data = home / "data"
    note(home, *make_openable(IndexConfig(data_dir=data)))
    with reported(home), open_for_writing(IndexConfig(data_dir=data), {}) as store:
        found = check_index(store, data, tokens=True)
        note(home, *(f"{finding.check}: {finding.message}" for finding in found.findings))
        repair_index(store, NotedEmbedder(home / "embedded.log"), CUT, found, data_dir=data)


def sound(home: Path) -> None:
    """As one that was never damaged, once its files were indexed again."""
    index(home)
    with open_for_reading(IndexConfig(data_dir=home / "data")) as store:
        found = check_index(store, home / "data", tokens=True)
        assert found.findings == []
        assert found.documents == FILES + 1
        for info in store.documents():
            whole(store, info.id)
            found_by_word(store, info.id)


def restored(home: Path) -> None:
    restore(IndexConfig(data_dir=home / "data"), home.parent / "all.tar.gz", force=True)


@contextmanager
def reported(home: Path) -> Iterator[None]:
    try:
        yield
    except OnrecordError as error:
        assert "\n" not in str(error)
        note(home, f"refused: {error}")


def note(home: Path, *lines: str) -> None:
    with (home / "said").open("a", encoding="utf-8") as said:
        said.writelines(f"{line}\n" for line in lines)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index whose graph has been written out, and beside it what else a data folder holds."""
    home = tmp_path_factory.mktemp("made") / "home"
    (home / "more").mkdir(parents=True)
    write_documents(home / "documents", FILES, 400)
    (home / "where").write_text(str(home / "documents"))
    carry_out(index, home)
    data = home / "data"
    ConversationStore(data).create("Why?", "somebody")
    (data / "library" / "default").mkdir(parents=True)
    for n in range(40):
        Collections(data / "library" / "default", list).add(f"Group {n}", [])
    kept = {
        "runs/one/run.json": {"id": "one"}, "runs/one/results.jsonl": {"case": 1},
        "evals/mine.jsonl": {"question": "Why?"}, "users.json": {"name": "ada"},
    }  # fmt: skip
    for name, row in kept.items():
        (data / name).parent.mkdir(parents=True, exist_ok=True)
        (data / name).write_text(json.dumps(row) + "\n", encoding="utf-8")
    back_up(IndexConfig(data_dir=data), home.parent / "all.tar.gz")
    (home / "more" / "new.txt").write_text("Only99 speaks. " + "The river rose again. " * 30)
    return home


@pytest.fixture
def home(made: Path, tmp_path: Path) -> Path:
    shutil.copytree(made, tmp_path / "home")
    shutil.copyfile(made.parent / "all.tar.gz", tmp_path / "all.tar.gz")
    return tmp_path / "home"


def hurt(home: Path, name: str, damage: Damage) -> None:
    """Damage a file; of several of a name, the passages' graph's or the largest."""
    graph = max(sorted((home / "data").glob("chroma/*/header.bin")), key=lambda at: _size(at.parent)).parent
    path = max(sorted((home / "data").glob(name.replace("GRAPH", graph.name))), key=lambda at: at.stat().st_size)
    path.write_bytes(damage(path.read_bytes()))


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.iterdir())


GRAPH, KEYWORD = "chroma/GRAPH", "chroma/keyword/*/*"


def damages(*rows: tuple[str, tuple[Damage, ...], str]) -> list[tuple[str, Damage, str]]:
    """A row for each damage to a file, with what is said of it."""
    return [(name, damage, said) for name, each, said in rows for damage in each]


MOST = damages(
    ("chroma/tokens.sqlite3", (half, flipped), "tokens: the file of the passages' tokens is damaged"),
    ("chroma/near_duplicates.sqlite3", (half,), "copies: what is kept of near-duplicates is damaged"),
    ("digests.sqlite3", (half, flipped), "digests: what is kept of files' digests cannot be read"),
    (f"{KEYWORD}/meta.json", (half,), ""),
    (f"{GRAPH}/data_level0.bin", (flipped,), "links that led nowhere were cut"),
    (f"{GRAPH}/data_level0.bin", (zeroed,), "graph: the graph of passages: its labels are damaged"),
    (f"{GRAPH}/link_lists.bin", (half,), "links that led nowhere were cut"),
)
REST = damages(
    ("chroma/tokens.sqlite3", (nothing,), "tokens: 8 documents have passages without their tokens"),
    (f"{GRAPH}/data_level0.bin", (half, nothing), "links that led nowhere were cut"),
    (f"{GRAPH}/header.bin", (flipped, half), "links that led nowhere were cut"),
    ("chroma/tokens.sqlite3", (zeroed,), "tokens:"),
    ("chroma/near_duplicates.sqlite3", (nothing,), "copies: near-duplicates of 8 documents are not in step"),
    ("chroma/near_duplicates.sqlite3", (flipped,), "copies: what is kept of near-duplicates is damaged"),
    ("digests.sqlite3", (nothing,), "digests: what is kept of files' digests cannot be read"),
    (f"{KEYWORD}/meta.json", (flipped,), ""),
    (f"{KEYWORD}/*.term", (half, flipped), ""),
    (f"{KEYWORD}/*.store", (flipped,), ""),
    (f"{GRAPH}/link_lists.bin", (flipped,), "links that led nowhere were cut"),
    (f"{GRAPH}/length.bin", (half, flipped), "graph: the graph of passages: its lengths are cut off or damaged"),
    (f"{GRAPH}/index_metadata.pickle", (half, flipped), "passages: passages cannot be read"),
    ("lock", (flipped,), ""),
)


def named(value: object) -> str | None:
    return value.__name__ if callable(value) else None


@pytest.mark.parametrize(
    ("name", "damage", "said"), [*MOST, *(pytest.param(*case, marks=pytest.mark.slow) for case in REST)], ids=named
)
def test_what_can_be_made_anew_is_named_and_made_anew(home: Path, name: str, damage: Damage, said: str) -> None:
    hurt(home, name, damage)
    for step in (use, repair, sound):
        carry_out(step, home)
    told = (home / "said").read_text() if (home / "said").exists() else ""
    assert said in told
    assert name.rsplit("/", maxsplit=1)[-1].replace("*", "") in DOCS.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        ("chroma/tokens.sqlite3", half),
        ("digests.sqlite3", half),
        pytest.param("chroma/tokens.sqlite3", flipped, marks=pytest.mark.slow),
        pytest.param("digests.sqlite3", flipped, marks=pytest.mark.slow),
        pytest.param("chroma/near_duplicates.sqlite3", half, marks=pytest.mark.slow),
        pytest.param("chroma/near_duplicates.sqlite3", flipped, marks=pytest.mark.slow),
        pytest.param(f"{KEYWORD}/meta.json", half, marks=pytest.mark.slow),
    ],
    ids=named,
)
def test_a_run_goes_on_without_a_derived_file(home: Path, name: str, damage: Damage) -> None:
    hurt(home, name, damage)
    carry_out(run, home)
    assert not (home / "said").exists()
    carry_out(repair, home)
    carry_out(sound, home)


@pytest.mark.parametrize(
    "damage", [half, *(pytest.param(one, marks=pytest.mark.slow) for one in (flipped, zeroed))], ids=named
)
def test_the_database_is_said_to_be_damaged_and_comes_back_from_a_backup(home: Path, damage: Damage) -> None:
    hurt(home, "chroma/chroma.sqlite3", damage)
    carry_out(use, home)
    carry_out(repair, home)
    told = (home / "said").read_text()
    assert "is damaged and cannot be read" in told or "database: Chroma's database is damaged" in told
    assert "restore a backup" in told
    carry_out(restored, home)
    carry_out(sound, home)


@pytest.mark.parametrize("damage", [half, flipped], ids=named)
def test_what_nothing_can_derive_is_named_and_the_rest_works(home: Path, damage: Damage) -> None:
    data = home / "data"
    names = [
        "conversations.sqlite3", "evals/mine.jsonl", "library/default/collections.sqlite3", "runs/one/results.jsonl",
        "runs/one/run.json", "users.json",
    ]  # fmt: skip
    assert list(find_damaged_files(data)) == []
    for name in names:
        hurt(home, name, damage)
        assert name.split("/")[-1] in DOCS.read_text(encoding="utf-8") or name == "evals/mine.jsonl"
    assert sorted(said.split(" is damaged: restore it from a backup")[0] for said in find_damaged_files(data)) == names
    for used in (
        lambda: ConversationStore(data).list("somebody"),
        Collections(data / "library" / "default", list).names,
        lambda: read_users(data / "users.json"),
    ):
        with pytest.raises(OnrecordError, match=r"\A.*\Z"):
            used()
    with open_for_reading(IndexConfig(data_dir=data)) as store:
        assert len(store.documents()) == FILES
