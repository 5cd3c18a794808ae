"""Which origins a list allows, and how one is written."""

import pytest

from leyline.origins import allowed, origin_of


@pytest.mark.parametrize(
    ("text", "url", "is_allowed"),
    [
        ("push.example.org", "https://push.example.org/x", True),
        ("push.example.org", "https://PUSH.example.org:443/x", True),
        ("push.example.org", "http://push.example.org/x", False),
        ("push.example.org", "https://push.example.org:8443/x", False),
        ("push.example.org", "https://a.push.example.org/x", False),
        ("*.example.org", "https://push.example.org/x", True),
        ("*.example.org", "https://a.b.example.org/x", True),
        ("*.example.org", "https://example.org/x", False),
        ("*.example.org", "https://badexample.org/x", False),
        ("*.example.org", "https://example.org.evil.net/x", False),
        ("*.example.org:8443", "https://a.example.org:8443/x", True),
        ("http://127.0.0.1:80, *.example.org", "http://127.0.0.1/x", True),
        ("", "https://push.example.org/x", False),
    ],
)
def test_a_list_allows_its_hosts_and_what_lies_below_a_star(text: str, url: str, is_allowed: bool) -> None:
    assert (origin_of(url) in allowed(text)) is is_allowed


@pytest.mark.parametrize("text", ["*", "*.", "a.*.org", "*.example.org/path", "two words", "**.example.org"])
def test_what_is_no_list_of_hosts_is_none(text: str) -> None:
    with pytest.raises(ValueError, match="not a"):
        allowed(text)


def test_an_origin_is_written_without_the_port_that_goes_without_saying() -> None:
    assert origin_of("https://example.org:443/x").text == "https://example.org"
    assert origin_of("http://example.org:80/x").text == "http://example.org"
    assert origin_of("https://example.org:8443/x").text == "https://example.org:8443"
