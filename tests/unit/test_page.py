"""What the server says in the page's HTML before any script runs."""

import pytest

from web.page import STATIC, page_with_room

HTML = (STATIC / "index.html").read_text("utf-8")
NUMBER = {"type": "number"}
LONG, SHORT = {"type": "string", "maxLength": 9, "x-lines": 4}, {"type": "string", "maxLength": 9, "x-lines": 1}


@pytest.mark.parametrize(
    ("properties", "room"),
    [
        ({}, ""),
        ({"seconds": NUMBER}, "more"),
        ({"prompt": SHORT}, "large"),
        ({"prompt": LONG, "seconds": NUMBER}, "large more"),
        ({"story": LONG, "seconds": NUMBER}, "large more"),
        ({"avoid": SHORT}, "more"),
        ({"prompt": {"type": "string", "enum": ["a"]}}, "more"),
    ],
)
def test_the_page_keeps_room_for_the_form_that_will_come(properties, room):
    assert f'data-form="{room}"' in page_with_room(HTML, {"properties": properties})


def test_while_nobody_knows_the_schema_there_is_room_for_a_line():
    assert 'data-form="more"' in page_with_room(HTML, None)


def test_a_page_without_a_place_for_it_is_a_mistake_that_is_told():
    with pytest.raises(ValueError, match="data-form"):
        page_with_room("<html>", None)
