"""Who may sign in: hashes, the file, the command, and sessions."""

import asyncio
import json
import re
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import pytest
from conftest import watched
from hypothesis import given, settings
from hypothesis import strategies as st

from index.errors import OnrecordError
from ui.auth import users_file
from ui.auth.passwords import COST, Cost, PasswordError, hash_password, is_hash, verify_password
from ui.auth.sessions import SESSION_SECONDS, PasswordQueueFullError, SessionManager, TooManyFailuresError
from ui.auth.throttle import PAIR, LoginThrottle
from ui.auth.users_file import User, UsersFileError
from ui.core.roles import Action, Role, account_of, may, role_of, user_of
from ui.core.worker_pool import WorkerPool

CHEAP = Cost(log_n=4, r=1, p=1)
PASSWORDS = st.text(min_size=8, max_size=40)
_slow = settings(max_examples=40, deadline=None)


class Clock:
    def __init__(self) -> None:
        self.time = 1000.0

    def __call__(self) -> float:
        return self.time


def sign_in(signed: SessionManager, name: str, password: str, address: str = "here") -> str | None:
    return asyncio.run(signed.sign_in(name, password, address))


def program(signed: SessionManager, name: str, password: str, address: str = "here") -> User | None:
    return asyncio.run(signed.authenticate(name, password, address))


@_slow
@given(PASSWORDS, PASSWORDS)
def test_a_hash_matches_its_password_alone(password: str, other: str) -> None:
    import unicodedata

    stored = hash_password(password, CHEAP)
    assert verify_password(password, stored)
    same = unicodedata.normalize("NFKC", password) == unicodedata.normalize("NFKC", other)
    assert verify_password(other, stored) == same
    assert hash_password(password, CHEAP) != stored  # a salt of its own
    assert password not in stored


@given(st.text(max_size=80))
def test_what_is_no_hash_matches_nothing(stored: str) -> None:
    assert not is_hash(stored)
    assert not verify_password("password", stored)


@pytest.mark.parametrize("stored", ["scrypt$24$8$1$AAAA$AAAA", "scrypt$0$8$1$AAAA$AAAA", "scrypt$14$-8$1$AAAA$AAAA"])
def test_a_cost_that_would_take_the_machine_down_is_no_hash(stored: str) -> None:
    assert not verify_password("password", stored)


def test_the_cost_that_is_used_is_kept_and_is_owasps() -> None:
    assert Cost(14, 8, 5) == COST
    assert hash_password("correct horse").startswith("scrypt$14$8$5$")
    assert verify_password("cafe\u0301 au lait", hash_password("caf\u00e9 au lait", CHEAP))
    with pytest.raises(PasswordError, match="8 to 1,000"):
        hash_password("short")
    with pytest.raises(PasswordError):
        hash_password("x" * 1001)


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
    assert account_of(SimpleNamespace(request=SimpleNamespace(scope={"onrecord.account": "a1"}))) == "a1"
    assert account_of(signed) == account_of(SimpleNamespace(request=None)) == ""


@_slow
@given(st.dictionaries(st.from_regex(r"[a-zé0-9._@-]{1,20}", fullmatch=True), st.sampled_from(Role), max_size=5))
def test_the_file_gives_back_what_was_written(tmp_path_factory: pytest.TempPathFactory, held: dict[str, Role]) -> None:
    file = tmp_path_factory.mktemp("users") / "users.jsonl"
    users = {name: User(name, role, hash_password("password", CHEAP)) for name, role in held.items()}
    users_file.write_users(file, users.values())
    assert users_file.read_users(file) == users
    assert file.stat().st_mode & 0o077 == 0
    assert [path.name for path in file.parent.iterdir()] == ["users.jsonl"]


def test_users_are_added_changed_and_removed() -> None:
    ann = User("ann", Role.READER, hash_password("password", CHEAP))
    users = users_file.add_user({}, ann)
    with pytest.raises(UsersFileError, match="already"):
        users_file.add_user(users, ann)
    assert users_file.set_password(users, "ann", "x")["ann"].password == "x"
    assert users_file.remove_user(users, "ann") == {}
    for change in (lambda: users_file.remove_user(users, "bob"), lambda: users_file.set_password(users, "bob", "x")):
        with pytest.raises(OnrecordError, match="no user bob"):
            change()


@pytest.mark.parametrize("name", ["", " ", "a b", "a\nb", "a/b", "x" * 65, "a\u202eb", "<b>", "a:b"])
def test_a_name_that_could_mislead_is_refused(name: str) -> None:
    with pytest.raises(UsersFileError, match=re.escape(repr(name))):
        users_file.valid_name(name)


@pytest.mark.parametrize(
    "line", ["not json", "[]", '{"name": "ann"}', '{"name": "ann", "role": "king", "password": "x"}',
             '{"name": "ann", "role": "admin", "password": "plain"}']
)  # fmt: skip
def test_a_line_that_is_no_user_is_named(tmp_path: Path, line: str) -> None:
    file = tmp_path / "users.jsonl"
    file.write_text(f"\n{line}\n")
    with pytest.raises(UsersFileError, match=r"users.jsonl:2.*onrecord users add"):
        users_file.read_users(file)
    with pytest.raises(UsersFileError, match="onrecord users add"):
        users_file.read_users(tmp_path / "none")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "users.jsonl"
    users_file.write_users(made, [User("ann", Role.READER, hash_password("ann's secret", CHEAP)), User("bob", Role.ADMIN, hash_password("bob's secret", CHEAP))])  # fmt: skip
    return made


def test_sessions_begin_with_a_password_and_end(file: Path) -> None:
    clock = Clock()
    signed = SessionManager(file, now=clock)
    assert sign_in(signed, "ann", "bob's secret") is None
    assert sign_in(signed, "nobody", "bob's secret") is None
    token = sign_in(signed, " ann ", "ann's secret")
    assert token is not None
    ann = signed.user(token)
    assert ann is not None
    assert (ann.name, ann.role) == ("ann", Role.READER)
    assert signed.user(token + "x") is None
    assert signed.user("") is None
    clock.time += SESSION_SECONDS + 1
    assert signed.user(token) is None
    token = sign_in(signed, "ann", "ann's secret") or ""
    signed.sign_out(token)
    assert signed.user(token) is None


def test_a_change_of_the_file_counts_at_once(file: Path) -> None:
    signed = SessionManager(file)
    tokens = {name: sign_in(signed, name, f"{name}'s secret") or "" for name in ("ann", "bob")}
    assert program(signed, "ann", "ann's secret") is not None
    users_file.write_users(
        file, users_file.set_password(users_file.read_users(file), "ann", hash_password("another one", CHEAP)).values()
    )
    assert signed.user(tokens["ann"]) is None
    assert program(signed, "ann", "ann's secret") is None
    assert program(signed, "ann", "another one") is not None
    assert signed.user(tokens["bob"]) is not None
    users_file.change_users(file, lambda users: users_file.set_role(users, "bob", Role.EDITOR))
    assert signed.user(tokens["bob"]) is None
    bob = sign_in(signed, "bob", "bob's secret") or ""
    assert signed.user(bob) == users_file.read_users(file)["bob"]
    file.write_text("garbage")
    assert signed.user(bob) is None


def test_nobody_to_sign_in_is_told_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(UsersFileError, match=re.escape(str(tmp_path / "none"))):
        SessionManager(tmp_path / "none")
    (tmp_path / "empty").write_text("")
    with pytest.raises(UsersFileError, match="holds nobody"):
        SessionManager(tmp_path / "empty")


# Names


COMPOSED, APART, WIDE = "jos\u00e9", "jose\u0301", "\uff4a\uff4fs\u00e9"  # one name, as three keyboards make it


def test_a_name_is_the_same_however_it_is_composed(tmp_path: Path) -> None:
    file = tmp_path / "users.jsonl"
    users_file.write_users(
        file, [User(users_file.valid_name(APART), Role.READER, hash_password("a long secret", CHEAP))]
    )
    signed = SessionManager(file)
    for typed in (COMPOSED, APART, WIDE, f" {APART} "):
        assert signed.user(sign_in(signed, typed, "a long secret") or "") is not None, ascii(typed)
        assert program(signed, typed, "a long secret") is not None, ascii(typed)
        assert users_file.find_user(users_file.read_users(file), typed).name == COMPOSED
    assert users_file.set_role(users_file.read_users(file), WIDE, Role.ADMIN)[COMPOSED].role is Role.ADMIN
    assert list(users_file.set_password(users_file.read_users(file), APART, "x")) == [COMPOSED]
    assert users_file.remove_user(users_file.read_users(file), APART) == {}


def test_a_name_from_before_is_found_as_it_is_typed_and_two_that_are_one_are_told(tmp_path: Path) -> None:
    file = tmp_path / "users.jsonl"
    row = {"role": "reader", "password": hash_password("a long secret", CHEAP)}
    file.write_text(json.dumps({"name": APART, **row}) + "\n", encoding="utf-8")
    assert sign_in(SessionManager(file), COMPOSED, "a long secret")
    assert users_file.read_users(file)[COMPOSED].id == APART  # what it is kept under stays as it was
    with file.open("a", encoding="utf-8") as more:
        more.write(json.dumps({"name": COMPOSED, **row}))
    with pytest.raises(UsersFileError, match=r"users.jsonl:2: .* stands there twice"):
        users_file.read_users(file)


# Accounts


def test_an_account_keeps_its_id_and_a_namesake_gets_another(tmp_path: Path) -> None:
    file = tmp_path / "users.jsonl"
    for name in ("ann", "bob"):
        users_file.change_users(
            file,
            lambda users, name=name: users_file.add_user(
                users, User(name, Role.READER, hash_password("password", CHEAP))
            ),
        )  # type: ignore[misc]
    before = users_file.read_users(file)
    assert len({user.id for user in before.values()} | {"ann", "bob"}) == 4
    users_file.change_users(
        file, lambda users: users_file.set_password(users, "ann", hash_password("another one", CHEAP))
    )
    users_file.change_users(file, lambda users: users_file.set_role(users, "ann", Role.ADMIN))
    assert users_file.read_users(file)["ann"].id == before["ann"].id
    users_file.change_users(file, lambda users: users_file.remove_user(users, "ann"))
    users_file.change_users(
        file, lambda users: users_file.add_user(users, User("ann", Role.READER, hash_password("password", CHEAP)))
    )
    assert users_file.read_users(file)["ann"].id not in {user.id for user in before.values()}
    assert users_file.read_users(file)["bob"] == before["bob"]


def test_an_account_from_before_there_were_ids_has_its_name_for_one_until_it_is_made_anew(tmp_path: Path) -> None:
    file = tmp_path / "users.jsonl"
    file.write_text(json.dumps({"name": "ann", "role": "reader", "password": hash_password("password", CHEAP)}) + "\n")
    assert users_file.read_users(file)["ann"].id == "ann"
    users_file.change_users(file, lambda users: users_file.set_role(users, "ann", Role.EDITOR))
    assert json.loads(file.read_text())["id"] == "ann"
    users_file.change_users(file, lambda users: users_file.remove_user(users, "ann"))
    users_file.change_users(
        file, lambda users: users_file.add_user(users, User("ann", Role.READER, hash_password("password", CHEAP)))
    )
    assert users_file.read_users(file)["ann"].id != "ann"


@pytest.mark.parametrize("given", ['""', "7", "null", '"ann"'])
def test_an_id_that_is_none_or_anothers_is_told(tmp_path: Path, given: str) -> None:
    file = tmp_path / "users.jsonl"
    row = json.dumps({"name": "bob", "role": "reader", "password": hash_password("password", CHEAP)})
    first = json.dumps({"name": "ann", "role": "reader", "password": hash_password("password", CHEAP)})
    file.write_text(first + "\n" + row.replace("{", f'{{"id": {given}, ', 1))
    with pytest.raises(UsersFileError, match=r"users.jsonl:2:? .*(an id|the id)"):
        users_file.read_users(file)


def test_changes_from_everywhere_at_once_all_count(tmp_path: Path) -> None:
    file = tmp_path / "users.jsonl"
    stored = hash_password("password", CHEAP)
    names = [f"user{n}" for n in range(24)]

    def add(name: str) -> None:
        users_file.change_users(file, lambda users: users_file.add_user(users, User(name, Role.READER, stored)))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add, names))
    assert sorted(users_file.read_users(file)) == sorted(names)


# Passwords


def test_too_many_tries_are_told_how_long_to_wait_even_with_the_right_password(file: Path) -> None:
    clock = Clock()
    signed = SessionManager(file, LoginThrottle(clock), clock)
    for _ in range(PAIR.free):
        assert sign_in(signed, "ann", "wrong") is None
    with pytest.raises(TooManyFailuresError, match=r"Try again in \d+ seconds"):
        sign_in(signed, "ann", "ann's secret")
    clock.time += PAIR.max_wait
    assert sign_in(signed, "ann", "ann's secret")
    assert sign_in(signed, "ann", "wrong") is None  # and the count begins anew


def test_a_name_that_is_nobodys_costs_a_hash_too(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hashes: list[str] = []
    monkeypatch.setattr("ui.auth.sessions.verify_password", lambda password, stored: hashes.append(stored))
    signed = SessionManager(file)
    sign_in(signed, "ann", "wrong")
    sign_in(signed, "nobody", "wrong")
    sign_in(signed, "x" * 5_000, "wrong")
    assert [is_hash(stored) for stored in hashes] == [True] * 3


def test_a_password_sent_many_times_at_once_is_hashed_once(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hashes: list[str] = []
    gate = threading.Event()

    def slow(password: str, stored: str) -> bool:
        hashes.append(password)
        assert gate.wait(120)
        return verify_password(password, stored)

    monkeypatch.setattr("ui.auth.sessions.verify_password", slow)
    signed = SessionManager(file)

    async def many() -> list[User | None]:
        asked = [asyncio.ensure_future(signed.authenticate("ann", "ann's secret", "here")) for _ in range(30)]
        left = asyncio.ensure_future(signed.authenticate("ann", "ann's secret", "here"))
        await asyncio.sleep(0)
        left.cancel()  # somebody who leaves breaks it off for nobody
        await asyncio.sleep(0)
        gate.set()
        return await asyncio.gather(*asked)

    found = asyncio.run(many())
    assert [user.name if user else "" for user in found] == ["ann"] * 30
    assert hashes == ["ann's secret"]


def test_only_so_many_passwords_wait_and_who_is_sent_away_has_not_failed(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = threading.Event()
    monkeypatch.setattr("ui.auth.sessions.verify_password", lambda *_: gate.wait(120) and False)
    signed = SessionManager(file, hashing=WorkerPool(1, 1))

    async def many() -> list[str | BaseException | None]:
        waiting = [asyncio.ensure_future(signed.sign_in(name, "wrong", "here")) for name in ("one", "two")]
        await asyncio.sleep(0)
        for _ in range(3 * PAIR.free):
            with pytest.raises(PasswordQueueFullError) as full:
                await signed.sign_in("ann", "ann's secret", "here")
            assert full.value.seconds > 0
        gate.set()
        return await asyncio.gather(*waiting, return_exceptions=True)

    assert asyncio.run(many()) == [None, None]
    monkeypatch.undo()
    assert sign_in(signed, "ann", "ann's secret")


def users(*arguments: str, cwd: Path, password: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "ui.cli.main", "users", *arguments]
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
    assert verify_password("quite another", users_file.read_users(tmp_path / "users.jsonl")["ann"].password)
    assert users("role", "ann", "admin", *auth, cwd=tmp_path).returncode == 0
    assert users("list", *auth, cwd=tmp_path).stdout == "ann  admin\n"
    assert users("role", "bob", "admin", *auth, cwd=tmp_path).returncode == 1
    assert users("rm", "\uff41nn", *auth, cwd=tmp_path).returncode == 0
    assert users("list", *auth, cwd=tmp_path).stdout == ""
    missing = users("list", cwd=tmp_path)
    assert (missing.returncode, "--auth FILE" in missing.stderr) == (1, True)
    assert not re.search(r"(?im)^ +-*password|=password", users("add", "--help", cwd=tmp_path).stdout)
