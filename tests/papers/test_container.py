"""What can be known of the container without an engine; `make image-test` does the rest."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from mockserver.config import ROWS
from mockserver.server import LATER

ROOT = Path(__file__).parents[2]
LOCKS = ("requirements.lock", "build.lock")


def lines(name: str) -> list[str]:
    """The lines of a Dockerfile or the like, joined where one goes on."""
    return re.sub(r"\\\n", " ", (ROOT / name).read_text()).splitlines()


def pinned(name: str) -> dict[str, str]:
    """What a lock file installs, by name."""
    found = re.findall(r"^([a-z0-9-]+)==(\S+)", (ROOT / "container" / name).read_text(), re.M)
    return dict(found)


def compose() -> dict[str, Any]:
    """The services of `compose.yaml`."""
    document = yaml.safe_load((ROOT / "compose.yaml").read_text())
    services: dict[str, Any] = document["services"]
    return services


def test_everything_that_the_package_needs_is_locked() -> None:
    """In the versions that it allows, with the extra for Comms."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["comms"]]
    names = {re.split(r"[^A-Za-z0-9._-]", each)[0].lower() for each in wanted}
    assert names - pinned("requirements.lock").keys() == set()
    assert "hatchling" in pinned("build.lock")


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_file_names_no_place(name: str) -> None:
    """Every requirement has a hash, and comes from wherever pip is told to look."""
    text = (ROOT / "container" / name).read_text()
    assert "://" not in text
    assert "--index" not in text
    requirements = re.split(r"\n(?=[a-z0-9-]+==)", text.strip())
    assert all("--hash=sha256:" in each for each in requirements)


def test_what_is_copied_is_there_and_is_sent() -> None:
    """`.dockerignore` lets through what the Dockerfile copies out of the checkout."""
    let_through = {line[1:] for line in lines(".dockerignore") if line.startswith("!")}
    copied = [line.split()[1:-1] for line in lines("Dockerfile") if re.match(r"COPY (?!--)", line)]
    for source in (each for sources in copied for each in sources):
        assert source in let_through
        assert list(ROOT.glob(source))


def test_the_image_is_set_up_by_settings_that_there_are() -> None:
    """Every `MOCKSERVER_…` in the Dockerfile and in the compose file is one."""
    known = {row.variable for row in ROWS.values()}
    said = re.findall(r"MOCKSERVER_[A-Z_]+", (ROOT / "Dockerfile").read_text())
    assert {*said, *compose()["twilio"]["environment"]} - known == set()


def test_the_image_runs_as_nobody_in_particular() -> None:
    """Its last stage names a user that is not root, and a check of its health."""
    text = lines("Dockerfile")
    assert [line for line in text if line.startswith("USER")] == ["USER 10001:10001"]
    assert any(line.startswith("HEALTHCHECK") for line in text)


def test_compose_answers_for_every_host() -> None:
    """Of Twilio's that are served."""
    aliases = set(compose()["twilio"]["networks"]["default"]["aliases"])
    hosts = {f"{name}.twilio.com" for name in ("api", *LATER) if name != "twilionotify"}
    assert aliases == hosts


def test_the_sample_application_is_compiled() -> None:
    """It is a few lines; `docs/ci.md` and `compose.yaml` name files that are there."""
    folder = ROOT / compose()["app"]["build"]
    for name in ("app.py", "start.py"):
        compile((folder / name).read_text(), name, "exec")
    assert (folder / "Dockerfile").is_file()


def test_the_examples_for_ci_are_yaml() -> None:
    """And each runs a job with steps or a script."""
    blocks = re.findall(r"```yaml\n(.*?)```", (ROOT / "docs" / "ci.md").read_text(), re.S)
    assert len(blocks) == 3
    for block in blocks:
        document = yaml.safe_load(block)
        job = document.get("test") or document["jobs"]["test"]
        assert job.get("script") or job["steps"]
