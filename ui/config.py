"""Settings of the web chat."""

from dataclasses import dataclass

from index.settings import setting


@dataclass(frozen=True, slots=True)
class WebConfig:
    """Say where the web chat listens, who may use it, and how much it takes."""

    host: str = setting("127.0.0.1", "The address to listen on. `0.0.0.0` is every address of the machine.")
    port: int = setting(7860, "The port to listen on.")
    root_path: str = setting("", "The path under which a reverse proxy serves the chat, such as `/papers`.")
    allowed_hosts: str = setting(
        "",
        "Names that the chat is called by, separated by commas, such as that of a proxy. Without users, requests under "
        "another name with a dot are refused.",
    )
    examples: str = setting("", "A file of example questions for the start page, one a line.")
    auth: str = setting("", "The users file. Empty: everybody who reaches the chat may use it.")
    at_once: int = setting(4, "How many questions are answered at the same time.")
    in_line: int = setting(100, "How many more questions may wait for their turn.")
    stop_seconds: float = setting(10.0, "Seconds that answers under way are given to end when the chat is stopped.")
    upload_mb: int = setting(50, "The largest size of an uploaded file, in megabytes.")
    upload_files: int = setting(50, "The largest number of files in one upload.")
    log_format: str = setting("text", "The form of the log: `text` or `json`.")
    log_questions: bool = setting(False, "Write the words of questions into the log.")
    conversations_url: str = setting(
        "",
        "A PostgreSQL database for conversations that several machines share; its password is read from PGPASSWORD. "
        "Empty: a file in the data folder.",
    )
