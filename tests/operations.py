"""How much work something is, told in counts, which no other work on the machine changes."""

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

LINEAR = 5  # times the work for four times the size; what is quadratic takes nearly sixteen times


def operations(work: Callable[[], object]) -> int:
    """The instructions of Python that ``work`` takes in this thread."""
    count = 0

    def step(frame: FrameType, event: str, arg: Any) -> Any:
        nonlocal count
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        count += event == "opcode"
        return step

    before = sys.gettrace()
    sys.settrace(step)
    try:
        work()
    finally:
        sys.settrace(before)
    return count


def growth(work: Callable[[int], Callable[[], object]], size: int) -> float:
    """How many times the work of one size goes into the work of four times the size: 4 where it is linear."""
    small, large = work(size), work(4 * size)
    small()  # what is made only once is made now
    return operations(large) / operations(small)
