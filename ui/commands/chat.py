"""``onrecord chat``: the web chat."""

from argparse import Namespace
from collections.abc import Sequence
from importlib.metadata import entry_points
from pathlib import Path

from index.errors import SettingsError
from ui.configuration import Configuration
from ui.opened import opened


def run(config: Configuration, arguments: Namespace) -> int:
    """Serve the chat until interrupted."""
    examples = _examples(config.web.examples)
    with opened(config) as pipeline:
        from ui.web.app import build_app
        from ui.web.ports import Tab
        from ui.web.serve import serve

        tabs = [Tab(entry.name.capitalize(), entry.load()) for entry in entry_points(group="onrecord.tabs")]
        pipeline.warm_up()
        app = build_app(pipeline, pipeline.store, examples=examples, tabs=tabs)
        serve(app, config.web.host, config.web.port, config.web.root_path)
    return 0


def _examples(name: str) -> Sequence[str]:
    if not name:
        return ()
    try:
        return [line.strip() for line in Path(name).read_text(encoding="utf-8").splitlines() if line.strip()]
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"The example questions in {name!r} could not be read ({error}). Check --examples.") from error
