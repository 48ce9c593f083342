"""Which model is connected, from which settings, and what is said when it cannot be."""

import importlib.util
import subprocess
import sys
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any

import pytest

from index.errors import SettingsError
from rag.config import ModelConfig
from rag.llm.address import display_host, is_private, normalize_url
from rag.llm.factory import ModelName, make_model, parse_model_name

KEYS = {"OPENAI_API_KEY": "sk-test", "ANTHROPIC_API_KEY": "sk-ant-test"}


def where(environ: dict[str, str] | None = None, **settings: Any) -> str:
    model = make_model(ModelConfig(**settings), environ or {})
    assert model is not None
    return model.where


def refusal(environ: dict[str, str] | None = None, **settings: Any) -> str:
    with pytest.raises(SettingsError) as refused:
        make_model(ModelConfig(**settings), environ or {})
    return str(refused.value)


def test_no_model_is_the_default() -> None:
    assert make_model(ModelConfig(), KEYS) is None
    assert make_model(ModelConfig(llm="  "), KEYS) is None


def test_a_name_is_a_kind_and_what_the_model_is_called_there() -> None:
    assert parse_model_name("openai/gpt-5") == ModelName("openai", "gpt-5")
    assert parse_model_name("ollama/llama3.2") == ModelName("ollama", "llama3.2")
    assert parse_model_name(" OpenAI/org/model-7b:free ") == ModelName("openai", "org/model-7b:free")
    assert parse_model_name("gguf//models/a.gguf") == ModelName("gguf", "/models/a.gguf")


@pytest.mark.parametrize("llm", ["llama3.2", "openai", "openai/", "azure/gpt", "/x", "gpt-4o/openai"])
def test_a_name_that_is_none_is_refused_with_the_kinds_there_are(llm: str) -> None:
    said = refusal(KEYS, llm=llm)
    assert repr(llm) in said
    assert "openai/NAME" in said
    assert "gguf/FILE" in said


def test_addresses_come_from_the_setting_then_the_environment_then_the_kind() -> None:
    assert where(KEYS, llm="openai/x") == "api.openai.com"
    assert where(KEYS | {"OPENAI_BASE_URL": "https://here.example/v1"}, llm="openai/x") == "here.example"
    both = KEYS | {"OPENAI_BASE_URL": "https://here.example/v1"}
    assert where(both, llm="openai/x", llm_url="http://127.0.0.1:8080") == "127.0.0.1:8080"
    assert where(llm="ollama/x") == "127.0.0.1:11434"
    assert where({"OLLAMA_HOST": "0.0.0.0"}, llm="ollama/x") == "127.0.0.1:11434"
    assert where({"OLLAMA_HOST": "192.168.1.7:1234"}, llm="ollama/x") == "192.168.1.7:1234"
    assert where({"OLLAMA_HOST": "x"}, llm="ollama/x", llm_url="http://other:1") == "other:1"
    assert where(KEYS, llm="anthropic/x") == "api.anthropic.com"
    assert where(KEYS, llm="anthropic/x", llm_url="https://proxy.example/v1/") == "proxy.example"


def test_an_address_is_read_as_people_write_them() -> None:
    assert normalize_url("localhost:8080") == "http://localhost:8080"
    assert normalize_url("api.example.com") == "https://api.example.com"
    assert normalize_url("http://127.0.0.1:8080/v1/") == "http://127.0.0.1:8080/v1"
    assert normalize_url("[::1]:8080") == "http://[::1]:8080"
    assert normalize_url(":8080") == "http://localhost:8080"
    assert normalize_url("http://user:pass@host:1/v1") == "http://user:pass@host:1/v1"


@pytest.mark.parametrize("given", ["ftp://x", "http://host:port", "http://host:99999", "http://x/?a=b", "http://[::1"])
def test_what_is_no_address_is_refused(given: str) -> None:
    assert repr(given) in refusal(llm="openai/x", llm_url=given)


def test_a_password_in_an_address_is_not_shown() -> None:
    assert display_host("https://user:secret@host.example:8443/v1") == "host.example:8443"


@pytest.mark.parametrize(
    "host", ["localhost", "127.0.0.1", "10.1.2.3", "192.168.0.9", "::1", "fd00::1", "ollama", "nas.local"]
)
def test_hosts_that_are_near(host: str) -> None:
    assert is_private(host)


@pytest.mark.parametrize(
    "host", ["example.com", "8.8.8.8", "2606:4700::1111", "10.example.com", "localhost.example.com"]
)
def test_hosts_that_are_not(host: str) -> None:
    assert not is_private(host)


def test_a_key_does_not_cross_the_internet_unencrypted() -> None:
    for kind, variable in (
        ("openai", "OPENAI_API_KEY"),
        ("anthropic", "ANTHROPIC_API_KEY"),
        ("ollama", "OLLAMA_API_KEY"),
    ):
        said = refusal({variable: "sk-test"}, llm=f"{kind}/x", llm_url="http://models.example.com/v1")
        assert variable in said
        assert "unencrypted" in said
        assert "sk-test" not in said
        assert where({variable: "sk-test"}, llm=f"{kind}/x", llm_url="http://192.168.1.7:8000/v1") == "192.168.1.7:8000"
    assert where(llm="openai/x", llm_url="http://models.example.com/v1") == "models.example.com"


def test_a_key_that_is_missing_is_asked_for() -> None:
    assert "OPENAI_API_KEY" in refusal(llm="openai/gpt-5")
    assert "ANTHROPIC_API_KEY" in refusal(llm="anthropic/claude-opus-5")
    assert where(llm="openai/x", llm_url="http://localhost:8080") == "localhost:8080"


@pytest.mark.parametrize("kind", ["openai", "ollama", "anthropic", "gguf"])
def test_a_missing_extra_is_named(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found = importlib.util.find_spec

    def without(name: str) -> ModuleSpec | None:
        return None if name.startswith(("llama_index.llms", "xllamacpp", "anthropic")) else found(name)

    monkeypatch.setattr("rag.llm.factory.find_spec", without)
    assert f"pip install 'onrecord[{kind}]'" in refusal(KEYS, llm=f"{kind}/x")


def test_a_file_that_is_not_there_or_no_model_is_refused(tmp_path: Path) -> None:
    assert "cannot be read (No such file or directory)" in refusal(llm=f"gguf/{tmp_path}/none.gguf")
    assert "cannot be read (Is a directory)" in refusal(llm=f"gguf/{tmp_path}")
    (tmp_path / "page.gguf").write_text("<!doctype html>")
    assert "no GGUF file" in refusal(llm=f"gguf/{tmp_path}/page.gguf")


def test_connecting_loads_nothing_heavy_and_sends_nothing() -> None:
    code = (
        "import sys; from rag.config import ModelConfig; from rag.llm.factory import make_model;"
        "[make_model(ModelConfig(llm=f'{k}/x', llm_url='http://127.0.0.1:9'), {'ANTHROPIC_API_KEY': 'k'})"
        " for k in ('openai', 'ollama', 'anthropic')];"
        "print([m for m in ('openai', 'ollama', 'anthropic', 'xllamacpp', 'llama_index.core', 'httpx', 'numpy')"
        " if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
