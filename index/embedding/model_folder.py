"""Read what a sentence-transformers folder holds from its files, without loading the library or the weights."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from index.embedding.sentence_transformers import DOCUMENT_PROMPTS, QUERY_PROMPTS

_MODULE_KINDS = (("Transformer", "Pooling"), ("Transformer", "Pooling", "Normalize"))


@dataclass(frozen=True, slots=True)
class PooledTransformer:
    """A transformer whose tokens are averaged, or whose first one is taken; vectors are scaled to length 1.

    ``max_tokens`` is the most tokens that it reads of a text. The prompts are put before texts and questions.
    """

    folder: Path
    pooling: Literal["mean", "cls"]
    max_tokens: int
    document_prompt: str = ""
    query_prompt: str = ""


def read_pooled_transformer(folder: Path) -> PooledTransformer | None:
    """Read the model in ``folder``; None when it has other parts, so that only its own library can run it."""
    try:
        modules = json.loads((folder / "modules.json").read_text(encoding="utf-8"))
        kinds = tuple(str(module["type"]).rpartition(".")[2] for module in modules)
        if kinds not in _MODULE_KINDS or not (folder / "tokenizer.json").is_file():
            return None
        first, second = (folder / str(module["path"]) for module in modules[:2])
        pooling = _pooling(_read_json(second / "config.json"))
        reading = _read_json(first / "sentence_bert_config.json")
        options = _read_json(folder / "config_sentence_transformers.json", missing={})
        longest = reading.get("max_seq_length")
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    told = options.get("default_prompt_name") or options.get("similarity_fn_name") not in (None, "cosine")
    if pooling is None or told or reading.get("do_lower_case") or not isinstance(longest, int):
        return None
    prompts = options.get("prompts") or {}
    return PooledTransformer(
        folder, pooling, longest, _prompt(prompts, DOCUMENT_PROMPTS), _prompt(prompts, QUERY_PROMPTS)
    )


def _read_json(path: Path, missing: dict[str, Any] | None = None) -> dict[str, Any]:
    if missing is not None and not path.exists():
        return missing
    held = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(held, dict):
        raise TypeError
    return held


def _pooling(config: Mapping[str, Any]) -> Literal["mean", "cls"] | None:
    """Read the one way of pooling, in either of the forms that the library writes; None for any other or several."""
    if config.get("include_prompt", True) is not True:
        return None
    mode = config.get("pooling_mode")
    modes = {mode} if mode else {key.removeprefix("pooling_mode_") for key, on in config.items() if on is True}
    modes.discard("include_prompt")
    if modes in ({"mean"}, {"mean_tokens"}):
        return "mean"
    return "cls" if modes in ({"cls"}, {"cls_token"}) else None


def _prompt(prompts: Mapping[str, str], names: tuple[str, ...]) -> str:
    return next((found for name in names if (found := prompts.get(name))), "")
