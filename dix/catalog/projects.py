"""The drawer of projects, in SQL."""

from __future__ import annotations

from dix.catalog.access_version import AccessVersion
from dix.catalog.base import Projects
from dix.catalog.columns import Row, find_moment, from_json, from_micros, to_json, to_micros, to_text
from dix.catalog.file import CatalogFile
from dix.catalog.writes import Connection, Write
from dix.errors import AlreadyExists, Conflict, NotFound
from dix.names import find_nearest
from dix.records.project import DEFAULT_PROJECT, Project, Quota, Reclaim
from dix.records.tag import Expected, check_tag

_COLUMNS = "name, created, cohort, reclaim, quotas, description, changed, changed_by"
# What may be in a project, and the table that says so.
_CONTENTS = {
    "flows": "flow_versions",
    "runs": "runs",
    "models": "(FROM model_versions WHERE deleted IS NULL)",
    "endpoints": "endpoints",
    "schedules": "schedules",
}
# Outputs in a folder of their run are nobody else's; of those that a later step of the same project has written
# over, only what is there now counts.
_MEASURE = """
    WITH stored AS (
        SELECT run, ended, outputs, stored_bytes AS size, outputs = '{}' OR contains(outputs, run) AS is_own
        FROM steps WHERE state = 'succeeded' AND stored_bytes > 0
    )
    SELECT project, CAST(sum(size) AS BIGINT) FROM (
        SELECT run, sum(size) AS size FROM stored WHERE is_own GROUP BY run
        UNION ALL
        SELECT arg_max(run, coalesce(stored.ended, 0)), arg_max(size, coalesce(stored.ended, 0))
        FROM stored JOIN runs ON runs.id = run WHERE NOT is_own GROUP BY project, outputs
    ) JOIN runs ON runs.id = run GROUP BY project
    """


class ProjectTable:
    """One row for each project."""

    def __init__(self, file: CatalogFile, access: AccessVersion) -> None:
        self._file = file
        self._access = access
        self._creating = Write(_create)
        self._updating = Write(_update)
        self._deleting = Write(_delete)

    def create_project(self, project: Project, *, request: str | None = None) -> None:
        self._file.write(self._creating, _to_row(project), request)

    def get_project(self, name: str) -> Project:
        with self._file.reading() as cursor:
            row = cursor.execute(f"SELECT {_COLUMNS} FROM projects WHERE name = ?", [name]).fetchone()
            if row is None:
                raise _make_not_found(cursor, name)
        return _read(row)

    def list_projects(self) -> tuple[Project, ...]:
        with self._file.reading() as cursor:
            rows = cursor.execute(f"SELECT {_COLUMNS} FROM projects ORDER BY name").fetchall()
        return tuple(_read(row) for row in rows)

    def update_project(self, project: Project, expected: Expected | None = None, *, request: str | None = None) -> None:
        self._file.write(self._updating, (_to_row(project), expected), request)

    def delete_project(self, name: str, expected: Expected | None = None, *, request: str | None = None) -> None:
        self._file.write(self._deleting, (name, expected), request)
        self._access.move_on()

    def measure_stored(self) -> dict[str, int]:
        with self._file.reading() as cursor:
            rows = cursor.execute(_MEASURE).fetchall()
        return {project: int(stored) for project, stored in rows if stored}


def check_project(connection: Connection, name: str) -> str:
    """The name itself; NotFound with the nearest where there is no such project."""
    if not _exists(connection, name):
        raise _make_not_found(connection, name)
    return name


def _create(connection: Connection, row: Row) -> None:
    if _exists(connection, row[0]):
        raise AlreadyExists("project", row[0])
    connection.execute(f"INSERT INTO projects ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)


def _update(connection: Connection, update: tuple[Row, Expected | None]) -> None:
    (name, _created, *values), expected = update
    _check(connection, name, expected)
    connection.execute(
        "UPDATE projects SET cohort = ?, reclaim = ?, quotas = ?, description = ?, changed = ?, changed_by = ? "
        "WHERE name = ?",
        [*values, name],
    )


def _check(connection: Connection, name: str, expected: Expected | None) -> None:
    before = connection.execute(f"SELECT {_COLUMNS} FROM projects WHERE name = ?", [name]).fetchone()
    if before is None:
        raise _make_not_found(connection, name)
    project = _read(before)
    check_tag(expected, "project", name, project.tag, by=project.changed_by, at=project.changed or project.created)


def _delete(connection: Connection, given: tuple[str, Expected | None]) -> None:
    name, expected = given
    _check(connection, name, expected)
    if name == DEFAULT_PROJECT:
        raise Conflict("project", name, "always there", "deleted")
    found = {what: _count(connection, table, name) for what, table in _CONTENTS.items()}
    inside = ", ".join(f"{count} {what}" for what, count in found.items() if count)
    if inside:
        raise Conflict("project", name, f"not empty (it has {inside})", "deleted")
    for table in ("projects WHERE name", "members WHERE project", "secrets WHERE project"):
        connection.execute(f"DELETE FROM {table} = ?", [name])


def _count(connection: Connection, table: str, project: str) -> int:
    found = connection.execute(f"SELECT count(*) FROM {table} WHERE project = ?", [project]).fetchone()
    return int(found[0]) if found else 0


def _exists(connection: Connection, name: str) -> bool:
    return connection.execute("SELECT 1 FROM projects WHERE name = ?", [name]).fetchone() is not None


def _make_not_found(connection: Connection, name: str) -> NotFound:
    names = connection.execute("SELECT name FROM projects").fetchall()
    return NotFound("project", name, find_nearest(name, (known for (known,) in names)))


def _to_row(project: Project) -> Row:
    quotas = {
        resource: [quota.nominal, quota.borrowing_limit, quota.lending_limit]
        for resource, quota in project.quotas.items()
    }
    return (
        project.name,
        to_micros(project.created),
        project.cohort,
        project.reclaim.value,
        to_json("quotas", quotas),
        to_text(project.description) or "",
        to_micros(project.changed),
        project.changed_by,
    )


def _read(row: Row) -> Project:
    name, created, cohort, reclaim, quotas, description, changed, changed_by = row
    return Project(
        name,
        from_micros(created),
        cohort,
        Reclaim(reclaim),
        {resource: Quota(*numbers) for resource, numbers in from_json(quotas).items()},
        description,
        find_moment(changed),
        changed_by,
    )


def _fits(table: ProjectTable) -> Projects:
    return table
