"""Which files are meant: names, folders, patterns in quotes, and what comes on standard input."""

import io
from pathlib import Path

import pytest

from leyline.client.picking import NothingThere, filled_in, folders_of, left_out, pictures_in
from leyline.client.piped import Piped
from tests.pictures import photo


@pytest.fixture
def place(tmp_path, monkeypatch):
    for name in (
        "a/2.jpg",
        "a/10.jpg",
        "a/notes.txt",
        "a/b/c/1.png",
        "a/b/x[1].jpg",
        "a/.hidden/3.jpg",
        "a/@eaDir/4.jpg",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "a/b/back").symlink_to(tmp_path / "a")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def names(pictures):
    return [str(picture.path) for picture in pictures]


def test_a_folder_is_its_own_pictures_and_recursive_those_of_its_folders_too(place):
    assert names(pictures_in([Path("a")])) == ["a/2.jpg", "a/10.jpg"]
    deep = ["a/2.jpg", "a/10.jpg", "a/b/x[1].jpg", "a/b/c/1.png"]
    assert names(pictures_in([Path("a")], recursive=True)) == deep
    assert left_out([Path("a")]) == 2, "the notes and the folder"
    assert left_out([Path("a")], recursive=True) == 2, "the notes, and the link that leads back"


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("a/*.jpg", ["a/2.jpg", "a/10.jpg"]),
        ("a/*", ["a/2.jpg", "a/10.jpg"]),
        ("a/**/*.png", ["a/b/c/1.png"]),
        ("a/b/x[1].jpg", ["a/b/x[1].jpg"]),
        ("a/b/x[[]1].jpg", ["a/b/x[1].jpg"]),
        ("a/?.jpg", ["a/2.jpg"]),
        ("a", ["a"]),
    ],
)
def test_a_pattern_that_no_shell_has_filled_in_is_filled_in(place, word, found):
    assert list(map(str, filled_in([word]))) == found


@pytest.mark.parametrize(
    ("word", "says"), [("b.jpg", r"b\.jpg does not exist"), ("a/*.gif", r"No picture fits a/\*\.gif")]
)
def test_what_names_nothing_is_told(place, word, says):
    with pytest.raises(NothingThere, match=says):
        filled_in([word])


def test_a_batch_lies_where_it_was_named_first_and_then_where_its_pictures_are(place):
    pictures = pictures_in([Path("a")], recursive=True)
    assert list(map(str, folders_of([Path("a")], pictures))) == ["a", "a", "a", "a/b", "a/b/c"]


@pytest.mark.parametrize(
    ("sent", "picture", "found"),
    [
        (photo(), "standard input.jpg", []),
        (b"%PDF-1.7", "standard input", []),
        (b"a/2.jpg\na/10.jpg\n", None, ["a/2.jpg", "a/10.jpg"]),
        (b"a/2.jpg\r\na/10.jpg", None, ["a/2.jpg", "a/10.jpg"]),
        (b"a/2.jpg\0a/10.jpg\0", None, ["a/2.jpg", "a/10.jpg"]),
        (b"picture\na/2.jpg\n", None, []),
        ("picture\n".encode("utf-16"), None, []),
        (b'{"picture": "a/2.jpg"}', None, []),
        (b"", None, []),
    ],
)
def test_standard_input_is_a_picture_or_names_or_a_list(place, tmp_path_factory, sent, picture, found):
    piped = Piped(tmp_path_factory.mktemp("kept"), io.BytesIO(sent))
    assert (piped.picture and piped.picture.name, piped.names, piped.is_empty) == (picture, found, not sent)
    kept = piped.picture or piped.path
    assert kept.read_bytes() == sent
