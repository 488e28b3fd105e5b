"""Old files become new ones, newer files are left alone."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from dix.catalog.direct import DirectCatalog
from dix.catalog.migrations import MIGRATIONS, Migration, migrate
from dix.errors import CatalogError
from dix.records.states import StepState
from tests.contracts.catalog_records import change, make_run, move

ADDED = Migration("a note for each run", "ALTER TABLE runs ADD COLUMN note VARCHAR; UPDATE runs SET note = 'old';")
BROKEN = Migration("half of something", "ALTER TABLE runs ADD COLUMN half VARCHAR; SELECT no_such_function();")


@pytest.fixture
def old(path: Path) -> Path:
    """A file of the first shape with a run in it."""
    catalog = DirectCatalog(path)
    catalog.runs.create_run(make_run(), ())
    catalog.close()
    return path


def test_older_file_gets_the_missing_steps_and_keeps_its_content(old: Path) -> None:
    with duckdb.connect(str(old)) as connection:
        migrate(connection, (*MIGRATIONS, ADDED))
        migrate(connection, (*MIGRATIONS, ADDED))
        assert connection.execute("SELECT id, note FROM runs").fetchall() == [("r1", "old")]
        done = connection.execute("SELECT number, title FROM migrations ORDER BY number").fetchall()
    assert done == list(enumerate([step.title for step in (*MIGRATIONS, ADDED)], start=1))


def test_file_of_the_first_shape_is_brought_up_and_goes_on(path: Path) -> None:
    with duckdb.connect(str(path)) as connection:
        migrate(connection, MIGRATIONS[:1])
        connection.execute(
            """
            INSERT INTO runs VALUES ('r1', 'digits', 1, 0, 'default', 'running', 'manual', '{}', '{}', NULL, 1, NULL,
                NULL, NULL, NULL, NULL);
            INSERT INTO steps VALUES ('r1', 'a', 0, 'pending', 0, NULL, NULL, NULL, NULL, NULL, NULL, '{}', '{}');
            """
        )
    catalog = DirectCatalog(path)
    for expect, to in ((StepState.PENDING, StepState.RUNNING), (StepState.RUNNING, StepState.SUCCEEDED)):
        assert not catalog.runs.apply_changes(change(move(expect, to, attempt=1))).refused_steps
    catalog.close()
    again = DirectCatalog(path)
    assert [step.state for step in again.runs.list_steps("r1")] == [StepState.SUCCEEDED]
    assert [event.kind for event in again.telemetry.list_events("r1")] == ["running", "succeeded"]
    again.close()


def test_step_that_fails_leaves_the_file_as_it_was(old: Path) -> None:
    with duckdb.connect(str(old)) as connection:
        with pytest.raises(CatalogError, match=f"brought to shape {len(MIGRATIONS) + 2}"):
            migrate(connection, (*MIGRATIONS, ADDED, BROKEN))
        columns = {row[0] for row in connection.execute("DESCRIBE runs").fetchall()}
        assert "note" in columns
        assert "half" not in columns
        assert connection.execute("SELECT max(number) FROM migrations").fetchone() == (len(MIGRATIONS) + 1,)


def test_newer_file_is_refused_with_a_sentence(old: Path) -> None:
    with duckdb.connect(str(old)) as connection:
        migrate(connection, (*MIGRATIONS, ADDED))
    before = old.read_bytes()
    with pytest.raises(CatalogError, match=r"written by a newer DI-X .* upgrade DI-X, or restore an older snapshot"):
        DirectCatalog(old)
    assert old.read_bytes() == before


def test_released_steps_do_not_change() -> None:
    """The shape of a file that was written with step 1, in one line each table; a new shape is a new step."""
    with duckdb.connect() as connection:
        migrate(connection, MIGRATIONS[:1])
        tables = [name for (name,) in connection.execute("SHOW TABLES").fetchall()]
        shape = {name: [row[0] for row in connection.execute(f"DESCRIBE {name}").fetchall()] for name in tables}
    assert shape["events"] == ["seq", "run", "node", "attempt", "kind", "moment", "data"]
    assert sorted(shape) == [
        "answers",
        "endpoints",
        "events",
        "flow_versions",
        "metrics",
        "migrations",
        "model_versions",
        "runs",
        "steps",
    ]


def test_projects_that_were_only_names_become_projects() -> None:
    with duckdb.connect() as connection:
        migrate(connection, MIGRATIONS[:4])
        for seq, project in enumerate(["vision", "default", "vision"]):
            values = [seq, f"f{seq}", 1, project, "", "", 0, ""]
            connection.execute("INSERT INTO flow_versions VALUES (?, ?, ?, ?, ?, ?, ?, ?)", values)
        migrate(connection)
        found = connection.execute("SELECT name, reclaim, quotas FROM projects ORDER BY name").fetchall()
    assert found == [("default", "never", "{}"), ("vision", "never", "{}")]
