"""Who may sign in: hashes, the file, the command, sessions, and sign-ins slowed down."""

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from conftest import watched
from hypothesis import given, settings
from hypothesis import strategies as st

from index.errors import OnrecordError
from ui.users.file import BadUsers, User, added, read_users, removed, sound_name, with_password, write_users
from ui.users.password import COST, BadPassword, Cost, hashed, is_hash, matches
from ui.users.roles import Action, Role, may, role_of, user_of
from ui.users.signed_in import LASTS, SignedIn, TooSoon
from ui.users.tries import ADDRESS, NAME, Tries

CHEAP = Cost(log_n=4, r=1, p=1)
PASSWORDS = st.text(min_size=8, max_size=40)
_slow = settings(max_examples=40, deadline=None)


class Clock:
    def __init__(self) -> None:
        self.time = 1000.0

    def __call__(self) -> float:
        return self.time


@_slow
@given(PASSWORDS, PASSWORDS)
def test_a_hash_matches_its_password_alone(password: str, other: str) -> None:
    import unicodedata

    stored = hashed(password, CHEAP)
    assert matches(password, stored)
    same = unicodedata.normalize("NFKC", password) == unicodedata.normalize("NFKC", other)
    assert matches(other, stored) == same
    assert hashed(password, CHEAP) != stored  # a salt of its own
    assert password not in stored


@given(st.text(max_size=80))
def test_what_is_no_hash_matches_nothing(stored: str) -> None:
    assert not is_hash(stored)
    assert not matches("password", stored)


@pytest.mark.parametrize("stored", ["scrypt$24$8$1$AAAA$AAAA", "scrypt$0$8$1$AAAA$AAAA", "scrypt$14$-8$1$AAAA$AAAA"])
def test_a_cost_that_would_take_the_machine_down_is_no_hash(stored: str) -> None:
    assert not matches("password", stored)


def test_the_cost_that_is_used_is_kept_and_is_owasps() -> None:
    assert Cost(14, 8, 5) == COST
    assert hashed("correct horse").startswith("scrypt$14$8$5$")
    assert matches("cafe\u0301 au lait", hashed("caf\u00e9 au lait", CHEAP))
    with pytest.raises(BadPassword, match="8 to 1,000"):
        hashed("short")
    with pytest.raises(BadPassword):
        hashed("x" * 1001)


def test_roles() -> None:
    allowed = {role: {action for action in Action if may(role, action)} for role in Role}
    assert allowed[Role.READER] == {Action.ASK}
    assert allowed[Role.EDITOR] == {Action.ASK, Action.LIBRARY}
    assert allowed[Role.ADMIN] == set(Action)
    assert not may(None, Action.ASK)


def test_the_role_is_read_from_the_scope_alone() -> None:
    signed = SimpleNamespace(scope={"onrecord.user": "ann", "onrecord.role": "editor"}, headers={"role": "admin"})
    assert role_of(signed) == role_of(SimpleNamespace(request=signed)) == Role.EDITOR
    assert user_of(SimpleNamespace(request=signed)) == "ann"
    from gradio import Request
    from starlette.requests import Request as Plain

    real = Request(
        Plain({"type": "http", "headers": [(b"role", b"admin")], "onrecord.role": "reader", "onrecord.user": "al"})
    )
    assert (role_of(real), user_of(real)) == (Role.READER, "al")
    assert role_of(SimpleNamespace(scope={})) is None
    assert role_of(SimpleNamespace(request=None)) is None
    assert user_of(SimpleNamespace(request=None)) == ""


@_slow
@given(st.dictionaries(st.from_regex(r"[a-zé0-9._@-]{1,20}", fullmatch=True), st.sampled_from(Role), max_size=5))
def test_the_file_gives_back_what_was_written(tmp_path_factory: pytest.TempPathFactory, held: dict[str, Role]) -> None:
    file = tmp_path_factory.mktemp("users") / "users.jsonl"
    users = {name: User(name, role, hashed("password", CHEAP)) for name, role in held.items()}
    write_users(file, users.values())
    assert read_users(file) == users
    assert file.stat().st_mode & 0o077 == 0
    assert [path.name for path in file.parent.iterdir()] == ["users.jsonl"]


def test_users_are_added_changed_and_removed() -> None:
    ann = User("ann", Role.READER, hashed("password", CHEAP))
    users = added({}, ann)
    with pytest.raises(BadUsers, match="already"):
        added(users, ann)
    assert with_password(users, "ann", "x")["ann"].password == "x"
    assert removed(users, "ann") == {}
    for change in (lambda: removed(users, "bob"), lambda: with_password(users, "bob", "x")):
        with pytest.raises(OnrecordError, match="no user bob"):
            change()


@pytest.mark.parametrize("name", ["", " ", "a b", "a\nb", "a/b", "x" * 65, "a\u202eb", "<b>", "a:b"])
def test_a_name_that_could_mislead_is_refused(name: str) -> None:
    with pytest.raises(BadUsers, match="cannot be a user's name"):
        sound_name(name)


@pytest.mark.parametrize(
    "line", ["not json", "[]", '{"name": "ann"}', '{"name": "ann", "role": "king", "password": "x"}',
             '{"name": "ann", "role": "admin", "password": "plain"}']
)  # fmt: skip
def test_a_line_that_is_no_user_is_named(tmp_path: Path, line: str) -> None:
    file = tmp_path / "users.jsonl"
    file.write_text(f"\n{line}\n")
    with pytest.raises(BadUsers, match=r"users.jsonl:2.*onrecord users add"):
        read_users(file)
    with pytest.raises(BadUsers, match="There is no users file"):
        read_users(tmp_path / "none")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "users.jsonl"
    write_users(made, [User("ann", Role.READER, hashed("ann's secret", CHEAP)), User("bob", Role.ADMIN, hashed("bob's secret", CHEAP))])  # fmt: skip
    return made


def test_sessions_begin_with_a_password_and_end(file: Path) -> None:
    clock = Clock()
    signed = SignedIn(file, now=clock)
    assert signed.sign_in("ann", "bob's secret", "here") is None
    assert signed.sign_in("nobody", "bob's secret", "here") is None
    token = signed.sign_in(" ann ", "ann's secret", "here")
    assert token is not None
    ann = signed.user(token)
    assert ann is not None
    assert (ann.name, ann.role) == ("ann", Role.READER)
    assert signed.user(token + "x") is None
    assert signed.user("") is None
    clock.time += LASTS + 1
    assert signed.user(token) is None
    token = signed.sign_in("ann", "ann's secret", "here") or ""
    signed.sign_out(token)
    assert signed.user(token) is None


def test_a_change_of_the_file_counts_at_once(file: Path) -> None:
    signed = SignedIn(file)
    tokens = {name: signed.sign_in(name, f"{name}'s secret", "here") or "" for name in ("ann", "bob")}
    assert signed.with_password("ann", "ann's secret", "here") is not None
    write_users(file, with_password(read_users(file), "ann", hashed("another one", CHEAP)).values())
    assert signed.user(tokens["ann"]) is None
    assert signed.with_password("ann", "ann's secret", "here") is None
    assert signed.with_password("ann", "another one", "here") is not None
    assert signed.user(tokens["bob"]) is not None
    file.write_text("garbage")
    assert signed.user(tokens["bob"]) is None


def test_nobody_to_sign_in_is_told_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(BadUsers, match="no users file"):
        SignedIn(tmp_path / "none")
    (tmp_path / "empty").write_text("")
    with pytest.raises(BadUsers, match="holds nobody"):
        SignedIn(tmp_path / "empty")


def test_tries_are_slowed_for_a_name_and_for_an_address() -> None:
    clock = Clock()
    tries = Tries(clock)
    waits = []
    for n in range(20):
        waits.append(tries.wait("ann", f"address {n}"))
        tries.failed("ann", f"address {n}")
    assert waits[: NAME.free] == [0.0] * NAME.free
    assert waits[NAME.free : NAME.free + 3] == [1.0, 2.0, 4.0]
    assert waits[-1] == NAME.longest  # never so long that the owner is kept out
    assert tries.wait("bob", "address 0") == 0
    for n in range(40):
        tries.failed(f"user {n}", "one place")
    assert tries.wait("user 99", "one place") > NAME.longest
    assert tries.wait("user 99", "one place") <= ADDRESS.longest
    clock.time += 3700
    assert tries.wait("user 99", "one place") == 0


def test_too_many_tries_are_told_how_long_to_wait_even_with_the_right_password(file: Path) -> None:
    clock = Clock()
    signed = SignedIn(file, Tries(clock), clock)
    for _ in range(NAME.free):
        assert signed.sign_in("ann", "wrong", "here") is None
    with pytest.raises(TooSoon, match=r"Try again in \d+ seconds"):
        signed.sign_in("ann", "ann's secret", "here")
    clock.time += NAME.longest
    assert signed.sign_in("ann", "ann's secret", "here")
    assert signed.sign_in("ann", "wrong", "here") is None  # and the count begins anew


def users(*arguments: str, cwd: Path, password: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "ui.cli", "users", *arguments]
    return subprocess.run(
        command, input=password, capture_output=True, text=True, cwd=cwd,
        env=watched(cwd / "log"), timeout=60, check=False,
    )  # fmt: skip


def test_the_command_adds_lists_changes_and_removes(tmp_path: Path) -> None:
    auth = ("--auth", "users.jsonl")
    done = users("add", "ann", "--role", "editor", *auth, cwd=tmp_path, password="a long secret\n")
    assert (done.returncode, done.stdout) == (0, "Added ann, editor, to users.jsonl.\n"), done.stderr
    assert users("add", "ann", *auth, cwd=tmp_path, password="a long secret").returncode == 1
    short = users("add", "bob", *auth, cwd=tmp_path, password="short")
    assert (short.returncode, "8 to 1,000" in short.stderr) == (1, True)
    assert users("list", *auth, cwd=tmp_path).stdout == "ann  editor\n"
    assert users("passwd", "ann", *auth, cwd=tmp_path, password="quite another\n").returncode == 0
    assert matches("quite another", read_users(tmp_path / "users.jsonl")["ann"].password)
    assert users("rm", "ann", *auth, cwd=tmp_path).returncode == 0
    assert users("list", *auth, cwd=tmp_path).stdout == ""
    missing = users("list", cwd=tmp_path)
    assert (missing.returncode, "--auth FILE" in missing.stderr) == (1, True)
    assert "password" not in users("add", "--help", cwd=tmp_path).stdout.replace("the password is asked", "")
