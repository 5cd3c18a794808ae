"""Mutations of good pictures of all formats, through the whole way from an upload's file to its answer.

`python -m tests.integration.fuzz_pictures --count 20000` tries that many; every answer must be a prepared
picture or a refusal, within its time, and the helper must stay within its memory. What breaks that is
kept in the folder named at the end; seed and number make each mutation again.
"""

import argparse
import asyncio
import logging
import random
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic

from leyline import errors
from leyline.pictures.pool import PicturePool
from leyline.pictures.room import needed_bytes
from tests.hard_pictures import FAULTY
from tests.kinds import bmp, gif, iso_media, jpeg, png, png_colours, tiff, webp
from tests.picture_samples import SAMPLES, private
from tests.pictures import FORMATS, grainy

LIMIT = 12_000_000
MOST_BYTES = 64 * 2**20 + needed_bytes(LIMIT, 0)  # the libraries, and the largest picture
LARGEST_BYTES = 100_000
ANSWER_SECONDS = 5
TRIES = 3  # of one that takes longer: the machine may be busy with other things
EXPECTED = (
    errors.EmptyFile,
    errors.NotAPicture,
    errors.UnsupportedFormat,
    errors.DamagedPicture,
    errors.TooManyPixels,
)
EDGES = (0, 1, 2, 127, 128, 255, 256, 32767, 32768, 65535, 65536, 2**31 - 1, 2**31, 2**32 - 1)


def seeds() -> list[bytes]:
    """Files of every format, mode and kind, some with metadata, some with faults."""
    tables = (
        *(FAULTY, png.SAME, png.REFUSED, png_colours.OTHER, jpeg.SAME, jpeg.OTHER, jpeg.REFUSED, gif.OTHER),
        *(webp.SAME, webp.OTHER, webp.TURNED, bmp.OTHER, bmp.UNSEEN, bmp.REFUSED, tiff.SAME, tiff.REFUSED),
        *(iso_media.AVIF_SAME, iso_media.AVIF_OTHER, iso_media.AVIF_REFUSED, iso_media.HEIC_SAME),
        {"tiles": iso_media.heic_of_tiles},
    )
    made = [make() for make, _ in SAMPLES.values()]
    made += [make(grainy((200, 150))) for make in FORMATS.values()]
    files = (make() for table in tables for make in table.values())
    return [*made, *private().values(), *(file for file in files if len(file) < LARGEST_BYTES)]


def mutate(file: bytes, chance: random.Random, other: bytes) -> bytes:
    """A few changes of the kinds that find mistakes in decoders; more of them near the beginning."""
    data = bytearray(file)
    for _ in range(chance.choice((1, 1, 2, 4, 16))):
        signature = 0 if chance.random() < 0.05 else 12  # mostly left alone: what follows it is of more interest
        at = signature + int(max(len(data) - signature, 0) * chance.random() ** chance.choice((1, 4)))
        match chance.randrange(7):
            case 0:
                data[at : at + 1] = bytes([chance.randrange(256)])
            case 1:
                data[at : at + 1] = bytes([(data[at : at + 1] or b"\0")[0] ^ 1 << chance.randrange(8)])
            case 2:  # a number that is an edge of its kind
                size = chance.choice((1, 2, 4))
                number = chance.choice(EDGES) % 256**size
                data[at : at + size] = number.to_bytes(size, chance.choice(("big", "little")))
            case 3:
                del data[at : at + chance.choice((1, 4, 64, 4096))]
            case 4:
                data[at:at] = chance.randbytes(chance.choice((1, 4, 64)))
            case 5:  # a part of the file again, elsewhere
                start = chance.randrange(len(data) + 1)
                data[at:at] = data[start : start + chance.choice((4, 64, 1024))]
            case _:  # a part of another file
                start = chance.randrange(len(other) + 1)
                length = chance.choice((4, 64, 1024))
                data[at : at + length] = other[start : start + length]
    return bytes(data[: chance.randrange(len(data) + 1)]) if chance.random() < 0.05 else bytes(data)


def mutations(seed: int, numbers: range) -> Iterator[tuple[int, bytes]]:
    files = seeds()
    for number in numbers:
        chance = random.Random(f"{seed} {number}")
        yield number, mutate(chance.choice(files), chance, chance.choice(files))


@dataclass
class Findings:
    """What became of the mutations."""

    answers: Counter[str] = field(default_factory=Counter)
    slowest_seconds: float = 0.0
    peak_bytes: int = 0
    helpers: set[int] = field(default_factory=set)
    bad: list[Path] = field(default_factory=list)

    def merge(self, other: "Findings") -> None:
        self.answers += other.answers
        self.slowest_seconds = max(self.slowest_seconds, other.slowest_seconds)
        self.peak_bytes = max(self.peak_bytes, other.peak_bytes)
        self.helpers |= other.helpers
        self.bad += other.bad


async def fuzz(seed: int, numbers: range, folder: Path) -> Findings:
    """Send these mutations through one helper, and keep in `folder` those whose answer is not right."""
    findings = Findings()
    pool = PicturePool(LIMIT, most=1)
    pool.start()
    source = folder / f"{numbers.start}.part"
    outputs = folder / f"{numbers.start}.picture", folder / f"{numbers.start}.thumbnail"
    for number, file in mutations(seed, numbers):
        source.write_bytes(file)
        seconds = float("inf")
        for _ in range(TRIES):
            begin = monotonic()
            answer = await asyncio.gather(pool.prepare(source, *outputs, "somebody"), return_exceptions=True)
            seconds = min(seconds, monotonic() - begin)
            if seconds <= ANSWER_SECONDS:
                break
        for pid in pool.pids:
            findings.helpers.add(pid)
            findings.peak_bytes = max(findings.peak_bytes, _peak_bytes(pid))
        findings.answers[type(answer[0]).__name__] += 1
        findings.slowest_seconds = max(findings.slowest_seconds, seconds)
        wrong = isinstance(answer[0], BaseException) and not isinstance(answer[0], EXPECTED)
        if wrong or seconds > ANSWER_SECONDS:
            findings.bad.append(source.rename(folder / f"{seed}-{number}-{type(answer[0]).__name__}"))
    await pool.stop()
    return findings


def _peak_bytes(pid: int) -> int:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    return int((status.partition("VmHWM:")[2].split() or ["0"])[0]) * 1024


async def fuzz_on_two_helpers(seed: int, count: int, folder: Path) -> Findings:
    """`fuzz`, on two processor cores."""
    halves = range(0, count, 2), range(1, count, 2)
    findings = Findings()
    for part in await asyncio.gather(*(fuzz(seed, numbers, folder) for numbers in halves)):
        findings.merge(part)
    return findings


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Mutated pictures through the way of an upload.")
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.ERROR, format="%(message)s")
    folder = Path(tempfile.mkdtemp(prefix="leyline-fuzz-"))
    print(f"{options.count:,} mutated pictures, seed {options.seed} …", flush=True)
    findings = asyncio.run(fuzz_on_two_helpers(options.seed, options.count, folder))
    for name, count in findings.answers.most_common():
        print(f"{count:8,}  {name}")
    print(f"slowest answer {findings.slowest_seconds:.2f} s (limit {ANSWER_SECONDS})")
    print(f"most memory {findings.peak_bytes / 1e6:.0f} MB (limit {MOST_BYTES / 1e6:.0f})")
    print(f"{len(findings.helpers)} helper processes")
    for path in findings.bad:
        print(f"BAD {path}")
    return 1 if findings.bad or findings.peak_bytes > MOST_BYTES else 0


if __name__ == "__main__":
    raise SystemExit(main())
