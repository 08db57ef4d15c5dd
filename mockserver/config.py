"""The settings: one table, read from flags, the environment and `mockserver.toml`, in that order.

The table is the two dataclasses below: a field is a setting, its name with dashes is the flag and
the file's key, and `MOCKSERVER_` with the name in capitals is the environment variable.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import msgspec

from mockserver.config_file import read_document, texts_of
from mockserver.config_readers import (
    did_you_mean,
    one_of,
    read_account,
    read_address,
    read_clock,
    read_count,
    read_grace,
    read_host,
    read_mapping,
    read_name,
    read_port,
    read_switch,
    read_text,
    read_trial_code,
    read_url,
    read_webhook,
    read_whole,
)
from mockserver.domain.accounts import DEFAULT_SID, DEFAULT_TOKEN, Account
from mockserver.domain.options import Options

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

PREFIX: Final = "MOCKSERVER_"
FILE: Final = "mockserver.toml"


class ConfigError(ValueError):
    """A setting that cannot be used. The text names where it was given, and the fix."""

    def __init__(self, source: str, message: str) -> None:
        super().__init__(f"{source}: {message}")
        self.source = source


class Row(msgspec.Struct, frozen=True):
    """One setting of the table."""

    name: str
    """The field's name."""
    default: object
    read: Callable[[str], object]
    """Text to value; raises `ValueError` with what was expected."""
    about: str
    shape: str
    """What stands for the value in the help; "" for a switch."""
    many: bool

    @property
    def flag(self) -> str:
        """As typed, without the two dashes; also the key in the file."""
        return self.name.replace("_", "-")

    @property
    def variable(self) -> str:
        """The environment variable."""
        return PREFIX + self.name.upper()


# -- the table -------------------------------------------------------------------------------------

Value = TypeVar("Value")


def setting(
    default: Value,
    read: Callable[[str], object],
    about: str,
    shape: str = "",
    *,
    many: bool = False,
) -> Value:
    """One row. With `many` the value is a tuple, and `read` reads one item of it."""
    row = {"read": read, "about": about, "shape": shape, "many": many}
    return field(default=default, metadata=row)


@dataclass(frozen=True, slots=True)
class Settings:
    """What a server runs with. Empty text, an empty list and `None` stand for "not given"."""

    config: str = setting(
        "", read_text, f"the settings file; {FILE} here, where there is one", "FILE"
    )
    host: str = setting(
        "localhost", read_address, "address to listen on; localhost is both loopbacks", "HOST"
    )
    port: int = setting(2010, read_port, "port to listen on; 0 picks a free one", "PORT")
    https_port: int | None = setting(
        None, read_port, "port for TLS, beside the other; 0 picks a free one", "PORT"
    )
    ca_dir: str = setting(
        "", read_text, "folder for the CA and its keys; a user's own folder if absent", "DIR"
    )
    proxy_others: str = setting(
        "refuse",
        one_of("refuse", "tunnel"),
        "what the proxy does with hosts that are not Twilio's",
        "refuse|tunnel",
    )
    proxy_upstream: str = setting(
        "", read_url, "proxy for those hosts; HTTPS_PROXY and HTTP_PROXY if absent", "URL"
    )
    account: tuple[Account, ...] = setting(
        (),
        read_account,
        "an account that exists from the start",
        "SID:TOKEN[:Trial][:test]",
        many=True,
    )
    strict_accounts: bool = setting(
        False, read_switch, "answer 401 to accounts and keys that were not set up"
    )
    strict_senders: bool = setting(
        False, read_switch, "accept only senders that were set up (as a scenario's senders: strict)"
    )
    strict_numbers: bool = setting(
        False,
        read_switch,
        "accept only numbers of the numbering plan (as a scenario's numbers: strict)",
    )
    max_accounts: int = setting(10_000, read_count, "most accounts that may come into being", "N")
    new_accounts: str = setting(
        "default",
        one_of("default", "newest"),
        "sandbox in which an account that nobody set up comes into being",
        "default|newest",
    )
    trial_unverified_code: int | None = setting(
        None,
        read_trial_code,
        "error for an unverified number on a Trial account, where the scenario names none",
        "21219|21608",
    )
    scenario: str = setting(
        "",
        read_text,
        "scenario in force from the start; values for its parameters may follow: NAME:share=0.5",
        "NAME|FILE",
    )
    scenarios: str = setting("", read_text, "folder with scenarios of your own", "DIR")
    clock: str = setting(
        "real", read_clock, "how time passes: real, instant, manual or scaled:60", "MODE"
    )
    seed: int | None = setting(None, read_whole, "seed of everything that chance decides", "N")
    state: str = setting(
        "",
        read_text,
        "file that keeps every sandbox's tables (not its journals) for the next start",
        "FILE",
    )
    inbound_url: str = setting(
        "", read_webhook, "webhook for what handsets write to numbers that have none", "URL"
    )
    webhook_map: tuple[tuple[str, str], ...] = setting(
        (),
        read_mapping,
        "send webhooks for one address to another (https://my.app=http://localhost:3000), or "
        "try another host where one refuses (localhost=host.docker.internal)",
        "FROM=TO",
        many=True,
    )
    webhook_allow: tuple[str, ...] = setting(
        (),
        read_host,
        "host or network, else refused, that webhooks may go to",
        "HOST",
        many=True,
    )
    allow_host: tuple[str, ...] = setting(
        (),
        read_name,
        "further name of this server (or *.NAME, all below it), else 421 for a name that may be a "
        "stranger's",
        "NAME",
        many=True,
    )
    callback_grace: int = setting(
        20_000, read_grace, "wait between an answer and the first status callback", "DURATION"
    )
    """Microseconds of wall time; a manual clock has none."""
    check_responses: bool = setting(
        False, read_switch, "check every answer against its schema (slow)"
    )
    exit_with_parent: bool = setting(
        False, read_switch, "stop when the process that started the server ends"
    )
    keep_dropped: bool = setting(
        False, read_switch, "remember what sandboxes saw that are dropped or reset, as under run"
    )
    log_format: str = setting("text", one_of("text", "json"), "form of the log", "text|json")
    quiet: bool = setting(False, read_switch, "do not print a line per message")

    @property
    def options(self) -> Options:
        """The switches of which a scenario says nothing."""
        return Options(
            senders="strict" if self.strict_senders else "any",
            numbers="strict" if self.strict_numbers else "any",
            trial_unverified_code=21608 if self.trial_unverified_code == 21608 else 21219,
        )


@dataclass(frozen=True, slots=True)
class Target:
    """The running server that a command talks to, and as whom."""

    url: str = setting("", read_url, "address of the server; from host and port if absent", "URL")
    account_sid: str = setting(DEFAULT_SID, read_text, "account to act as", "SID")
    auth_token: str = setting(DEFAULT_TOKEN, read_text, "Auth Token of that account", "TOKEN")


def rows(table: "type[DataclassInstance]") -> tuple[Row, ...]:
    """The rows of one of the two tables."""
    return tuple(Row(one.name, one.default, **one.metadata) for one in fields(table))


ROWS: Final[Mapping[str, Row]] = {row.flag: row for row in (*rows(Settings), *rows(Target))}
"""Every setting by its flag."""


# -- reading ---------------------------------------------------------------------------------------


class Given(msgspec.Struct, frozen=True):
    """What one source says about one setting, still as text."""

    source: str
    """The flag, the variable, or the file and key: what an error names."""
    texts: tuple[str, ...]


class Loaded(msgspec.Struct, frozen=True):
    """Settings, where each came from, and what is worth a warning."""

    settings: Settings
    target: Target
    origins: Mapping[str, str]
    """By field; `default` where nobody gave it."""
    warnings: tuple[str, ...]


def load(
    flags: Mapping[str, str | bool | Sequence[str]],
    environ: Mapping[str, str],
    directory: Path,
) -> Loaded:
    """Settings out of flags (by field), environment and file; raises `ConfigError`."""
    variables, warnings = from_environ(environ)
    typed = from_flags(flags)
    named = typed.get("config") or variables.get("config")
    given = from_file(directory, named) | variables | typed
    values = {name: _value(ROWS[name.replace("_", "-")], one) for name, one in given.items()}
    settings, target = Settings(**_only(Settings, values)), Target(**_only(Target, values))
    origins = {
        row.name: given[row.name].source if row.name in given else "default"
        for row in ROWS.values()
    }
    if not target.url and settings.port:
        target = replace(target, url=_address(settings))
    return Loaded(settings, target, origins, warnings)


def from_flags(flags: Mapping[str, str | bool | Sequence[str]]) -> dict[str, Given]:
    """Flags by field; a list's items may hold commas too."""
    given: dict[str, Given] = {}
    for name, value in flags.items():
        typed = ("--no-" if value is False else "--") + name.replace("_", "-")
        given[name] = Given(typed, _texts(name, value))
    return given


def from_environ(environ: Mapping[str, str]) -> tuple[dict[str, Given], tuple[str, ...]]:
    """Variables by field, and a warning for each that is none of ours; empty ones do not count."""
    given: dict[str, Given] = {}
    warnings: list[str] = []
    for variable in sorted(environ):
        text = environ[variable]
        if not variable.startswith(PREFIX) or not text:
            continue
        flag = variable.removeprefix(PREFIX).lower().replace("_", "-")
        if text.startswith("tcp://"):
            warnings.append(f"{variable} is ignored: {text} is what Kubernetes sets for a service")
        elif row := ROWS.get(flag):
            given[row.name] = Given(variable, _texts(row.name, text))
        else:
            hint = did_you_mean(variable, [row.variable for row in ROWS.values()])
            warnings.append(f"{variable} is ignored: there is no such setting{hint}")
    return given, tuple(warnings)


def from_file(directory: Path, named: Given | None = None) -> dict[str, Given]:
    """The file's keys by field; the file that nobody named may be absent."""
    path = directory / (named.texts[0] if named else FILE)
    given: dict[str, Given] = {}
    for key, value in _document(path, named).items():
        source = f"{path.name}: {key}"
        row = _row_of(source, key, value)
        if row.name in given:
            raise ConfigError(source, f"given twice, also as {given[row.name].source}")
        given[row.name] = Given(source, _scalars(source, row, value))
    return given


def _document(path: Path, named: Given | None) -> dict[str, object]:
    try:
        return read_document(path)
    except OSError as problem:
        if named is None and isinstance(problem, FileNotFoundError):
            return {}
        source = named.source if named else FILE
        raise ConfigError(source, f"cannot read {path}: {problem.strerror}") from problem
    except ValueError as error:
        raise ConfigError(str(path), f"not a TOML document: {error}") from error


def _row_of(source: str, key: str, value: object) -> Row:
    """The row that a file's key means; raises `ConfigError`."""
    row = ROWS.get(key.replace("_", "-"))
    if row is None:
        hint = did_you_mean(key.replace("_", "-"), list(ROWS))
        if isinstance(value, dict):
            hint += f"; settings stand in no table: leave [{key}] out"
        raise ConfigError(source, f"there is no such setting{hint}")
    if row.name == "config":
        raise ConfigError(source, "a settings file cannot name another; use --config")
    return row


def _scalars(source: str, row: Row, value: object) -> tuple[str, ...]:
    """A key's value as texts."""
    if isinstance(value, str):
        return _texts(row.name, value)
    switch = row.read is read_switch
    word = "true" if switch else f'["{row.shape}"]' if row.many else f'"{row.shape}"'
    try:
        return texts_of(value, many=row.many, switch=switch, form=f"{row.flag} = {word}")
    except ValueError as error:
        raise ConfigError(source, str(error)) from error


def _texts(name: str, value: str | bool | Sequence[str]) -> tuple[str, ...]:
    """One text, or for a list its items, cut at commas."""
    if isinstance(value, bool):
        return (str(value).lower(),)
    if not ROWS[name.replace("_", "-")].many:
        return (value,) if isinstance(value, str) else tuple(value)
    whole = value if isinstance(value, str) else ",".join(value)
    return tuple(item.strip() for item in whole.split(",") if item.strip())


def _value(row: Row, given: Given) -> object:
    try:
        values = tuple(row.read(text) for text in given.texts)
    except ValueError as error:
        raise ConfigError(given.source, str(error)) from error
    return values if row.many else values[0]


def _only(table: "type[DataclassInstance]", values: Mapping[str, object]) -> dict[str, Any]:
    return {one.name: values[one.name] for one in fields(table) if one.name in values}


def _address(settings: Settings) -> str:
    """Where a server with these settings is reached from this machine."""
    host = "localhost" if settings.host in ("0.0.0.0", "::", "") else settings.host
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"
