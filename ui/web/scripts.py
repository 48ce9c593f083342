"""Read the scripts of the page's components."""

from pathlib import Path


def scripts(folder: Path, *names: str) -> str:
    """Return the files ``names`` of ``folder`` as one script, each in a block of its own so that no names clash."""
    return "\n".join(f"{{\n{(folder / name).read_text(encoding='utf-8')}}}" for name in names)
