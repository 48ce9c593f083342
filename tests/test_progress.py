"""Bars on a terminal, events for programs, silence elsewhere."""

import fcntl
import io
import json
import os
import pty
import struct
import subprocess
import sys
import termios

import pytest
from conftest import ROOT

from index.system.progress import Throughput, progress_bar, write_event

WORK = """
import sys, time
from index.system.progress import progress_bar
with progress_bar({total}, "files"{more}) as progress:
    progress(10, 40, "")
    for n in range(11, 41):
        progress(n, 40, f"/folder/file{{n}}.txt")
        time.sleep(0.01)
"""


def on_a_terminal(code: str) -> str:
    """What a program writes to a terminal as its standard error."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 120, 0, 0))
    with subprocess.Popen([sys.executable, "-c", code], stderr=theirs, cwd=ROOT) as running:
        os.close(theirs)
        shown = b""
        while True:
            try:
                part = os.read(ours, 4096)
            except OSError:  # Linux's way of saying that the other side is closed
                break
            if not part:
                break
            shown += part
        assert running.wait() == 0
    os.close(ours)
    return shown.decode()


@pytest.mark.parametrize("total", ["40", "None"])
def test_a_terminal_sees_a_bar_with_rate_and_time_left(total: str) -> None:
    shown = on_a_terminal(WORK.format(total=total, more=""))
    assert "/40 [" in shown
    assert "files/s" in shown
    assert "file" in shown.replace("files", "")
    assert "<" in shown  # elapsed<left


def test_elsewhere_nothing_is_said() -> None:
    code = WORK.format(total=40, more="")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert (done.stdout, done.stderr) == ("", "")


def test_programs_get_events_a_line_each(capsys: pytest.CaptureFixture[str]) -> None:
    with progress_bar(4, "documents", events=True) as progress:
        progress(2, 4, "")
        progress(3, 4, "/a/b.txt")
        progress(4, 4, "/a/c.txt")
    write_event("failed", path="/x", reason="“quoted”")
    out, err = capsys.readouterr()
    start, *told, end, failed = map(json.loads, err.splitlines())
    assert out == ""
    assert start == {"event": "start", "total": 4, "unit": "documents"}
    assert [(event["event"], event["done"]) for event in told] == [("progress", 3), ("progress", 4)]
    assert set(told[0]) == {"event", "done", "total", "unit", "name", "rate", "seconds_left"}
    assert told[-1]["seconds_left"] == 0
    assert (end["event"], end["done"], end["total"]) == ("end", 4, 4)
    assert failed == {"event": "failed", "path": "/x", "reason": "“quoted”"}


def test_events_come_twice_a_second_at_most_and_end_after_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    told = io.StringIO()
    monkeypatch.setattr("sys.stderr", told)
    with pytest.raises(KeyboardInterrupt), progress_bar(100_000, "files", events=True) as progress:
        for n in range(1, 5_000):
            progress(n, 100_000, "a")
        raise KeyboardInterrupt
    events = [json.loads(line) for line in told.getvalue().splitlines()]
    assert 3 <= len(events) < 20
    assert events[-1]["event"] == "end"
    assert events[-1]["done"] == 4_999


def test_what_an_earlier_run_did_is_no_part_of_the_pace() -> None:
    now = [100.0]
    pace = Throughput(50, lambda: now[0], done_before=20)
    assert pace.seconds_left(20) is None
    now[0] += 5
    assert (pace.rate(30), pace.seconds_left(30), pace.seconds) == (2.0, 10.0, 5.0)
