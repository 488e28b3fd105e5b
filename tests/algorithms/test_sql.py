"""A query reads its inputs and nothing else, and what is wrong with it is said in a sentence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dix.algorithms.lookup import list_specs
from dix.algorithms.sql import Sql
from dix.errors import BadData
from dix.flow.check import check_flow
from dix.flow.text import read_flow
from dix.store.store import Store
from tests.algorithms.conftest import RunStep

PEOPLE = {"name": ["ana", "bo", "cy"], "age": [30, 40, 50], "city": ["Ulm", "Rom", None]}


def write(store: Store, uri: str, table: Any) -> None:
    path = Path(store.local_path(uri) or "")
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(table), path)


def ask(run_step: RunStep, query: str, **inputs: str) -> pa.Table:
    ran = run_step(Sql(), inputs or {"data": "people.parquet"}, params={"query": query})
    table = pq.read_table(ran.context.output("data"))
    assert ran.result.metrics == {"rows": table.num_rows, "columns": table.num_columns}
    return table


@pytest.fixture(autouse=True)
def people(store: Store) -> None:
    write(store, "people.parquet", PEOPLE)


def test_tables_of_any_format_are_asked_together(run_step: RunStep, store: Store) -> None:
    store.write_bytes("towns/1.csv", b"town,size\nUlm,1\n")
    store.write_bytes("towns/2.csv", b"size,town\n3,Rom\n")
    found = ask(
        run_step, "SELECT name, size FROM people JOIN towns ON city = town ORDER BY name",
        people="people.parquet", towns="towns",
    )  # fmt: skip
    assert found.to_pylist() == [{"name": "ana", "size": 1}, {"name": "bo", "size": 3}]


def test_an_input_may_be_read_twice_and_be_a_word_of_sql(run_step: RunStep) -> None:
    found = ask(run_step, 'SELECT count(*) AS n FROM "order" a, "order" b', order="people.parquet")
    assert found.to_pylist() == [{"n": 9}]


def test_names_of_files_are_no_patterns_and_no_sql(run_step: RunStep, store: Store) -> None:
    write(store, "odd/it's [1]*.parquet", PEOPLE)
    assert ask(run_step, "SELECT name FROM data", data="odd").num_rows == 3


def test_sums_and_decimals_become_numbers_that_nets_take(run_step: RunStep) -> None:
    found = ask(run_step, "SELECT sum(age) AS years, 0.5 AS half FROM data")
    assert found.schema.types == [pa.float64(), pa.float64()]
    assert found.to_pylist() == [{"years": 120.0, "half": 0.5}]


def test_no_rows_are_a_table_with_columns(run_step: RunStep) -> None:
    assert ask(run_step, "SELECT name, age FROM data WHERE age > 99").schema.names == ["name", "age"]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("SELECT name,\n  agee FROM data", "query, line 2, column 3: there is no column agee; did you mean age?"),
        ("SELECT * FROM dat", "query, line 1, column 15: there is no input dat; did you mean data?"),
        ("SELECT * FRM data", "query, line 1, column 14: syntax error"),
        ("SELECT 1; SELECT 2", "query: it has 2 statements; write one SELECT"),
        ("-- nothing", "query: there is no statement in it; write one SELECT"),
        ("DROP VIEW data", "query: it is DROP, and only a SELECT can be asked here"),
        ("COPY data TO 'x.csv'", "query: it is COPY, and only a SELECT"),
        ("SET threads = 9", "query: it is SET, and only a SELECT"),
        ("SELECT age AS x, name AS x FROM data", "query: two columns of its answer are called x"),
        ("SELECT INTERVAL 1 DAY AS day", "query: column day is of type month_day_nano_interval, which a table cannot"),
        ("SELECT CAST(name AS INT) AS n FROM data", "line 1, column 8: Could not convert string 'ana' to INT32"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(run_step: RunStep, query: str, said: str) -> None:
    with pytest.raises(BadData) as caught:
        ask(run_step, query)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("what", ["'{0}'", "read_text('{0}')", "read_parquet('{0}')", "glob('/*')", "read_csv('{0}')"])
def test_nothing_but_the_inputs_can_be_read(run_step: RunStep, store: Store, what: str) -> None:
    write(store, "other.parquet", {"secret": [1]})
    other = store.local_path("other.parquet")
    with pytest.raises(BadData, match="it reads more than its inputs; ask data only"):
        ask(run_step, f"SELECT * FROM {what.format(other)}")


def test_what_does_not_fit_into_memory_is_put_aside(run_step: RunStep, store: Store) -> None:
    chance = np.random.default_rng(0)
    write(store, "many.parquet", {"x": chance.random(300_000), "y": chance.random(300_000)})
    found = ask(run_step, "SELECT x, y FROM data ORDER BY x", data="many.parquet")
    assert found.num_rows == 300_000
    assert np.all(np.diff(found["x"].to_numpy()) >= 0)


FLOW = """
dix: 1
name: f
nodes:
  rows: {kind: data, uri: a.csv}
  asked: {kind: algorithm, algorithm: sql, inputs: {PORT: SOURCE}, params: {query: SELECT 1}}
"""


def test_inputs_are_named_freely_and_take_data() -> None:
    specs = list_specs()
    assert not check_flow(read_flow(FLOW.replace("PORT", "anything").replace("SOURCE", "rows")), specs)
    eye = "  eye: {kind: algorithm, algorithm: evaluate, inputs: {data: rows}}\n"
    (kind,) = check_flow(read_flow(FLOW.replace("PORT", "a").replace("SOURCE", "eye.metrics") + eye), specs)
    assert kind.rule == "port-kind"
