"""``onrecord info``: the resolved configuration and what the index holds."""

import json
from argparse import Namespace
from typing import Any

from index.errors import IndexMissingError
from index.storage.open import collections_in, open_for_reading
from ui.settings import Configuration


def run(config: Configuration, arguments: Namespace) -> int:
    """Print every setting with its origin, and the state of the index."""
    index = {**_index(config), "collections": list(collections_in(config.index))}
    if arguments.json:
        settings = {n: {"value": _plain(s.value), "origin": s.origin} for n, s in config.settings.items()}
        print(json.dumps({"settings": settings, "index": index}, ensure_ascii=False, indent=2))
        return 0
    width = max(map(len, config.settings))
    for name, setting in config.settings.items():
        print(f"{name:{width}}  {_plain(setting.value)!s:24}  {setting.origin}")
    print()
    for name, value in index.items():
        print(f"{name:{width}}  {', '.join(value) if isinstance(value, list) else value}")
    return 0


def _index(config: Configuration) -> dict[str, Any]:
    try:
        with open_for_reading(config.index) as store:
            return {"documents": len(store.documents()), "passages": store.count(), **store.fingerprint}
    except IndexMissingError:
        return {"documents": 0, "passages": 0}


def _plain(value: Any) -> Any:
    return value if isinstance(value, (bool, int, float, str)) else str(value)
