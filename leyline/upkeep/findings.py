"""What a check finds: good, doubtful or bad, in a sentence, and what to do about it."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How it is. What is doubtful works, and may not be meant."""

    GOOD = "good"
    DOUBTFUL = "doubtful"
    BAD = "bad"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at. `advice` is "" where there is nothing to do."""

    about: str
    level: Level
    said: str
    advice: str = ""


def good(about: str, said: str) -> Finding:
    return Finding(about, Level.GOOD, said)


def doubtful(about: str, said: str, advice: str) -> Finding:
    return Finding(about, Level.DOUBTFUL, said, advice)


def bad(about: str, said: str, advice: str) -> Finding:
    return Finding(about, Level.BAD, said, advice)
