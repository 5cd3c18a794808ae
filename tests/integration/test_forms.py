"""The upload's form: parsed wherever it is cut, and its file's name made fit to be shown."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from leyline.errors import BadRequest
from tests.live_server import LiveServer
from tests.pictures import photo
from tests.raw import Answer, Connection, until
from web.forms import UploadForm

TYPE = "multipart/form-data; boundary=leyline"


def part(disposition: str, value: bytes = b"x", headers: str = "") -> bytes:
    return f"--leyline\r\nContent-Disposition: {disposition}\r\n{headers}\r\n".encode() + value + b"\r\n"


def file_part(name: str, value: bytes = b"picture") -> bytes:
    return part(f'form-data; name="file"; filename="{name}"', value, "Content-Type: image/jpeg\r\n")


END = b"--leyline--\r\n"


def read(*pieces: bytes, content_type: str = TYPE) -> tuple[UploadForm, bytes]:
    """The form of these pieces, and the bytes of its file."""
    form = UploadForm(content_type)
    found = b"".join(form.feed(piece) for piece in pieces)
    form.close()
    return form, found


BODY = (
    part('form-data; name="client_id"', "mine ü".encode())
    + file_part("a.jpg", b"\r\n--leyline-\r\n--ley\r\n")
    + END
)


def test_the_form_is_the_same_wherever_it_is_cut() -> None:
    for at in range(len(BODY)):
        form, found = read(BODY[:at], BODY[at:])
        assert found == b"\r\n--leyline-\r\n--ley\r\n"
        assert (form.file_name, form.fields) == ("a.jpg", {"client_id": "mine ü"})


def test_the_form_is_the_same_byte_by_byte() -> None:
    form, found = read(*(BODY[at : at + 1] for at in range(len(BODY))))
    assert found == b"\r\n--leyline-\r\n--ley\r\n"
    assert form.fields == {"client_id": "mine ü"}


@pytest.mark.parametrize(
    "content_type",
    [
        *('multipart/form-data; boundary="leyline"', "Multipart/Form-Data;boundary=leyline; charset=utf-8"),
        "multipart/form-data; charset=x; boundary=leyline",
    ],
)
def test_the_boundary_is_found_however_it_is_written(content_type: str) -> None:
    assert read(BODY, content_type=content_type)[0].file_name == "a.jpg"


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        ('form-data; name="file"; filename="a.jpg"', "a.jpg"),
        ("form-data; name=file; filename=a.jpg", "a.jpg"),
        ('form-data; filename="a;b.jpg"; name="file"', "a;b.jpg"),
        ('form-data; name="file"; filename="a\\"b.jpg"', 'a"b.jpg'),
        ('form-data; name="file"', ""),
        ('form-data; name="file"; filename="ü😀.jpg"', "ü😀.jpg"),
        ('form-data; name="file"; filename="a.jpg"; filename*=utf-8\'\'b.jpg', "b.jpg"),
        ("form-data; name=\"file\"; filename*=UTF-8'en'%e2%82%ac%20%22%3B%C3%BC.jpg", '€ ";ü.jpg'),
        ("form-data; filename* = iso-8859-1''%A3.jpg; name=\"file\"", "£.jpg"),
        ('form-data; name="file"; filename="a.jpg"; FILENAME*="utf-8\'\'b.jpg"', "b.jpg"),
        ('form-data; name="file"; filename="a; filename*=utf-8\'\'b"', "a; filename*=utf-8''b"),
        ("form-data; name=\"file\"; filename*=utf-8''%ff.jpg", "\ufffd.jpg"),
        ('form-data; name="file"; filename="a.jpg"; filename*=b.jpg', "a.jpg"),
        ("form-data; name=\"file\"; filename*=idna''%ff", ""),
    ],
)
def test_the_files_name_is_read_as_browsers_write_it(disposition: str, name: str) -> None:
    assert read(part(disposition) + END)[0].file_name == name


def test_a_field_sent_twice_counts_as_sent_last() -> None:
    twice = part('form-data; name="client_id"', b"one") + part('form-data; name="client_id"', b"two")
    assert read(twice + file_part("a.jpg") + END)[0].fields == {"client_id": "two"}


def test_a_picture_in_a_part_of_another_name_is_told_where_it_belongs() -> None:
    misnamed = part('form-data; name="nofile"; filename="photo.jpg"', photo(size=(640, 480)) + bytes(2000))
    with pytest.raises(BadRequest, match="no part named “file”"):
        read(misnamed + END)
    with pytest.raises(BadRequest, match="too long"):
        read(part('form-data; name="client_id"', bytes(2000)) + END)


def test_a_field_that_nobody_looks_at_may_be_long_but_not_without_an_end() -> None:
    other, picture = 'form-data; name="other"', file_part("a.jpg")
    assert read(part(other, bytes(60_000)) + picture + END)[0].fields == {}
    with pytest.raises(BadRequest, match="too long"):
        read(part(other, bytes(70_000)) + picture + END)


@pytest.mark.parametrize("seed", range(3))
def test_no_damage_to_a_form_is_more_than_a_bad_request(seed: int) -> None:
    dice = random.Random(seed)
    for _ in range(2000):
        body = bytearray(BODY)
        for _ in range(dice.choice((1, 2, 5))):
            at = dice.randrange(len(body))
            body[at : at + dice.choice((0, 1, 3))] = dice.choice(
                (b"", b"\r\n", b"--leyline", b";", b'"', b"\0", b"\xff")
            )
        cut = dice.randrange(len(body) + 1)
        try:
            read(bytes(body[:cut]), bytes(body[cut:]))
        except BadRequest as refusal:
            assert refusal.detail


# What becomes of a name


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    with LiveServer(tmp_path_factory.mktemp("forms") / "data", model_seconds=600) as running:
        yield running


NAMES = {
    "../../../../etc/passwd": "passwd",
    "..\\..\\windows\\system32\\a.jpg": "a.jpg",
    "C:\\fakepath\\a.jpg": "a.jpg",
    "/absolute/a.jpg": "a.jpg",
    "a\0b.jpg": "ab.jpg",
    "a\nSet-Cookie: b=c\n.jpg": "a Set-Cookie: b=c .jpg",
    "\u202egpj.exe": "gpj.exe",
    "a\u2066b\u200b\ufeff\x7f\x9bc.jpg": "abc.jpg",
    "🏔️ Ausflug nach Zürich.jpg": "🏔️ Ausflug nach Zürich.jpg",
    "<img src=x onerror=alert(1)>.jpg": "<img src=x onerror=alert(1)>.jpg",
    "x" * 4096 + ".jpg": "x" * 100,
    "😀" * 4096: "😀" * 100,
    "": "picture",
    "...": "picture",
    " ": "picture",
    "a/": "picture",
    "CON": "CON",
}


def send(server: LiveServer, name: str) -> Answer:
    body = file_part(name, photo()) + END
    with Connection(server.url) as connection:
        return connection.request("POST", "/api/video/upload/", body, Content_Type=TYPE).answer()


def files_outside(server: LiveServer) -> set[Path]:
    """Everything beside the data folder; in it parts come and go."""
    return {path for path in server.data_dir.parent.rglob("*") if not path.is_relative_to(server.data_dir)}


@pytest.mark.parametrize(("name", "shown"), NAMES.items(), ids=[ascii(name)[:30] for name in NAMES])
def test_a_name_is_shown_clean_and_short_and_reaches_no_file(server: LiveServer, name: str, shown: str) -> None:
    outside = files_outside(server)
    answer = send(server, name)
    assert answer.status == 202, answer
    assert answer.json["image"]["name"] == shown
    task_id = answer.json["task_id"]
    kept = {path.name for path in (server.data_dir / "pictures").iterdir() if task_id in path.name}
    assert kept == {f"{task_id}.jpg", f"{task_id}.thumbnail.jpg"}
    assert files_outside(server) == outside
    until(lambda: not list((server.data_dir / "tmp").glob("*.part")), "no part left")
    log = server.log()
    assert "passwd" not in log and "onerror" not in log and "\x9b" not in log and "\u202e" not in log


def test_a_name_that_ends_its_header_is_a_bad_request(server: LiveServer) -> None:
    answer = send(server, 'a.jpg"\r\nContent-Length: 0\r\n\r\n')
    assert answer.status in (400, 415), "what follows is the file then, and no picture"
    assert send(server, "a\r.jpg").status == 400


@pytest.mark.parametrize("field", ["client_id", "batch_id"])
def test_the_clients_own_words_are_echoed_as_they_came(server: LiveServer, field: str) -> None:
    for word in ("mine", "<b>ü😀</b>", "x" * 64, "../../a", "a\0b"):
        body = part(f'form-data; name="{field}"', word.encode()) + file_part("a.jpg", photo()) + END
        with Connection(server.url) as connection:
            answer = connection.request("POST", "/api/video/upload/", body, Content_Type=TYPE).answer()
        assert (answer.status, answer.json[field]) == (202, word)
