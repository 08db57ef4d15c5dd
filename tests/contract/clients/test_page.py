"""`docs/clients.md` keeps its word: what it calls a test is run here, word for word."""

import json
import os
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from tests.contract.clients.conftest import Missing, Mock

PAGE: Final = (Path(__file__).parents[3] / "docs" / "clients.md").read_text(encoding="utf-8")
SECTIONS: Final = {
    part.partition("\n")[0]: part for part in re.split(r"^#+ (?=.+\n\n)", PAGE, flags=re.MULTILINE)
}
TOLD_BEFORE: Final = (
    "",
    "Any language, any framework",
    "What was run",
    "Frameworks",
    "Programs that were run",
)
"""Parts of the page that are no recipes."""

TO, CODE = "+15558675310", "Your code is 123456"


def recipe(section: str, language: str, number: int = 0) -> str:
    """One of the blocks of a section, in order."""
    found: list[str] = re.findall(rf"```{language}\n(.*?)```", SECTIONS[section], re.DOTALL)
    return found[number]


def commands(section: str, number: int = 0) -> str:
    """A console block without its prompts."""
    return re.sub(r"^\$ ", "", recipe(section, "console", number), flags=re.MULTILINE)


@pytest.mark.parametrize("section", [name for name in SECTIONS if name not in TOLD_BEFORE])
def test_every_recipe_says_what_was_run(section: str) -> None:
    """The first words of each are about that."""
    text = SECTIONS[section].partition("\n")[2].strip()
    assert re.match(r"(Run here: |Run here by hand: |Not run here\.)", text), text[:60]


# -- what `run` does --


@pytest.mark.parametrize(
    ("program", "section", "language", "typed"),
    [
        ("send.py", "Asynchronous", "python", "Python"),
        ("send.js", "Node.js", "js", "Node.js"),
    ],
)
def test_a_program_finds_the_mock_under_run(
    program: str, section: str, language: str, typed: str, mock: "Mock", tmp_path: Path, node: str
) -> None:
    """Python's asynchronous client, too, which reads no variables; the command as it stands."""
    (tmp_path / program).write_text(recipe(section, language), encoding="utf-8")
    printed = mock.ran(["sh", "-euc", commands(typed)], env=mock.outer, cwd=tmp_path)
    assert re.fullmatch(r"SM[0-9a-f]{32} queued\n", printed)
    assert mock.sent() == []  # `run` has a server of its own


# -- Python --


def test_python_finds_the_mock_by_the_environment(mock: "Mock") -> None:
    """`Client()` and nothing else."""
    printed = mock.ran([sys.executable, "-c", recipe("Python", "python")])
    [message] = mock.sent()
    assert printed == f"{message['sid']} queued\n"
    assert (message["to"], message["body"], message["codes"]) == (TO, CODE, ["123456"])


def test_python_finds_the_mock_by_its_base_url(mock: "Mock") -> None:
    """A client that was told two hosts."""
    program = mock.here(recipe("Python", "python", 1))
    mock.ran([sys.executable, "-c", program], env=mock.outer)
    assert [each["body"] for each in mock.sent()] == [CODE]
    journal = mock.ask("/requests")["requests"]
    assert [each["operation"] for each in journal] == [
        "api.v2010.CreateMessage",
        "messaging.v1.CreateService",
    ]


# -- Node.js --


@pytest.mark.parametrize("number", [1, 2], ids=["base", "https"])
def test_node_finds_the_mock_by_a_line_of_code(mock: "Mock", node: str, number: int) -> None:
    """A base URL, or an agent for the TLS port with the CA's certificate alone."""
    trust = {"NODE_EXTRA_CA_CERTS": mock.environ["NODE_EXTRA_CA_CERTS"]}
    program = mock.here(recipe("Node.js", "js", number))
    printed = mock.ran([node, "-e", program], env={**mock.outer, **trust})
    assert [f"{message['sid']} queued\n" for message in mock.sent()] == [printed]


# -- Java --


def test_java_finds_the_mock_by_the_environment(
    mock: "Mock", tmp_path: Path, missing: "Missing"
) -> None:
    """The JDK's own client, which knows neither the proxy nor the certificates."""
    java = shutil.which("java")
    if java is None or shutil.which("javac") is None:
        missing("java", "there is no JDK")
    (tmp_path / "Send.java").write_text(recipe("Java", "java"), encoding="utf-8")
    printed = mock.ran([java, "-XX:TieredStopAtLevel=1", "Send.java"], cwd=tmp_path)
    assert printed == "201\n"
    assert [each["to"] for each in mock.sent()] == [TO]


# -- curl --


@pytest.mark.parametrize("number", [0, 1, 2], ids=["direct", "proxy", "https"])
def test_curl_finds_the_mock(mock: "Mock", tmp_path: Path, missing: "Missing", number: int) -> None:
    """By its address, by the environment, and on the TLS port; in a shell, as it stands."""
    if shutil.which("curl") is None:
        missing("curl", "the examples need it")
    environ = {**mock.outer, "MOCKSERVER_URL": mock.url}
    script = mock.here(commands("curl", number))
    answer = json.loads(mock.ran(["sh", "-euc", script], env=environ, cwd=tmp_path))
    assert [each["sid"] for each in mock.sent()] == [answer["sid"]]


# -- Frameworks --


@pytest.mark.parametrize(
    ("section", "needs", "passed"),
    [
        ("Flask", (), 2),
        ("FastAPI", ("fastapi", "httpx", "python_multipart"), 1),
        ("Celery", ("celery",), 2),
    ],
)
def test_the_tests_of_an_application_pass(
    section: str, needs: tuple[str, ...], passed: int, tmp_path: Path, missing: "Missing"
) -> None:
    """The block is an application with its tests."""
    absent(needs, missing)
    (tmp_path / "test_application.py").write_text(recipe(section, "python"), encoding="utf-8")
    assert f"{passed} passed" in suite(["-m", "pytest", "-q", "-p", "no:cacheprovider"], tmp_path)


def test_the_tests_of_a_django_project_pass(tmp_path: Path, missing: "Missing") -> None:
    """The block is a test case; the project around it keeps its credentials in its settings."""
    absent(("django",), missing)
    (tmp_path / "tests.py").write_text(recipe("Django", "python"), encoding="utf-8")
    (tmp_path / "project.py").write_text(PROJECT, encoding="utf-8")
    suite(["-m", "django", "test", "--settings", "project"], tmp_path)


PROJECT: Final = """
from django.http import HttpResponse
from django.urls import path
from twilio.rest import Client

DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
ROOT_URLCONF = "project"
SECRET_KEY = "test"
TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN = "AC" + "1" * 32, "of production"
USE_TZ = True


def signup(request):
    from django.conf import settings

    client = Client(settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN)
    client.messages.create(
        to=request.POST["phone"], from_="+15017122661", body="Your code is 123456"
    )
    return HttpResponse()


urlpatterns = [path("signup", signup, name="signup")]
"""
"""Somebody's project, with views, addresses and settings in one file."""


def absent(needs: tuple[str, ...], missing: "Missing") -> None:
    """Skip where something is not installed."""
    for name in needs:
        if find_spec(name) is None:
            missing(name, "it is not installed")


def suite(words: list[str], folder: Path) -> str:
    """What a run of somebody's tests prints; it fails where they do."""
    alone = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_PLUGINS": "mockserver.pytest_plugin"}
    ran = subprocess.run(
        [sys.executable, *words],
        env={**os.environ, **alone},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout
