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
        ("model", "breathing", "--model='breathing' must be a class as package.module:Class."),
        ("model", "breathing:", "must be a class as package.module:Class."),
        ("model", ".breathing:Breathing", "must be a class as package.module:Class."),
        ("model", "models..breathing:Breathing", "must be a class as package.module:Class."),
        ("model", "models/breathing.py:Breathing", "must be a class as package.module:Class."),
        ("host", "a..b", "--host='a..b' must be an address or a host name."),
        ("host", "..", "--host='..' must be an address or a host name."),
        ("hosts", "http://x y", "leyline.example.org, without a port, with commas between."),
        ("hosts", "a.example, b.example:3000", "leyline.example.org, without a port, with commas between."),
        ("hosts", "*.example.org", "leyline.example.org, without a port, with commas between."),
        ("trusted_proxies", "foo", "must be addresses, or networks such as 10.0.0.0/8, with commas between."),
        ("trusted_proxies", "10.0.0.1, front.example.org", "10.0.0.0/8, with commas between."),
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
