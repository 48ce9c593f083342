"""The files a container is made from: what they name exists, and is what the rest of the project says."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from ui.settings import SECRETS, configuration, setting_names

ROOT = Path(__file__).parents[1]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))


def test_what_is_copied_exists_and_is_not_ignored() -> None:
    let_in = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    copied = {
        name for line in re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.MULTILINE) for name in line.split()[:-1]
    }
    assert copied == let_in
    assert all((ROOT / name).exists() for name in copied)


def test_what_is_needed_is_listed_as_the_image_lists_it() -> None:
    (code,) = re.findall(r'python -c "(import tomllib[^"]+)"', DOCKERFILE)
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    wanted = done.stdout.split("\n")
    assert any(line.startswith("gradio") for line in wanted)
    assert any(line.startswith("anthropic") for line in wanted)


@pytest.mark.parametrize("service", sorted(COMPOSE["services"]))
def test_no_service_may_more_than_it_needs(service: str) -> None:
    one: dict[str, Any] = COMPOSE["services"][service]
    assert one["security_opt"] == ["no-new-privileges:true"]
    assert not one.get("privileged")
    assert "network_mode" not in one
    assert (service == "onrecord") != ("profiles" in one)
    assert ("ports" in one) == (service == "onrecord")
    for volume in one["volumes"]:
        source = volume.split(":")[0]
        assert source.startswith("./") or source in COMPOSE["volumes"]


def test_settings_of_the_image_and_of_compose_are_settings() -> None:
    given = dict(re.findall(r"(ONRECORD_[A-Z_]+)=(\S+)", DOCKERFILE.partition("FROM python:${PYTHON}-slim\n")[2]))
    given |= {name: "" for name in COMPOSE["services"]["onrecord"]["environment"] if name.startswith("ONRECORD_")}
    settings = {name.removeprefix("ONRECORD_").lower() for name in given.keys() - SECRETS}
    assert settings <= set(setting_names())
    web = configuration(given, {}, ROOT / "none.toml").web
    assert (web.host, web.port, web.auth, web.log_format) == ("0.0.0.0", 7860, "", "json")
    assert "127.0.0.1" in COMPOSE["services"]["onrecord"]["ports"][0]


def test_the_server_of_chroma_is_the_version_of_its_client() -> None:
    pinned = re.search(r"^chromadb==(.+)$", (ROOT / "constraints.txt").read_text(), re.MULTILINE)
    assert pinned is not None
    assert COMPOSE["services"]["chroma"]["image"] == f"chromadb/chroma:{pinned[1]}"


def test_nothing_reaches_the_server_of_chroma_but_through_its_gate() -> None:
    beside = {name for name, one in COMPOSE["services"].items() if "behind" in one.get("networks", [])}
    assert beside == {"chroma", "chroma-gate"}
    assert COMPOSE["services"]["chroma"]["networks"] == ["behind"]
    assert COMPOSE["networks"]["behind"] == {"internal": True}


def test_the_container_runs_as_nobody_in_particular_and_stops_in_time() -> None:
    assert re.search(r"^USER 10001:10001$", DOCKERFILE, re.MULTILINE)
    assert "HEALTHCHECK" in DOCKERFILE
    grace = int(COMPOSE["services"]["onrecord"]["stop_grace_period"].removesuffix("s"))
    assert grace > configuration({}, {}, ROOT / "none.toml").web.stop_seconds + 5
