"""A server that speaks the protocols of OpenAI, Ollama and Anthropic, and does what a test tells it, however rude."""

import json
import select
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KINDS = ("openai", "ollama", "anthropic")
_PATHS = {"/v1/chat/completions": "openai", "/api/chat": "ollama", "/v1/messages": "anthropic"}


@dataclass(frozen=True, slots=True)
class Asked:
    path: str
    headers: dict[str, str]
    body: Any
    at: float


class HungUpError(Exception):
    """The client went."""


@dataclass
class Scripted:
    """``plays`` are what it does with each request for a reply; the last is repeated. ``gets`` answers the rest, by path: JSON, or a play."""

    plays: "list[Play]"
    gets: dict[str, Any] = field(default_factory=dict)
    url: str = ""
    asked: list[Asked] = field(default_factory=list)
    hung_up: threading.Event = field(default_factory=threading.Event)

    def environ(self, kind: str, key: str = "a-key-for-tests") -> dict[str, str]:
        """What a user would have in the environment to use it as ``kind``."""
        return {
            "openai": {"OPENAI_BASE_URL": self.url, "OPENAI_API_KEY": key},
            "ollama": {"OLLAMA_HOST": self.url},
            "anthropic": {"ANTHROPIC_BASE_URL": self.url, "ANTHROPIC_API_KEY": key},
        }[kind]


class Speaker:
    """One reply. Speaks the protocol of the path that was asked."""

    def __init__(self, handler: BaseHTTPRequestHandler, kind: str) -> None:
        self._handler = handler
        self._kind = kind
        self._begun = False

    def status(self, code: int, body: str = "", **headers: str) -> None:
        handler = self._handler
        handler.send_response(code)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(body.encode())))
        handler.end_headers()
        handler.wfile.write(body.encode())

    def begin(self, content_type: str = "") -> None:
        if self._begun:
            return
        self._begun = True
        handler = self._handler
        handler.send_response(200)
        stream = "application/x-ndjson" if self._kind == "ollama" else "text/event-stream"
        handler.send_header("Content-Type", content_type or stream)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        if self._kind == "anthropic" and not content_type:
            usage = {"input_tokens": 1, "output_tokens": 1}
            message = {"id": "m", "type": "message", "role": "assistant", "content": [], "model": "m", "usage": usage}
            self._event({"type": "message_start", "message": message})
            block = {"type": "text", "text": ""}
            self._event({"type": "content_block_start", "index": 0, "content_block": block})

    def raw(self, data: bytes) -> None:
        self.begin()
        try:
            self._handler.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        except OSError as error:
            raise HungUpError from error

    def _event(self, value: dict[str, Any]) -> None:
        if self._kind == "ollama":
            self.raw(json.dumps(value).encode() + b"\n")
        elif self._kind == "anthropic":
            self.raw(f"event: {value['type']}\ndata: {json.dumps(value)}\n\n".encode())
        else:
            self.raw(f"data: {json.dumps(value)}\n\n".encode())

    def say(self, text: str) -> None:
        self.begin()
        self._delta({"content": text}, {"type": "text_delta", "text": text})

    def think(self, text: str) -> None:
        self.begin()
        openai, ollama = {"reasoning_content": text}, {"content": "", "thinking": text}
        self._delta(ollama if self._kind == "ollama" else openai, {"type": "thinking_delta", "thinking": text})

    def _delta(self, message: dict[str, Any], anthropic: dict[str, Any]) -> None:
        if self._kind == "openai":
            self._event(_chunk(message, None))
        elif self._kind == "ollama":
            self._event({"model": "m", "message": {"role": "assistant", **message}, "done": False})
        else:
            self._event({"type": "content_block_delta", "index": 0, "delta": anthropic})

    def ping(self) -> None:
        """Something that is no piece of the reply."""
        self.begin()
        if self._kind == "anthropic":
            self._event({"type": "ping"})
        else:
            self.say("")

    def error(self, message: str) -> None:
        """An error told after the status was."""
        self.begin()
        if self._kind == "ollama":
            self._event({"error": message})
        else:
            self._event({"type": "error", "error": {"type": "overloaded_error", "message": message}})

    def end(self, *, hang_on: bool = False) -> None:
        """Say that the reply is whole."""
        self.begin()
        if self._kind == "openai":
            self._event(_chunk({}, "stop"))
            if not hang_on:
                self.raw(b"data: [DONE]\n\n")
        elif self._kind == "ollama":
            message = {"role": "assistant", "content": ""}
            self._event({"model": "m", "message": message, "done": True, "done_reason": "stop"})
        else:
            self._event({"type": "content_block_stop", "index": 0})
            delta = {"stop_reason": "end_turn", "stop_sequence": None}
            self._event({"type": "message_delta", "delta": delta, "usage": {"output_tokens": 2}})
            self._event({"type": "message_stop"})

    def close(self) -> None:
        """Close as if that were all."""
        self.begin()
        self._handler.wfile.write(b"0\r\n\r\n")

    def cut(self) -> None:
        """Drop the connection."""
        self._handler.connection.shutdown(socket.SHUT_RDWR)

    def wait(self, seconds: float) -> None:
        """Say nothing, and notice when the client goes."""
        until = time.monotonic() + seconds
        # Not select.select, which knows no descriptor above 1023, and a long run of tests has many.
        waiting = select.poll()
        waiting.register(self._handler.connection, select.POLLIN)
        while time.monotonic() < until:
            if waiting.poll(20) and not self._handler.connection.recv(1, socket.MSG_PEEK):
                raise HungUpError


Play = Callable[[Speaker], None]


def _chunk(delta: dict[str, Any], reason: str | None) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta, "finish_reason": reason}
    return {"id": "c", "object": "chat.completion.chunk", "created": 0, "model": "m", "choices": [choice]}


@contextmanager
def scripted(*plays: Play, gets: dict[str, Any] | None = None) -> Iterator[Scripted]:
    """A server on loopback, with a thread for each request."""
    told = Scripted(list(plays), gets or {})

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._other(None)

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if self.path not in _PATHS:
                self._other(body)
                return
            told.asked.append(_asked(self, body))
            play = told.plays.pop(0) if len(told.plays) > 1 else told.plays[0]
            self._play(play, _PATHS[self.path])

        def _play(self, play: Play, kind: str) -> None:
            try:
                play(Speaker(self, kind))
            except (HungUpError, OSError):
                told.hung_up.set()
            self.close_connection = True

        def _other(self, body: Any) -> None:
            told.asked.append(_asked(self, body))
            reply = told.gets.get(self.path)
            if callable(reply):
                self._play(reply, "")
            else:
                Speaker(self, "").status(404 if reply is None else 200, json.dumps(reply))

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    told.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield told
    finally:
        server.shutdown()
        server.socket.close()


def _asked(handler: BaseHTTPRequestHandler, body: Any) -> Asked:
    headers = {name.lower(): value for name, value in handler.headers.items()}
    return Asked(handler.path, headers, body, time.monotonic())
