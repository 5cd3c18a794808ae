"""Settings: where a value comes from, and what is said about a wrong one."""

from pathlib import Path

import pytest

from leyline import settings
from leyline.settings import SettingError, Settings


def test_defaults_are_a_server_that_people_can_start_at_once():
    loaded = settings.load({}, {})
    assert loaded == Settings()
    assert (loaded.host, loaded.port, loaded.data_dir) == ("localhost", 3000, Path("data"))


@pytest.mark.parametrize("field", settings.rows(), ids=lambda field: field.name)
def test_each_row_has_a_sentence_and_its_own_flag_and_variable(field):
    assert field.metadata["help"].endswith(".")
    assert settings.flag(field.name) == "--" + field.name.replace("_", "-")
    assert settings.variable(field.name) == "LEYLINE_" + field.name.upper()


@pytest.mark.parametrize("field", settings.rows(), ids=lambda field: field.name)
def test_each_default_is_itself_accepted(field):
    if field.default != "":
        loaded = settings.load({field.name: str(field.default)}, {})
        assert getattr(loaded, field.name) == field.default


def test_flag_wins_over_variable():
    loaded = settings.load({"max_upload_mb": "5"}, {"LEYLINE_MAX_UPLOAD_MB": "7"})
    assert loaded.max_upload_mb == 5


def test_variable_wins_over_default():
    assert settings.load({"port": None}, {"LEYLINE_PORT": "8080"}).port == 8080


def test_platforms_port_counts_only_without_our_own():
    assert settings.load({}, {"PORT": "5000"}).port == 5000
    assert settings.load({}, {"PORT": "5000", "LEYLINE_PORT": "8080"}).port == 8080


def test_empty_variable_is_no_setting():
    assert settings.load({}, {"LEYLINE_PORT": "", "PORT": "", "LEYLINE_DATA_DIR": ""}) == Settings()


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("port", "abc", "--port='abc' must be a whole number from 0 to 65,535."),
        ("port", "65536", "--port='65536' must be a whole number from 0 to 65,535."),
        ("max_waiting", "1.5", "must be a whole number of pictures from 0 to 1,000,000,000."),
        ("keep_days", "-1", "must be a number of days from 0 to 36,500."),
        ("keep_days", "9999999", "must be a number of days from 0 to 36,500."),
        ("model_seconds", "86401", "must be a number of seconds from 0 to 86,400."),
        ("stall_seconds", "1e9", "must be a number of seconds from 0.1 to 86,400."),
        ("clip_seconds", "0", "must be a number of seconds from 0.1 to 3,600."),
        ("clip_height", "8640", "must be a whole number of pixels from 16 to 4,320."),
        ("max_upload_mb", "nan", "must be a number of MB from 0 to 1,000,000,000."),
        ("keep_gb", "inf", "must be a number of GB from 0 to 1,000,000,000."),
        ("max_attempts", "0", "must be a whole number of attempts from 1 to 1,000,000,000."),
        ("codec", "h265", "--codec='h265' must be one of libx264, libvpx-vp9."),
        ("model", "breathing!", "--model='breathing!' must be a model's name or a class as package.module:Class."),
        ("model", "breathing:", "must be a model's name or a class as package.module:Class."),
        ("model", ".breathing:Breathing", "must be a model's name or a class as package.module:Class."),
        ("model", "models..breathing:Breathing", "must be a model's name or a class as package.module:Class."),
        ("model", "models/breathing.py:Breathing", "must be a model's name or a class as package.module:Class."),
        ("model_options", "{", "--model-options must be a JSON object."),
        ("model_options", "[" * 100_000, "--model-options must be a JSON object."),
        ("model_options", '{"a":' * 100_000, "--model-options must be a JSON object."),
        ("model_options", "[1]", "must be a JSON object."),
        ("host", "a..b", "--host='a..b' must be an address or a host name."),
        ("host", "..", "--host='..' must be an address or a host name."),
        ("hosts", "http://x y", "leyline.example.org, without a port, with commas between."),
        ("hosts", "a.example, b.example:3000", "leyline.example.org, without a port, with commas between."),
        ("hosts", "*.example.org", "leyline.example.org, without a port, with commas between."),
        ("trusted_proxies", "foo", "must be addresses, or networks such as 10.0.0.0/8, with commas between."),
        ("trusted_proxies", "10.0.0.1, front.example.org", "10.0.0.0/8, with commas between."),
        ("data_dir", "data\r", "--data-dir='data\\r' must be a folder's path, in one line."),
        ("data_dir", "~nobody-of-this-name/data", "must be a folder's path, in one line."),
    ],
)
def test_wrong_value_is_told_with_what_would_be_right(name, text, sentence):
    with pytest.raises(SettingError) as raised:
        settings.load({name: text}, {})
    assert str(raised.value).endswith(sentence)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("host", "::1"),
        ("model", "breathing:Breathing"),
        ("model", "diffusers"),
        ("model", "stable-video.2"),
        ("model", "studio.models.breathing_2:Breathing"),
        ("host", "0.0.0.0"),
        ("hosts", "leyline, leyline.example.org., my_host.local,"),
        ("hosts", "192.168.1.5, [fe80::1], ::1"),
        ("trusted_proxies", "127.0.0.1, ::1, 10.0.0.0/8,"),
    ],
)
def test_names_and_addresses_are_taken_as_they_are(name, text):
    assert getattr(settings.load({name: text}, {}), name) == text


def test_wrong_value_in_the_environment_names_the_variable():
    with pytest.raises(SettingError, match=r"^LEYLINE_STALL_SECONDS='soon' must be a number of seconds"):
        settings.load({}, {"LEYLINE_STALL_SECONDS": "soon"})


def test_sizes_are_decimal_as_people_read_them():
    loaded = settings.load({"max_upload_mb": "0.5", "max_megapixels": "12"}, {})
    assert (loaded.max_upload_bytes, loaded.max_pixels) == (500_000, 12_000_000)


@pytest.mark.parametrize("name", ["token", "operator_token"])
@pytest.mark.parametrize("text", ["s3cret\n", "s3cret\r", "s3\ncret", " s3cret", "s3cret\x00"])
def test_a_token_that_nobody_could_enter_is_refused_and_not_repeated(name, text):
    with pytest.raises(SettingError, match="must be one line without spaces around it") as raised:
        settings.load({}, {settings.variable(name): text})
    assert "cret" not in str(raised.value).partition(" must be ")[0]
    assert getattr(settings.load({name: "zwölf Wörter"}, {}), name) == "zwölf Wörter"


@pytest.mark.parametrize(
    ("text", "folder"),
    [
        ("~", "/home/anna"),
        ("~/leyline", "/home/anna/leyline"),
        ('"/srv/my data"', "/srv/my data"),
        ("'~/data'", "/home/anna/data"),
        ("/srv/anna's", "/srv/anna's"),
        ("a~b", "a~b"),
    ],
)
def test_a_path_is_read_as_a_shell_would_have(monkeypatch, text, folder):
    monkeypatch.setenv("HOME", "/home/anna")
    assert settings.load({}, {"LEYLINE_DATA_DIR": text}).data_dir == Path(folder)


@pytest.mark.parametrize("address", ["tcp://10.96.0.7:3000", "udp://[fd00::7]:3000"])
def test_kubernetes_word_about_a_service_of_that_name_is_skipped_in_words(address):
    environ = {"LEYLINE_PORT": address, "LEYLINE_PORT_3000_TCP_PORT": "3000"}
    assert settings.load({}, environ).port == 3000
    assert settings.load({}, {**environ, "PORT": "5000"}).port == 5000
    (sentence,) = settings.skipped(environ)
    assert sentence.startswith(f"LEYLINE_PORT={address} is Kubernetes' word")
    assert settings.skipped({"LEYLINE_PORT": "3000"}) == settings.skipped({}) == []


def test_single_options_win_over_the_object_and_a_flag_over_a_variable():
    environ = {"LEYLINE_MODEL_OPTIONS": '{"repo": "a", "steps": 4}'}
    assert settings.load({}, {}).options == {}
    assert settings.load({}, environ).options == {"repo": "a", "steps": 4}
    assert settings.load({}, environ, ["repo=b=c", "dtype="]).options == {"repo": "b=c", "steps": 4, "dtype": ""}
    assert settings.load({"model_options": '{"steps": 5}'}, environ, ["a=1"]).options == {"steps": 5, "a": "1"}


@pytest.mark.parametrize("text", ["repo", "=there", ""])
def test_an_option_without_a_value_is_told(text):
    with pytest.raises(SettingError, match="must be an option and its value, as seconds=4"):
        settings.load({}, {}, [text])


def test_no_model_here_needs_workers_elsewhere():
    with pytest.raises(SettingError, match="--local-models=0 needs --cluster"):
        settings.load({"local_models": "0"}, {})
    assert settings.load({"local_models": "0", "cluster": "[::]:8786"}, {}).local_models == 0


@pytest.mark.parametrize("text", ["8786", "host", "host:", "::1:8786", "host:99999", "a b:1", "tcp://host:1"])
def test_where_workers_join_is_a_host_and_a_port(text):
    with pytest.raises(SettingError, match="must be an address and a port"):
        settings.load({"cluster": text}, {})


@pytest.mark.parametrize(
    ("text", "parts"),
    [("0.0.0.0:8786", ("0.0.0.0", 8786)), ("[::]:1", ("::", 1)), ("front.example.org:0", ("front.example.org", 0))],
)
def test_both_parts_of_where_workers_join(text, parts):
    assert settings.host_and_port(text) == parts
