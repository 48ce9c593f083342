"""What can be set about the index."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class IndexConfig:
    """Where the index lies and how it is made.

    ``data_dir`` holds everything and can be moved as one. ``model`` is a sentence-transformers folder, a hub
    name, or the default that ships in a package. ``chunk_words`` is the most a passage holds. With ``tokens``
    what the model makes of each word is kept too, about 5 KB a passage, and passages and sentences are ranked by it.
    With ``chroma_url`` the index lies on a Chroma server instead, in a database of a tenant, and ``data_dir`` holds
    what is this machine's own. The server's token comes from ``ONRECORD_CHROMA_TOKEN`` in the environment.
    ``backend`` is what runs the model: ``"auto"``, ``"torch"``, ``"onnx"`` or ``"onnx-int8"``. What is made of the
    model for onnxruntime is kept in ``cache_dir``, which all indexes share and which can be deleted at any time.
    ``batch_size`` is torch's; onnxruntime reads one text at a time on each core.
    """

    data_dir: Path = Path(".onrecord")
    collection: str = "default"
    model: str = "all-MiniLM-L6-v2"
    chunk_words: int = 180
    batch_size: int = 32
    tokens: bool = True
    chroma_url: str = ""
    chroma_tenant: str = "default_tenant"
    chroma_database: str = "default_database"
    backend: str = "auto"
    cache_dir: Path = Path("~/.cache/onrecord")

    @property
    def store_dir(self) -> Path:
        """Where Chroma keeps its files."""
        return self.data_dir / "chroma"
