"""What can be set about the faces."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WebConfig:
    """Where the web chat listens, for whom, and how much it takes.

    ``allowed_hosts`` are names that the chat is called by, separated by commas, such as a proxy's: without users,
    requests under a name with a dot that is none of them are refused.
    ``examples`` names a file of example questions, one a line; ``auth`` one of users, empty where everybody who reaches
    the chat may use it. ``at_once`` questions are answered at the same time and up to ``in_line`` more wait.
    ``stop_seconds`` are given to answers under way when the chat is stopped. An upload has at most
    ``upload_files`` files of ``upload_mb`` megabytes each. ``log_format`` is ``text`` or ``json``; questions stand in
    the log only with ``log_questions``. Conversations are kept beside the index, or where ``conversations_url`` says, a
    PostgreSQL database that several machines share; its password stands in PGPASSWORD.
    """

    host: str = "127.0.0.1"
    port: int = 7860
    root_path: str = ""
    allowed_hosts: str = ""
    examples: str = ""
    auth: str = ""
    at_once: int = 4
    in_line: int = 100
    stop_seconds: float = 10.0
    upload_mb: int = 50
    upload_files: int = 50
    log_format: str = "text"
    log_questions: bool = False
    conversations_url: str = ""
