"""What schemathesis is told of this API beyond its description: pictures to send, and what a refusal has to say.

Loaded by it, in its own process (SCHEMATHESIS_HOOKS); the test is `test_description`.
"""

import io
import json

import schemathesis
from hypothesis import strategies
from PIL import Image

PICTURES = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP", "image/gif": "GIF", "image/bmp": "BMP"}


def picture(kind: str, size: tuple[int, int]) -> bytes:
    found = io.BytesIO()
    Image.new("RGB", size, (30, 120, 90)).save(found, kind)
    return found.getvalue()


def pictures(kind: str) -> strategies.SearchStrategy[bytes]:
    return strategies.sampled_from([picture(kind, size) for size in ((64, 48), (40, 90))])


for media_type, kind in PICTURES.items():
    schemathesis.openapi.media_type(media_type, pictures(kind))
for media_type in ("image/tiff", "image/avif", "image/heic", "image/heif", "application/octet-stream"):
    schemathesis.openapi.media_type(media_type, pictures("PNG"))  # the server looks into the file, not at its label


TEXTS = ("client_id", "batch_id")  # of an upload, of any kind


@schemathesis.hook
def filter_case(ctx, case):
    """Not what is no text where a form has any text: in a form it is sent as text, and nobody could tell."""
    is_form = isinstance(case.body, dict) and case.operation.path.endswith("/upload/")
    return not (is_form and any(not isinstance(case.body.get(each, ""), str) for each in TEXTS))


@schemathesis.check
def each_refusal_says_a_code_that_is_described(ctx, response, case):
    """`x-codes` names what may refuse a call with which status: all of it."""
    if "application/problem+json" not in "".join(response.headers.get("content-type", [])):
        return
    said = json.loads(response.content)
    described = case.operation.definition.raw["responses"].get(str(response.status_code), {})
    assert said["status"] == response.status_code
    assert response.status_code == 405 or said["code"] in described.get("x-codes", ()), said["code"]


@schemathesis.check
def what_fits_is_refused_for_nothing_else(ctx, response, case):
    """A 422 to what fits the description is one of those that depend on more than the request itself.

    Which hosts are allowed is the operator's secret, so the description does not say it; nor can it say which keys
    lie on a curve.
    """
    if response.status_code == 422 and case.meta and case.meta.generation.mode.is_positive:
        code = json.loads(response.content)["code"]
        assert code in ("key_reused", "label_not_drawable", "bad_webhook", "bad_subscription")
