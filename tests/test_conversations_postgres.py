"""Conversations in PostgreSQL: the same as in a file, for several processes at once. Skipped where there is none."""

import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_conversations import check_side_by_side
from web_fixtures import answer_to, free_port

from index.errors import SettingsError
from ui.conversations.models import ConversationMissingError, ConversationsBrokenError
from ui.conversations.store import ConversationStore

ANSWER = answer_to("article 5")
_BINARIES = next((str(p) for p in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)), "")
_INITDB = shutil.which("initdb", path=os.pathsep.join([_BINARIES, os.environ["PATH"]]))


# PostgreSQL's server will not run as root.
_NOBODY: dict[str, Any] = {"user": 65534, "group": 65534, "extra_groups": []} if os.getuid() == 0 else {}


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    pytest.importorskip("psycopg", reason="needs onrecord[postgres]")
    if _INITDB is None:
        pytest.skip("PostgreSQL's server is not installed")
    folder = Path("/tmp") / f"onrecord-postgres-{os.getpid()}"
    folder.mkdir(mode=0o777)
    folder.chmod(0o777)
    port = free_port()
    server = Path(_INITDB).with_name("postgres")

    def run(*command: str | Path) -> None:
        subprocess.run(command, cwd=folder, **_NOBODY, check=True, capture_output=True)

    run(_INITDB, "-D", folder / "db", "-U", "onrecord", "-A", "trust", "-E", "UTF8", "--no-sync")
    running = subprocess.Popen(
        [server, "-D", folder / "db", "-h", "127.0.0.1", "-p", str(port), "-k", folder, "-F"],
        cwd=folder,
        stderr=subprocess.DEVNULL,
        **_NOBODY,
    )
    try:
        ready = Path(_INITDB).with_name("pg_isready")
        for _ in range(200):
            if subprocess.run([ready, "-q", "-h", "127.0.0.1", "-p", str(port)], check=False).returncode == 0:
                break
            threading.Event().wait(0.05)
        yield f"postgresql://onrecord@127.0.0.1:{port}/postgres"
    finally:
        running.send_signal(signal.SIGINT)  # at once, whoever is connected
        running.wait(120)
        shutil.rmtree(folder)


def test_two_that_share_it_see_the_same(url: str, tmp_path: Path) -> None:
    one, other = ConversationStore(tmp_path / "one", url=url), ConversationStore(tmp_path / "other", url=url)
    made = one.create("When did the tram open?", "ann")
    one.add(made.id, "When did the tram open?", ANSWER, "ann")
    assert [c.id for c in other.list("ann")] == [made.id]
    assert other.list("ben") == ()
    assert other.read(made.id, "ann")[0].answer == ANSWER
    other.replace(made.id, "When did the tram open?", "And the bridge?", ANSWER, "ann")
    assert [t.question for t in one.read(made.id, "ann")] == ["And the bridge?"]
    assert [c.id for c in one.search("BRID", "ann")] == [made.id]
    with pytest.raises(ConversationMissingError):
        one.read(made.id, "ben")
    token = one.share(made.id, "ann")
    assert other.share(made.id, "ann") == token
    assert other.shared(token)[0].id == made.id
    other.rename(made.id, "Tram and bridge", "ann")
    assert one.get(made.id, "ann").title == "Tram and bridge"
    other.revoke(made.id, "ann")
    other.delete(made.id, "ann")
    assert one.list("ann") == ()
    assert not (tmp_path / "one").exists()


def test_turns_written_side_by_side_are_all_kept_in_order(url: str, tmp_path: Path) -> None:
    made = ConversationStore(tmp_path, url=url).create("Shared")

    check_side_by_side(made.id, lambda: ConversationStore(tmp_path, url=url))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(), st.text(), st.text())
def test_any_text_is_kept(url: str, tmp_path: Path, title: str, question: str, words: str) -> None:
    kept = ConversationStore(tmp_path, url=url)
    made = kept.create(title)
    kept.add(made.id, question, ANSWER)
    sound = question.encode("utf-8", "replace").decode().replace("\0", "\N{REPLACEMENT CHARACTER}")
    assert kept.read(made.id)[0].question == sound
    kept.search(words)


def test_tables_that_a_newer_version_wrote_are_left_alone(url: str, tmp_path: Path) -> None:
    kept = ConversationStore(tmp_path, url=url)
    kept.create("Old")
    with kept._database.reading() as connection:
        connection.exec_driver_sql("update conversations_version set steps = steps + 1")
    with pytest.raises(ConversationsBrokenError, match="newer Onrecord"):
        kept.list()
    import psycopg

    with psycopg.connect(url) as connection:
        connection.execute("update conversations_version set steps = steps - 1")
    assert kept.list()


def test_a_server_that_is_not_there_is_named(tmp_path: Path) -> None:
    pytest.importorskip("psycopg", reason="needs onrecord[postgres]")
    kept = ConversationStore(tmp_path, url="postgresql://onrecord@127.0.0.1:9/onrecord")
    with pytest.raises(ConversationsBrokenError, match=r"127\.0\.0\.1:9/onrecord cannot be used.*PGPASSWORD"):
        kept.list()


@pytest.mark.parametrize(
    "wrong",
    ["mysql://a@b/c", "postgresql://a:secret@b/c", "postgresql://a@b", "sqlite:///x", "postgresql://a@b/c?password=x"],
)
def test_an_address_that_is_none_or_holds_a_password_is_refused(tmp_path: Path, wrong: str) -> None:
    with pytest.raises(SettingsError, match="conversations_url"):
        ConversationStore(tmp_path, url=wrong)
