"""Why an accepted task ended without a video: one class each, with the sentence that people read.

How a sentence is made of it is left to `errors`. Danger: codes lie in databases, so a code that has been
released never changes.
"""

from leyline.errors import LeylineError


class Failure(LeylineError):
    sentence = "The task ended without a video."


class ModelError(Failure):
    sentence = "The model could not make a video of this picture."
    code = "model_error"


class ModelOutOfMemory(Failure):
    sentence = "The model ran out of memory on this picture. A smaller picture may work."
    code = "model_out_of_memory"


class Unsuitable(Failure):
    sentence = "The model says that it can make no video of this picture."  # with its own sentence as the detail
    code = "unsuitable"


class ModelCrashed(Failure):
    sentence = "The model crashed on this picture every time it was tried."
    code, retryable = "model_crashed", True


class Interrupted(Failure):
    sentence = (
        "This picture was interrupted too many times, "
        "by stops or errors of the server, a full disk or lost machines."
    )
    code, retryable = "interrupted", True


class ParametersChanged(Failure):
    sentence = "The model takes other parameters now than when the picture was sent. Send it again."
    code, retryable = "parameters_changed", True


class PictureLost(Failure):
    sentence = "The picture's file is missing on the server. Send the picture again."
    code = "picture_lost"


def named(code: str) -> type[Failure]:
    """The failure's class; `Failure` itself for one that only a later release knows, before it was taken back."""
    return by_code().get(code, Failure)


def by_code() -> dict[str, type[Failure]]:
    """Each failure's class by its code."""
    return {failure.code: failure for failure in Failure.__subclasses__()}
