"""Make the configured language model, whose name says which backend runs it, such as ``"ollama/llama3.2"``."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Literal, get_args

from index.errors import SettingsError
from rag.config import ModelConfig
from rag.llm.address import check_key_is_safe, host_of, normalize_url, with_default_path
from rag.llm.backend import Backend
from rag.llm.protocol import Model
from rag.llm.retrying import RateLimiter, RetryingModel, TimeLimits

BackendKind = Literal["openai", "ollama", "anthropic", "gguf"]


@dataclass(frozen=True, slots=True)
class ModelName:
    """A kind of backend and the model's name there; for ``gguf`` the file."""

    kind: BackendKind
    name: str


def parse_model_name(llm: str) -> ModelName:
    """Parse ``kind/name``. Raises SettingsError for another form or an unknown kind.

    >>> parse_model_name("ollama/llama3.2")
    ModelName(kind='ollama', name='llama3.2')
    """
    kind, _, name = llm.strip().partition("/")
    for known in get_args(BackendKind):
        if kind.strip().lower() == known and name.strip():
            return ModelName(known, name.strip())
    raise SettingsError(
        f"`llm` is {llm!r}, which names no language model. Write it as openai/NAME (any OpenAI-compatible server), "
        'ollama/NAME, anthropic/NAME or gguf/FILE, or leave it "" to have answers quoted.'
    )


def is_model_name(name: str) -> bool:
    """Tell whether ``name`` has the form of a language model's name."""
    kind, slash, rest = name.partition("/")
    return kind.strip().lower() in get_args(BackendKind) and bool(slash and rest.strip())


_LIBRARIES: Mapping[BackendKind, str] = {
    "openai": "llama_index.llms.openai_like",
    "ollama": "llama_index.llms.ollama",
    "anthropic": "anthropic",
    "gguf": "xllamacpp",
}
_OPENAI_URL = "https://api.openai.com/v1"
_ANTHROPIC_URL = "https://api.anthropic.com"
_OLLAMA_URL = "http://127.0.0.1:11434"
_OLLAMA_PORT = 11434
_GRACE_SECONDS = 5.0  # that the library's own time-out adds to ours


def make_model(config: ModelConfig, environ: Mapping[str, str]) -> Model | None:
    """Make the language model that ``config`` names, None where it names none. Nothing is sent or loaded yet.

    Keys come from ``environ``: ``OPENAI_API_KEY``, ``ANTHROPIC_API_KEY``, ``OLLAMA_API_KEY``. The address is
    ``llm_url``, else ``OPENAI_BASE_URL``, ``OLLAMA_HOST`` or ``ANTHROPIC_BASE_URL`` from there, else the kind's usual
    one. Raises SettingsError for an unknown kind, a missing extra, key or file, and a key that would cross the internet
    unencrypted.
    """
    if not config.llm.strip():
        return None
    chosen = parse_model_name(config.llm)
    _check_installed(chosen.kind)
    backend, secret = _MAKERS[chosen.kind](chosen, config, environ)
    patience = TimeLimits(config.llm_timeout, config.llm_longest, config.llm_retries)
    return RetryingModel(
        _display_name(chosen),
        backend,
        patience,
        RateLimiter(config.llm_per_minute),
        known_context=config.llm_context,
        secret=secret,
    )


def _display_name(chosen: ModelName) -> str:
    """Return the model's name for people: of a file only the last part of its path, which gives no folders away."""
    name = Path(chosen.name).name if chosen.kind == "gguf" else chosen.name
    return f"{chosen.kind}/{name}"


def _check_installed(kind: BackendKind) -> None:
    try:
        missing = find_spec(_LIBRARIES[kind]) is None
    except ModuleNotFoundError:
        missing = True
    if missing:
        raise SettingsError(
            f"`llm` names a model of kind {kind}, whose library is missing. Install it: pip install 'onrecord[{kind}]'"
        )


def _make_openai(chosen: ModelName, config: ModelConfig, environ: Mapping[str, str]) -> tuple[Backend, str]:
    from rag.llm.openai_compatible import OpenAICompatible

    url = with_default_path(normalize_url(config.llm_url or environ.get("OPENAI_BASE_URL", "") or _OPENAI_URL), "/v1")
    key = environ.get("OPENAI_API_KEY", "").strip()
    if key:
        check_key_is_safe(url, "OPENAI_API_KEY")
    elif host_of(url) == host_of(_OPENAI_URL):
        raise SettingsError(
            f"{config.llm} is at OpenAI, which wants a key. Put it in the environment variable OPENAI_API_KEY, or set "
            "`llm_url` to another server."
        )
    return OpenAICompatible(chosen.name, url, key, config.llm_timeout + _GRACE_SECONDS), key


def _make_ollama(chosen: ModelName, config: ModelConfig, environ: Mapping[str, str]) -> tuple[Backend, str]:
    from rag.llm.ollama import OllamaModel

    url = normalize_url(config.llm_url or environ.get("OLLAMA_HOST", "") or _OLLAMA_URL, _OLLAMA_PORT)
    key = environ.get("OLLAMA_API_KEY", "").strip()
    if key:
        check_key_is_safe(url, "OLLAMA_API_KEY")
    return OllamaModel(chosen.name, url, key, config.llm_context, config.llm_timeout + _GRACE_SECONDS), key


def _make_anthropic(chosen: ModelName, config: ModelConfig, environ: Mapping[str, str]) -> tuple[Backend, str]:
    from rag.llm.anthropic import AnthropicModel

    url = normalize_url(config.llm_url or environ.get("ANTHROPIC_BASE_URL", "") or _ANTHROPIC_URL).removesuffix("/v1")
    key = environ.get("ANTHROPIC_API_KEY", "").strip()
    if not key:
        raise SettingsError(f"{config.llm} wants a key. Put it in the environment variable ANTHROPIC_API_KEY.")
    check_key_is_safe(url, "ANTHROPIC_API_KEY")
    return AnthropicModel(chosen.name, url, key, config.llm_timeout + _GRACE_SECONDS), key


def _make_gguf(chosen: ModelName, config: ModelConfig, environ: Mapping[str, str]) -> tuple[Backend, str]:
    from rag.llm.gguf import GgufModel, is_gguf

    file = Path(chosen.name).expanduser()
    try:
        fits = is_gguf(file)
    except OSError as error:
        raise SettingsError(
            f"`llm` names the file {file}, which cannot be read ({error.strerror}). Write gguf/ and the path of a "
            "model's .gguf file."
        ) from error
    if not fits:
        raise SettingsError(f"`llm` names the file {file}, which is no GGUF file. Download the model in that format.")
    return GgufModel(file, config.llm_context), ""


_MAKERS: Mapping[BackendKind, Callable[[ModelName, ModelConfig, Mapping[str, str]], tuple[Backend, str]]] = {
    "openai": _make_openai,
    "ollama": _make_ollama,
    "anthropic": _make_anthropic,
    "gguf": _make_gguf,
}
