"""Settings out of flags, environment and file."""

from collections.abc import Mapping
from dataclasses import FrozenInstanceError, fields
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as some

from mockserver.config import (
    ROWS,
    ConfigError,
    Loaded,
    Row,
    Settings,
    Target,
    load,
    rows,
)
from mockserver.domain.accounts import DEFAULT_SID, DEFAULT_TOKEN, Account

SID = "AC" + "5" * 32
OTHER = "AC" + "6" * 32


def settings(flags: Mapping[str, str | bool | list[str]], directory: Path) -> Settings:
    return load(flags, {}, directory).settings


def from_variable(variable: str, text: str, directory: Path) -> Loaded:
    return load({}, {variable: text}, directory)


def from_text(text: str, directory: Path) -> Settings:
    (directory / "mockserver.toml").write_text(text, encoding="utf-8")
    return load({}, {}, directory).settings


def complaint(directory: Path, text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        from_text(text, directory)
    return str(caught.value)


# -- the table -------------------------------------------------------------------------------------


def test_nothing_given_is_the_default_of_every_row(tmp_path: Path) -> None:
    """An empty directory and environment give the table's defaults, all marked so."""
    loaded = load({}, {}, tmp_path)
    assert loaded.settings == Settings()
    assert (loaded.settings.port, loaded.settings.clock) == (2010, "real")
    assert set(loaded.origins.values()) == {"default"}
    assert loaded.warnings == ()


def test_every_row_has_names_and_a_sentence() -> None:
    """Flag and variable derive from the field, and each row says in words what it is for."""
    for row in ROWS.values():
        assert row.flag == row.name.replace("_", "-")
        assert row.variable == "MOCKSERVER_" + row.name.upper()
        assert len(row.about.split()) > 2


def test_every_field_is_a_row() -> None:
    """Nothing can be set that the table does not list, and no flag means two things."""
    names = [one.name for table in (Settings, Target) for one in fields(table)]
    assert [row.name for row in ROWS.values()] == names
    assert [row.default for row in rows(Target)] == ["", DEFAULT_SID, DEFAULT_TOKEN]


def test_settings_do_not_change() -> None:
    """They are shared by everything the server starts."""
    with pytest.raises(FrozenInstanceError):
        Settings().port = 1  # type: ignore[misc]


# -- every row from everywhere ---------------------------------------------------------------------

SAMPLES = {
    "": "true",
    "PORT": "4321",
    "N": "7",
    "DURATION": "5ms",
    "MODE": "manual",
    "HOST": "10.0.0.7",
    "NAME": "mock.example",
    "NAME|FILE": "carrier-outage",
    "DIR": "folder/of mine",
    "FILE": "some.db",
    "URL": "http://mock.test:1",
    "SID": SID,
    "TOKEN": "secret",
    "FROM=TO": "https://a.test=http://localhost:1/b",
    "SID:TOKEN[:Trial][:test]": f"{SID}:token:Trial",
}
"""A value that is nobody's default, by what the help calls it."""

EVERY = [row for row in ROWS.values() if row.name != "config"]


def sample(row: Row) -> str:
    """One of several words, or one that fits the row's shape."""
    if row.shape in SAMPLES:
        return SAMPLES[row.shape]
    assert "|" in row.shape, f"--{row.flag} takes {row.shape}: give SAMPLES one"
    return next(word for word in row.shape.split("|") if word != row.default)


def effective(row: Row, loaded: Loaded) -> object:
    table = loaded.target if hasattr(loaded.target, row.name) else loaded.settings
    return getattr(table, row.name)


@pytest.mark.parametrize("row", EVERY, ids=lambda row: row.flag)
def test_every_setting_comes_from_everywhere(row: Row, tmp_path: Path) -> None:
    """Flag, variable and key, with dashes or underscores: one value, and none its default."""
    text = sample(row)
    switch = row.shape == ""
    texts: list[str] = [f"{row.flag} = {'true' if switch else repr(text)}"]
    texts.append(f"{row.name} = {text if text.isdecimal() else repr(text)}")
    found = [
        load({row.name: True if switch else [text] if row.many else text}, {}, tmp_path),
        from_variable(row.variable, text, tmp_path),
    ]
    for line in texts:
        (tmp_path / "mockserver.toml").write_text(f"{line}\n", encoding="utf-8")
        found.append(load({}, {}, tmp_path))
    [value] = {effective(row, each) for each in found}
    assert value not in (row.default, None)
    assert [each.origins[row.name] for each in found] == [
        f"--{row.flag}",
        row.variable,
        f"mockserver.toml: {row.flag}",
        f"mockserver.toml: {row.name}",
    ]


@pytest.mark.parametrize("row", [row for row in EVERY if row.many], ids=lambda row: row.flag)
def test_every_list_may_be_written_in_four_ways(row: Row, tmp_path: Path) -> None:
    """Several words of a flag, commas there and in a variable, an array, or commas in the file."""
    one, two = sample(row), sample(row).replace("a.test", "b.test").replace("5", "6")
    both = f"{one}, {two}"
    found = [
        load({row.name: [one, two]}, {}, tmp_path),
        load({row.name: [both]}, {}, tmp_path),
        from_variable(row.variable, both, tmp_path),
    ]
    for line in (f"{[one, two]}", f"{both!r}"):
        (tmp_path / "mockserver.toml").write_text(f"{row.flag} = {line}\n", encoding="utf-8")
        found.append(load({}, {}, tmp_path))
    [value] = {effective(row, each) for each in found}
    assert isinstance(value, tuple)
    assert len(value) == 2
    (tmp_path / "mockserver.toml").write_text(f"{row.flag} = []\n", encoding="utf-8")
    assert effective(row, load({}, {}, tmp_path)) == ()


@pytest.mark.parametrize("row", EVERY, ids=lambda row: row.flag)
def test_no_setting_is_a_table_or_a_date(row: Row, tmp_path: Path) -> None:
    """Whatever its type; the key is named, and a line as it should be."""
    for wrong in ("{ a = 1 }", "12:00:00", "[[1]]"):
        told = complaint(tmp_path, f"{row.flag} = {wrong}")
        assert told.startswith(f"mockserver.toml: {row.flag}: takes text or a number, not a")
        assert f"; write {row.flag} = " in told


# -- precedence ------------------------------------------------------------------------------------


@pytest.mark.parametrize("in_file", [False, True])
@pytest.mark.parametrize("in_environment", [False, True])
@pytest.mark.parametrize("as_flag", [False, True])
def test_flag_before_variable_before_file_before_default(
    tmp_path: Path, *, in_file: bool, in_environment: bool, as_flag: bool
) -> None:
    """The strongest source decides, and the origin names it."""
    if in_file:
        (tmp_path / "mockserver.toml").write_text("port = 1003\n", encoding="utf-8")
    environ = {"MOCKSERVER_PORT": "1002"} if in_environment else {}
    flags = {"port": "1001"} if as_flag else {}
    loaded = load(flags, environ, tmp_path)
    sources = [
        (as_flag, 1001, "--port"),
        (in_environment, 1002, "MOCKSERVER_PORT"),
        (in_file, 1003, "mockserver.toml: port"),
        (True, 2010, "default"),
    ]
    port, origin = next((port, origin) for there, port, origin in sources if there)
    assert (loaded.settings.port, loaded.origins["port"]) == (port, origin)


def test_a_list_is_replaced_and_not_added_to(tmp_path: Path) -> None:
    """The stronger source's list is the whole list."""
    (tmp_path / "mockserver.toml").write_text('webhook-allow = ["a.test"]', encoding="utf-8")
    loaded = load({}, {"MOCKSERVER_WEBHOOK_ALLOW": "b.test, c.test"}, tmp_path)
    assert loaded.settings.webhook_allow == ("b.test", "c.test")


def test_a_wrong_value_that_nobody_uses_does_not_hurt(tmp_path: Path) -> None:
    """A flag mends what the environment has wrong."""
    assert load({"port": "1"}, {"MOCKSERVER_PORT": "many"}, tmp_path).settings.port == 1


# -- values ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("port", "0", 0),
        ("seed", "-7", -7),
        ("max_accounts", "5", 5),
        ("clock", "scaled:60", "scaled:60"),
        ("clock", "scaled:0.5", "scaled:0.5"),
        ("clock", "manual", "manual"),
        ("callback_grace", "20ms", 20_000),
        ("callback_grace", "1.5s", 1_500_000),
        ("callback_grace", "0", 0),
        ("trial_unverified_code", "21608", 21608),
        ("log_format", "json", "json"),
        ("new_accounts", "newest", "newest"),
        ("strict_senders", "Yes", True),
        ("strict_senders", "off", False),
        ("account", f"{SID}:token", (Account(SID, "token"),)),
        ("account", f"{SID}:t:Trial", (Account(SID, "t", "Trial"),)),
        ("account", f"{SID}:t:full:test", (Account(SID, "t", "Full", "test"),)),
        ("webhook_allow", "a.test, 203.0.113.0/24", ("a.test", "203.0.113.0/24")),
        ("account", f"{SID}:t,{OTHER}:u", (Account(SID, "t"), Account(OTHER, "u"))),
        (
            "webhook_map",
            "https://a.test=http://localhost:1/x=1, localhost=host.docker.internal",
            (("https://a.test", "http://localhost:1/x=1"), ("localhost", "host.docker.internal")),
        ),
        ("allow_host", "Mock.Example., *.A.example", ("mock.example", "*.a.example")),
        ("allow_host", "10.0.0.1, ::1, b\u00fc.example", ("10.0.0.1", "::1", "xn--b-eha.example")),
        ("inbound_url", *["http://u:p@localhost:3000/sms/?x=1#rc=2"] * 2),
    ],
)
def test_a_value_is_read(name: str, text: str, value: object, tmp_path: Path) -> None:
    """The same text means the same, as a flag, as a variable and in the file."""
    row = ROWS[name.replace("_", "-")]
    by_flag = settings({name: [text] if row.many else text}, tmp_path)
    by_variable = from_variable(row.variable, text, tmp_path).settings
    by_file = from_text(f'{row.flag} = "{text}"', tmp_path)
    assert [getattr(one, name) for one in (by_flag, by_variable, by_file)] == [value] * 3


@pytest.mark.parametrize(
    ("flag", "text", "fix"),
    [
        ("port", "https", "'https' is not a whole number"),
        ("port", "65536", "take 1 to 65535, or 0 for a free one"),
        ("max-accounts", "0", "take 1 or more"),
        ("clock", "instnat", "did you mean instant?"),
        ("clock", "scaled:0", "scaled:60"),
        ("callback-grace", "20 miles", "20 miles"),
        ("trial-unverified-code", "21211", "21219, 21608"),
        ("log-format", "jsn", "did you mean json?"),
        ("quiet", "maybe", "neither true nor false"),
        ("account", "AC123:t", "32 of 0-9 a-f"),
        ("account", SID, f"write {SID}:TOKEN"),
        ("account", f"{SID}:t:Tryal", "take Trial, Full or test"),
        ("webhook-map", "https://a.test", "FROM=TO"),
        ("webhook-map", "https://a.test=localhost:1", "is one of each"),
        ("webhook-map", "https://a.test=http://localhost:1/?x=1", "scheme, host, port and path"),
        ("webhook-map", "localhost=host:1", "localhost=host.docker.internal names a host"),
        ("inbound-url", "localhost:3000/sms", "http://localhost:3000/sms"),
        ("inbound-url", "http://localhost/a b", "http://localhost:3000/sms"),
        ("webhook-allow", "https://a.test/x", "host name alone"),
        ("webhook-allow", "203.0.113.7/24", "host bits set"),
        ("webhook-allow", "a.test:8080", "the host alone"),
        ("webhook-allow", "[::1]:8080", "the host alone"),
        ("allow-host", "*", "take a host's alone, as mock.example or *.example"),
        ("allow-host", "mock.example:2010", "take a host's alone"),
        ("allow-host", "http://mock.example", "take a host's alone"),
        ("allow-host", "a b.example", "not a host name"),
        ("host", " ", "take localhost, or 0.0.0.0 for every interface"),
        ("url", "localhost:2010", "http://localhost:2010"),
    ],
)
def test_a_wrong_value_names_its_source_and_the_fix(
    flag: str, text: str, fix: str, tmp_path: Path
) -> None:
    """The flag, the variable, or the file and key, whichever gave it."""
    row = ROWS[flag]
    (tmp_path / "mockserver.toml").write_text(f'{flag} = "{text}"', encoding="utf-8")
    sources: list[tuple[str, dict[str, str], dict[str, str]]] = [
        (f"mockserver.toml: {flag}", {}, {}),
        (row.variable, {}, {row.variable: text}),
        (f"--{flag}", {row.name: text}, {}),
    ]
    for source, flags, environ in sources:
        with pytest.raises(ConfigError) as caught:
            load(flags, environ, tmp_path)
        assert caught.value.source == source
        assert str(caught.value).startswith(f"{source}: ")
        assert fix in str(caught.value)


@given(flag=some.sampled_from(sorted(ROWS.keys() - {"config"})), text=some.text(max_size=40))
def test_whatever_is_typed_is_read_or_refused(flag: str, text: str) -> None:
    """Nothing but `ConfigError` comes out of the loader, and it names the flag."""
    try:
        load({ROWS[flag].name: text}, {}, Path("nowhere"))
    except ConfigError as error:
        assert error.source == f"--{flag}"  # noqa: PT017 - most texts are fine


# -- environment -----------------------------------------------------------------------------------


def test_kubernetes_variables_are_only_warned_about(tmp_path: Path) -> None:
    """A service called mockserver makes Kubernetes set these in every pod."""
    environ = {
        "MOCKSERVER_PORT": "tcp://10.96.0.7:2010",
        "MOCKSERVER_PORT_2010_TCP_PROTO": "tcp",
        "MOCKSERVER_SERVICE_HOST": "10.96.0.7",
        "MOCKSERVER_STATE": "tcp://10.96.0.8:1",
    }
    loaded = load({}, environ, tmp_path)
    assert loaded.settings == Settings()
    assert [warning.split()[0] for warning in loaded.warnings] == sorted(environ)


def test_an_unknown_variable_is_a_warning_with_the_nearest_name(tmp_path: Path) -> None:
    """It may be somebody else's; it may be a slip of the pen."""
    loaded = from_variable("MOCKSERVER_PROT", "3000", tmp_path)
    assert loaded.warnings == (
        "MOCKSERVER_PROT is ignored: there is no such setting; did you mean MOCKSERVER_PORT?",
    )


def test_an_empty_variable_counts_as_absent(tmp_path: Path) -> None:
    """`MOCKSERVER_SEED=${SEED:-}` in a compose file means no seed."""
    assert from_variable("MOCKSERVER_SEED", "", tmp_path).settings.seed is None


def test_other_variables_are_not_ours(tmp_path: Path) -> None:
    """Only `MOCKSERVER_…` is looked at."""
    assert load({}, {"PORT": "1", "MOCK": "x"}, tmp_path) == load({}, {}, tmp_path)


# -- the file --------------------------------------------------------------------------------------


def test_the_file_speaks_toml(tmp_path: Path) -> None:
    """Numbers, switches and arrays as TOML writes them; dashes or underscores in keys."""
    read = from_text(
        f'port = 3000\nstrict-senders = true\ncallback_grace = 0.05\naccount = ["{SID}:a"]\n'
        'webhook-map = ["https://a.test=http://localhost:1/b=1,2"]\n',
        tmp_path,
    )
    assert (read.port, read.strict_senders, read.callback_grace) == (3000, True, 50_000)
    assert read.account == (Account(SID, "a"),)
    assert read.webhook_map == (("https://a.test", "http://localhost:1/b=1,2"),)


def test_an_unknown_key_is_an_error_with_the_nearest(tmp_path: Path) -> None:
    """The file is ours alone, so a slip of the pen must not pass."""
    text = complaint(tmp_path, "stric-senders = true")
    assert text == (
        "mockserver.toml: stric-senders: there is no such setting; did you mean strict-senders?"
    )


def test_a_value_of_another_kind_is_an_error(tmp_path: Path) -> None:
    """Tables, dates, switches, and arrays where one value belongs: named, with the fix."""
    port, said = 'write port = "PORT"', "mockserver.toml: port: takes text or a number, not"
    assert complaint(tmp_path, "[port]\nnumber = 1") == f"{said} a table; {port}"
    assert complaint(tmp_path, "port = [1, 2]") == f"{said} an array here; {port}"
    assert complaint(tmp_path, "port = true") == f"{said} true; {port}"
    assert "not a date or a time" in complaint(tmp_path, "seed = 2026-12-01")
    assert 'write webhook-map = ["FROM=TO"]' in complaint(tmp_path, "[webhook-map]\na = 'b'")
    assert "not an array here" in complaint(tmp_path, "webhook-allow = [['a']]")
    assert "not true" in complaint(tmp_path, "webhook-allow = ['a', true]")
    assert "write quiet = true" in complaint(tmp_path, "quiet = {}")
    assert "not a whole number" in complaint(tmp_path, "port = 3000.5")
    assert "neither true nor false" in complaint(tmp_path, "quiet = 2")


def test_a_broken_file_says_where(tmp_path: Path) -> None:
    """The parser's line and column are in the message."""
    assert "line 2" in complaint(tmp_path, "port = 1\nport port")


def test_settings_stand_in_no_table(tmp_path: Path) -> None:
    """As they would in `pyproject.toml`."""
    assert "stand in no table: leave [serve] out" in complaint(tmp_path, "[serve]\nport = 1")
    assert "leave [tool] out" in complaint(tmp_path, "[tool.mockserver]\nport = 1")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("port = 1\nport = 2", "Cannot overwrite a value"),
        (
            "callback-grace = 1\ncallback_grace = 2",
            "twice, also as mockserver.toml: callback-grace",
        ),
    ],
)
def test_a_key_is_given_once(text: str, said: str, tmp_path: Path) -> None:
    """With dashes or with underscores it is the same key."""
    assert said in complaint(tmp_path, text)


@pytest.mark.parametrize("data", [b"", b"\n", b"\xef\xbb\xbf", b"# nothing\r\n"])
def test_an_empty_file_says_nothing(data: bytes, tmp_path: Path) -> None:
    """It is as if it were not there."""
    (tmp_path / "mockserver.toml").write_bytes(data)
    assert load({}, {}, tmp_path) == load({}, {}, tmp_path / "elsewhere")


def test_a_byte_order_mark_is_no_part_of_a_key(tmp_path: Path) -> None:
    """Some editors begin a file with one."""
    (tmp_path / "mockserver.toml").write_bytes(b"\xef\xbb\xbfport = 3000\r\nseed = 1\r\n")
    read = load({}, {}, tmp_path).settings
    assert (read.port, read.seed) == (3000, 1)


@pytest.mark.parametrize("data", ["port = 1".encode("utf-16"), b"host = '\xff'", b"port = 1\0"])
def test_what_is_no_text_is_no_settings_file(data: bytes, tmp_path: Path) -> None:
    """The file is named."""
    (tmp_path / "mockserver.toml").write_bytes(data)
    with pytest.raises(ConfigError, match=r"mockserver\.toml: not a TOML document"):
        load({}, {}, tmp_path)


def test_a_file_that_cannot_be_read_is_not_passed_over(tmp_path: Path) -> None:
    """It is there, and somebody meant it."""
    (tmp_path / "mockserver.toml").mkdir()
    with pytest.raises(ConfigError, match=r"^mockserver\.toml: cannot read .*: Is a directory"):
        load({}, {}, tmp_path)


@given(some.binary(max_size=60) | some.text(max_size=60).map(lambda text: text.encode("utf-8")))
def test_whatever_is_in_a_file_is_read_or_refused(data: bytes) -> None:
    """Nothing but `ConfigError` comes out of the loader."""
    with TemporaryDirectory() as directory:
        (Path(directory) / "mockserver.toml").write_bytes(data)
        try:
            load({}, {}, Path(directory))
        except ConfigError as error:
            assert "mockserver.toml" in str(error)  # noqa: PT017 - some are fine


def test_another_file_can_be_named(tmp_path: Path) -> None:
    """By flag or variable; then it must be there."""
    (tmp_path / "ci.toml").write_text("seed = 7", encoding="utf-8")
    assert settings({"config": "ci.toml"}, tmp_path).seed == 7
    assert from_variable("MOCKSERVER_CONFIG", "ci.toml", tmp_path).settings.seed == 7
    with pytest.raises(ConfigError, match=r"^--config: cannot read .*gone\.toml"):
        load({"config": "gone.toml"}, {}, tmp_path)


def test_a_file_cannot_name_another(tmp_path: Path) -> None:
    """One file holds it all."""
    assert "--config" in complaint(tmp_path, 'config = "other.toml"')


# -- the target of client commands -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("flags", "url"),
    [
        ({}, "http://localhost:2010"),
        ({"port": "3000"}, "http://localhost:3000"),
        ({"host": "0.0.0.0"}, "http://localhost:2010"),
        ({"host": "::1", "port": "1"}, "http://[::1]:1"),
        ({"port": "0"}, ""),
        ({"url": "https://mock.test/base/"}, "https://mock.test/base"),
    ],
)
def test_the_target_follows_the_server(flags: dict[str, str], url: str, tmp_path: Path) -> None:
    """Beside a server's settings file, `send` finds that server without being told."""
    assert load(flags, {}, tmp_path).target.url == url
