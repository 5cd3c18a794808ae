"""What people see of a submission: lines that fit a terminal, lines for logs, objects for programs."""

import io
import json
import re
from pathlib import Path

import pytest
from rich.cells import cell_len

from leyline.client.display import JsonLines, LiveLines, PlainLines, display_for
from leyline.client.picking import left_out, pictures_in
from tests.unit.submitted import ID, picture, refused, submission

ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


@pytest.fixture
def width(request, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(request.param))
    monkeypatch.setenv("LINES", "24")
    monkeypatch.setenv("TERM", "xterm")
    return request.param


def shown(out: io.StringIO) -> list[str]:
    """The lines that were written, without what a terminal obeys."""
    return [line.rstrip() for line in ESCAPES.sub("", out.getvalue()).replace("\r", "\n").split("\n")]


@pytest.mark.parametrize("width", [3, 20, 36, 60, 80, 100, 140, 200], indirect=True)
def test_lines_that_are_redrawn_never_wrap(width):
    eta = {"ready_at": "2030-05-06T12:00:00Z"}
    pictures = [
        picture("海の写真" * 9 + ".jpg", status="processing", stage="generating" * 5, progress=42, eta=eta),
        picture("b.jpg", status="queued", queue={"position": 1_000, "size": 1_000}, eta=eta),
        picture("c.jpg"),
    ]
    pictures[0].own = "“wind”" * 9
    pictures[2].sent, pictures[2].pause = 0.5, "The line is full: 1000 pictures wait. Trying again in 30 s."
    out = io.StringIO()
    LiveLines(submission(*pictures), out, colors=True).tick()
    frames = ESCAPES.sub("", out.getvalue().replace("\x1b[2K", "\n")).replace("\r", "").split("\n")
    assert all(cell_len(row) <= width for row in frames)
    assert sum("1 running" in row or row.strip() in ("…", "1…") or "1 r" in row for row in frames) or width < 20


@pytest.mark.parametrize("width", [100], indirect=True)
def test_what_is_over_stays_and_the_rest_is_redrawn_in_its_place(width):
    first, second = picture("a.jpg", status="processing"), picture("b.jpg", status="queued")
    out = io.StringIO()
    live = LiveLines(submission(first, second), out, colors=False)
    live.changed(first)
    first.task["status"] = "succeeded"
    live.changed(first)
    live.close()
    text = out.getvalue()
    ending = text.index("✓ a.jpg  ready")
    assert text[:ending].endswith("\x1b[1A\x1b[2K"), "what is below is taken away first"
    assert "a.jpg" not in text[ending + len("✓ a.jpg") :], "and what is over is not drawn again"
    assert text.endswith("\x1b[1A\x1b[2K"), "nothing that moves is left"


@pytest.mark.parametrize(("width", "is_there"), [(60, False), (140, True)], indirect=["width"])
def test_what_a_picture_has_of_its_own_stands_beside_it_where_there_is_room(width, is_there):
    first, second = picture("a.jpg", status="processing"), picture("a.jpg", status="queued")
    first.own, second.own = "“[bold]calm\x1b[31m”", "“a storm”"
    out, plain = io.StringIO(), io.StringIO()
    live = LiveLines(submission(first, second), out, colors=False)
    live.tick()
    assert ("“[bold]calm[31m”" in out.getvalue() and "“a storm”" in out.getvalue()) == is_there
    first.task["status"] = "succeeded"
    live.changed(first)
    assert "✓ a.jpg “[bold]calm[31m”  ready" in out.getvalue()
    PlainLines(submission(first, second), plain).changed(first)
    assert plain.getvalue().startswith("a.jpg “[bold]calm[31m”: ready")


@pytest.mark.parametrize("width", [40], indirect=True)
def test_refusal_is_told_whole_even_where_it_must_wrap(width):
    sentence = "This file is not a picture. Send a JPEG, PNG, WebP, GIF, BMP, TIFF, AVIF or HEIC file."
    wrong = refused("notes.txt", sentence)
    out = io.StringIO()
    LiveLines(submission(wrong), out, colors=False).changed(wrong)
    said = " ".join(" ".join(shown(out)).split())
    assert f"✗ notes.txt {sentence}" in said


@pytest.mark.parametrize("width", [5, 20, 200], indirect=True)
def test_an_address_is_told_whole_even_where_it_must_wrap(width):
    ready, out = picture("می‌خواهم.jpg", status="succeeded"), io.StringIO()
    LiveLines(submission(ready), out, colors=False).changed(ready)
    told = "".join(shown(out)).replace(" ", "").partition("✓")[2]
    assert ready.page_url in told and "می‌خواهم.jpg" in told


@pytest.mark.parametrize("width", [60, 200], indirect=True)
def test_a_servers_link_is_shown_without_what_a_terminal_obeys(width):
    ready = picture("[bold]a.jpg", status="succeeded")
    ready.link_url = "http://localhost:3000/watch/\x1b]0;owned\x07"
    out = io.StringIO()
    LiveLines(submission(ready), out, colors=False).changed(ready)
    assert "/watch/]0;owned " in out.getvalue()
    assert "[bold]a.jpg" in out.getvalue(), "a name is no markup"


@pytest.mark.parametrize("width", [60, 200], indirect=True)
def test_a_link_is_shown_beside_the_page_that_can_revoke_it(width):
    ready, out = picture(status="succeeded"), io.StringIO()
    ready.link_url = "http://localhost:3000/watch/abc"
    LiveLines(submission(ready), out, colors=False).changed(ready)
    PlainLines(submission(ready), out).changed(ready)
    assert out.getvalue().count(ready.link_url) == out.getvalue().count(ready.page_url) == 2


@pytest.mark.parametrize("width", [80], indirect=True)
def test_colors_are_left_out_where_nobody_wants_them(width):
    plain, colored = io.StringIO(), io.StringIO()
    for out, colors in ((plain, False), (colored, True)):
        LiveLines(submission(picture(status="processing", progress=40)), out, colors=colors).tick()
    assert "m" not in re.findall(r"\x1b\[[0-9;]*([A-Za-z])", plain.getvalue())
    assert "m" in re.findall(r"\x1b\[[0-9;]*([A-Za-z])", colored.getvalue())


@pytest.mark.parametrize("width", [80], indirect=True)
def test_long_lines_of_pictures_leave_room_on_the_terminal(width):
    out = io.StringIO()
    live = LiveLines(submission(*(picture(f"{n}.jpg", status="queued") for n in range(50))), out, colors=False)
    live.tick()
    frame = ESCAPES.sub("", out.getvalue().rpartition("\x1b[2K")[2])
    assert frame.count("\n") == 13
    assert "… and 38 more in line" in frame


class Leaving(io.StringIO):
    """Its reader leaves after the first line."""

    def write(self, text):
        if "\n" in self.getvalue():
            raise BrokenPipeError(32, "Broken pipe")
        return super().write(text)


@pytest.mark.parametrize("width", [100], indirect=True)
def test_a_terminal_that_goes_away_holds_no_picture_up(width):
    first, second, out = picture("a.jpg", status="queued"), picture("b.jpg", status="queued"), Leaving()
    live = LiveLines(submission(first, second), out, colors=True)
    for each in (first, second):
        each.task["status"] = "succeeded"
        live.changed(each)
        live.tick()
    live.close()
    assert isinstance(live.out.unheard, BrokenPipeError)


def test_who_hears_no_more_is_told_no_more_and_the_pictures_go_on():
    first, second, out = picture("a.jpg", status="queued"), picture("b.jpg", status="queued"), Leaving()
    plain = PlainLines(submission(first, second), out)
    for each in (first, second, first):
        plain.changed(each)
    assert isinstance(plain.out.unheard, BrokenPipeError)
    assert out.getvalue().startswith("a.jpg: ")


def test_plain_line_comes_only_when_something_new_is_to_be_said():
    shown, out = picture(status="queued", queue={"position": 2, "size": 2}), io.StringIO()
    plain = PlainLines(submission(shown), out)
    for progress in (0, 20, 40):
        shown.task |= {
            "status": "processing" if progress else "queued",
            "progress": progress,
            "stage": "generating",
        }
        plain.changed(shown)
    shown.task["status"] = "succeeded"
    plain.changed(shown)
    assert out.getvalue().splitlines() == [
        f"beach.jpg: 2 of 2 in line  {shown.page_url}",
        "beach.jpg: generating",
        f"beach.jpg: ready  {shown.page_url}",
    ]


def test_json_has_one_object_for_each_picture_at_its_end():
    done, wrong = picture("a.jpg", status="queued"), refused("b.jpg", "No.")
    out = io.StringIO()
    shown = JsonLines(submission(done, wrong), out)
    shown.changed(done)
    shown.changed(wrong)
    done.task["status"] = "succeeded"
    shown.changed(done)
    shown.changed(done)
    shown.close()
    first, second = map(json.loads, out.getvalue().splitlines())
    assert first == {
        "picture": "b.jpg",
        "parameters": None,
        "earlier": False,
        "page_url": None,
        "link_url": None,
        "task": None,
        "error": {"code": "not_a_picture", "detail": "No."},
    }
    assert (second["task"]["status"], second["page_url"], second["error"]) == ("succeeded", done.page_url, None)


def test_json_of_who_left_early_still_tells_what_stays_in_line():
    staying, out = picture(status="queued"), io.StringIO()
    shown = JsonLines(submission(staying, picture("b.jpg")), out)
    shown.changed(staying)
    shown.close()
    [told] = map(json.loads, out.getvalue().splitlines())
    assert told["task"]["task_id"] == ID


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize(
    ("out", "environ", "kind"),
    [
        (Terminal(), {"TERM": "xterm"}, LiveLines),
        (Terminal(), {"TERM": "dumb"}, PlainLines),
        (Terminal(), {"TERM": "unknown"}, PlainLines),
        (io.StringIO(), {"TERM": "xterm"}, PlainLines),
    ],
)
def test_display_suits_where_it_goes(monkeypatch, out, environ, kind):
    monkeypatch.setattr("sys.stdout", out)
    assert type(display_for(submission(picture()), environ, as_json=False)) is kind
    assert type(display_for(submission(picture()), environ, as_json=True)) is JsonLines


# Pictures


def test_folder_gives_its_pictures_in_the_order_that_people_count(tmp_path):
    for name in ("img10.JPG", "img2.jpg", "b.webp", "notes.txt", ".hidden.jpg"):
        (tmp_path / name).touch()
    (tmp_path / "deeper.jpg").mkdir()
    assert [found.path.name for found in pictures_in([tmp_path])] == ["b.webp", "img2.jpg", "img10.JPG"]


def test_file_is_taken_whatever_it_is_called(tmp_path):
    (tmp_path / "scan").touch()
    assert [found.path.name for found in pictures_in([tmp_path / "scan"])] == ["scan"]


@pytest.mark.parametrize("name", ["a.jfif", "a.dib", "a.HEIC", "a.heif", "a.avif", "a.JPEG", "a.jpe"])
def test_a_picture_is_known_by_any_of_its_formats_names(tmp_path, name):
    (tmp_path / name).touch()
    assert [found.path.name for found in pictures_in([tmp_path])] == [name]


@pytest.mark.parametrize("name", ["@eaDir", "__MACOSX"])
def test_a_machines_own_copies_are_no_pictures(tmp_path, name):
    (tmp_path / name).mkdir()
    (tmp_path / name / "a.jpg").touch()
    assert pictures_in([tmp_path, tmp_path / name]) == []


def test_an_entry_that_cannot_be_looked_at_ends_no_folder(tmp_path, monkeypatch):
    for name in ("a.jpg", "b.jpg", "c.jpg"):
        (tmp_path / name).touch()
    look = Path.is_dir

    def refused_for_b(path):
        if path.name == "b.jpg":
            raise PermissionError(13, "Permission denied")
        return look(path)

    monkeypatch.setattr(Path, "is_dir", refused_for_b)
    assert [found.path.name for found in pictures_in([tmp_path])] == ["a.jpg", "b.jpg", "c.jpg"]


def test_a_folder_that_cannot_be_read_is_told_in_its_place_and_holds_nothing_up(tmp_path, monkeypatch):
    for name in ("locked", "open"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.jpg").touch()
    read = Path.iterdir

    def refused_for_locked(path):
        if path.name == "locked":
            raise PermissionError(13, "Permission denied")
        return read(path)

    monkeypatch.setattr(Path, "iterdir", refused_for_locked)
    locked, a = pictures_in([tmp_path / "locked", tmp_path / "open"])
    assert (locked.phase, locked.problem) == ("refused", "The folder cannot be read: Permission denied.")
    assert (a.path.name, a.phase) == ("a.jpg", "unsent")
    assert left_out([tmp_path / "locked", tmp_path / "open"]) == 0


def test_what_is_left_out_of_a_folder_is_counted(tmp_path):
    (tmp_path / "album.jpg").mkdir()
    (tmp_path / "@eaDir").mkdir()
    for name in ("a.jpg", "notes.txt", ".hidden.jpg"):
        (tmp_path / name).touch()
    assert left_out([tmp_path, tmp_path / "notes.txt"]) == 2


@pytest.mark.parametrize("width", [80], indirect=True)
def test_a_share_that_nobody_knows_is_shown_without_a_percentage(width):
    out = io.StringIO()
    display = LiveLines(
        submission(picture(status="processing", stage="dreaming", progress=None)), out, colors=False
    )
    display.tick()
    display.close()
    assert "dreaming" in out.getvalue() and "%" not in out.getvalue()
