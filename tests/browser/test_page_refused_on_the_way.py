"""A proxy that refuses by itself: the page has words for it, at every request, and tries again what may pass."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from selenium import webdriver

from tests.browser.chromium import Page, chromium
from tests.live_server import LiveServer
from tests.proxies import KEEPS_HOST, PASSES_SOCKETS, Nginx, accepts

pytestmark = pytest.mark.long

Pictures = Callable[..., list[Path]]

PASSES = KEEPS_HOST + PASSES_SOCKETS + "client_max_body_size 21m;"


@pytest.fixture
def behind(
    driver: webdriver.Chrome, serve: Callable[..., LiveServer], tmp_path: Path
) -> Iterator[Callable[..., tuple[Page, Nginx]]]:
    """Opens the page of a new server behind an nginx that passes everything."""
    stop: list[Callable[[], object]] = []

    def open_page(browser: webdriver.Chrome = driver, **settings: object) -> tuple[Page, Nginx]:
        server = serve(**settings)
        nginx = Nginx(tmp_path / "nginx", server.url)
        running = nginx.running(PASSES)
        running.__enter__()
        page = Page(browser, nginx.url)
        page.server = server
        stop.extend([page.restore, lambda: running.__exit__(None, None, None)])
        page.until(lambda: accepts(nginx.url), "nginx listens")
        return page.open(), nginx

    yield open_page
    for end in stop:
        end()


def refuse(nginx: Nginx, condition: str, status: int) -> str:
    """Have the proxy refuse what fits the condition from now on; how the page ends its sentence about it."""
    nginx.change(f"{PASSES} if ({condition}) {{ return {status}; }}")
    return f"({status})."


@pytest.mark.slow
@pytest.mark.parametrize(
    ("languages", "sentence"),
    [
        ("en-GB,en", "A server on the way takes no files of this size (413)."),
        ("de-DE,de", "Ein Server auf dem Weg nimmt keine so großen Dateien an (413)."),
    ],
)
def test_a_picture_too_large_for_a_proxy_is_refused_in_words_and_the_next_one_goes_on(
    serve: Callable[..., LiveServer], tmp_path: Path, pictures: Pictures, languages: str, sentence: str
) -> None:
    server = serve()
    large, small = pictures(2)
    large.write_bytes(large.read_bytes() + bytes(1_500_000))
    nginx = Nginx(tmp_path / "nginx", server.url)
    with nginx.running(KEEPS_HOST + PASSES_SOCKETS + "client_max_body_size 1m;"), chromium(languages) as browser:
        page = Page(browser, nginx.url)
        page.until(lambda: accepts(nginx.url), "nginx listens")
        page.open()
        page.choose(large, small)
        page.until(lambda: sentence in page.card("refused").text, sentence)
        page.card("succeeded")


@pytest.mark.slow
def test_what_a_proxy_refuses_has_words_at_every_request(
    behind: Callable[..., tuple[Page, Nginx]], pictures: Pictures
) -> None:
    page, nginx = behind(model_seconds=0.5)
    page.choose(*pictures(1))
    page.card("succeeded")

    said = refuse(nginx, "$request_uri ~ /view$", 401)
    page.click(".card-play")
    page.says(".player-message", f"A server on the way wants you to sign in {said}")
    said = refuse(nginx, "$request_uri ~ /video$", 403)
    page.open()
    page.click(".card-play")
    page.says(".player-message", f"A server on the way does not let this through {said}")

    said = refuse(nginx, "$request_uri ~ /links$", 502)
    page.click('.card [data-action="link"]')
    page.says("dialog .said", f"A server on the way cannot reach Leyline {said}")
    page.script("document.querySelector('dialog').close()")

    said = refuse(nginx, "$request_uri ~ /trash$", 403)
    page.click('.card [data-action="delete"]')
    page.says(".toast", f"A server on the way does not let this through {said}")
    page.card("succeeded")
    page.click(".toast .close")

    said = refuse(nginx, "$request_uri ~ /cancel$", 504)
    page.operator("pause")
    page.choose(*pictures(2)[1:])
    page.card("queued")
    page.click('.card [data-action="cancel"]')
    page.says(".toast", f"A server on the way waited too long for Leyline {said}")


@pytest.mark.slow
def test_a_proxy_that_stands_in_the_way_of_everything_is_named_in_the_line(
    behind: Callable[..., tuple[Page, Nginx]],
) -> None:
    page, nginx = behind()
    said = refuse(nginx, "$request_uri ~ /api/", 403)
    page.driver.get(page.url)
    page.says(".detail", f"A server on the way does not let this through {said}")
    nginx.change(PASSES)
    page.live()
    assert "on the way" not in page.one(".detail").text


@pytest.mark.slow
def test_a_token_that_a_proxy_does_not_let_through_is_not_called_wrong(
    driver: webdriver.Chrome, serve: Callable[..., LiveServer], tmp_path: Path
) -> None:
    nginx = Nginx(tmp_path / "nginx", serve(token="open sesame").url)
    with nginx.running(f"{PASSES} if ($request_uri ~ /session$) {{ return 403; }}"):
        page = Page(driver, nginx.url)
        page.until(lambda: accepts(nginx.url), "nginx listens")
        driver.get(nginx.url)
        page.one("#token").send_keys("open sesame")
        page.click("dialog .primary")
        page.says("dialog .wrong", "A server on the way does not let this through (403).")
        nginx.change(PASSES)
        page.click("dialog .primary")
        page.live()
        page.restore()


@pytest.mark.slow
def test_older_cards_that_a_proxy_holds_back_are_said_so(
    behind: Callable[..., tuple[Page, Nginx]], pictures: Pictures
) -> None:
    page, nginx = behind(model_seconds=600)
    page.operator("pause")
    page.choose(*pictures(52, size=(32, 24)))
    page.until(lambda: len(page.cards("queued")) == 52, "a line")
    page.script(
        "return Promise.all([...document.querySelectorAll('[data-action=cancel]')].map((button) => button.click()))"
    )
    page.until(lambda: len(page.cards("canceled")) == 52, "all are canceled")
    said = refuse(nginx, "$request_uri ~ before=", 403)
    page.open()
    page.script("document.querySelector('.older').scrollIntoView()")
    page.says(".toast", f"A server on the way does not let this through {said}")


@pytest.mark.slow
def test_what_may_pass_is_tried_again(behind: Callable[..., tuple[Page, Nginx]], pictures: Pictures) -> None:
    page, nginx = behind(model_seconds=0.5)
    said = refuse(nginx, "$request_uri ~ /upload/", 503)
    page.choose(*pictures(1))
    page.until(
        lambda: f"cannot reach Leyline at the moment {said} Trying again" in page.card("retrying").text, said
    )
    nginx.change(PASSES)
    page.card("succeeded")
