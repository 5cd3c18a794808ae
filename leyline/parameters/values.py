"""What was chosen, as JSON has it: read strictly, in one form, and bounded. Whether it fits is left to `schema`.

Danger: whatever a client can write arrives here. What cannot be stored and sent on, or would mean something else to
another reader (a name twice, NaN, 1e400, halves of characters), is refused here and by nothing behind it.
"""

import hashlib
import json
import math
import unicodedata
from typing import Any

from leyline.errors import BadParameters
from leyline.text import fit_to_show

MAX_PARAMETERS_BYTES = 8_000  # of JSON: as sent, and as stored with all defaults
MAX_FLAWS = 20  # that one answer tells of
LARGEST_NUMBER = 2**53  # beyond it, JSON's numbers are not the same everywhere
MAX_SHOWN_NAME = 60
THE_WHOLE = ""  # the JSON pointer (RFC 6901) of all of it

Scalar = str | int | float | bool | None
Values = dict[str, Scalar]
Flaws = dict[str, str]  # by the name of the value; a sentence each


def read(text: str | bytes) -> Values:
    """The JSON object that was sent; raises `BadParameters`."""
    if len(text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")) > MAX_PARAMETERS_BYTES:
        raise too_long()
    return take(load(text))


def load(text: str | bytes) -> Any:
    """What the JSON says, where it says one thing to everybody; raises `BadParameters`."""
    try:
        text = text if isinstance(text, str) else text.decode()
        return json.loads(text, object_pairs_hook=_object, parse_constant=_no_number, parse_float=_number)
    except _Ambiguous as error:
        raise refusal({}, str(error)) from None
    except (ValueError, RecursionError):
        raise refusal({}, "The parameters are not JSON.") from None


def take(found: object) -> Values:
    """The values, each in its one form (1.0 is 1, a line ends with a line feed); raises `BadParameters`."""
    if not isinstance(found, dict):
        raise refusal({}, "The parameters are not a JSON object.")
    flaws = {name: why for name, value in found.items() if (why := _unfit(value))}
    if flaws:
        raise refusal(flaws)
    values = {name: _plain(value) for name, value in found.items()}
    if any(map(_has_halves, values)):
        raise refusal({}, "The parameters have a name that is no text.")
    if size(values) > MAX_PARAMETERS_BYTES:
        raise too_long()
    return values


def dump(values: Values) -> str:
    """The values as JSON, in their order."""
    return json.dumps(values, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def size(values: Values) -> int:
    """How many bytes they have as JSON."""
    return len(dump(values).encode())


def digest(values: Values) -> str | None:
    """The same for the same values in any order; None where nothing was chosen."""
    if not values:
        return None
    return hashlib.sha256(dump(dict(sorted(values.items()))).encode()).hexdigest()


def refusal(flaws: Flaws, whole: str = "") -> BadParameters:
    """What a request is answered with: what is wrong with `whole`, or with which of the values."""
    named = [(f"/{_escaped(name)}", sentence) for name, sentence in flaws.items()][:MAX_FLAWS]
    told = [(THE_WHOLE, whole)] if whole else named
    left_out = f" There are {len(flaws) - MAX_FLAWS} more." if len(flaws) > MAX_FLAWS else ""
    errors = [{"pointer": pointer, "detail": sentence} for pointer, sentence in told]
    return BadParameters(" ".join(sentence for _, sentence in told[:3]) + left_out, errors=errors)


def too_long() -> BadParameters:
    """What is refused before it is read."""
    return refusal({}, f"The parameters may have at most {MAX_PARAMETERS_BYTES:,} bytes.")


def shown(name: str) -> str:
    """A name that a client made up, fit to stand in a sentence."""
    return fit_to_show(name, MAX_SHOWN_NAME)


class _Ambiguous(ValueError):
    """JSON that does not mean the same to everybody; the message is for people."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _Ambiguous("The parameters name one thing twice.")
    return found


def _no_number(name: str) -> Any:
    raise _Ambiguous(f"The parameters have {name}, which is no number in JSON.")


def _number(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise _Ambiguous("The parameters have a number that is too large.")
    return number


def _unfit(value: object) -> str:
    """Why no model at all could be given this value; "" where one could."""
    if isinstance(value, dict | list):
        return "This must be one value, not a list or an object."
    if isinstance(value, int | float) and not -LARGEST_NUMBER <= value <= LARGEST_NUMBER:
        return "This number is too large."
    if isinstance(value, str) and any(map(_is_untypable, value.replace("\r\n", "\n"))):
        return "This text has control characters or halves of characters. Line breaks alone are taken."
    return ""


def _is_untypable(character: str) -> bool:
    return character != "\n" and unicodedata.category(character) in ("Cc", "Cs")


def _has_halves(name: str) -> bool:
    return any(unicodedata.category(character) == "Cs" for character in name)


def _plain(value: Any) -> Scalar:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    plain: Scalar = value.replace("\r\n", "\n") if isinstance(value, str) else value
    return plain


def _escaped(name: str) -> str:
    """As RFC 6901 has it; a name may hold anything, but UTF-8 must carry it."""
    readable = name.encode("utf-8", "replace").decode()[:MAX_PARAMETERS_BYTES]
    return readable.replace("~", "~0").replace("/", "~1")
