"""The upload's multipart form, read as it comes: one file, streamed, and short fields.

Parsing is python-multipart's; where the file goes is left to `uploads`. Danger: names and values here
are whatever the client sent.
"""

from email.message import Message

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser

from leyline.errors import BadRequest

FILE_FIELD = "file"
MAX_FIELDS = 20
MAX_FIELD_BYTES = 1024


class UploadForm:
    """A multipart/form-data body. `feed` it, take the file's bytes from it, and `close` it at the end."""

    def __init__(self, content_type: str) -> None:
        """Raises `BadRequest` when the content type is not a form's."""
        header = Message()
        header["Content-Type"] = content_type
        boundary = header.get_param("boundary")
        if header.get_content_type() != "multipart/form-data" or not isinstance(boundary, str) or not boundary:
            raise BadRequest("Send the picture as multipart/form-data, in a part named “file”.")
        self.file_name = ""
        self.has_file = False
        self.fields: dict[str, str] = {}
        self._complete = False
        self._name: str | None = None
        self._value = b""
        self._file_bytes: list[bytes] = []
        self._header: tuple[bytes, bytes] = (b"", b"")
        self._part = Message()
        self._parts = 0
        self._parser = self._make_parser(boundary)

    def feed(self, chunk: bytes) -> bytes:
        """Parse the next piece of the body and return the file's bytes in it; raises `BadRequest`."""
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
            raise BadRequest("The form has no part named “file” with a picture in it.")

    def _make_parser(self, boundary: str) -> MultipartParser:
        try:
            return MultipartParser(
                boundary.encode("latin-1", "strict"),
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
            )
        except (FormParserError, UnicodeEncodeError) as error:
            raise BadRequest("The form's boundary is not valid.") from error

    def _begin_part(self) -> None:
        self._parts += 1
        if self._parts > MAX_FIELDS:
            raise BadRequest(f"The form has more than {MAX_FIELDS} parts.")
        self._part = Message()

    def _on_header_name(self, data: bytes, start: int, end: int) -> None:
        self._header = (self._header[0] + data[start:end], self._header[1])

    def _on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._header = (self._header[0], self._header[1] + data[start:end])

    def _end_header(self) -> None:
        name, value = self._header
        # Browsers write file names as raw UTF-8.
        self._part[name.decode("utf-8", "replace")] = value.decode("utf-8", "replace")
        self._header = (b"", b"")

    def _end_headers(self) -> None:
        self._name = _text(self._part.get_param("name", header="Content-Disposition"))
        self._value = b""
        if self._name == FILE_FIELD:
            if self.has_file:
                raise BadRequest("The form has more than one part named “file”. Send one picture at a time.")
            self.has_file = True
            self.file_name = _text(self._part.get_param("filename", header="Content-Disposition")) or ""

    def _on_data(self, data: bytes, start: int, end: int) -> None:
        if self._name == FILE_FIELD:
            self._file_bytes.append(data[start:end])
            return
        self._value += data[start:end]
        if len(self._value) > MAX_FIELD_BYTES:
            raise BadRequest("A field of the form is too long.")

    def _end_part(self) -> None:
        if self._name and self._name != FILE_FIELD:
            self.fields[self._name] = self._value.decode("utf-8", "replace")

    def _end(self) -> None:
        self._complete = True


def _text(parameter: object) -> str | None:
    """A parameter's text, whether it came plain or in RFC 2231's three parts."""
    if isinstance(parameter, tuple):
        charset, _, value = parameter
        try:
            return str(value).encode("latin-1", "replace").decode(charset or "utf-8", "replace")
        except LookupError:
            return str(value)
    return parameter if isinstance(parameter, str) else None
