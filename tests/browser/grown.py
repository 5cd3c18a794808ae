"""A language that nobody speaks: English in which each word is longer by four tenths, as by a translation. A phrase
that stands in another one is grown with it, and no second time.

Leaves the page as it is: only the modules of its words are others. Danger: the page's policy allows no such
modules, and is set aside in the browser for them.
"""

import json
import re
from pathlib import Path
from urllib.parse import quote
from urllib.request import urlopen

from tests.browser.chromium import Page

WORDS = Path(__file__).parent.parent.parent / "static" / "words"

MODULE = """
  import words from "%s?plain";
  const longer = (word) => word + word.slice(0, Math.ceil(0.4 * word.length)).toLowerCase();
  const isGrown = (word) => [...word].some((_, at) => at > 1 && longer(word.slice(0, at)) === word);
  const grow = (text) => text.replace(/\\p{L}{2,}/gu, (word) => (isGrown(word) ? word : longer(word)));
  const grown = (value, key) => {
    if (key === "language") return value;
    if (typeof value === "function") return (...args) => grow(value(...args));
    if (typeof value === "object") return Object.assign(Array.isArray(value) ? [] : {},
      Object.fromEntries(Object.entries(value).map(([name, each]) => [name, grown(each, name)])));
    return grow(value);
  };
  export default grown(words);
"""

# An import map counts only while nothing has been imported: it must be there as soon as there is a place for it.
EARLY = """
  new MutationObserver((_, observer) => {
    if (!document.head) return;
    observer.disconnect();
    const map = document.createElement("script");
    map.type = "importmap";
    map.textContent = JSON.stringify({ imports: %s });
    document.head.prepend(map);
  }).observe(document, { childList: true, subtree: true });
"""


def grow(page: Page) -> Page:
    """From its next opening on, the page speaks so."""
    names = ["en.js", *(f"en/{path.name}" for path in (WORDS / "en").iterdir())]
    html = urlopen(page.url).read().decode()
    (static,) = set(re.findall(r'src="(static/(?:~\w+/)?)app.js"', html))
    urls = [f"{page.url}/{static}words/{name}" for name in names]
    imports = {url: f"data:text/javascript,{quote(MODULE % url)}" for url in urls}
    page.cdp("Page.setBypassCSP", enabled=True)
    page.before_scripts(EARLY % json.dumps(imports))
    return page
