"""The format of a master: in clear on disk, and under a key byte for byte what FFmpeg would have written."""

import io
import os
import random
import re
from contextlib import closing
from pathlib import Path
from typing import Any

import av
import pytest

from leyline import cenc
from leyline.errors import VideoMissing
from leyline.media import Part
from leyline.watching.master import Master, NotLaidOut
from leyline.watching.masters import lay_out
from tests.watch_site import EARLIER, frames, make_master, packets

KEY, KID = bytes(range(16)), bytes(range(100, 116))
SAME_IVS = {"fflags": "bitexact"}  # FFmpeg begins at 0 then, and not where chance has it


ENCODERS = {
    "libx264": {},
    "libvpx-vp9": {},
    "libx264 and aac": {"sound": "aac"},
    "libx264 and libopus": {"sound": "libopus"},
    "libvpx-vp9 and aac": {"sound": "aac"},
}


@pytest.fixture(scope="module", params=ENCODERS)
def path(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A master by each encoder that there is a setting for, without sound and with each kind of it."""
    codec = request.param.partition(" ")[0]
    return make_master(tmp_path_factory.mktemp("master") / "master.mp4", codec=codec, **ENCODERS[request.param])


def read(path: Path, key: bytes = KEY) -> bytes:
    """The whole of it as a view has it."""
    with Master(path) as master:
        return master.read(0, master.layout.size, key, KID)


def muxed(source: Path, sink: Any, **options: str) -> None:
    """The packets of `source`, muxed by FFmpeg."""
    with (
        av.open(source) as packets_of,
        av.open(sink, "w", format="mp4", options={**cenc.MUXING, **SAME_IVS, **options}) as target,
    ):
        streams = [target.add_stream_from_template(stream) for stream in packets_of.streams]
        for packet in packets_of.demux():
            if packet.pts is not None:
                packet.stream = streams[packet.stream.index]
                target.mux(packet)


def test_under_a_key_it_is_byte_for_byte_what_ffmpeg_writes_under_that_key(path: Path, tmp_path: Path) -> None:
    encrypted, clear = tmp_path / "encrypted.mp4", tmp_path / "clear.mp4"
    muxed(path, encrypted, encryption_key=KEY.hex(), encryption_kid=KID.hex())
    with clear.open("wb") as file:
        muxed(path, cenc.ClearWriter(file.write))
    first, theirs = read(clear), encrypted.read_bytes()
    with Master(clear) as master:
        if "," in master.layout.codec:  # in what follows FFmpeg lists IVs of sound that are not the fragment's own
            assert len(first) < len(theirs)
            end = master.layout.segments[1][1]
            first, theirs = first[:end], theirs[:end]
    assert first == theirs


def test_on_disk_it_is_clear_and_decodes_as_it_is(path: Path) -> None:
    with av.open(path) as video:
        assert sum(1 for _ in video.decode(video=0)) == 60


def test_with_its_key_it_is_the_video_packet_by_packet_and_without_it_shows_nothing(path: Path) -> None:
    view = read(path)
    with av.open(path) as video:
        for kind in {stream.type for stream in video.streams}:
            assert packets(io.BytesIO(view), KEY, kind) == packets(path, None, kind)
            clear = {data for _, _, data in packets(path, None, kind)}
            assert not clear & {data for _, _, data in packets(io.BytesIO(view), None, kind)}
    assert frames(path) == 60 and frames(io.BytesIO(view)) == 0


def test_two_keys_differ_in_what_is_protected_and_in_nothing_else(path: Path) -> None:
    with Master(path) as master:
        one, other = (master.read(0, master.layout.size, key, KID) for key in (KEY, KID))
        starts = [start for _, start in master.layout.segments]
    whole = path.read_bytes()
    protected = bytearray(len(whole))
    for start in starts:
        length = int.from_bytes(whole[start : start + 4], "big")
        for found in cenc.protected(whole[start : start + length], start):
            protected[found.start : found.end] = b"\1" * (found.end - found.start)
    assert sum(protected) > 0.9 * len(whole)
    assert all(is_protected or a == b for is_protected, a, b in zip(protected, one, other, strict=True))
    assert (
        sum(a == b for is_protected, a, b in zip(protected, one, other, strict=True) if is_protected)
        < len(whole) / 100
    )


def test_every_range_is_a_slice_of_the_whole(path: Path) -> None:
    whole, chance = read(path), random.Random(5)
    with Master(path) as master:
        edges = [start for _, start in master.layout.segments]
        kids_at, size = master.layout.kids_at, master.layout.size
        places = [
            0,
            *kids_at,
            *(at + 16 for at in kids_at),
            size,
            *edges,
            *(chance.randrange(size) for _ in range(60)),
        ]
        for place in places:
            for start in range(max(0, place - 17), min(size, place + 18)):
                end = min(size, start + chance.choice([1, 2, 15, 16, 17, 33, 5000, 200_000]))
                assert master.read(start, end, KEY, KID) == whole[start:end]


def test_a_range_from_every_odd_byte_on_is_a_slice_of_the_whole(tmp_path: Path) -> None:
    small = make_master(tmp_path / "small.mp4", width=64, height=48, crf=40)
    whole, chance = read(small), random.Random(3)
    with Master(small) as master:
        for start in range(1, len(whole), 2):
            end = min(len(whole), start + chance.randrange(1, 100))
            assert master.read(start, end, KEY, KID) == whole[start:end]


def test_one_fragment_is_remembered_whatever_was_read(path: Path) -> None:
    with Master(path) as master:
        for start in range(0, master.layout.size - 1000, 1000):
            master.read(start, start + 1000, KEY, KID)
            number, ranges = master._fragment
            assert len(ranges) <= 3 * 30 + 60 and number < len(master.layout.segments)


def test_the_layout_tells_codec_length_and_keyframes(path: Path) -> None:
    with Master(path) as master:
        layout = master.layout
    assert re.fullmatch(r"(avc1\.4d[0-9a-f]{4}|vp09\.00\.\d\d\.08)(,mp4a\.40\.2|,opus)?", layout.codec)
    with av.open(path) as video:
        assert (len(video.streams), len(layout.codec.split(","))) == (len(layout.kids_at),) * 2
    assert layout.seconds == pytest.approx(2.0)
    assert [start for start, _ in layout.segments] == [0.0, 1.0]
    data = read(path)
    assert all(data[edge + 4 : edge + 8] == b"moof" for _, edge in layout.segments)
    assert data[4:8] == b"ftyp" and layout.size == len(data)
    assert all(data[at : at + 16] == KID for at in layout.kids_at)


@pytest.mark.parametrize("codec", ["libx264", "libvpx-vp9"])
def test_a_video_of_an_earlier_release_is_laid_out_as_if_it_were_new(tmp_path: Path, codec: str) -> None:
    earlier = make_master(tmp_path / "earlier.mp4", codec=codec, muxing=EARLIER)
    with pytest.raises(NotLaidOut):
        Master(earlier)
    with closing(Part(tmp_path / "laid-out.mp4")) as part:
        lay_out(earlier, part)
    assert packets(tmp_path / "laid-out.mp4") == packets(earlier)
    assert packets(io.BytesIO(read(tmp_path / "laid-out.mp4")), KEY) == packets(earlier)
    assert oct((tmp_path / "laid-out.mp4").stat().st_mode & 0o777) == "0o600"


def test_laid_out_again_it_is_still_the_video(path: Path, tmp_path: Path) -> None:
    """As happens when a server ends between two steps."""
    with closing(Part(tmp_path / "again.mp4")) as part:
        lay_out(path, part)
    assert packets(tmp_path / "again.mp4") == packets(path)


@pytest.mark.parametrize("kept", [0, 7, 400, 1500, 5000, -1])
def test_a_video_cut_short_is_said_to_be_damaged(path: Path, tmp_path: Path, kept: int) -> None:
    damaged = tmp_path / "damaged.mp4"
    damaged.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(VideoMissing, match="damaged"):
        Master(damaged)


@pytest.mark.parametrize("kept", [0, 400])
def test_an_earlier_video_cut_short_is_said_to_be_damaged(tmp_path: Path, kept: int) -> None:
    damaged = tmp_path / "damaged.mp4"
    damaged.write_bytes(make_master(tmp_path / "earlier.mp4", muxing=EARLIER).read_bytes()[:kept])
    with pytest.raises(VideoMissing, match="damaged"):
        lay_out(damaged, Part(tmp_path / "part"))


def test_a_video_that_is_not_there_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(VideoMissing):
        Master(tmp_path / "nothing.mp4")


def test_a_file_that_loses_its_end_while_it_is_watched_is_damaged(path: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.mp4"
    copy.write_bytes(path.read_bytes())
    with Master(copy) as master:
        os.truncate(copy, 2000)
        with pytest.raises(VideoMissing, match="damaged"):
            master.read(0, 5000, KEY, KID)


def test_a_fragment_that_leaves_a_sample_unprotected_is_never_read(path: Path, tmp_path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[data.index(b"senc") + 11] -= 1  # one sample fewer is described than there are
    (tmp_path / "odd.mp4").write_bytes(data)
    with Master(tmp_path / "odd.mp4") as master, pytest.raises(VideoMissing, match="damaged"):
        master.read(0, master.layout.size, KEY, KID)


def test_the_writer_holds_one_fragment_at_most(path: Path) -> None:
    sink = io.BytesIO()
    writer = cenc.ClearWriter(sink.write)
    most = 0

    class Watched:
        def write(self, data: bytes) -> int:
            nonlocal most
            written = writer.write(data)
            most = max(most, len(writer._pending) + len(writer._moof or b""))
            return written

    muxed(path, Watched())
    with Master(path) as master:
        starts = [start for _, start in master.layout.segments]
    assert most <= max(starts[1] - starts[0], master.layout.size - starts[1]) + 100_000
    assert not writer._pending and len(sink.getvalue()) > 0


def test_the_sound_of_a_long_video_costs_as_much_in_each_of_its_fragments(tmp_path: Path) -> None:
    long = make_master(tmp_path / "long.mp4", seconds=8, width=64, height=48, sound="aac")
    data = long.read_bytes()
    with Master(long) as master:
        heads = [int.from_bytes(data[at : at + 4], "big") for _, at in master.layout.segments]
        assert [start for start, _ in master.layout.segments] == list(range(8))
    assert len(heads) == 8 and max(heads) < 1.2 * min(heads)
