"""The page as a thing of a phone: installed, without its server, shared to, told while it is closed, its badge."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest
from PIL import Image
from selenium.webdriver.common.by import By

from tests.browser.chromium import Page
from tests.browser.debugging import Debugging, debugging
from tests.browser.test_page_look import CUT
from tests.live_server import ROOT

pytestmark = pytest.mark.long

Visit = Callable[..., Page]
Pictures = Callable[..., list[Path]]
KEPT = """
    const found = {};
    for (const name of await caches.keys()) {
        found[name] = (await (await caches.open(name)).keys()).map(({ url }) => url);
    }
    return found;
"""
SHARE = """
    const form = document.createElement("form");
    Object.assign(form, { method: "post", action: "share", enctype: "multipart/form-data" });
    const field = document.createElement("input");
    form.append(Object.assign(field, { type: "file", name: "pictures", multiple: true, id: "shared" }));
    document.body.append(form);
"""
# The window of an installed page; the protocol emulates other features of media, and not this one.
INSTALLED = """
    const ask = window.matchMedia.bind(window);
    window.matchMedia = (query) => (query.includes("display-mode") ? { matches: true } : ask(query));
"""
BADGES = """
    window.badges = [];
    navigator.setAppBadge = async (count) => void badges.push(count);
    navigator.clearAppBadge = async () => void badges.push(0);
"""
TITLES = """
    const { active } = await navigator.serviceWorker.ready;
    const shown = await (await navigator.serviceWorker.ready).getNotifications();
    return shown.map(({ title, tag, lang }) => [title, tag, lang]);
"""


def asks(page: Page, body: str) -> Any:
    """What the body of an async function returns."""
    return page.script(f"return (async () => {{ {body} }})()")


def kept(page: Page) -> dict[str, list[str]]:
    """The addresses that the browser keeps, by cache."""
    return dict(asks(page, KEPT))


def is_kept(page: Page) -> bool:
    """Whether the page itself is, which comes last."""
    return any(f"{page.url}/" in urls for urls in kept(page).values())


def working(page: Page) -> Page:
    """Wait until the worker does its work, and has what it keeps."""
    page.until(lambda: asks(page, "return (await navigator.serviceWorker.ready).active.state") == "activated", "it")
    page.until(lambda: is_kept(page), "the page to be kept")
    return page


# Installed


@pytest.mark.parametrize("prefix", ["", "/leyline"])
def test_the_page_can_be_installed_wherever_it_is_served(visit: Visit, prefix: str) -> None:
    page = visit(f"{prefix}/", path=prefix)
    working(page) if not prefix else page.live()
    assert page.cdp("Page.getInstallabilityErrors")["installabilityErrors"] == []
    found = page.cdp("Page.getAppManifest")
    assert found["errors"] == [] and urlsplit(found["url"]).path == f"{prefix}/manifest.webmanifest"
    manifest = json.loads(found["data"])
    assert manifest["start_url"] == manifest["scope"] == manifest["id"] == "./"
    purposes = set()
    for icon in manifest["icons"]:
        with urlopen(f"{page.url}{prefix}/{icon['src']}") as answer:
            assert answer.headers["Content-Type"] == icon["type"]
            if icon["type"] == "image/png":
                assert "x".join(map(str, Image.open(answer).size)) == icon["sizes"]
                purposes.add((icon["sizes"], icon.get("purpose", "any")))
    assert purposes == {(size, kind) for size in ("192x192", "512x512") for kind in ("any", "maskable")}
    scope = asks(page, "return (await navigator.serviceWorker.ready).scope")
    assert scope == f"{page.url}{prefix}/"


def test_the_page_may_register_no_other_worker(visit: Visit) -> None:
    page = working(visit())
    refused = """
        return navigator.serviceWorker.register("/static/phone/worker.js").then(() => "", ({ name }) => name);
    """
    assert asks(page, refused) == "TypeError"
    page.driver.get_log("browser")  # which complains of it, rightly


# Without its server


def test_without_its_server_the_page_is_there_and_says_so(visit: Visit, pictures: Pictures) -> None:
    page = visit()
    page.choose(*pictures(1))
    page.click(".card-play")
    page.until(lambda: page.script("return document.querySelector('video')?.currentTime > 0"), "a video")
    working(page)
    page.open()  # through the worker
    page.card("succeeded")
    page.server.stop()
    page.driver.get("about:blank")
    page.driver.get(page.url + "/")
    page.says(".headline", "onnecting…")
    page.says(".detail", "The server does not answer.")
    assert page.script("return document.documentElement.dataset.connection") != "live"
    assert page.cards() == [], "nothing is shown of which nobody knows whether it is so"
    for width in (320, 1280):
        page.resize(width, 700)
        assert page.script(CUT) == []
    page.server.settings["port"] = urlsplit(page.url).port
    page.server.start()
    page.live().card("succeeded")
    urls = [url for each in kept(page).values() for url in each]
    assert all(url == f"{page.url}/" or "/static/~" in url for url in urls), urls
    assert not any("/api/" in url or "thumbnail" in url for url in urls)
    assert len(urls) < 80


@pytest.fixture
def next_release(tmp_path: Path) -> Path:
    """A checkout whose page is another."""
    folder = tmp_path / "next"
    for package in ("leyline", "model_proc", "web", "static", "tests"):
        shutil.copytree(
            ROOT / package, folder / package, symlinks=True, ignore=shutil.ignore_patterns("__pycache__")
        )
    style = folder / "static" / "look" / "leyline.css"
    style.write_text(style.read_text() + "\n.of-the-next { color: red; }\n")
    return folder


def test_a_new_release_is_never_mixed_with_an_old_one(visit: Visit, pictures: Pictures, next_release: Path) -> None:
    page = working(visit())
    [old] = kept(page)
    page.choose(*pictures(1))
    page.card("succeeded")
    server = page.server
    server.stop()
    server.settings["port"], server.cwd = urlsplit(page.url).port, next_release
    server.environment["PYTHONPATH"] = str(next_release)
    server.start()
    page.live()
    # The old page has yet to load what deletes: there is none of its own release any more.
    asks(page, f"await caches.delete({old!r})")
    loads = "return import(performance.getEntriesByType('resource').map(({ name }) => name)"
    loads += ".find((name) => name.endsWith('/app.js')).replace('app.js', 'watching/links.js'))"
    assert asks(page, f"{loads}.then(() => 'mixed', () => 'nothing')") == "nothing"
    working(page.open())
    new = page.script("return document.querySelector('link[rel=stylesheet]').href.split('/')[4].slice(1)")
    assert f"shell-{new}" != old
    page.until(lambda: list(kept(page)) == [f"shell-{new}"], "the new release alone to be kept")
    loaded = page.script("return performance.getEntriesByType('resource').map(({ name }) => name)")
    assert all(f"/static/~{new}/" in name for name in loaded if name.endswith((".js", ".css")))
    server.stop()
    page.driver.get("about:blank")
    page.driver.get(page.url + "/")
    page.says(".headline", "onnecting…")
    assert new in page.script("return document.querySelector('link[rel=stylesheet]').href")


# Shared to


def share(page: Page, *paths: Path) -> None:
    """Send pictures as the share sheet does: a form's POST, whose answer becomes the page."""
    page.script(SHARE)
    page.driver.find_element(By.ID, "shared").send_keys("\n".join(map(str, paths)))
    page.script("document.querySelector('#shared').form.submit()")


def test_pictures_that_are_shared_are_sent_in_their_order(visit: Visit, pictures: Pictures, tmp_path: Path) -> None:
    page = working(visit(model="tests.models.plain:WaitsForCancel"))
    page.before_scripts(INSTALLED)
    wrong = tmp_path / "notes.jpg"
    wrong.write_text("no picture at all, but long enough to be read as one")
    share(page, *pictures(3), wrong)
    page.until(lambda: len(page.cards()) == 4, "a card for each")
    page.until(lambda: page.cards("refused"), "what is no picture to be refused")
    page.until(lambda: len(page.cards("queued")) == 2, "the others in line")
    page.live()
    assert page.script("return location.search") == ""
    names = ["picture-1.jpg", "picture-2.jpg", "picture-3.jpg"]
    assert sorted(page.names()) == sorted(["notes.jpg", *names])
    order = page.script("return fetch('/api/video/').then((answer) => answer.json())")["tasks"]
    assert [task["image"]["name"] for task in order][::-1] == names
    assert "shared" not in kept(page), "they are kept only until the page takes them"
    page.open()
    assert len(page.cards()) == 3, "and are taken once"


def test_what_another_site_posts_into_a_tab_is_not_sent(visit: Visit, pictures: Pictures) -> None:
    page = working(visit())
    share(page, *pictures(2))
    page.says(".toast", "Share them once more")
    assert page.cards() == [] and "shared" not in kept(page)


PUT_ASIDE = """
    const cache = await caches.open("shared");
    const headers = { "Content-Type": "image/jpeg", "X-Name": "a.jpg" };
    await cache.put(`/shared/another-window/${Date.now() - %d}-000`, new Response("a picture", { headers }));
"""
HOUR_MS = 3_600_000


def test_what_was_shared_to_another_window_is_left_to_that_and_not_lost_unsaid(visit: Visit) -> None:
    page = working(visit())
    page.driver.get(f"{page.url}/about")  # where nothing is taken
    for age_ms in (0, HOUR_MS + 1):
        asks(page, PUT_ASIDE % age_ms)
    assert len(kept(page)["shared"]) == 2
    page.before_scripts(INSTALLED)
    page.open()
    page.says(".toast", "Share them once more")
    assert page.cards() == [] and len(kept(page)["shared"]) == 1, "what is an hour old is gone, the other is not"


def test_without_a_worker_the_server_says_that_they_did_not_arrive(visit: Visit, pictures: Pictures) -> None:
    page = working(visit())
    page.before_scripts(INSTALLED)
    page.cdp("Network.enable")
    page.cdp("Network.setBypassServiceWorker", bypass=True)
    share(page, *pictures(2, size=(3000, 2000)))
    page.says(".toast", "did not arrive")
    assert page.cards() == [] and page.script("return location.search") == ""


# Told while it is closed


@pytest.fixture
def debugged(visit: Visit) -> Iterator[tuple[Page, Debugging, Callable[..., None]]]:
    """A page whose browser may show messages, and what delivers one to its worker as its push service would."""
    page = working(visit())
    page.cdp("Browser.grantPermissions", origin=page.url, permissions=["notifications"])
    with debugging(page.driver) as protocol:
        yield page, protocol, protocol.pushes(page.url)
    page.cdp("Browser.resetPermissions")


def test_a_push_becomes_a_message_where_nobody_looks_at_the_page(debugged: Any, pictures: Pictures) -> None:
    page, _, deliver = debugged
    page.choose(*pictures(1))
    page.card("succeeded")
    task_id = page.script("return fetch('/api/video/').then((answer) => answer.json())")["tasks"][0]["task_id"]
    deliver(task_id, title="picture-1.jpg is ready")
    window = page.driver.current_window_handle
    page.driver.switch_to.new_window("tab")
    page.driver.get(f"{page.url}/healthz")  # of the same site, and no page
    other = page.driver.current_window_handle

    def message() -> Any:  # once the browser itself knows that nobody sees the page
        deliver("f" * 32, title="picture-2.jpg ist fertig", language="de")
        return asks(page, TITLES)

    page.until(message, "a message")
    assert asks(page, TITLES) == [["picture-2.jpg ist fertig", "f" * 32, "de"]], (
        "the page that was seen needed none"
    )
    page.driver.close()
    assert other != window
    page.driver.switch_to.window(window)


def test_the_bell_says_what_this_browser_can(debugged: Any) -> None:
    """Chromium's own push service is not to be had here: what remains is told honestly."""
    page, _, _ = debugged
    page.click(".bell")
    assert page.one(".bell").get_attribute("aria-pressed") == "true"
    page.says(".toast", "only while this page is open")
    page.click(".bell")
    assert page.one(".bell").get_attribute("aria-pressed") == "false"


# A link, by the phone's own sheet


def test_a_link_is_shared_by_the_phones_own_sheet_where_it_has_one(visit: Visit, pictures: Pictures) -> None:
    page = visit()
    page.before_scripts("navigator.share = async (what) => void (window.shared = what)")
    page.open()
    page.choose(*pictures(1))
    page.card("succeeded")
    page.click('.card [data-action="link"]')
    page.click('dialog[open] [type="submit"]')
    page.until(lambda: page.all("dialog .links li"), "the link")
    for width in (320, 1280):
        page.resize(width, 800)
        assert page.script(CUT) == []
    share = page.one('dialog .links [data-action="share"]')
    share.click()
    page.until(lambda: page.script("return window.shared"), "the sheet")
    url = page.script("return shared.url")
    assert url.startswith(f"{page.url}/watch/") and page.script("return Object.keys(shared)") == ["url"]
    page.script("document.querySelector('dialog .said').textContent = ''")
    page.script("navigator.share = () => Promise.reject(new DOMException('', 'AbortError'))")
    share.click()
    assert page.one("dialog .links input").get_attribute("value") == url
    page.script("navigator.share = () => Promise.reject(new DOMException('', 'NotAllowedError'))")
    share.click()
    page.until(
        lambda: page.script("return getSelection().toString() || document.activeElement.value") == url, "a copy"
    )


# The badge


def test_the_badge_counts_ones_own_that_run_or_wait(visit: Visit, pictures: Pictures) -> None:
    page = visit(model="tests.models.plain:WaitsForCancel")
    page.before_scripts(BADGES)
    page.open()
    page.until(lambda: page.script("return badges.at(-1)") == 0, "none")
    page.choose(*pictures(2))
    page.until(lambda: page.script("return badges.at(-1)") == 2, "two")
    page.operator("pause")
    page.script("fetch('/api/video/').then((a) => a.json()).then(({ tasks }) => Promise.all(tasks.map((t) => "
                "fetch(`/api/video/${t.task_id}/cancel`, { method: 'POST' }))))")  # fmt: skip
    page.until(lambda: page.script("return badges.at(-1)") == 0, "none again")
    assert page.script("return badges").count(0) == 2
