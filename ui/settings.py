"""The one configuration of a command: defaults < onrecord.toml < environment < flags."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from index.config import IndexConfig
from index.settings import Setting, build_group, resolve_settings
from rag.config import ModelConfig, RagConfig
from ui.config import WebConfig

GROUPS: tuple[type[Any], ...] = (IndexConfig, RagConfig, ModelConfig, WebConfig)
FILE = Path("onrecord.toml")

# Names that other programs gave a meaning; ours wins where both are set.
_ALIASES = {"GRADIO_SERVER_NAME": "ONRECORD_HOST", "GRADIO_SERVER_PORT": "ONRECORD_PORT"}

# Secrets come from the environment alone, and are no settings: nothing prints them.
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
    """Resolve everything. Raises SettingsError naming the place of a wrong value."""
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
    """Every setting, in the order of its group."""
    return [f.name for group_ in GROUPS for f in fields(group_)]
