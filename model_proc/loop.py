"""The model process: loads one model, then turns one task after the other into a video.

What a task is and what becomes of its video is left to the worker at the other end of the pipe.
Danger: spawn imports this module in the child, so everything but the standard library and the protocol
is imported late; and a thread owns the receiving end, for the server's end must end this process at
once, however busy the model is.
"""

import errno
import gc
import io
import os
import queue
import resource
import sys
import threading
import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from leyline.processes import protocol
from leyline.processes.lifeline import end_with_the_server
from leyline.processes.output import say_all
from leyline.text import fit_to_show
from model_proc.catalogue import NoSuchModel, Values, WrongOptions, built, model_class
from model_proc.parameters import BadDeclaration, declared_by, instance, schema_of

if TYPE_CHECKING:
    from model_proc.model import Image, Model

MAX_DETAIL_LENGTH = 500

Parameters = Mapping[str, float | str]


def run(
    connection: Connection, name: str, parameters: Parameters, memory_limit_mb: int, options: Values | None = None
) -> NoReturn:
    """Be the model process of the worker at the other end of `connection`, until that end is closed.

    `name` is that of an installed model, or `package.module:Class`; `options` go to its `__init__`.
    `memory_limit_mb` bounds what it allocates, 0 does not.
    Exits with 1 after a `LoadFailed`, with 0 after a `Shutdown` or EOF.
    """
    end_with_the_server()
    _keep_last_words()
    pipe = Pipe(connection)
    try:
        _limit_memory(memory_limit_mb)
        codec = _checked_codec(parameters)
        model = _loaded(built(model_class(name), options or {}, parameters))
        declared = declared_by(model)
        ready = _ready(schema_of(declared))
    except (NoSuchModel, WrongOptions) as error:
        wrong: protocol.WrongSetting = "model" if isinstance(error, NoSuchModel) else "model_options"
        pipe.send(protocol.LoadFailed(fit_to_show(error, MAX_DETAIL_LENGTH), wrong))
        _exit(1)
    except BaseException as error:  # a model that calls sys.exit has not loaded either
        traceback.print_exc()
        pipe.send(protocol.LoadFailed(describe(error), ""))
        _exit(1)
    pipe.send(ready)
    while True:
        current = pipe.next_run()
        pipe.send(protocol.Began())
        end = _outcome(current, pipe, model, declared, codec)
        say_all()  # so that it is heard of this run
        pipe.send(end)


@dataclass(frozen=True)
class Run:
    """One run of one task, and whether it was canceled."""

    start: protocol.Start
    canceled: threading.Event = field(default_factory=threading.Event)

    def check(self) -> None:
        """Raise `Canceled` if the run was canceled."""
        if self.canceled.is_set():
            from model_proc.model import Canceled

            raise Canceled


class Pipe:
    """This end of the pipe to the worker: runs come out of it, and what becomes of them is said into it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._sending = threading.Lock()
        self._runs: queue.SimpleQueue[Run] = queue.SimpleQueue()
        threading.Thread(target=self._listen, name="pipe", daemon=True).start()

    def send(self, message: protocol.Message) -> None:
        """Send one message, whole, from any thread; exits when nobody is there to hear it."""
        data = protocol.encode(message)
        try:
            with self._sending:
                self._connection.send_bytes(data)
        except OSError:
            _exit(0)

    def next_run(self) -> Run:
        """Wait for the next run."""
        return self._runs.get()

    def _listen(self) -> None:
        latest: Run | None = None
        try:
            while True:
                data = self._connection.recv_bytes(protocol.MAX_MESSAGE_BYTES)
                match protocol.decode(data, protocol.MODEL.from_parent):
                    case protocol.Start() as start:
                        latest = Run(start)
                        self._runs.put(latest)
                    case protocol.Cancel(task_id, number):
                        # Here, not on the main thread: a cancel counts from its arrival, even before its
                        # run has begun, and can reach no other run.
                        if latest and (latest.start.task_id, latest.start.run) == (task_id, number):
                            latest.canceled.set()
                    case protocol.Shutdown():
                        _exit(0)
        except (EOFError, OSError):
            _exit(0)
        except BaseException:  # nothing may end this thread alone: a deaf process would be stuck for ever
            traceback.print_exc()
            _exit(2)


# The process


def _keep_last_words() -> None:
    """Print whole lines at once, or what a model said before it was killed would be lost."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(line_buffering=True)


def _limit_memory(limit_mb: int) -> None:
    # Of what is written to, not of the address space: libraries and accelerators map far more than they use.
    if limit_mb > 0:
        _, hardest = resource.getrlimit(resource.RLIMIT_DATA)
        limit = limit_mb * 1_000_000
        if hardest != resource.RLIM_INFINITY:
            limit = min(limit, hardest)
        resource.setrlimit(resource.RLIMIT_DATA, (limit, hardest))


def _exit(status: int) -> NoReturn:
    """End this process at once, from any thread, whatever the model's own threads are doing."""
    os._exit(status)


# The model


def _checked_codec(parameters: Parameters) -> str:
    from model_proc.clip.muxing import DEFAULT_CODEC, check_codec

    codec = str(parameters.get("codec", DEFAULT_CODEC))
    check_codec(codec)
    return codec


def _loaded(model: Any) -> "Model":
    if not callable(getattr(model, "generate", None)):
        raise TypeError(f"{type(model).__name__} has no method generate.")
    model.load()
    loaded: Model = model
    return loaded


def _ready(schema: str) -> protocol.ModelReady:
    """What the server is told of a model that is loaded; `BadDeclaration` where the pipe cannot carry it."""
    ready = protocol.ModelReady(schema)
    try:
        protocol.encode(ready)
    except protocol.ProtocolError as error:
        raise BadDeclaration(f"Parameters say more than the pipe to the server carries: {error}.") from None
    return ready


def _outcome(
    run: Run, pipe: Pipe, model: "Model", declared: type | None, codec: str
) -> protocol.Done | protocol.Failed:
    """Have the model make the run's video; what came of it, whatever the model did."""
    from model_proc.clip.clip import Clip
    from model_proc.report import RunReport

    start = run.start
    this_run = start.task_id, start.run
    told = RunReport(lambda *news: pipe.send(protocol.Progress(*this_run, *news)), run.check)
    clip = Clip(
        Path(start.video_path),
        Path(start.preview_path),
        codec,
        on_frame=run.check,
        on_preview=lambda revision: pipe.send(protocol.Preview(*this_run, revision)),
        on_growth=lambda segments, seconds: pipe.send(protocol.Grown(*this_run, segments, seconds)),
        on_share=lambda share: told.share(share, "encoding"),
    )
    try:
        with told as report:
            report(0, "starting")
            chosen = {} if declared is None else {"parameters": instance(declared, start.parameters)}
            model.generate(_picture(start.picture_path), clip, report, **chosen)
            report.enter("encoding")
            clip.close()
    except BaseException as error:  # SystemExit and KeyboardInterrupt of a model end its task only
        clip.discard()
        return _failed(run, error)
    return protocol.Done(*this_run, clip.width, clip.height, clip.seconds, clip.has_sound)


def _picture(path: str) -> "Image":
    import numpy as np
    from PIL import Image as Pillow

    with Pillow.open(path) as picture:
        return np.array(picture.convert("RGB"))


def _failed(run: Run, error: BaseException) -> protocol.Failed:
    from model_proc.model import Unsuitable

    code: protocol.FailureCode = protocol.MODEL_ERROR
    if run.canceled.is_set():  # whatever the model made of its `Canceled`
        code = protocol.CANCELED
    elif isinstance(error, Unsuitable):
        code = protocol.UNSUITABLE
    elif is_out_of_memory(error):
        code = protocol.MODEL_OUT_OF_MEMORY
    elif isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        code = protocol.DISK_FULL
    if code not in (protocol.CANCELED, protocol.UNSUITABLE):
        print(f"task {run.start.task_id} run {run.start.run}: {code}", file=sys.stderr)
        traceback.print_exception(error)
    # Of `Unsuitable` the model's own sentence, which is for people.
    is_unsuitable = code == protocol.UNSUITABLE
    detail = _message(error, protocol.MAX_SENTENCE_LENGTH) if is_unsuitable else describe(error)
    # The frames of the failed run hold its pictures and tensors; the next run needs their memory.
    traceback.clear_frames(error.__traceback__)
    gc.collect()
    return protocol.Failed(run.start.task_id, run.start.run, code, detail)


def is_out_of_memory(error: BaseException) -> bool:
    """Whether the error says so, in Python's way or as PyTorch and OpenCV (-4) do."""
    return (
        isinstance(error, MemoryError)
        or type(error).__name__ == "OutOfMemoryError"
        or (isinstance(error, RuntimeError) and _is_of_an_allocator(_message(error, MAX_DETAIL_LENGTH)))
        or (type(error).__module__ == "cv2" and getattr(error, "code", None) == -4)
    )


def _is_of_an_allocator(message: str) -> bool:
    """Of PyTorch's, which has a class for it on some devices only."""
    return "out of memory" in message or "DefaultCPUAllocator" in message


def describe(error: BaseException) -> str:
    """The error's type and message in one short line that any pipe can carry."""
    message = _message(error, MAX_DETAIL_LENGTH)
    name = type(error).__name__
    return f"{name}: {message}"[:MAX_DETAIL_LENGTH] if message else name[:MAX_DETAIL_LENGTH]


def _message(error: BaseException, length: int) -> str:
    """What the error says, fit to be shown; "" where it says nothing."""
    try:
        return fit_to_show(error, length)
    except Exception:  # a broken __str__
        return ""
