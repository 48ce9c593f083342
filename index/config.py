"""Settings of the index."""

from dataclasses import dataclass
from pathlib import Path

from index.settings import setting


@dataclass(frozen=True, slots=True)
class IndexConfig:
    """Say where the index lies and how it is made."""

    data_dir: Path = setting(
        Path(".onrecord"),
        "The folder that holds everything: index, library, conversations and eval runs. It can be moved as one.",
    )
    collection: str = setting("default", "The name of the index in the data folder. Several can lie side by side.")
    model: str = setting(
        "all-MiniLM-L6-v2",
        "The embedding model: a sentence-transformers folder, a hub name, or the default, which is installed with "
        "Onrecord. Another model needs `onrecord rebuild`.",
    )
    chunk_words: int = setting(180, "The largest number of words in a passage. Another value needs `onrecord rebuild`.")
    batch_size: int = setting(32, "How many texts torch embeds at once. The ONNX backends read one text on each core.")
    tokens: bool = setting(
        True,
        "Keep a small code for each telling word of a passage, about 5 kB a passage. Passages and sentences are ranked "
        "better with them.",
    )
    chroma_url: str = setting(
        "",
        "The address of a Chroma server that holds the index. Empty: the data folder holds it. The server's token is "
        "read from `ONRECORD_CHROMA_TOKEN` in the environment.",
    )
    chroma_tenant: str = setting("default_tenant", "The tenant on the Chroma server.")
    chroma_database: str = setting("default_database", "The database on the Chroma server.")
    backend: str = setting(
        "auto",
        "What runs the embedding model: `auto`, `torch`, `onnx` or `onnx-int8`. `auto` is `onnx` where it gives the "
        "same vectors as torch. `onnx-int8` is about twice as fast, with slightly different vectors.",
    )
    cache_dir: Path = setting(
        Path("~/.cache/onrecord"),
        "The folder for the ONNX graph made from the model. All indexes share it, and it can be deleted at any time.",
    )

    @property
    def store_dir(self) -> Path:
        """The folder in which Chroma keeps its files.

        >>> IndexConfig(data_dir=Path("archive"), chunk_words=120).store_dir.as_posix()
        'archive/chroma'
        """
        return self.data_dir / "chroma"
