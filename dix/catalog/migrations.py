"""The shape of the file, in numbered steps; each one runs in a transaction together with its own record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from dix.catalog.columns import to_micros
from dix.errors import CatalogError
from dix.records.moments import now


@dataclass(frozen=True, slots=True)
class Migration:
    """One step; its number is its place in the list, from 1. A step that was released is never changed."""

    title: str
    sql: str


# No secondary indexes, and keys only on small tables: the file has one writer, which looks before it writes, and
# scanning a column costs less than keeping an index of a large table (measured with tests/benchmarks/bench_catalog.py).
MIGRATIONS: tuple[Migration, ...] = (
    Migration(
        "flows, runs, telemetry, models, endpoints",
        """
        CREATE TABLE flow_versions (
            seq BIGINT NOT NULL, flow VARCHAR NOT NULL, version INTEGER NOT NULL, project VARCHAR NOT NULL,
            text VARCHAR NOT NULL, hash VARCHAR NOT NULL, created BIGINT NOT NULL, description VARCHAR NOT NULL,
            PRIMARY KEY (flow, version)
        );
        CREATE TABLE runs (
            id VARCHAR NOT NULL, flow VARCHAR NOT NULL, flow_version INTEGER NOT NULL, created BIGINT NOT NULL,
            project VARCHAR NOT NULL, state VARCHAR NOT NULL, driver VARCHAR NOT NULL, params VARCHAR NOT NULL,
            selection VARCHAR NOT NULL, logical_date BIGINT, started BIGINT, ended BIGINT, reason VARCHAR,
            error VARCHAR, retry_of VARCHAR, event VARCHAR
        );
        CREATE TABLE steps (
            run VARCHAR NOT NULL, node VARCHAR NOT NULL, position INTEGER NOT NULL, state VARCHAR NOT NULL,
            attempt INTEGER NOT NULL, started BIGINT, ended BIGINT, reason VARCHAR, error VARCHAR, trace VARCHAR,
            progress DOUBLE, outputs VARCHAR NOT NULL, metrics VARCHAR NOT NULL
        );
        CREATE TABLE events (
            seq BIGINT NOT NULL, run VARCHAR NOT NULL, node VARCHAR, attempt INTEGER NOT NULL, kind VARCHAR NOT NULL,
            moment BIGINT NOT NULL, data VARCHAR NOT NULL
        );
        CREATE TABLE metrics (
            seq BIGINT NOT NULL, run VARCHAR NOT NULL, node VARCHAR NOT NULL, attempt INTEGER NOT NULL,
            name VARCHAR NOT NULL, position BIGINT NOT NULL, value DOUBLE NOT NULL, moment BIGINT NOT NULL
        );
        CREATE TABLE model_versions (
            seq BIGINT NOT NULL, model VARCHAR NOT NULL, version INTEGER NOT NULL, project VARCHAR NOT NULL,
            uri VARCHAR NOT NULL, created BIGINT NOT NULL, run VARCHAR, node VARCHAR, manifest VARCHAR NOT NULL,
            PRIMARY KEY (model, version)
        );
        CREATE TABLE endpoints (
            name VARCHAR PRIMARY KEY, model VARCHAR NOT NULL, version INTEGER NOT NULL, project VARCHAR NOT NULL,
            state VARCHAR NOT NULL, created BIGINT NOT NULL, updated BIGINT NOT NULL, replicas INTEGER NOT NULL,
            error VARCHAR
        );
        CREATE TABLE answers (request VARCHAR NOT NULL, answer VARCHAR NOT NULL);
        """,
    ),
    Migration("how often a step's code has failed", "ALTER TABLE steps ADD COLUMN failures INTEGER DEFAULT 0"),
    Migration("who started a run", "ALTER TABLE runs ADD COLUMN user VARCHAR DEFAULT 'admin'"),
    Migration(
        "what a step was made by, what its outputs hold, and the run that made them",
        """
        ALTER TABLE steps ADD COLUMN digests VARCHAR DEFAULT '{}';
        ALTER TABLE steps ADD COLUMN origin VARCHAR;
        ALTER TABLE steps ADD COLUMN recipe BIGINT;
        ALTER TABLE steps ADD COLUMN parts VARCHAR;
        """,
    ),
    Migration(
        "attempts, and the engine's signs of life",
        """
        CREATE TABLE attempts (
            run VARCHAR NOT NULL, node VARCHAR NOT NULL, attempt INTEGER NOT NULL, project VARCHAR NOT NULL,
            user VARCHAR NOT NULL, flow VARCHAR NOT NULL, started BIGINT NOT NULL, machine VARCHAR, ended BIGINT,
            outcome VARCHAR, error VARCHAR, cpu DOUBLE NOT NULL, gpu DOUBLE NOT NULL, gpu_type VARCHAR,
            memory_bytes BIGINT NOT NULL, disk_bytes BIGINT, cpu_used BIGINT, peak_memory_bytes BIGINT,
            gpu_utilisation DOUBLE
        );
        CREATE TABLE open_attempts AS FROM attempts;
        CREATE TABLE signs (moment BIGINT);
        INSERT INTO signs VALUES (NULL);
        """,
    ),
    Migration("the price book", "CREATE TABLE prices (book VARCHAR NOT NULL)"),
    Migration(
        "successes by what went into them",
        """
        ALTER TABLE runs ADD COLUMN cache BOOLEAN DEFAULT true;
        ALTER TABLE steps ADD COLUMN why_run VARCHAR;
        CREATE TABLE fingerprints (
            fingerprint BIGINT NOT NULL, parts VARCHAR NOT NULL, run VARCHAR NOT NULL, node VARCHAR NOT NULL
        );
        """,
    ),
    Migration(
        "projects, and what counts for their quotas",
        """
        CREATE TABLE projects (
            name VARCHAR PRIMARY KEY, created BIGINT NOT NULL, cohort VARCHAR, reclaim VARCHAR NOT NULL,
            quotas VARCHAR NOT NULL, description VARCHAR NOT NULL
        );
        INSERT INTO projects
            SELECT DISTINCT project, epoch_us(now()), NULL, 'never', '{}', '' FROM (
                SELECT 'default' AS project UNION ALL SELECT project FROM flow_versions
                UNION ALL SELECT project FROM runs UNION ALL SELECT project FROM model_versions
                UNION ALL SELECT project FROM endpoints
            );
        ALTER TABLE runs ADD COLUMN priority INTEGER DEFAULT 0;
        ALTER TABLE steps ADD COLUMN reclaims INTEGER DEFAULT 0;
        ALTER TABLE steps ADD COLUMN stored_bytes BIGINT DEFAULT 0;
        """,
    ),
    Migration(
        "changes that are accepted and not yet in the tables",
        "CREATE TABLE inbox (request VARCHAR, content BLOB NOT NULL)",
    ),
    Migration(
        "aliases of model versions, and what they meant in a run",
        """
        CREATE TABLE alias_moves (
            seq BIGINT NOT NULL, model VARCHAR NOT NULL, alias VARCHAR NOT NULL, moment BIGINT NOT NULL,
            user VARCHAR NOT NULL, before INTEGER, after INTEGER
        );
        ALTER TABLE runs ADD COLUMN models VARCHAR DEFAULT '{}';
        """,
    ),
    Migration(
        "model versions that are deleted, and whether their files are gone, too",
        """
        ALTER TABLE model_versions ADD COLUMN deleted BIGINT;
        ALTER TABLE model_versions ADD COLUMN erased BOOLEAN DEFAULT false;
        """,
    ),
    Migration(
        "users, tokens, members, sharings, and who made a version",
        """
        CREATE TABLE users (
            name VARCHAR PRIMARY KEY, created BIGINT NOT NULL, display_name VARCHAR NOT NULL, email VARCHAR,
            is_administrator BOOLEAN NOT NULL, is_disabled BOOLEAN NOT NULL, deleted BIGINT, password VARCHAR,
            identity VARCHAR
        );
        INSERT INTO users
            VALUES ('admin', epoch_us(now()), 'Administrator', NULL, true, false, NULL, NULL, NULL);
        CREATE TABLE tokens (
            id VARCHAR PRIMARY KEY, user VARCHAR NOT NULL, name VARCHAR NOT NULL, created BIGINT NOT NULL,
            kind VARCHAR NOT NULL, scopes VARCHAR NOT NULL, projects VARCHAR, expires BIGINT, revoked BIGINT,
            last_used BIGINT, digest VARCHAR NOT NULL
        );
        CREATE TABLE members (
            project VARCHAR NOT NULL, user VARCHAR NOT NULL, role VARCHAR NOT NULL, since BIGINT NOT NULL,
            PRIMARY KEY (project, user)
        );
        CREATE TABLE sharings (
            kind VARCHAR NOT NULL, name VARCHAR NOT NULL, owner VARCHAR NOT NULL, visibility VARCHAR NOT NULL,
            users VARCHAR NOT NULL, projects VARCHAR NOT NULL, PRIMARY KEY (kind, name)
        );
        ALTER TABLE flow_versions ADD COLUMN user VARCHAR DEFAULT 'admin';
        ALTER TABLE model_versions ADD COLUMN user VARCHAR DEFAULT 'admin';
        """,
    ),
    Migration(
        "secrets, and the audit",
        """
        CREATE TABLE secrets (
            project VARCHAR NOT NULL, name VARCHAR NOT NULL, created BIGINT NOT NULL, updated BIGINT NOT NULL,
            updated_by VARCHAR NOT NULL, content BLOB NOT NULL, PRIMARY KEY (project, name)
        );
        CREATE TABLE audit (
            seq BIGINT NOT NULL, moment BIGINT NOT NULL, user VARCHAR, token VARCHAR, action VARCHAR NOT NULL,
            kind VARCHAR, name VARCHAR, project VARCHAR, address VARCHAR, status INTEGER NOT NULL, problem VARCHAR
        );
        """,
    ),
    Migration(
        "who changed documents last",
        """
        ALTER TABLE endpoints ADD COLUMN user VARCHAR DEFAULT 'admin';
        ALTER TABLE projects ADD COLUMN changed BIGINT;
        ALTER TABLE projects ADD COLUMN changed_by VARCHAR DEFAULT 'admin';
        """,
    ),
    Migration(
        "requests with a key, and what they were answered",
        """
        CREATE TABLE replies (
            user VARCHAR NOT NULL, key VARCHAR NOT NULL, fingerprint VARCHAR NOT NULL, moment BIGINT NOT NULL,
            status INTEGER, body BLOB, headers VARCHAR, PRIMARY KEY (user, key)
        );
        """,
    ),
    Migration(
        "collected models",
        "CREATE TABLE favorites (user VARCHAR NOT NULL, model VARCHAR NOT NULL, since BIGINT NOT NULL)",
    ),
    Migration(
        "what the code of a run's scripts was when it was accepted",
        """
        ALTER TABLE runs ADD COLUMN code VARCHAR DEFAULT '{}';
        """,
    ),
    Migration(
        "runs that wait for their driver, and how many of them may run at once",
        """
        ALTER TABLE runs ADD COLUMN origin VARCHAR;
        ALTER TABLE runs ADD COLUMN place BIGINT DEFAULT 0;
        ALTER TABLE runs ADD COLUMN held BOOLEAN DEFAULT false;
        ALTER TABLE runs ADD COLUMN interval_start BIGINT;
        ALTER TABLE runs ADD COLUMN interval_end BIGINT;
        CREATE TABLE limits (
            key VARCHAR PRIMARY KEY, most INTEGER, is_paused BOOLEAN NOT NULL, flows VARCHAR NOT NULL
        );
        """,
    ),
    Migration(
        "sweeps and their trials",
        """
        CREATE TABLE sweeps (
            name VARCHAR PRIMARY KEY, flow VARCHAR NOT NULL, flow_version INTEGER NOT NULL, project VARCHAR NOT NULL,
            created BIGINT NOT NULL, method VARCHAR NOT NULL, user VARCHAR NOT NULL, state VARCHAR NOT NULL,
            reason VARCHAR, ended BIGINT, changed BIGINT, changed_by VARCHAR NOT NULL, description VARCHAR NOT NULL,
            document VARCHAR NOT NULL
        );
        CREATE TABLE trials (
            sweep VARCHAR NOT NULL, number INTEGER NOT NULL, params VARCHAR NOT NULL, created BIGINT NOT NULL,
            state VARCHAR NOT NULL, place BIGINT NOT NULL, results VARCHAR NOT NULL, value DOUBLE, reason VARCHAR,
            ended BIGINT, retries INTEGER NOT NULL, origin VARCHAR
        );
        CREATE TABLE trial_runs (
            sweep VARCHAR NOT NULL, trial INTEGER NOT NULL, run VARCHAR NOT NULL, replicate INTEGER NOT NULL,
            segment INTEGER NOT NULL
        );
        """,
    ),
    Migration(
        "schedules, what was decided for them, and backfills",
        """
        CREATE TABLE schedules (name VARCHAR PRIMARY KEY, project VARCHAR NOT NULL, document VARCHAR NOT NULL);
        CREATE TABLE schedule_marks (schedule VARCHAR NOT NULL, until BIGINT NOT NULL, seen VARCHAR);
        CREATE TABLE firings (
            schedule VARCHAR NOT NULL, run VARCHAR NOT NULL, position BIGINT NOT NULL, document VARCHAR NOT NULL
        );
        CREATE TABLE missed (
            schedule VARCHAR NOT NULL, moment BIGINT NOT NULL, first BIGINT NOT NULL, last BIGINT NOT NULL,
            count BIGINT NOT NULL, reason VARCHAR NOT NULL
        );
        CREATE TABLE backfills (
            id VARCHAR PRIMARY KEY, project VARCHAR NOT NULL, created BIGINT NOT NULL, document VARCHAR NOT NULL
        );
        """,
    ),
    Migration(
        "who has allowed that loading a model runs code",
        """
        ALTER TABLE model_versions ADD COLUMN trusted_by VARCHAR;
        """,
    ),
)


def migrate(connection: duckdb.DuckDBPyConnection, steps: Sequence[Migration] = MIGRATIONS) -> None:
    """Bring the file to the newest shape; CatalogError for a file that a newer DI-X wrote, which stays as it is."""
    connection.execute(
        "CREATE TABLE IF NOT EXISTS migrations "
        "(number INTEGER PRIMARY KEY, title VARCHAR NOT NULL, moment BIGINT NOT NULL)"
    )
    done = _count_done(connection)
    if done > len(steps):
        raise CatalogError(
            f"its file was written by a newer DI-X (shape {done}, this one knows up to {len(steps)}); "
            "upgrade DI-X, or restore an older snapshot"
        )
    for number, step in enumerate(steps[done:], start=done + 1):
        _apply(connection, number, step)


def _count_done(connection: duckdb.DuckDBPyConnection) -> int:
    found = connection.execute("SELECT coalesce(max(number), 0) FROM migrations").fetchone()
    return int(found[0]) if found else 0


def _apply(connection: duckdb.DuckDBPyConnection, number: int, step: Migration) -> None:
    connection.begin()
    try:
        connection.execute(step.sql)
        connection.execute("INSERT INTO migrations VALUES (?, ?, ?)", [number, step.title, to_micros(now())])
    except duckdb.Error as error:
        connection.rollback()
        raise CatalogError(f"its file could not be brought to shape {number} ({step.title}): {error}") from error
    connection.commit()
