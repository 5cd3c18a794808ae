"""What a browser asked for, as proxies of every dialect say it, and as liars do."""

import logging

import pytest
from tornado.httputil import HTTPHeaders

from web.forwarded import Proxies, normal

PROXIES = Proxies("127.0.0.1, 10.0.0.0/8, fd00::/8", "/leyline")


def asked(peer="127.0.0.1", **headers):
    return PROXIES.asked(peer, HTTPHeaders({name.replace("_", "-"): value for name, value in headers.items()}))


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("203.0.113.9", "203.0.113.9"),
        (" 203.0.113.9 ", "203.0.113.9"),
        ("203.0.113.9:51234", "203.0.113.9"),
        ("203.0.113.9:", "203.0.113.9"),
        ("2001:db8::7", "2001:db8::7"),
        ("2001:DB8:0::7", "2001:db8::7"),
        ("[2001:db8::7]", "2001:db8::7"),
        ("[2001:db8::7]:51234", "2001:db8::7"),
        ('"[2001:db8::7]:51234"', "2001:db8::7"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("[::ffff:203.0.113.9]:443", "203.0.113.9"),
        ("::ffff:cb00:7109", "203.0.113.9"),
        ("fe80::1%eth0", "fe80::1"),
        ("[fe80::1%25eth0]:80", "fe80::1"),
    ],
)
def test_an_address_is_one_address_however_it_is_written(written, meant):
    assert normal(written) == meant
    assert asked(X_Forwarded_For=written).address == meant


@pytest.mark.parametrize(
    "written", ["", "unknown", "_hidden", "203.0.113.999", "a:b:c", "[", "[]:80", "example.org", "1:2"]
)
def test_what_is_no_address_leaves_the_nearest_that_is_known(written):
    assert normal(written) is None
    assert asked(X_Forwarded_For=f"203.0.113.9, {written}").address == "127.0.0.1"


def test_two_clients_behind_a_proxy_that_adds_ports_stay_two():
    assert asked(X_Forwarded_For="203.0.113.9:1").address != asked(X_Forwarded_For="203.0.113.10:2").address


@pytest.mark.parametrize(
    ("hops", "client"),
    [
        ("203.0.113.9, 10.0.0.2", "203.0.113.9"),  # two proxies of ours
        ("6.6.6.6, 203.0.113.9", "203.0.113.9"),  # what a client says of itself counts for nothing
        ("10.0.0.1, 10.0.0.2", "10.0.0.1"),
        ("203.0.113.9, [fd00::5]:443", "203.0.113.9"),
    ],
)
def test_the_nearest_address_that_is_no_proxys_is_the_clients(hops, client):
    assert asked(X_Forwarded_For=hops).address == client


def test_a_proxy_that_came_over_ipv6_with_its_ipv4_address_is_the_same_proxy():
    assert asked(peer="::ffff:127.0.0.1", X_Forwarded_For="203.0.113.9").address == "203.0.113.9"


@pytest.mark.parametrize(
    ("told", "scheme"),
    [
        ("https", "https"),
        ("HTTPS", "https"),
        ("https, http", "https"),
        ("http,https", "http"),
        ("wss", "https"),
        ("", "http"),
        ("ftp", "http"),
    ],
)
def test_the_scheme_is_the_browsers(told, scheme):
    assert asked(X_Forwarded_Proto=told).scheme == scheme


def test_the_host_is_the_browsers():
    assert asked(Host="inner:3000", X_Forwarded_Host="leyline.example.org, other").host == "leyline.example.org"
    assert asked(Host="leyline.example.org").host == "leyline.example.org"


@pytest.mark.parametrize(
    ("told", "prefix"),
    [
        ("/videos", "/videos"),
        ("/videos/", "/videos"),
        ("/a/b-c.d", "/a/b-c.d"),
        ("", "/leyline"),
        ("/", "/leyline"),
        ("//evil.example", "/leyline"),
        ("videos", "/leyline"),
        ('/"><script>', "/leyline"),
        ("/a b", "/leyline"),
    ],
)
def test_the_path_is_the_proxys_where_it_is_one_and_else_the_settings(told, prefix):
    assert asked(X_Forwarded_Prefix=told).prefix == prefix


def test_nothing_is_believed_of_a_stranger():
    lies = {"X_Forwarded_For": "127.0.0.1", "X_Forwarded_Proto": "https", "X_Forwarded_Host": "evil.example"}
    stranger = asked(peer="203.0.113.9", Host="leyline.example.org", X_Forwarded_Prefix="/evil", **lies)
    assert (stranger.address, stranger.scheme) == ("203.0.113.9", "http")
    assert (stranger.host, stranger.prefix) == ("leyline.example.org", "/leyline")


def test_a_proxy_that_is_not_believed_is_told_of_once(caplog):
    caplog.set_level(logging.WARNING)
    proxies = Proxies("")
    for client in ("203.0.113.9", "203.0.113.10"):
        proxies.asked("172.17.0.1", HTTPHeaders({"X-Forwarded-For": client}))
    proxies.asked("203.0.113.77", HTTPHeaders())
    assert [record.getMessage() for record in caplog.records] == [
        "event=untrusted_proxy address=172.17.0.1 hint='all who come through it look like one network; "
        "LEYLINE_TRUSTED_PROXIES=172.17.0.1 believes whom it names'"
    ]


@pytest.mark.parametrize(
    ("path", "within"),
    [
        ("/leyline/api/queue", "/api/queue"),
        ("/leyline/", "/"),
        ("/leyline", ""),
        ("/leyline?a=b", "?a=b"),
        ("/api/queue", "/api/queue"),
        ("/leylines/", "/leylines/"),
        ("/", "/"),
    ],
)
def test_the_path_is_the_same_whether_the_proxy_passes_it_on_or_not(path, within):
    assert PROXIES.within(path) == within
