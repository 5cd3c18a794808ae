"""The person's file: which server, with which token, and that no secret of it gets into wrong hands."""

import pytest

from leyline.client import configuration
from leyline.client.configuration import Configuration, ConfigurationError
from leyline.client.server_flags import client_of


@pytest.fixture
def environ(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    return {"XDG_CONFIG_HOME": str(tmp_path)}


@pytest.fixture
def write(tmp_path):
    path = tmp_path / "leyline" / "config.toml"
    path.parent.mkdir()

    def write(text, mode=0o600):
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        path.chmod(mode)
        return path

    return write


def bearer(client):
    return client._server._headers.get("Authorization", "").removeprefix("Bearer ")


def test_without_a_file_nothing_is_said(environ):
    assert configuration.load(environ) == Configuration()
    assert (client_of(None, None).url, bearer(client_of(None, None))) == ("http://localhost:3000", "")


@pytest.mark.parametrize("mode", [0o604, 0o640, 0o620, 0o644, 0o660])
@pytest.mark.parametrize("name", ["token", "operator_token"])
def test_a_token_that_others_may_read_is_refused_and_not_repeated(environ, write, mode, name):
    path = write(f'{name} = "sesame"', mode)
    with pytest.raises(ConfigurationError, match=f"chmod 600 {path} keeps it yours") as raised:
        configuration.load(environ)
    assert "sesame" not in str(raised.value)


def test_an_address_alone_is_no_secret(environ, write):
    write('url = "http://example.org"', 0o644)
    assert configuration.load(environ).url == "http://example.org"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("url = ", "is not TOML"),
        ('tokn = "sesame"', "There is no “tokn”, only url, token, operator_token"),
        ("token = 4", "token must be a text in quotes"),
        ('[server]\nurl = "x"', "There is no “server”"),
        (b"\xff\xfe", "is not UTF-8 text"),
    ],
)
def test_what_is_wrong_is_one_sentence(environ, write, text, says):
    write(text)
    with pytest.raises(ConfigurationError, match=says) as raised:
        configuration.load(environ)
    assert "sesame" not in str(raised.value)


def test_its_tokens_go_to_its_own_server_only(environ, write):
    write('url = "https://own.example.org/"\ntoken = "people"\noperator_token = "operator"')
    assert bearer(client_of(None, None)) == "people"
    assert bearer(client_of("own.example.org", None)) == "", "by plain http it would travel readable"
    assert bearer(client_of("https://own.example.org", None)) == "people"
    assert bearer(client_of("https://other.example.org", None)) == ""
    assert bearer(client_of(None, None, is_operators=True)) == "operator"
    assert bearer(client_of(None, "flag", is_operators=True)) == "flag"


def test_an_address_that_is_none_is_told_as_the_files(environ, write, capsys):
    write('url = "ftp://x"')
    with pytest.raises(SystemExit):
        client_of(None, None)
    assert capsys.readouterr().err.startswith("url in config.toml='ftp://x' is not the address of a server")
