"""``onrecord chat``: the web chat."""

from argparse import Namespace
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from importlib.metadata import entry_points
from pathlib import Path

from index.errors import SettingsError
from rag.suggest import suggestions
from ui.configuration import Configuration
from ui.conversations.store import Conversations
from ui.opened import opened
from ui.web.ports import Tab
from ui.web.serve import check_free, serve


def run(config: Configuration, arguments: Namespace) -> int:
    """Serve the chat until interrupted."""
    examples = _examples(config.web.examples)
    check_free(config.web.host, config.web.port)
    with opened(config) as pipeline:
        from ui.web.app import build_app

        data_dir = config.index.data_dir
        tabs = [
            Tab(entry.name.capitalize(), partial(entry.load(), pipeline, data_dir, config.index))
            for entry in entry_points(group="onrecord.tabs")
        ]
        keepers = [partial(entry.load(), data_dir) for entry in entry_points(group="onrecord.feedback")]
        pipeline.warm_up()
        model = pipeline.writer.model if pipeline.writer else None
        app = build_app(
            pipeline,
            pipeline.store,
            examples=examples,
            tabs=tabs,
            answerer=model.name if model else "quoted",
            where=model.where if model else "",
            feedback=next(iter(keepers), None),
            conversations=Conversations(data_dir),
            # In the documents' own words: what is known to be answered must not cost a model's time.
            suggest=partial(suggestions, replace(pipeline, writer=None).ask, pipeline.speeches.of_document),
        )
        serve(app, config.web.host, config.web.port, config.web.root_path)
    return 0


def _examples(name: str) -> Sequence[str]:
    if not name:
        return ()
    try:
        return [line.strip() for line in Path(name).read_text(encoding="utf-8").splitlines() if line.strip()]
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"The example questions in {name!r} could not be read ({error}). Check --examples."
        ) from error
