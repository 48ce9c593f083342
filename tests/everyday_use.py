"""A user's everyday commands, one after the other, each a process of its own: run under a tracer by a test.

    python everyday_use.py FOLDER PORT SECONDS QUESTION...

indexes the starter documents into FOLDER, opens the chat on PORT, asks it every QUESTION, asks one on the command line
and measures two cases meanwhile, and keeps the chat open for SECONDS in all. It prints the answers as JSON.
"""

import json
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

SEEDS = Path(__file__).parents[1] / "seeds"
ONRECORD = [sys.executable, "-m", "ui.cli.main"]


def onrecord(*arguments: str) -> str:
    """What the command prints. Raises CalledProcessError where it fails."""
    return subprocess.run([*ONRECORD, *arguments], check=True, stdout=subprocess.PIPE, text=True, timeout=240).stdout


def fetched(url: str, body: dict[str, Any] | None = None) -> bytes:
    """What a GET gives, or a POST of ``body``."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=120) as reply:
        return bytes(reply.read())


def wait_until_up(url: str, server: "subprocess.Popen[bytes]") -> None:
    """Wait for the page, at most two minutes."""
    for _ in range(480):
        assert server.poll() is None, "the chat stopped by itself"
        try:
            fetched(url)
        except OSError:
            time.sleep(0.25)
        else:
            return
    raise AssertionError("the chat did not come up in two minutes")


def main(folder: str, port: str, seconds: str, *questions: str) -> None:
    """Do all of it."""
    data = ("--data-dir", f"{folder}/data")
    onrecord("index", *data, str(SEEDS / "documents"))
    url = f"http://127.0.0.1:{port}"
    with subprocess.Popen([*ONRECORD, "chat", *data, "--port", port], stdout=subprocess.DEVNULL) as chat:
        try:
            wait_until_up(url, chat)
            closing = time.monotonic() + float(seconds)
            answers = [json.loads(fetched(f"{url}/api/v1/ask", {"question": question})) for question in questions]
            asked = onrecord("ask", *data, questions[0])
            cases = str(SEEDS / "evals" / "article.jsonl")
            measured = json.loads(onrecord("eval", "run", cases, *data, "--limit", "2", "--json"))
            time.sleep(max(0.0, closing - time.monotonic()))
        finally:
            chat.terminate()
            try:
                chat.wait(30)
            except subprocess.TimeoutExpired:
                chat.kill()
                raise
    print(json.dumps({"chat": answers, "ask": asked, "eval": measured}))


if __name__ == "__main__":
    main(*sys.argv[1:])
