"""Write the configuration page of the documentation: ``python -m ui.cli.settings_page > docs/configuration.md``."""

from dataclasses import fields
from typing import Any

from ui.settings import GROUPS

_HEAD = """\
# Configuration

Every setting has one name everywhere. Later places win over earlier ones:

1. the default,
2. `onrecord.toml` in the current folder: `chunk_words = 120`,
3. the environment: `ONRECORD_CHUNK_WORDS=120`,
4. a flag of any command: `--chunk-words 120`.

`onrecord info` shows the value of each setting and where it comes from. `OPENAI_API_KEY`, `OPENAI_BASE_URL`,
`ANTHROPIC_API_KEY`, `OLLAMA_HOST`, `HF_HUB_OFFLINE`, `GRADIO_SERVER_NAME` and `GRADIO_SERVER_PORT` keep their usual
meaning. Secrets are read from the environment alone: `ONRECORD_API_KEY` is the key that programs must send to the chat
server, `ONRECORD_CHROMA_TOKEN` the token of a Chroma server.

<!-- Made by `make docs` from the dataclasses in index/config.py, rag/config.py and ui/settings.py. -->
"""


def settings_page() -> str:
    """Return the page as Markdown, with a table for each group of settings."""
    return "\n".join([_HEAD, *(_table(group) for group in GROUPS)])


def _table(group: type[Any]) -> str:
    rows = [f"| `{f.name}` | `{_written(f.default)}` | {f.metadata['about']} |" for f in fields(group)]
    about = str(group.__doc__).strip()
    return "\n".join(
        [f"## {group.__name__}\n\n{about}\n", "| setting | default | what it does |", "|---|---|---|", *rows, ""]
    )


def _written(value: Any) -> str:
    return (
        str(value).lower()
        if isinstance(value, bool)
        else f'"{value}"'
        if not isinstance(value, int | float)
        else str(value)
    )


if __name__ == "__main__":
    print(settings_page(), end="")
