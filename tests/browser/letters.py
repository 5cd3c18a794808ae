"""A browser on a machine that has nothing but wide letters: DejaVu Sans, which many small systems come with."""

import os
import re
import subprocess
from pathlib import Path

from tests.browser.chromium import Page

STYLES = Path(__file__).parent.parent.parent / "static" / "look" / "leyline.css"
DEJAVU = "DejaVu Sans"

FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
  <include>/etc/fonts/fonts.conf</include>
  <selectfont><rejectfont>%s</rejectfont></selectfont>
  <match><test name="family"><string>sans-serif</string></test>
    <edit name="family" mode="prepend" binding="strong"><string>DejaVu Sans</string></edit></match>
</fontconfig>
"""
REJECTED = '<pattern><patelt name="family"><string>%s</string></patelt></pattern>'


def only_wide(folder: Path) -> dict[str, str]:
    """The environment of such a browser: it lacks whatever the page would rather be drawn in."""
    assert DEJAVU in subprocess.check_output(("fc-list", ":", "family"), text=True)
    path = folder / "fonts.conf"
    path.write_text(FONTS % "".join(REJECTED % name for name in preferred()))
    return {**os.environ, "FONTCONFIG_FILE": str(path)}


def preferred() -> set[str]:
    """The faces that the page's styles name."""
    named = re.findall(r"--(?:speak|plain): (.*);", STYLES.read_text())
    return {name.strip(' "') for stack in named for name in stack.split(",")} - {"Narrow", "sans-serif"}


def drawn_in(page: Page, selector: str) -> set[str]:
    """The faces in which the letters there were really drawn."""
    page.cdp("DOM.enable")
    page.cdp("CSS.enable")
    root = page.cdp("DOM.getDocument")["root"]["nodeId"]
    node = page.cdp("DOM.querySelector", nodeId=root, selector=selector)["nodeId"]
    return {font["familyName"] for font in page.cdp("CSS.getPlatformFontsForNode", nodeId=node)["fonts"]}
