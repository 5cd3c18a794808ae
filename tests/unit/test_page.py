"""What the server says in the page's HTML before any script runs."""

import re
import subprocess

import pytest

from web.page import BEHIND, COMMENT, INDENT, STATIC, StaticHandler, page_with_room

HTML = (STATIC / "index.html").read_text("utf-8")
NUMBER = {"type": "number"}
LONG, SHORT = {"type": "string", "maxLength": 9, "x-lines": 4}, {"type": "string", "maxLength": 9, "x-lines": 1}


@pytest.mark.parametrize(
    ("properties", "room"),
    [
        ({}, ""),
        ({"seconds": NUMBER}, "more"),
        ({"prompt": SHORT}, "large"),
        ({"prompt": LONG, "seconds": NUMBER}, "large more"),
        ({"story": LONG, "seconds": NUMBER}, "large more"),
        ({"avoid": SHORT}, "more"),
        ({"prompt": {"type": "string", "enum": ["a"]}}, "more"),
    ],
)
def test_the_page_keeps_room_for_the_form_that_will_come(properties, room):
    assert f'data-form="{room}"' in page_with_room(HTML, {"properties": properties})


def test_while_nobody_knows_the_schema_there_is_room_for_a_line():
    assert 'data-form="more"' in page_with_room(HTML, None)


def test_a_page_without_a_place_for_it_is_a_mistake_that_is_told():
    with pytest.raises(ValueError, match="data-form"):
        page_with_room("<html>", None)


OWN = [
    path for path in STATIC.resolve().rglob("*") if path.suffix in (".js", ".css") and path.parent.name != "vendor"
]


NOTE = {".js": re.compile(rb"\s+// .*"), ".css": re.compile(rb"\s+/\*((?!\*/).)*\*/\s*")}


@pytest.mark.parametrize("path", OWN, ids=lambda path: path.name)
def test_what_travels_without_comments_and_indents_is_the_same_code_at_the_same_lines(path):
    written, served = path.read_bytes(), StaticHandler.get_content(str(path))
    lines = list(zip(written.splitlines(), served.splitlines(), strict=True))
    for before, after in lines:
        gone = before.lstrip().removeprefix(after)
        assert after in (before.lstrip(), b"") or (len(gone) < len(before) and NOTE[path.suffix].fullmatch(gone))
        assert path.suffix == ".js" or after.count(b'"') % 2 == 0, "no text is taken for a comment"
    assert [after for _, after in lines if after.lstrip().startswith((b"//", b"/*"))] == []
    for comment in COMMENT.finditer(written):
        assert written[: comment.start()].count(b"`") % 2 == 0, "no text of a template is taken for one"
    for indent in INDENT.finditer(written):
        assert written[: indent.start()].count(b"`") % 2 == 0, "and nothing of one for an indent"


@pytest.mark.parametrize(
    ("code", "served"),
    [
        (b"a = b / c; // so", b"a = b / c;"),
        (b'go("https://x", "// no"); // yes, "this"', b'go("https://x", "// no");'),
        (b"const none = `a // b`;", b"const none = `a // b`;"),
        (b"const sign = /[\"'] \\/\\/ /; // kept: not sure", b"const sign = /[\"'] \\/\\/ /; // kept: not sure"),
        (b"first(); // one\nsecond();", b"first();\nsecond();"),
    ],
)
def test_a_comment_behind_code_goes_only_where_it_is_sure_to_be_one(code, served):
    assert BEHIND.sub(rb"\1", code) == served


def test_no_code_between_two_comments_is_taken_for_one():
    code = b"/* one */ first();\nsecond(); /* two */\n/* three\n   lines */\nthird();"
    assert COMMENT.sub(b"", code) == b"/* one */ first();\nsecond(); /* two */\n\nthird();"


READ = """
  const [{ readdirSync, readFileSync }, { SourceTextModule }] = [require("node:fs"), require("node:vm")];
  const [folder] = process.argv.slice(1);
  const read = (name) => readFileSync(`${folder}/${name}`, "utf8");
  const modules = readdirSync(folder).map((name) => new SourceTextModule(read(name)));
  console.log(modules.length);
"""


def test_a_module_still_is_one_without_its_comments(tmp_path):
    modules = [path for path in OWN if path.suffix == ".js"]
    for path in modules:
        (tmp_path / "-".join(path.parts[-3:])).write_bytes(StaticHandler.get_content(str(path)))
    assert read_as_modules(tmp_path) == len(modules) > 100
    (tmp_path / "broken.js").write_text("export const one = ;")
    with pytest.raises(subprocess.CalledProcessError):
        read_as_modules(tmp_path)


def read_as_modules(folder):
    """How many files of this folder Node.js could read, in one process; an error at the first that it could not."""
    command = ["node", "--no-warnings", "--experimental-vm-modules", "-e", READ, str(folder)]
    return int(subprocess.run(command, check=True, capture_output=True).stdout)


def test_a_licence_travels_with_what_it_is_of():
    assert b"MIT" in StaticHandler.get_content(str(STATIC.resolve() / "vendor" / "noble.js"))
