"""Each promise names a test, and each test that is named exists."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROMISES = (ROOT / "docs" / "promises.md").read_text()
NAMED = re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", PROMISES)
ROWS = [line for line in PROMISES.splitlines() if line.startswith("| ") and line != "| promise | test |"]


@cache
def functions_of(path: str) -> set[str]:
    functions = ast.FunctionDef | ast.AsyncFunctionDef
    return {node.name for node in ast.walk(ast.parse((ROOT / path).read_text())) if isinstance(node, functions)}


@pytest.mark.parametrize(("path", "name"), NAMED, ids=[name for _, name in NAMED])
def test_the_test_of_a_promise_exists(path: str, name: str) -> None:
    assert name in functions_of(path)


def test_every_promise_names_its_test() -> None:
    assert len(ROWS) > 50
    assert [row for row in ROWS if not re.search(r"`tests/[\w/]+\.py::test_\w+` \|$", row)] == []
