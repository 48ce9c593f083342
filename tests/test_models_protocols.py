"""Servers that lie, stall, cut off and flood, in each protocol."""

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from scripted_llm import KINDS, Play, Scripted, Speaker, scripted

from rag.config import ModelConfig
from rag.llm.factory import make_model
from rag.llm.protocol import Message, Model, ModelFailedError, complete

HELLO = [Message("system", "You are brief."), Message("user", "Greet me.")]
every_kind = pytest.mark.parametrize("kind", KINDS)


def connected(kind: str, server: Scripted, **settings: Any) -> Model:
    patient = {"llm_timeout": 30.0, "llm_longest": 120.0, "llm_context": 2000} | settings
    model = make_model(ModelConfig(llm=f"{kind}/some-model", **patient), server.environ(kind))
    assert model is not None
    return model


def hello(speaker: Speaker) -> None:
    speaker.say("Hello")
    speaker.say(", you.")
    speaker.end()


@pytest.fixture(scope="module", autouse=True)
def libraries_loaded() -> None:
    """They load parts of themselves at the first request, longer than the short time-outs here."""
    for kind in KINDS:
        with scripted(hello) as server:
            complete(connected(kind, server), HELLO, max_tokens=50)


def status(code: int, body: str = "", **headers: str) -> Play:
    return lambda speaker: speaker.status(code, body, **headers)


def trickle(act: Play, times: int, pause: float, end: Play = lambda _: None) -> Play:
    """What acts so many times, with a pause in seconds after each, and then ends."""

    def play(speaker: Speaker) -> None:
        for _ in range(times):
            act(speaker)
            speaker.wait(pause)
        end(speaker)

    return play


def failure(kind: str, play: Play, *, max_tokens: int = 50, **settings: Any) -> tuple[str, Scripted]:
    """What the model's failure says, with what the server saw."""
    with scripted(play) as server:
        with pytest.raises(ModelFailedError) as failed:
            complete(connected(kind, server, **settings), HELLO, max_tokens=max_tokens)
        return str(failed.value), server


@every_kind
def test_a_reply_comes_in_the_pieces_it_was_sent_in(kind: str) -> None:
    with scripted(hello) as server:
        assert list(connected(kind, server).stream(HELLO, max_tokens=50)) == ["Hello", ", you."]
        sent = server.asked[-1].body
    assert sent["model"] == "some-model"
    assert sent["stream"] is True
    assert "You are brief." in str(sent)
    assert "Greet me." in str(sent)
    options = sent["options"] if kind == "ollama" else sent
    assert kind == "anthropic" or options["temperature"] == 0
    assert options["num_predict" if kind == "ollama" else "max_tokens"] == 50


@every_kind
def test_a_piece_is_given_when_it_comes_not_when_all_have(kind: str) -> None:
    go = threading.Event()

    def play(speaker: Speaker) -> None:
        speaker.say("Hello")
        assert go.wait(60)
        hello(speaker)

    with scripted(play) as server:
        stream = connected(kind, server).stream(HELLO, max_tokens=50)
        assert next(stream) == "Hello"
        go.set()
        assert "".join(stream) == "Hello, you."


@every_kind
def test_a_server_that_says_nothing_is_left_and_not_asked_again(kind: str) -> None:
    said, server = failure(kind, lambda speaker: speaker.wait(200), llm_timeout=0.4)
    assert "did not begin to reply for 0.4 s. `llm_timeout` allows more." in said
    assert f"{kind}/some-model at 127.0.0.1:" in said
    assert server.hung_up.wait(60)
    assert len(server.asked) == 1


@every_kind
def test_signs_of_life_that_are_no_reply_do_not_count(kind: str) -> None:
    said, _ = failure(kind, trickle(Speaker.ping, 4_000, 0.05), llm_timeout=0.4)
    assert "did not begin to reply for 0.4 s" in said


@every_kind
def test_a_server_that_falls_silent_in_the_middle_is_left(kind: str) -> None:
    def play(speaker: Speaker) -> None:
        speaker.say("Hello")
        speaker.wait(200)

    said, server = failure(kind, play, llm_timeout=2)  # long enough for a busy machine to begin
    assert "fell silent in the middle of its reply for 2 s" in said
    assert server.hung_up.wait(60)


@every_kind
def test_a_reply_that_trickles_on_is_ended_by_the_time_for_all_of_it(kind: str) -> None:
    said, server = failure(kind, trickle(lambda speaker: speaker.say("a "), 4_000, 0.05), llm_longest=0.6)
    assert "was not done in 0.6 s. `llm_longest` allows more." in said
    assert server.hung_up.wait(60)


@every_kind
@pytest.mark.parametrize("stops", [Speaker.cut, Speaker.close])
def test_a_reply_that_is_cut_off_is_not_taken_for_a_whole_one(kind: str, stops: Callable[[Speaker], None]) -> None:
    def play(speaker: Speaker) -> None:
        speaker.say("Hello")
        stops(speaker)

    said, server = failure(kind, play)
    assert "stopped in the middle of its reply" in said
    assert len(server.asked) == 1, "what was shown cannot be taken back"


@every_kind
def test_pieces_before_a_cut_were_given(kind: str) -> None:
    def play(speaker: Speaker) -> None:
        speaker.say("Hello")
        speaker.cut()

    with scripted(play) as server:
        stream = connected(kind, server).stream(HELLO, max_tokens=50)
        assert next(stream) == "Hello"
        with pytest.raises(ModelFailedError):
            next(stream)


@every_kind
@pytest.mark.parametrize("first", [Speaker.cut, status(503, "busy"), status(429)])
def test_what_may_pass_is_tried_again(kind: str, first: Play) -> None:
    with scripted(first, hello) as server:
        assert complete(connected(kind, server), HELLO, max_tokens=50) == "Hello, you."
        assert len(server.asked) == 2


@every_kind
@pytest.mark.parametrize("code", [400, 401, 403, 404, 422])
def test_what_will_not_pass_is_not_tried_again(kind: str, code: int) -> None:
    said, server = failure(kind, status(code, '{"error": {"message": "no such thing"}}'))
    assert f"refused with status {code}" in said
    assert "no such thing" in said
    assert len(server.asked) == 1


class Waits(threading.Event):
    """Notes how long it would be waited for."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds: list[float] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.seconds.append(timeout or 0.0)
        return self.is_set()


def test_tries_end_and_the_pauses_between_them_grow() -> None:
    waits = Waits()
    with scripted(status(500)) as server, pytest.raises(ModelFailedError):
        list(connected("openai", server).stream(HELLO, max_tokens=50, stop=waits))
    assert len(server.asked) == 3
    first, second = waits.seconds
    assert 0.25 <= first <= 0.5 <= second <= 1.0


@every_kind
def test_the_wait_a_server_asks_for_is_kept(kind: str) -> None:
    waits = Waits()
    with scripted(status(429, Retry_After="1"), hello) as server:
        assert "".join(connected(kind, server).stream(HELLO, max_tokens=50, stop=waits)) == "Hello, you."
    assert waits.seconds == [1.0]
    with scripted(status(429, Retry_After="1"), hello) as server:
        assert complete(connected(kind, server), HELLO, max_tokens=50) == "Hello, you."
        first, second = (asked.at for asked in server.asked)
    assert second - first >= 1


def test_a_wait_longer_than_the_patience_is_not_begun() -> None:
    waits = Waits()
    with scripted(status(429, '{"error": {"message": "slow down"}}', Retry_After="3600")) as server:
        with pytest.raises(ModelFailedError, match=r"status 429 \(slow down\)"):
            list(connected("openai", server).stream(HELLO, max_tokens=50, stop=waits))
        assert (waits.seconds, len(server.asked)) == ([], 1)


def test_a_wait_can_be_cut_short() -> None:
    stop = threading.Event()

    def play(speaker: Speaker) -> None:
        speaker.status(429, Retry_After="200")
        threading.Timer(0.3, stop.set).start()

    with scripted(play) as server:
        assert list(connected("openai", server, llm_longest=400).stream(HELLO, max_tokens=50, stop=stop)) == []
        assert len(server.asked) == 1


@every_kind
def test_a_flood_is_cut_where_an_honest_reply_would_have_ended(kind: str) -> None:
    def play(speaker: Speaker) -> None:
        while True:
            speaker.say("lorem ipsum ")

    with scripted(play) as server:
        reply = complete(connected(kind, server), HELLO, max_tokens=50)
        assert server.hung_up.wait(60)
    assert len(reply) == 50 * 8


@every_kind
def test_one_huge_piece_is_cut_too(kind: str) -> None:
    def play(speaker: Speaker) -> None:
        speaker.say("a" * 500_000)
        speaker.end()

    with scripted(play) as server:
        assert complete(connected(kind, server), HELLO, max_tokens=50) == "a" * 400


@every_kind
def test_a_line_without_an_end_does_not_fill_the_memory(kind: str) -> None:
    sent = 0

    def play(speaker: Speaker) -> None:
        nonlocal sent
        while sent < 100_000_000:
            speaker.raw(b"data: " + b"a" * 65_530)
            sent += 65_536

    said, server = failure(kind, play)
    assert "more than 1 MB came" in said
    assert server.hung_up.wait(60)
    assert sent < 20_000_000


@every_kind
@pytest.mark.parametrize("nonsense", [b"data: {not json\n\n", b'data: {"choices": 7}\n\n', b"event: x\ndata: [3]\n\n"])
def test_nonsense_is_a_failure_in_words(kind: str, nonsense: bytes) -> None:
    def play(speaker: Speaker) -> None:
        speaker.raw(nonsense.removeprefix(b"data: ") if kind == "ollama" else nonsense)
        speaker.close()

    said, _ = failure(kind, play, llm_retries=0)
    assert "sent something that is no reply" in said or "stopped in the middle" in said
    assert "\n" not in said


@every_kind
def test_a_web_page_is_no_reply(kind: str) -> None:
    page = "<!doctype html><title>Sign in</title>"
    said, server = failure(kind, status(200, page, Content_Type="text/html; charset=utf-8"))
    assert "sent what cannot be a reply: it is a web page. Check `llm_url`." in said
    assert len(server.asked) == 1


@every_kind
@pytest.mark.parametrize(
    "body",
    ['{"error": {"message": "no room"}}', '{"error": "no room"}', '{"detail": "no room"}', '{"message": "no room"}'],
)
def test_a_refusal_is_passed_on_in_the_server_s_words_however_it_wraps_them(kind: str, body: str) -> None:
    assert "refused with status 422" in (said := failure(kind, status(422, body))[0])
    assert "no room" in said


@every_kind
def test_a_refusal_without_words_is_its_number(kind: str) -> None:
    assert failure(kind, status(500), llm_retries=0)[0].endswith(
        "refused with status 500. It may be overloaded; try again later."
    )


@every_kind
def test_an_empty_reply_is_a_failure(kind: str) -> None:
    said, server = failure(kind, Speaker.end)
    assert "replied with nothing" in said
    assert len(server.asked) == 1


@every_kind
def test_an_error_told_in_the_stream_is_passed_on(kind: str) -> None:
    def play(speaker: Speaker) -> None:
        speaker.say("Hello")
        speaker.error("the model ran out of memory")

    assert "gave up on its reply (the model ran out of memory)" in failure(kind, play)[0]


@every_kind
def test_a_reply_is_done_when_it_says_so_though_the_connection_stays(kind: str) -> None:
    tired = threading.Event()

    def play(speaker: Speaker) -> None:
        speaker.say("Hello")
        speaker.end(hang_on=True)
        speaker.wait(200)
        tired.set()

    with scripted(play) as server:
        assert complete(connected(kind, server), HELLO, max_tokens=50) == "Hello"
        assert server.hung_up.wait(60)
        assert not tired.is_set()


@every_kind
@pytest.mark.parametrize("by", ["closing", "stop"])
def test_cancelling_while_the_server_stalls_ends_the_request(kind: str, by: str) -> None:
    def play(speaker: Speaker) -> None:
        speaker.say("Hello")
        speaker.wait(200)

    stop = threading.Event()
    with scripted(play) as server:
        stream = connected(kind, server).stream(HELLO, max_tokens=50, stop=stop)
        assert next(stream) == "Hello"
        assert not server.hung_up.is_set()
        if by == "stop":
            threading.Timer(0.1, stop.set).start()
            assert list(stream) == []
        else:
            stream.close()  # type: ignore[attr-defined]
        assert server.hung_up.wait(60)


@every_kind
def test_what_a_model_thinks_aside_is_not_shown_but_keeps_it_alive(kind: str) -> None:
    with scripted(trickle(lambda speaker: speaker.think("hmm "), 12, 0.3, hello)) as server:
        assert complete(connected(kind, server, llm_timeout=3.0), HELLO, max_tokens=50) == "Hello, you."


@every_kind
def test_a_model_that_only_thinks_is_told_from_one_that_says_nothing(kind: str) -> None:
    def play(speaker: Speaker) -> None:
        speaker.say("<think>What to say?")
        speaker.end()

    assert "only thought, and said nothing in 50 tokens. `llm_max_tokens` allows more" in failure(kind, play)[0]


@every_kind
def test_nobody_is_sent_on_to_another_address(kind: str) -> None:
    with scripted(hello) as elsewhere:
        path = {"openai": "/v1/chat/completions", "ollama": "/api/chat", "anthropic": "/v1/messages"}[kind]
        said, _ = failure(kind, status(307, Location=elsewhere.url + path))
        assert "passes requests on to another address, which is not followed" in said
        assert elsewhere.asked == []


@every_kind
def test_a_reply_compressed_unasked_is_refused_since_it_could_unfold_to_anything(kind: str) -> None:
    said, server = failure(kind, status(200, "x", Content_Encoding="gzip"))
    assert "compressed" in said
    assert server.asked[-1].headers["accept-encoding"] == "identity"


@every_kind
def test_the_libraries_tell_the_server_nothing_of_this_computer(kind: str) -> None:
    with scripted(hello) as server:
        complete(connected(kind, server), HELLO, max_tokens=50)
        headers = server.asked[-1].headers
    assert headers["user-agent"] == "onrecord"
    assert not [name for name in headers if "stainless" in name]


@pytest.mark.parametrize("kind", ["openai", "anthropic"])
def test_a_key_a_server_throws_back_is_not_shown(kind: str) -> None:
    said, _ = failure(kind, status(401, '{"error": {"message": "bad key a-key-for-tests"}}'))
    assert "bad key [key]" in said


def test_without_a_key_none_is_sent() -> None:
    with scripted(hello) as server:
        model = make_model(ModelConfig(llm="openai/some-model", llm_url=server.url), {})
        assert model is not None
        assert complete(model, HELLO, max_tokens=50) == "Hello, you."
        assert "authorization" not in server.asked[-1].headers


def test_requests_beyond_the_rate_wait_or_say_so() -> None:
    with scripted(hello) as server:
        model = connected("openai", server, llm_per_minute=2, llm_longest=3.0)
        for _ in range(2):
            assert complete(model, HELLO, max_tokens=50) == "Hello, you."
        with pytest.raises(ModelFailedError, match="`llm_per_minute` is reached"):
            complete(model, HELLO, max_tokens=50)
        assert len(server.asked) == 2


def test_many_threads_ask_at_once_and_each_gets_its_own_reply() -> None:
    def play(speaker: Speaker) -> None:
        time.sleep(0.05)
        hello(speaker)

    replies: list[str] = []
    with scripted(play) as server:
        model = connected("openai", server)
        threads = [
            threading.Thread(target=lambda: replies.append(complete(model, HELLO, max_tokens=50))) for _ in range(12)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
    assert replies == ["Hello, you."] * 12


def test_no_thread_is_left_behind() -> None:
    with scripted(hello, lambda speaker: speaker.wait(200)) as server:
        complete(connected("openai", server), HELLO, max_tokens=50)
        with pytest.raises(ModelFailedError):
            complete(connected("openai", server, llm_timeout=0.3), HELLO, max_tokens=50)
        until = time.monotonic() + 60
        while left := [thread for thread in threading.enumerate() if thread.name == "onrecord-model"]:
            assert time.monotonic() < until, left
            time.sleep(0.02)


@pytest.mark.parametrize(
    ("kind", "gets", "context"),
    [
        ("openai", {}, 4096),
        ("openai", {"/props": {"default_generation_settings": {"n_ctx": 1234}}}, 1234),
        ("openai", {"/v1/models": {"data": [{"id": "other"}, {"id": "some-model", "max_model_len": 32768}]}}, 32768),
        ("openai", {"/v1/models": {"data": [{"id": "other", "max_model_len": 1}, {"id": "another"}]}}, 4096),
        ("openai", {"/api/v0/models/some-model": {"loaded_context_length": 6000}}, 6000),
        ("openai", {"/props": {"default_generation_settings": {"n_ctx": "many"}}, "/v1/models": [1]}, 4096),
        ("ollama", {"/api/show": {"model_info": {"llama.context_length": 131072}}}, 8192),
        ("ollama", {"/api/show": {"model_info": {"llama.context_length": 2048}}}, 2048),
        ("ollama", {"/api/show": {"parameters": "stop x\nnum_ctx 16384", "model_info": {}}}, 16384),
        ("ollama", {"/api/show": {"model_info": None}}, 4096),
        ("anthropic", {"/v1/models/some-model": {"max_input_tokens": 200000}}, 200000),
        ("anthropic", {}, 4096),
    ],
)
def test_the_context_is_what_the_server_says_else_a_careful_guess(
    kind: str, gets: dict[str, Any], context: int
) -> None:
    with scripted(hello, gets=gets) as server:
        model = connected(kind, server, llm_context=0)
        assert model.context == context
        if kind == "ollama":
            complete(model, HELLO, max_tokens=50)
            assert server.asked[-1].body["options"]["num_ctx"] == context


def test_a_server_that_answers_a_byte_at_a_time_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.llm.http._INFO_TIMEOUT", 0.4)

    done = threading.Event()

    def trickle(speaker: Speaker) -> None:
        for _ in range(4_000):
            speaker.raw(b" ")
            speaker.wait(0.05)
        done.set()

    with scripted(hello, gets={"/props": trickle}) as server:
        assert connected("openai", server, llm_context=0).context == 4096
        assert not done.is_set()


def test_the_context_of_a_server_that_is_not_there_is_a_careful_guess() -> None:
    model = make_model(ModelConfig(llm="openai/some-model", llm_url="http://127.0.0.1:9/v1"), {})
    assert model is not None
    assert model.context == 4096
