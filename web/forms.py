"""The upload's multipart form, read as it comes: one file, streamed, and short fields.

Parsing is python-multipart's; where the file goes is left to `uploads`. Danger: names and values here
are whatever the client sent.
"""

import re
from urllib.parse import unquote_to_bytes

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from leyline.errors import BadRequest, BadWebhook
from leyline.origins import MAX_URL
from leyline.parameters import values
from leyline.parameters.values import MAX_PARAMETERS_BYTES

FILE_FIELD, PARAMETERS_FIELD, WEBHOOK_FIELD = "file", "parameters", "webhook_url"
WORDS = ("client_id", "batch_id")
MAX_PARTS = 20
MAX_FIELD_BYTES = 1024
MAX_OTHER_BYTES = 65_536  # of a field that nobody here looks at
MAX_HEADER_BYTES = 20_000  # a file's name may have 4,096 characters
MAX_BYTES_AFTER_END = 1024
PARAMETER = re.compile(rb';\s*([\w*-]+)\s*=\s*("(?:\\.|[^"\\])*"|[^;]*)')
NO_FILE = "The form has no part named “file” with a picture in it."


class UploadForm:
    """A multipart/form-data body. `feed` it, take the file's bytes from it, and `close` it at the end."""

    def __init__(self, content_type: str) -> None:
        """Raises `BadRequest` when the content type is not a form's."""
        media_type, options = parse_options_header(content_type)
        boundary = options.get(b"boundary")
        if media_type != b"multipart/form-data" or not boundary:
            raise BadRequest("Send the picture as multipart/form-data, in a part named “file”.")
        self.file_name = ""
        self.has_file = False
        self.fields: dict[str, str] = {}
        self.parameters: bytes | None = None  # once all of them are there
        self.webhook_url: str | None = None
        self._complete = False
        self._bytes_after_end = 0
        self._parts = 0
        self._name = ""
        self._is_file = False
        self._value = b""
        self._file_bytes: list[bytes] = []
        self._header_name = self._header_value = self._disposition = b""
        self._parser = self._make_parser(boundary)

    def feed(self, chunk: bytes) -> bytes:
        """Parse the next piece of the body and return the file's bytes in it; raises `BadRequest`."""
        if self._complete:
            self._skip(len(chunk))
            return b""
        try:
            self._parser.write(chunk)
        except (FormParserError, ValueError) as error:
            raise BadRequest("The form is not valid multipart/form-data.") from error
        found, self._file_bytes = b"".join(self._file_bytes), []
        return found

    def close(self) -> None:
        """Raises `BadRequest` when the form is cut off, or has no file."""
        if not self._complete:
            raise BadRequest("The form is cut off before its end.")
        if not self.has_file:
            raise BadRequest(NO_FILE)

    def _skip(self, size: int) -> None:
        self._bytes_after_end += size
        if self._bytes_after_end > MAX_BYTES_AFTER_END:
            raise BadRequest("The request goes on after the end of its form.")

    def _make_parser(self, boundary: bytes) -> MultipartParser:
        try:
            return MultipartParser(
                boundary,
                {
                    "on_part_begin": self._begin_part,
                    "on_header_field": self._on_header_name,
                    "on_header_value": self._on_header_value,
                    "on_header_end": self._end_header,
                    "on_headers_finished": self._end_headers,
                    "on_part_data": self._on_data,
                    "on_part_end": self._end_part,
                    "on_end": self._end,
                },
                max_header_size=MAX_HEADER_BYTES,
            )
        except FormParserError as error:
            raise BadRequest("The form's boundary is not valid.") from error

    def _begin_part(self) -> None:
        self._parts += 1
        if self._parts > MAX_PARTS:
            raise BadRequest(f"The form has more than {MAX_PARTS} parts.")
        self._disposition = b""

    def _on_header_name(self, data: bytes, start: int, end: int) -> None:
        self._header_name += data[start:end]

    def _on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._header_value += data[start:end]

    def _end_header(self) -> None:
        if self._header_name.lower() == b"content-disposition":
            self._disposition = self._header_value
        self._header_name = self._header_value = b""

    def _end_headers(self) -> None:
        _, options = parse_options_header(self._disposition)
        file_name = _extended_file_name(self._disposition) or options.get(b"filename")
        self._name = _text(options.get(b"name", b""))
        self._is_file = file_name is not None
        self._value = b""
        if self._name == FILE_FIELD:
            if self.has_file:
                raise BadRequest("The form has more than one part named “file”. Send one picture at a time.")
            self.has_file = True
            self.file_name = _text(file_name or b"")

    def _on_data(self, data: bytes, start: int, end: int) -> None:
        if self._name == FILE_FIELD:
            self._file_bytes.append(data[start:end])
            return
        self._value += data[start:end]
        if self._name == PARAMETERS_FIELD:
            if len(self._value) > MAX_PARAMETERS_BYTES:
                raise values.too_long()
        elif self._name == WEBHOOK_FIELD and len(self._value) > MAX_URL:
            raise BadWebhook(f"webhook_url may have at most {MAX_URL:,} characters.")
        elif self._is_file and len(self._value) > MAX_FIELD_BYTES:
            raise BadRequest(NO_FILE)
        elif len(self._value) > (MAX_FIELD_BYTES if self._name in WORDS else MAX_OTHER_BYTES):
            raise BadRequest("A field of the form is too long.")

    def _end_part(self) -> None:
        if self._name == PARAMETERS_FIELD:
            if self.parameters is not None:
                raise BadRequest("The form has more than one part named “parameters”.")
            self.parameters = self._value
        elif self._name == WEBHOOK_FIELD:
            if self.webhook_url is not None:
                raise BadRequest("The form has more than one part named “webhook_url”.")
            self.webhook_url = _text(self._value)
        elif self._name in WORDS:
            self.fields[self._name] = _text(self._value)

    def _end(self) -> None:
        self._complete = True


def _extended_file_name(disposition: bytes) -> bytes | None:
    """`filename*` (RFC 8187) in UTF-8: RFC 7578 forbids it in forms, and scripts send it all the same."""
    parameters = {name.lower(): value for name, value in PARAMETER.findall(disposition)}
    charset, _, encoded = parameters.get(b"filename*", b"").strip(b' \t"').partition(b"'")
    name = unquote_to_bytes(encoded.partition(b"'")[2])
    if charset.lower() == b"iso-8859-1":
        return name.decode("latin-1").encode() or None
    return name or None if charset.lower() == b"utf-8" else None


def _text(data: bytes) -> str:
    """Browsers write names and values as raw UTF-8."""
    return data.decode("utf-8", "replace")
