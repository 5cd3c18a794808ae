"""Every refusal: one class each, with the sentence that people read.

    LeylineError
    ├── Refusal            what a request is answered with: an HTTP status and a stable code
    │   ├── EmptyFile, BadRequest, … NotFound, …
    │   └── LineFull, ClientLimit, Stopping, DatabaseBusy, DiskLow    try again later
    ├── Failure            why an accepted task ended without a video: in `failures`
    └── StartupError       why the server cannot start: one sentence for the operator, then exit
        └── FolderInUse    another one has the data folder: a standby waits

`title` never changes for a code. `detail` may add what is particular: a limit and what was met.
"""

from typing import Any, ClassVar


class LeylineError(Exception):
    """`title` and `detail` are what people read of it; not a docstring, for `python -OO` has none."""

    sentence: ClassVar[str] = "Something went wrong."
    code: ClassVar[str]
    retryable: ClassVar[bool] = False

    def __init__(self, detail: str = "", **extra: Any) -> None:
        super().__init__(detail or self.title())
        self.detail = detail or self.title()
        self.extra = extra

    @classmethod
    def title(cls) -> str:
        return cls.sentence


class Refusal(LeylineError):
    sentence = "The request was refused."
    status: ClassVar[int]
    retry_after_seconds: float | None = None


class StartupError(LeylineError):
    sentence = "The server cannot start."
    code = "startup"


class FolderInUse(StartupError):
    sentence = "The data folder is in use by another server."


# The request itself


class BadRequest(Refusal):
    sentence = "The request is not understood."
    status, code = 400, "bad_request"


class Unauthorized(Refusal):
    sentence = "This server needs an access token."
    status, code = 401, "token_needed"


class LoginOver(Refusal):
    sentence = "This command is not connected here any more. leyline login connects it."
    status, code = 401, "login_over"


class OperatorOnly(Refusal):
    sentence = "This needs the operator's token."
    status, code = 403, "operator_only"


class CrossOrigin(Refusal):
    sentence = "This request came from another site, and was refused to protect you."
    status, code = 403, "cross_origin"


class NotFound(Refusal):
    sentence = "There is nothing at this address."
    status, code = 404, "not_found"


class MethodNotAllowed(Refusal):
    sentence = "This address does not answer to that method."
    status, code = 405, "method_not_allowed"


class UnknownHost(Refusal):
    sentence = "This server does not answer to that host name; LEYLINE_HOSTS adds it."
    status, code = 421, "unknown_host"


class HeadersTooLarge(Refusal):
    sentence = "The request's headers are too large."
    status, code = 431, "headers_too_large"


class Internal(Refusal):
    sentence = "Something went wrong on the server; its log says what."
    status, code, retryable = 500, "internal", True


# Connecting a command, in the words of RFC 8628 where it has some


class AuthorizationPending(Refusal):
    sentence = "Nobody has typed the code yet. Ask again in a moment."
    status, code, retryable = 400, "authorization_pending", True


class SlowDown(Refusal):
    sentence = "You ask too often. Wait five seconds longer each time."
    status, code, retryable = 400, "slow_down", True


class AccessDenied(Refusal):
    sentence = "Somebody typed the code, and did not want this command to be connected."
    status, code = 400, "access_denied"


class ExpiredToken(Refusal):
    sentence = "This code was not typed in time. Ask for another."
    status, code = 400, "expired_token"


class CodeUnknown(Refusal):
    sentence = "No command asks with this code: it was mistyped, used already, or its ten minutes are over."
    status, code = 404, "code_unknown"


class TooManyLogins(Refusal):
    sentence = "As many commands are connected to this session as may be. Disconnect one first."
    status, code = 409, "too_many_logins"


class LoginsFull(Refusal):
    sentence = "Too many commands wait for their codes to be typed. Try again in a minute."
    status, code, retryable = 503, "logins_full", True
    retry_after_seconds = 60


# The picture


class EmptyFile(Refusal):
    sentence = "The file is empty. Choose a picture and send it again."
    status, code = 400, "empty_file"


class TooLarge(Refusal):
    sentence = "The file is too large. Send a smaller one."
    status, code = 413, "too_large"


class NotAPicture(Refusal):
    sentence = "This file is not a picture. Send a JPEG, PNG, WebP, GIF, BMP, TIFF, AVIF or HEIC file."
    status, code = 415, "not_a_picture"


class UnsupportedFormat(Refusal):
    sentence = "This kind of picture is not supported. Save it as JPEG or PNG and send that."
    status, code = 415, "unsupported_format"


class DamagedPicture(Refusal):
    sentence = "The picture is damaged and cannot be read to its end. Export it again and send the new file."
    status, code = 422, "damaged_picture"


class TooManyPixels(Refusal):
    sentence = "The picture has too many pixels. Make it smaller and send it again."
    status, code = 422, "too_many_pixels"


# What was chosen for it


class BadParameters(Refusal):
    sentence = "What was chosen for the picture does not fit the model. See each of the errors."
    status, code = 422, "bad_parameters"


class ModelLoading(Refusal):
    sentence = "The model is still loading, and nobody knows yet what may be chosen. Try again in a moment."
    status, code, retryable = 503, "model_loading", True
    retry_after_seconds = 5


# Whom it tells


class BadWebhook(Refusal):
    sentence = "The webhook_url cannot be used."
    status, code = 422, "bad_webhook"


class WebhooksFull(Refusal):
    sentence = "Too many messages wait for the receiver of this webhook_url. Try again when it has taken some."
    status, code, retryable = 503, "webhooks_full", True
    retry_after_seconds = 60


class PushOff(Refusal):
    sentence = "This server sends browsers no messages."
    status, code = 404, "push_off"


class BadSubscription(Refusal):
    sentence = "The browser's subscription cannot be used."
    status, code = 422, "bad_subscription"


class PushLimit(Refusal):
    sentence = "As many browsers are told as may be: in one session, from one network, or of everybody."
    status, code = 409, "push_limit"


# The idempotency key


class KeyInFlight(Refusal):
    sentence = "An upload with this Idempotency-Key is still under way. Ask again when it has ended."
    status, code, retryable = 409, "key_in_flight", True
    retry_after_seconds = 1


class KeyReused(Refusal):
    sentence = "This Idempotency-Key was used for another picture. Use a new key for a new picture."
    status, code = 422, "key_reused"


# The task's state


class TaskRunning(Refusal):
    sentence = "The task is running. Cancel it first."
    status, code = 409, "task_running"


class TaskFinished(Refusal):
    sentence = "The task has already finished."
    status, code = 409, "task_finished"


class LineMoved(Refusal):
    sentence = "The line is not any more as you saw it. Look again and try once more."
    status, code, retryable = 409, "line_moved", True


class InTurn(Refusal):
    sentence = "People's pictures come in turns here: one can be put first or last, or among those that were."
    status, code = 409, "in_turn"


class MoveTooFar(Refusal):
    sentence = "More than 1,000 of your pictures stand between. Move it in two steps."
    status, code = 409, "too_far"


class TaskNotWaiting(Refusal):
    sentence = "The task does not wait in line any more."
    status, code = 409, "task_not_waiting"


class TaskNotFinished(Refusal):
    sentence = "The task has not finished. Cancel it first, or wait for its end."
    status, code = 409, "task_not_finished"


class InTrash(Refusal):
    sentence = "The video is in the trash. Restore it first."
    status, code = 409, "in_trash"


class PinLimit(Refusal):
    sentence = "As many videos are pinned as may be from one network, or by everybody. Unpin one first."
    status, code = 409, "pin_limit"


class NotReady(Refusal):
    sentence = "The video is not ready yet."
    status, code, retryable = 409, "not_ready", True


class NoVideo(Refusal):
    sentence = "This task ended without a video."
    status, code = 409, "no_video"


class PreviewOver(Refusal):
    sentence = "The task has ended, and its preview with it."
    status, code = 410, "preview_over"


class Expired(Refusal):
    sentence = "The video was kept for its time and has been removed. Send the picture again for a new one."
    status, code = 410, "expired"


class VideoMissing(Refusal):
    sentence = "The video's file is missing on the server. Send the picture again for a new one."
    status, code = 410, "video_missing"


class PictureMissing(Refusal):
    sentence = "The picture's file is missing on the server. Send the picture again."
    status, code = 410, "picture_missing"


# Watching


class NoSession(Refusal):
    sentence = "Videos are watched in a browser session. Open this server's page first."
    status, code = 401, "no_session"


class WatchOnly(Refusal):
    sentence = "This video is to be watched on its page, not downloaded."
    status, code = 403, "watch_only"


class TicketRefused(Refusal):
    sentence = "This view is over, or it is not yours. Start the video again."
    status, code = 403, "ticket_refused"


class ViewEnded(Refusal):
    sentence = "This view has ended: the video was not finished this time."
    status, code = 410, "view_ended"


class RangeNotSatisfiable(Refusal):
    sentence = "The video has no bytes in that range, or not yet."
    status, code = 416, "range_not_satisfiable"


class KeyUsed(Refusal):
    sentence = "The key of this view has already been given out. Start the video again."
    status, code = 409, "key_used"


class LinkOver(Refusal):
    sentence = "This viewing link has ended. Ask the person who sent it for a new one."
    status, code = 410, "link_over"


class LinkNotReady(Refusal):
    sentence = "The video of this viewing link is being made ready. It plays in a moment."
    status, code, retryable = 503, "link_not_ready", True
    retry_after_seconds = 3.0


class LabelNotDrawable(Refusal):
    sentence = "No font on this server has all letters of that label. Use other letters, or do not burn it in."
    status, code = 422, "label_not_drawable"


class TooManyLinks(Refusal):
    sentence = "This video has reached its limit of viewing links. Revoke one first."
    status, code = 409, "too_many_links"


class ViewsBusy(Refusal):
    sentence = "Many people are opening videos at this moment. Try again in a second."
    status, code, retryable = 503, "views_busy", True
    retry_after_seconds = 1


# Not now


class LineFull(Refusal):
    sentence = "The line is full. Try again when it has moved."
    status, code, retryable = 503, "line_full", True


class ClientLimit(Refusal):
    sentence = "You, or all in your network, have reached a limit. Try again later."
    status, code, retryable = 429, "client_limit", True


class Stopping(Refusal):
    sentence = "The server is stopping. Try again in a moment."
    status, code, retryable = 503, "stopping", True
    retry_after_seconds = 5


class DatabaseBusy(Refusal):
    sentence = "The server's database is busy. Try again in a moment."
    status, code, retryable = 503, "database_busy", True
    retry_after_seconds = 2


class PicturesBusy(Refusal):
    sentence = "The server could not read pictures at this moment. Send yours again."
    status, code, retryable = 503, "pictures_busy", True
    retry_after_seconds = 2


class DiskLow(Refusal):
    sentence = "The server's disk is nearly full. Try again when its operator has made room."
    status, code, retryable = 507, "disk_low", True
    retry_after_seconds = 5
