import json
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import failed_in_one_line
from command_line import run as onrecord
from conftest import ARTICLE, SEEDS

from index.system.locking import IN_USE
from rag.prompts import CLOSEST_PASSAGES, NO_ANSWER

QUESTION = "What did Hegseth say about Article 5?"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an index of the starter documents."""
    made = tmp_path_factory.mktemp("home")
    done = onrecord("index", SEEDS / "documents", cwd=made)
    assert done.returncode == 0, done.stderr
    assert "1 new" in done.stdout
    return made


def test_help_loads_little() -> None:
    code = (
        "import sys; from ui.cli.main import main\ntry: main(['--help'])\nfinally: print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "ask" in done.stdout
    loaded = done.stderr.split()
    assert len(loaded) < 250  # about 170
    theirs = {name.partition(".")[0] for name in loaded if not name.startswith("_")}
    assert theirs <= {*sys.stdlib_module_names, "index", "rag", "ui", "evals"}


def test_ask_answers_with_citations_and_offsets(home: Path) -> None:
    done = onrecord("ask", QUESTION, "--json", cwd=home)
    assert done.returncode == 0, done.stderr
    record = json.loads(done.stdout)
    cited = record["citations"][0]
    assert "Article 5 protections" in cited["text"]
    text = json.loads(onrecord("show", cited["document"], "--json", cwd=home).stdout)["text"]
    assert text[cited["start"] : cited["end"]] == cited["text"]


def test_ask_in_words_and_a_refusal_exits_3(home: Path) -> None:
    done = onrecord("ask", QUESTION, cwd=home)
    assert "[1]" in done.stdout
    assert ARTICLE.name in done.stdout
    done = onrecord("ask", "How do I bake sourdough bread?", cwd=home)
    assert done.returncode == 3
    assert done.stdout.startswith(NO_ANSWER)
    assert CLOSEST_PASSAGES in done.stdout


def test_list_show_search_info_and_doctor(home: Path) -> None:
    assert ARTICLE.name in onrecord("list", cwd=home).stdout
    assert "Article 5" in onrecord("show", ARTICLE.name, cwd=home).stdout
    hits = json.loads(onrecord("search", "peacekeeping force", "--json", cwd=home).stdout)
    assert hits[0]["ranks"]
    assert "chunk_words" in onrecord("info", cwd=home).stdout
    done = onrecord("doctor", cwd=home)
    assert done.returncode == 0, done.stdout
    assert "FAIL" not in done.stdout
    assert "ok    llm       none: answers are quoted" in done.stdout


def test_indexing_again_changes_nothing_and_rm_removes(home: Path, tmp_path: Path) -> None:
    shutil.copytree(home / ".onrecord", tmp_path / ".onrecord")
    assert "0 new, 0 changed, 1 unchanged" in onrecord("index", SEEDS / "documents", cwd=tmp_path).stdout
    assert onrecord("rm", ARTICLE.name, cwd=tmp_path).returncode == 0
    assert ARTICLE.exists()
    assert onrecord("list", cwd=tmp_path).stdout == ""
    failed_in_one_line(onrecord("rm", ARTICLE.name, cwd=tmp_path), "no document", "onrecord list")


def test_settings_come_from_file_environment_and_flag_in_that_order(home: Path, tmp_path: Path) -> None:
    (tmp_path / "onrecord.toml").write_text("top_k = 5\nmax_sentences = 2\nport = 8000\n")

    def settings(*flags: str, **environ: str) -> dict[str, dict[str, object]]:
        return json.loads(onrecord("info", "--json", *flags, cwd=tmp_path, **environ).stdout)["settings"]

    assert settings()["top_k"] == {"value": 5, "origin": "onrecord.toml"}
    assert settings(ONRECORD_TOP_K="6")["top_k"] == {"value": 6, "origin": "ONRECORD_TOP_K"}
    assert settings("--top-k", "7", ONRECORD_TOP_K="6")["top_k"] == {"value": 7, "origin": "--top-k"}
    assert settings(GRADIO_SERVER_PORT="9000")["port"]["value"] == 9000
    failed_in_one_line(onrecord("info", "--top-k", "many", cwd=tmp_path), "--top-k", "many")
    (tmp_path / "onrecord.toml").write_text("topk = 5\n")
    failed_in_one_line(onrecord("info", cwd=tmp_path), "'topk'", "Did you mean 'top_k'")
    (tmp_path / "onrecord.toml").write_text("top_k = = 5\n")
    failed_in_one_line(onrecord("info", cwd=tmp_path), "onrecord.toml", "TOML")


def test_bad_input_is_one_clear_line(home: Path, tmp_path: Path) -> None:
    failed_in_one_line(onrecord("index", "nowhere", cwd=tmp_path), "nowhere")
    failed_in_one_line(onrecord("index", cwd=tmp_path), "`onrecord index ")
    failed_in_one_line(onrecord("ask", QUESTION, cwd=tmp_path), "no index", "onrecord index")
    failed_in_one_line(onrecord("ask", " ", cwd=home), "empty")
    failed_in_one_line(onrecord("ask", "x" * 100_000, cwd=home), "100,000 characters")
    (tmp_path / "hollow").mkdir()
    failed_in_one_line(onrecord("index", "hollow", cwd=tmp_path), "nothing to read in hollow")
    failed_in_one_line(onrecord("ask", QUESTION, "--chunk-words", "90", cwd=home), "onrecord rebuild")
    failed_in_one_line(onrecord("ask", QUESTION, "--model", "/no/such/model", cwd=home), "/no/such/model")


def test_a_bad_file_is_listed_and_the_rest_goes_in(tmp_path: Path) -> None:
    folder = tmp_path / "mixed"
    folder.mkdir()
    (folder / "good.txt").write_text("The bridge opened in 1932.")
    (folder / "empty.txt").write_text("")
    done = onrecord("index", "mixed", cwd=tmp_path)
    assert done.returncode == 1
    assert "1 new" in done.stdout
    assert "1 could not be read" in done.stderr
    assert "empty.txt" in done.stderr
    (folder / "good.txt").unlink()
    assert onrecord("index", folder / "empty.txt", cwd=tmp_path).returncode == 1


def test_a_second_writer_is_told_at_once_and_readers_go_on(home: Path, tmp_path: Path) -> None:
    import fcntl

    shutil.copytree(home / ".onrecord", tmp_path / ".onrecord")
    with (tmp_path / ".onrecord" / "lock.turn").open("r+") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        failed_in_one_line(onrecord("index", SEEDS / "documents", cwd=tmp_path), IN_USE)
        assert onrecord("list", cwd=tmp_path).returncode == 0


def test_a_corrupt_index_is_named(home: Path, tmp_path: Path) -> None:
    shutil.copytree(home / ".onrecord", tmp_path / ".onrecord")
    (tmp_path / ".onrecord" / "chroma" / "chroma.sqlite3").write_bytes(b"garbage" * 1000)
    failed_in_one_line(onrecord("ask", QUESTION, cwd=tmp_path), "damaged", "onrecord index")


def test_a_port_in_use_is_named(home: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        failed_in_one_line(onrecord("chat", "--port", port, cwd=home), port)


def test_no_traceback_when_the_reader_goes_away(home: Path) -> None:
    command = f"{Path(sys.executable).parent / 'onrecord'} list | true"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, cwd=home, check=False, timeout=60)
    assert "Traceback" not in done.stderr
