"""A command is connected on the page: its code typed, what asks confirmed, its pictures there, and its end."""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from selenium.webdriver.common.keys import Keys

from tests.browser.chromium import Page
from tests.browser.test_page_access import assert_accessible
from tests.live_server import DEADLINE_SECONDS, ROOT

pytestmark = pytest.mark.long

Visit = Callable[..., Page]
Pictures = Callable[..., list[Path]]

ENTRY, TYPED, LOOK = ".foot .connect", "#login-code", ".login-typing .primary"
CONNECT, REFUSE = ".login-asks .primary", ".login-asks .secondary"


class Terminal:
    """Somebody with a home, who types commands there."""

    def __init__(self, home: Path) -> None:
        self._environment = {key: value for key, value in os.environ.items() if not key.startswith("LEYLINE_")}
        self._environment |= {"XDG_CONFIG_HOME": str(home / "config"), "XDG_STATE_HOME": str(home / "state")}
        self.running: list[subprocess.Popen[str]] = []

    def types(self, page: Page, *words: object) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "leyline", *map(str, words), "--url", page.url],
            cwd=ROOT,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.running.append(process)
        return process

    def code(self, login: subprocess.Popen[str]) -> str:
        """The code that it shows."""
        assert login.stdout
        while line := login.stdout.readline():
            if found := re.fullmatch(r"    ([A-Z]{4}-[A-Z]{4})\n", line):
                return found[1]
        raise AssertionError("it shows no code")

    def end(self, process: subprocess.Popen[str]) -> tuple[int, str]:
        said, _ = process.communicate(timeout=DEADLINE_SECONDS)
        return process.returncode, said


COUNT_CONNECTED = """
  const ask = window.fetch;
  window.connected = 0;
  window.fetch = (url, options) => {
    if (options?.method === "POST" && String(url).endsWith("/api/logins")) connected += 1;
    return ask(url, options);
  };
"""


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    terminal = Terminal(tmp_path)
    yield terminal
    for process in terminal.running:
        if process.poll() is None:
            process.kill()
        process.communicate()


def look(page: Page, code: str) -> None:
    page.one(TYPED).clear()
    page.one(TYPED).send_keys(code)
    page.click(LOOK)


def test_a_command_is_connected_and_its_pictures_are_on_the_page_until_it_is_disconnected(
    visit: Visit, pictures: Pictures, terminal: Terminal
) -> None:
    page = visit(model_seconds=0.1)
    page.click(ENTRY)
    page.says("dialog[open] .none", "None yet")
    assert_accessible(page, "the dialog in which a command is connected")
    login = terminal.types(page, "login", "--name", "old laptop")
    look(page, terminal.code(login))
    page.says("#login-who", "“old laptop” asks to be connected, from 127.0.0.1")
    assert page.script("return document.activeElement.className") == "login-asks", "what asks is read first"
    assert_accessible(page, "what asks")
    page.script(COUNT_CONNECTED)
    page.script("for (const n of [1, 2]) document.querySelector(arguments[0]).click()", CONNECT)
    page.says(".logins li", "old laptop")
    assert page.script("return window.connected") == 1, "by two clicks"
    page.says("dialog[open] .said", "“old laptop” is connected.")
    assert_accessible(page, "a connected command")
    assert terminal.end(login)[0] == 0

    code, said = terminal.end(terminal.types(page, "submit", *pictures(2)))
    assert code == 0, said
    page.until(lambda: len(page.cards("succeeded")) == 2, "the command's pictures on the page")

    page.click(".logins .quiet")
    page.says("dialog[open] .said", "“old laptop” is disconnected.")
    assert page.script("return document.activeElement.id") == "login-code", "the focus is where one goes on"
    code, said = terminal.end(terminal.types(page, "submit", *pictures(3)))
    assert (code, "not connected here any more" in said) == (4, True), said
    assert len(page.cards()) == 2


def test_what_is_not_mine_is_told_no_and_a_wrong_code_is_told_in_words(visit: Visit, terminal: Terminal) -> None:
    page = visit()
    page.click(ENTRY)
    look(page, "BBBB-BBBB")
    page.says("dialog[open] .wrong", "No command asks with this code")
    login = terminal.types(page, "login")
    look(page, terminal.code(login).lower().replace("-", " "))
    page.click(REFUSE)
    page.says("dialog[open] .said", "It was told no.")
    code, said = terminal.end(login)
    assert (code, "did not want this command to be connected" in said) == (4, True), said
    told = "No command asks"
    while "No command asks" in told:  # as many as there are at once, and those of a minute that passes meanwhile
        page.script("document.querySelector('dialog[open] [role=status]').textContent = ''")
        look(page, "BBBB-BBBB")
        told = page.until(lambda: page.one("dialog[open] .wrong").text, "an answer")
    assert told.startswith("Too many wrong codes. Wait a moment")


def test_the_dialog_is_there_by_keyboard_and_closes_with_escape(visit: Visit) -> None:
    page = visit()
    page.one(ENTRY).send_keys(Keys.ENTER)
    page.one(TYPED).send_keys("BCDF", Keys.ENTER)
    page.says("dialog[open] .wrong", "No command asks with this code")
    page.one(TYPED).send_keys(Keys.ESCAPE)
    page.gone("dialog[open]")
    assert page.script("return document.activeElement.matches('.foot .connect')")
