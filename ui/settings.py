"""The configuration of a command. Later places win: default, onrecord.toml, environment, flag."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from index.config import IndexConfig
from index.settings import Setting, build_group, resolve_settings, setting
from rag.config import ModelConfig, RagConfig


@dataclass(frozen=True, slots=True)
class WebConfig:
    """Where the web chat listens, who may use it, and how much it accepts."""

    host: str = setting("127.0.0.1", "The address to listen on. `0.0.0.0` is every address of the machine.")
    port: int = setting(7860, "The port to listen on.")
    root_path: str = setting("", "The path under which a reverse proxy serves the chat, such as `/papers`.")
    allowed_hosts: str = setting(
        "",
        "Names that the chat is called by, separated by commas, such as that of a proxy. Without users, requests under "
        "another name with a dot are refused.",
    )
    examples: str = setting("", "A file of example questions for the start page, one a line.")
    auth: str = setting("", "The users file. Empty: everybody who reaches the chat may use it.")
    at_once: int = setting(4, "How many questions are answered at the same time.")
    in_line: int = setting(100, "How many more questions may wait for their turn.")
    stop_seconds: float = setting(10.0, "Seconds that answers under way are given to end when the chat is stopped.")
    upload_mb: int = setting(50, "The largest size of an uploaded file, in megabytes.")
    upload_files: int = setting(50, "The largest number of files in one upload.")
    log_format: str = setting("text", "The form of the log: `text` or `json`.")
    log_questions: bool = setting(False, "Write the words of questions into the log.")
    conversations_url: str = setting(
        "",
        "A PostgreSQL database for conversations that several machines share; its password is read from PGPASSWORD. "
        "Empty: a file in the data folder.",
    )


GROUPS: tuple[type[Any], ...] = (IndexConfig, RagConfig, ModelConfig, WebConfig)
FILE = Path("onrecord.toml")

# Names that Gradio defines; ours win where both are set.
_ALIASES = {"GRADIO_SERVER_NAME": "ONRECORD_HOST", "GRADIO_SERVER_PORT": "ONRECORD_PORT"}

# Secrets come from the environment alone and are not settings, so nothing prints them.
SECRETS = frozenset({"ONRECORD_API_KEY", "ONRECORD_CHROMA_TOKEN"})


@dataclass(frozen=True, slots=True)
class Configuration:
    """The groups of settings, and each setting with its origin."""

    index: IndexConfig
    rag: RagConfig
    model: ModelConfig
    web: WebConfig
    settings: Mapping[str, Setting]


def configuration(environ: Mapping[str, str], flags: Mapping[str, Any], file: Path = FILE) -> Configuration:
    """Resolve every setting. Raises SettingsError that names the place of a wrong value."""
    aliased = {ours: environ[theirs] for theirs, ours in _ALIASES.items() if theirs in environ and ours not in environ}
    named = {name: value for name, value in environ.items() if name not in SECRETS}
    settings = resolve_settings(GROUPS, file, {**named, **aliased}, flags)
    return Configuration(
        build_group(IndexConfig, settings),
        build_group(RagConfig, settings),
        build_group(ModelConfig, settings),
        build_group(WebConfig, settings),
        settings,
    )


def setting_names() -> list[str]:
    """Return the name of every setting, in the order of its group."""
    return [f.name for group_ in GROUPS for f in fields(group_)]
