"""Sign-ins slowed down: by name and address, so that who guesses waits and nobody else is kept out."""

from ui.auth.throttle import _MAX_COUNTED, ADDRESS, NAME, PAIR, LoginThrottle


class Clock:
    def __init__(self) -> None:
        self.time = 1000.0

    def __call__(self) -> float:
        return self.time


def begun(tries: LoginThrottle, clock: Clock, name: str, address: str, count: int) -> list[float]:
    """How long each of so many tries had to wait, each sent when it may be."""
    waits = []
    for _ in range(count):
        waits.append(tries.begin(name, address))
        if waits[-1] > 0:
            clock.time += waits[-1]
            assert tries.begin(name, address) == 0
    return waits


def test_a_name_at_an_address_is_slowed_after_a_few_failures() -> None:
    clock = Clock()
    tries = LoginThrottle(clock)
    waits = begun(tries, clock, "ann", "here", 20)
    assert waits[: PAIR.free] == [0.0] * PAIR.free
    assert waits[PAIR.free : PAIR.free + 3] == [1.0, 2.0, 4.0]
    assert waits[-1] == PAIR.max_wait
    clock.time += 3700
    assert begun(tries, clock, "ann", "here", 1) == [0.0]


def test_one_name_from_many_addresses_is_slowed_and_its_owner_is_not_kept_out() -> None:
    clock = Clock()
    tries = LoginThrottle(clock)
    assert tries.begin("ann", "home") == 0
    tries.succeeded("ann", "home")
    assert [tries.begin("ann", f"address {n}") for n in range(NAME.free)] == [0.0] * NAME.free
    assert tries.begin("ann", "one more") > 0
    assert tries.begin("ann", "home") == 0  # known there
    for n in range(40):
        tries.begin("ann", f"later {n}")
        clock.time += NAME.max_wait
        assert tries.begin("ann", f"never seen {n}") == 0  # so slow, and no slower


def test_twenty_failures_behind_one_proxy_keep_nobody_else_out() -> None:
    tries = LoginThrottle(Clock())
    for n in range(60):
        tries.begin("ann" if n % 2 else f"nobody {n}", "proxy")
    assert tries.begin("ann", "proxy") > 0
    assert tries.begin("bob", "proxy") == 0
    tries.succeeded("bob", "proxy")
    for n in range(2 * ADDRESS.free):
        tries.begin(f"more {n}", "proxy")
    assert 0 < tries.begin("carla", "proxy") <= ADDRESS.max_wait
    assert tries.begin("bob", "proxy") == 0  # signed in from there before
    assert tries.begin("carla", "elsewhere") == 0


def test_a_network_of_one_visitor_is_one_address() -> None:
    tries = LoginThrottle(Clock())
    for n in range(PAIR.free):
        assert tries.begin("ann", f"2001:db8:1:2::{n:x}") == 0
    assert tries.begin("ann", "2001:db8:1:2:ffff::1") > 0
    assert tries.begin("ann", "2001:db8:1:3::1") == 0
    for _ in range(PAIR.free):
        assert tries.begin("bob", "::ffff:192.0.2.1") == 0
    assert tries.begin("bob", "192.0.2.1") > 0
    assert tries.begin("bob", "::ffff:192.0.2.2") == 0


def test_names_made_up_take_only_so_much_memory_and_do_not_wash_away_an_addresss_failures() -> None:
    tries = LoginThrottle(Clock())
    for n in range(ADDRESS.free):
        tries.begin(f"name {n}", "one place")
    for n in range(_MAX_COUNTED + 50):
        tries.begin(f"other {n}", f"place {n % 500}")
    for counts in (tries._pairs, tries._names, tries._addresses):
        assert len(counts._held) <= _MAX_COUNTED
    assert tries.begin("anybody", "one place") > 0
