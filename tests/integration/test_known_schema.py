"""What the model lets people choose, as it is kept in a real database from one start to the next."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from leyline.errors import DiskLow, ModelLoading
from leyline.line import known_schema
from leyline.line.database import Database
from leyline.line.known_schema import KnownSchema
from leyline.parameters import values
from leyline.processes.protocol import ProtocolError
from model_proc.parameters import schema_of
from tests.models.choosing import Chooses, ChoosesLess

TEXT = schema_of(Chooses.Parameters)
MODEL, OPTIONS = "models:Chooses", {"steps": 30}


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with closing(Database(tmp_path / "leyline.db")) as opened:
        yield opened


async def learned(database: Database, text: str = TEXT, model: str = MODEL, options: Any = OPTIONS) -> KnownSchema:
    known = KnownSchema(database, model, options)
    known.learn(text)
    await known.kept()
    return known


async def recalled(database: Database, model: str = MODEL, options: Any = OPTIONS) -> str | None:
    """What the next start knows before the model has been loaded."""
    known = KnownSchema(database, model, options)
    await known.recall()
    return known.schema.text if known.schema else None


async def rows(database: Database) -> int:
    count: int = await database.read(
        lambda connection: connection.execute("SELECT count(*) FROM schemas").fetchone()[0]
    )
    return count


@pytest.mark.gen_test
async def test_it_is_known_at_the_next_start_for_this_model_with_these_options_alone(database: Database) -> None:
    await learned(database)
    assert await recalled(database, options={"steps": 30}) == TEXT
    assert await recalled(database, options={"steps": 31}) is None
    assert await recalled(database, model="models:Other") is None


@pytest.mark.gen_test
async def test_the_newest_word_is_the_one_that_is_kept(database: Database) -> None:
    known = await learned(database)
    newer = schema_of(ChoosesLess.Parameters)
    known.learn(newer)
    await known.kept()
    assert (await recalled(database), await rows(database)) == (newer, 1)


@pytest.mark.gen_test
async def test_what_was_said_by_models_of_long_ago_makes_room(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(known_schema.KnownSchema, "FORGET", KnownSchema.FORGET.replace("LIMIT 50", "LIMIT 3"))
    for number in range(5):
        await learned(database, options={"number": number})
    kept = [await recalled(database, options={"number": number}) is not None for number in range(5)]
    assert kept == [False, False, True, True, True]


@pytest.mark.gen_test
async def test_what_is_no_schema_is_a_breach_of_the_protocol_and_changes_nothing(database: Database) -> None:
    known = await learned(database)
    with pytest.raises(ProtocolError, match="none"):
        known.learn('{"type": "object"}')
    assert known.schema and known.schema.text == TEXT


@pytest.mark.gen_test
async def test_a_kept_schema_that_is_none_any_more_is_forgotten(database: Database) -> None:
    await learned(database)
    await database.write(lambda connection: connection.execute("UPDATE schemas SET schema = '[]'"))
    assert await recalled(database) is None


@pytest.mark.gen_test
async def test_a_disk_that_does_not_take_it_costs_only_the_next_start(
    database: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def full(*_: object) -> None:
        await asyncio.sleep(0)
        raise DiskLow

    monkeypatch.setattr(database, "write", full)
    known = await learned(database)
    assert known.schema is not None
    assert "event=schema_not_kept" in caplog.text
    assert await recalled(database) is None


@pytest.mark.gen_test
async def test_nothing_can_be_chosen_until_it_is_known_and_nothing_need_be(database: Database) -> None:
    known = KnownSchema(database, MODEL, OPTIONS)
    with pytest.raises(ModelLoading):
        known.complete(values.read('{"loop": true}'))
    assert known.complete({}) is None
    assert known.again('{"loop":true}') == '{"loop":true}'
    known.learn(TEXT)
    await known.kept()
    assert json.loads(known.again('{"loop":false,"gone":1,"seconds":99,"seed":7}') or "") == {
        **{"prompt": "", "direction": "in", "seconds": 6, "frames": 8, "loop": False, "seed": 7}
    }
