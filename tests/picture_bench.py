"""Pictures prepared in the test's own process: files in a folder, and what became of the last one."""

import pytest
from PIL import Image

from leyline.errors import Refusal
from leyline.pictures import preparation

LIMIT = 50_000_000
LIBRARY_WORDS = {"pil", "pillow", "image file", "decoder", "decompression", "bomb", "libtiff", "errno", "exception"}


class Bench:
    """Files in a folder, and what became of the last one."""

    def __init__(self, folder):
        self.source, self.picture, self.thumbnail = (
            folder / name for name in ("file.part", "picture", "thumbnail")
        )

    def prepare(self, file, max_pixels=LIMIT):
        self.source.write_bytes(file)
        return preparation.measure(self.source, max_pixels).write(self.picture, self.thumbnail)

    def refusal(self, file, max_pixels=LIMIT):
        with pytest.raises(Refusal) as caught:
            self.prepare(file, max_pixels)
        assert not self.picture.exists()
        assert not self.thumbnail.exists()
        detail = caught.value.detail.lower()
        assert detail.endswith(".")
        assert not [word for word in LIBRARY_WORDS if word in detail]
        return caught.value

    def seen(self):
        with Image.open(self.picture) as image:
            assert (image.format, image.mode) == ("JPEG", "RGB")
            image.load()
            return image.copy()
