"""What the front door and a member say to each other: the pipe's conversation, and what lies between machines.

    front door              member
               ←  Hello, with which it joins
    Refused, and the end, or
    Welcome →
               ←  State, ModelReady, State, …
    Start   →
               ←  Progress, Still, Grown, …     (Cancel →)
               ←  Printed
               ←  Done, Failed, Died or NotCarried
    Shutdown →
               ←  Goodbye, and its end

`Start` goes without its paths: the picture is fetched, the video brought, on connections of their own
(`transfers`), and what `Grown` and `Done` tell of has arrived by then. Danger: as at the pipe, nothing that arrives
is trusted; `decode` raises `ProtocolError` for what is not exactly one of these.
"""

from dataclasses import dataclass

from leyline.processes import protocol
from leyline.processes.protocol import OfRun, Said

VERSION = 1  # of this conversation, and of the transfers

# From a member


@dataclass(frozen=True)
class Hello(Said):
    """Who wants to join, and as what.

    `worker` is random and one of its process, `number` counts its model processes from 0; `model` is the only one
    that it would run, "" where it runs whatever the front door does.
    """

    protocol: int
    python: str
    leyline: str
    engine: str
    worker: str
    number: int
    name: str
    machine: str
    model: str


@dataclass(frozen=True)
class State(Said):
    """The model process is in this `ChildState` now; `spawned` of them there were, and the one now has this id."""

    state: str
    detail: str
    spawned: int
    pid: int | None


@dataclass(frozen=True)
class Still(OfRun):
    """A newer still, as JPEG in Base64; `revision` counts from 1 within a run."""

    revision: int
    picture: str


@dataclass(frozen=True)
class Printed(OfRun):
    """What the model has printed last, line by line."""

    lines: str


@dataclass(frozen=True)
class Died(OfRun):
    """The model process died, hung or broke the protocol: `seam.Crashed`."""

    detail: str
    reason: str
    began: bool


@dataclass(frozen=True)
class NotCarried(OfRun):
    """The run came to nothing because its picture or its video could not be carried; `reason` is for the log."""

    reason: str


@dataclass(frozen=True)
class Goodbye(Said):
    """It leaves on purpose; `reason` is for the log."""

    reason: str


# From the front door


@dataclass(frozen=True)
class Welcome(Said):
    """What to run: a model, its options and what else it is built with (both JSON), and how it is watched."""

    model: str
    options: str
    settings: str
    memory_limit_mb: int
    stall_seconds: float


@dataclass(frozen=True)
class Refused(Said):
    """It may not join, or may not stay; `reason` is a sentence for people."""

    reason: str


End = protocol.Done | protocol.Failed | Died | NotCarried
OfARun = protocol.Progress | protocol.Grown | Still | Printed | End
FromMember = State | protocol.ModelReady | OfARun | Goodbye
ToMember = protocol.Start | protocol.Cancel | protocol.Shutdown | Refused

ENDS = (protocol.Done, protocol.Failed, Died, NotCarried)
FROM_MEMBER: tuple[type[FromMember], ...] = (
    State,
    protocol.ModelReady,
    protocol.Progress,
    protocol.Grown,
    Still,
    Printed,
    protocol.Done,
    protocol.Failed,
    Died,
    NotCarried,
    Goodbye,
)
TO_MEMBER: tuple[type[ToMember], ...] = (protocol.Start, protocol.Cancel, protocol.Shutdown, Refused)

ANSWERS: tuple[type[Welcome | Refused], ...] = (Welcome, Refused)


def encode(message: Said) -> str:
    """As text; `ProtocolError` when it is too long."""
    return protocol.encode(message).decode("utf-8", "surrogatepass")


def from_member(text: str) -> FromMember:
    return protocol.decode(_bytes(text), FROM_MEMBER)


def to_member(text: str) -> ToMember:
    return protocol.decode(_bytes(text), TO_MEMBER)


def hello(text: str) -> Hello:
    return protocol.decode(_bytes(text), (Hello,))


def answer(text: str) -> Welcome | Refused:
    return protocol.decode(_bytes(text), ANSWERS)


def _bytes(text: object) -> bytes:
    if not isinstance(text, str) or len(text) > protocol.MAX_MESSAGE_BYTES:
        raise protocol.ProtocolError("a message that is no text, or too long")
    return text.encode("utf-8", "surrogatepass")
