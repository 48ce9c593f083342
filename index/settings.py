"""Resolve one configuration: defaults < ``onrecord.toml`` < ``ONRECORD_*`` environment < flags.

A group of settings is a frozen dataclass with defaults. Its field names are the names everywhere: ``chunk_words`` in
the file, ``ONRECORD_CHUNK_WORDS`` in the environment, ``--chunk-words`` as a flag.
"""

import difflib
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

from index.errors import SettingsError

T = TypeVar("T")

_PREFIX = "ONRECORD_"
_BOOLEANS = {
    "true": True,
    "yes": True,
    "on": True,
    "1": True,
    "false": False,
    "no": False,
    "off": False,
    "0": False,
}


def setting(default: T, about: str) -> T:
    """Declare a dataclass field as a setting: its default, and what it does in one or two plain sentences.

    The configuration page of the documentation is made from these.
    """
    return field(default=default, metadata={"about": about})


@dataclass(frozen=True, slots=True)
class Setting:
    """A resolved value and where it came from, such as ``"default"`` or ``"ONRECORD_MODEL"``."""

    value: Any
    origin: str


def resolve_settings(
    groups: Iterable[type[Any]],
    toml: Path | None,
    environ: Mapping[str, str],
    flags: Mapping[str, Any],
    *,
    ignore_unknown: bool = False,
) -> dict[str, Setting]:
    """Resolve every setting of ``groups``, by name; the strongest origin wins.

    Flags that are None count as not given. Raises SettingsError for a file that does not parse, an unknown name, or a
    value of the wrong type. With ``ignore_unknown``, names in the file or the environment that belong to none of
    ``groups`` are ignored.
    """
    kinds = {name: kind for group in groups for name, kind in get_type_hints(group).items() if _is_field(group, name)}
    found = {f.name: Setting(f.default, "default") for group in groups for f in fields(group)}
    for name, raw in _from_file(toml).items():
        if ignore_unknown and name not in kinds:
            continue
        _check_known(name, kinds, str(toml))
        found[name] = Setting(_convert(name, raw, kinds[name], str(toml)), str(toml))
    for key, raw in environ.items():
        name = key.removeprefix(_PREFIX).lower()
        if key.startswith(_PREFIX) and not (ignore_unknown and name not in kinds):
            _check_known(name, kinds, f"the environment variable {key}")
            found[name] = Setting(_convert(name, raw, kinds[name], key), key)
    for name, raw in flags.items():
        if raw is not None and name in kinds:
            flag = "--" + name.replace("_", "-")
            found[name] = Setting(_convert(name, raw, kinds[name], flag), flag)
    return found


def build_group(cls: type[T], settings: Mapping[str, Setting]) -> T:
    """Build the settings group ``cls`` from resolved settings."""
    return cls(**{f.name: settings[f.name].value for f in fields(cls)})  # type: ignore[arg-type]


def _is_field(cls: type[Any], name: str) -> bool:
    return any(f.name == name for f in fields(cls))


def _from_file(toml: Path | None) -> dict[str, Any]:
    if toml is None or not toml.exists():
        return {}
    try:
        return tomllib.loads(toml.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{toml} could not be read as TOML ({error}). Correct it or move it away.") from None


def _check_known(name: str, kinds: Mapping[str, Any], where: str) -> None:
    if name not in kinds:
        near = difflib.get_close_matches(name, kinds, n=1)
        hint = f"Did you mean {near[0]!r}?" if near else f"Settings are: {', '.join(sorted(kinds))}."
        raise SettingsError(f"{where} sets {name!r}, which is no setting. {hint}")


def _convert(name: str, raw: Any, kind: Any, where: str) -> Any:
    try:
        if kind is bool:
            return raw if isinstance(raw, bool) else _BOOLEANS[str(raw).strip().lower()]
        if kind is Path:
            return Path(str(raw)).expanduser()
        if kind is int:
            return _to_int(raw)
        if kind is float:
            return float(raw)
        if kind == tuple[str, ...]:
            return tuple(part.strip() for part in raw.split(",")) if isinstance(raw, str) else tuple(map(str, raw))
        return _to_str(raw)
    except (KeyError, TypeError, ValueError):
        kind_name = getattr(kind, "__name__", str(kind))
        raise SettingsError(f"{where}: {name} must be of kind {kind_name}, not {raw!r}.") from None


def _to_int(raw: Any) -> int:
    if isinstance(raw, (bool, float)):
        raise TypeError
    return int(raw)


def _to_str(raw: Any) -> str:
    if not isinstance(raw, str):
        raise TypeError
    return raw
