"""Templates: what they give, and what they refuse."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dix.errors import BadValue
from dix.flow.context import RunContext
from dix.flow.template import BadTemplate, Templates, has_template, is_template

MOMENT = datetime(2018, 1, 1, 10, 20, 30, tzinfo=UTC)
PARAMS: dict[str, Any] = {
    "rate": 0.01, "epochs": 3, "name": "dígits 数字", "layers": [1, 2], "deep": {"a": {"b": 1}, "items": 5},
    "nothing": None, "yes": True, "braces": "{{ ds }}", "big": "x" * 100_000,
}  # fmt: skip


def names() -> dict[str, Any]:
    context = RunContext(PARAMS, MOMENT, MOMENT - timedelta(days=1), MOMENT, "r1")
    return context.names(PARAMS)


def render(text: str) -> Any:
    return Templates(PARAMS).render(text, names())


def refusal(text: str) -> str:
    with pytest.raises(BadTemplate) as caught:
        render(text)
    return caught.value.flaw.message


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{{ params.rate }}", 0.01),
        ("{{params.epochs}}", 3),
        ("{{ params['epochs'] }}", 3),
        ("{{ params.yes }}", True),
        ("{{ params.nothing }}", None),
        ("{{ params.layers }}", [1, 2]),
        ("{{ params.deep.a }}", {"b": 1}),
        ("{{ params.deep.items }}", 5),
        ("{{ params.deep.a.b }}", 1),
        ("{{ params.braces }}", "{{ ds }}"),
        ("{{ (1, 2) }}", [1, 2]),
        ("{{ '5' }}", "5"),
        ("{# why #}{{ params.epochs }}", 3),
        (" {{ params.epochs }}", " 3"),
        ("{{ params.epochs }}\n", "3\n"),
        ("{{ params.epochs }}{{ params.epochs }}", "33"),
        ("a/{{ params.name }}/{{ ds }}", "a/dígits 数字/2018-01-01"),
        ("{{ params.nothing }}x", "Nonex"),
    ],
)
def test_exactly_one_expression_keeps_its_type_and_all_else_is_text(text: str, value: Any) -> None:
    found = render(text)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{{ ds }}", "2018-01-01"),
        ("{{ ds_nodash }}", "20180101"),
        ("{{ ts }}", "2018-01-01T10:20:30+00:00"),
        ("{{ ts_nodash }}", "20180101T102030"),
        ("{{ logical_date }}", "2018-01-01T10:20:30+00:00"),
        ("{{ run_id }}", "r1"),
        ("{{ data_interval_start | ds }}", "2017-12-31"),
        ("{{ data_interval_end | ds_nodash }}", "20180101"),
        ("{{ logical_date | ts }}", "2018-01-01T10:20:30+00:00"),
        ("{{ logical_date | ts_nodash }}", "20180101T102030"),
        ("{{ logical_date | ts_nodash_with_tz }}", "20180101T102030+0000"),
        ("{{ logical_date.strftime('%Y/%m/%d') }}", "2018/01/01"),
        ("{{ logical_date.year + 1 }}", 2019),
        ("{{ (data_interval_end - data_interval_start).days }}", 1),
        ("{{ (data_interval_end - data_interval_start).total_seconds() }}", 86400.0),
    ],
)
def test_names_and_filters_are_those_of_airflow(text: str, value: Any) -> None:
    assert render(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{{ params.rate * 2 }}", 0.02),
        ("{{ 7 // 2 }}", 3),
        ("{{ 7 % 4 }}", 3),
        ("{{ 2 ** 10 }}", 1024),
        ("{{ -params.epochs }}", -3),
        ("{{ 'a' ~ 1 ~ true }}", "a1True"),
        ("{{ 'ab' * 2 }}", "abab"),
        ("{{ 1 < 2 < 3 }}", True),
        ("{{ 2 in params.layers }}", True),
        ("{{ 'b' if params.rate > 1 else 'c' }}", "c"),
        ("{{ not params.yes or params.epochs == 3 }}", True),
        ("{% if params.rate > 1 %}b{% elif params.yes %}d{% else %}c{% endif %}", "d"),
        ("{{ params.layers | join('-') }}", "1-2"),
        ("{{ params.layers[-1] }}", 2),
        ("{{ ds[:4] }}", "2018"),
        ("{{ ds | replace('-', '/') }}", "2018/01/01"),
        ("{{ ds.replace('-', '/') }}", "2018/01/01"),
        ("{{ params.deep.x | default(4) }}", 4),
        ("{{ params.deep.x is defined }}", False),
        ("{{ params.nothing is none }}", True),
        ("{{ params.get('epochs') }}", 3),
        ("{{ {'a': params.layers} | tojson }}", '{"a": [1, 2]}'),
        ("{{ params.layers | sum }}", 3),
        ("{{ '12' | int + 1 }}", 13),
        ("{{ 3.7 | round }}", 4.0),
        ("{{ '{{ ds }}' }}", "{{ ds }}"),
        ("{% raw %}{{ x }}{% endraw %}", "{{ x }}"),
        ("{{ params.name | upper }}", "DÍGITS 数字"),
    ],
)
def test_expressions_mean_what_jinja2_says(text: str, value: Any) -> None:
    assert render(text) == value


@pytest.mark.parametrize(
    ("text", "nearest"),
    [
        ("{{ dss }}", "ds"),
        ("{{ params.epoch }}", "epochs"),
        ("{{ params['epoch'] }}", "epochs"),
        ("{{ ds | uper }}", "upper"),
        ("{{ ds.uppr() }}", "upper"),
        ("{% if run %}a{% endif %}", "run_id"),
        ("{{ params.layers is defind }}", "defined"),
    ],
)
def test_an_unknown_name_is_told_before_any_run(text: str, nearest: str) -> None:
    (flaw,) = Templates(PARAMS).find_flaws(text)
    assert flaw.rule == "unknown-name"
    assert flaw.nearest == nearest


BOMBS = (
    "{{ 'a' * 10**10 }}", "{{ 10**10 * 'a' }}", "{{ [1] * 10**10 }}", "{{ 9**9**9**9 }}", "{{ 2**10000000 }}",
    "{{ 'a' | replace('', 'b' * 60000) | replace('b', 'c' * 60000) }}", "{{ '%1000000000d' % 1 }}",
    "{{ 9 | round(-1000000000) }}", "{{ logical_date.strftime('%1000000000d') }}", "{{ 1e999 }}", "{{ 1e308 * 10 }}",
    "{{ [params.big, params.big] | string }}", "{{ params.big ~ params.big }}", "{{ params.big | tojson }}",
    "{{ [params.big] | join }}", "{{ (-1) ** 0.5 }}", "{{ 1 / 0 }}", "{{ " + "9" * 5000 + " }}",
    "{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}", "{{ " + "1+" * 5000 + "1 }}", "{{ " + "-" * 5000 + "1 }}",
    "{{ params" + ".deep" * 3000 + " }}", "{% if 1 %}" * 1000, "{" * 16_000, "x{{ ds }}" * 10_000,
    "{% for x in [1] %}{% endfor %}", "{% set x = 1 %}", "{% macro f() %}{% endmacro %}", "{% include 'x' %}",
    "{% import 'x' as y %}", "{% extends 'x' %}", "{% block b %}{% endblock %}", "{% filter upper %}x{% endfilter %}",
    "{{ range(10) }}", "{{ lipsum() }}", "{{ cycler }}", "{{ namespace() }}", "{{ ''.__class__ }}", "{{ self }}",
    "{{ ''['__class__'] }}", "{{ '' | attr('x') }}", "{{ '{:>1000000000}'.format(1) }}", "{{ 'a'.center(10**9) }}",
    "{{ params.items.__globals__ }}", "{{ logical_date.__class__ }}", "{{ logical_date.tzinfo }}", "{{ ds.x }}",
    "{{ (logical_date - logical_date) }}", "{{ params.layers[9] }}", "{{ params.layers + 1 }}", "{{ ds | ds }}",
    "{{ ds(1) }}", "{{ 'a'.split(*[1]) }}", "{{ -'a' }}", "{{ 1 < 'a' }}", "{{ {[1]: 2} }}", "{{ ds | join(1) }}",
    "{{", "{%", "{# x", "{{ }}", "{{ ds", "{{ ds }", "{% if %}", "{{ ds | }}", "{{ 'a }}", "{{ 1 | upper(2, 3) }}",
)  # fmt: skip


@pytest.mark.parametrize("text", BOMBS, ids=lambda text: text[:30])
def test_no_template_hangs_or_escapes(text: str) -> None:
    start = time.monotonic()
    assert refusal(text)
    assert time.monotonic() - start < 2


def test_a_refusal_says_where_and_what_to_do() -> None:
    assert refusal("{% for x in params.layers %}{{ x }}{% endfor %}").startswith("{% for %} is not allowed")
    assert "declare it under params" in refusal("{{ params.gone }}")
    assert refusal("{{ 'a' * 10**10 }}").startswith("{{ 'a' * 10**10 }}: the product has more than")


def test_what_jinja2_would_leave_alone_is_no_template() -> None:
    assert not is_template("a { b } 100%")
    assert not is_template(3)
    assert has_template({"a": [1, {"b": "{{ x }}"}]})
    assert not has_template({"{{ a }}": [1]})


def test_times_are_seen_in_utc_and_need_a_zone() -> None:
    east = timezone(timedelta(hours=8))
    context = RunContext.at(datetime(2018, 1, 1, 2, tzinfo=east), "r1")
    assert context.names({})["ds"] == "2017-12-31"
    assert context.names({})["ts"] == "2017-12-31T18:00:00+00:00"
    with pytest.raises(BadValue, match="with a zone"):
        RunContext.at(datetime(2018, 1, 1), "r1")  # noqa: DTZ001 - the point of the test


def test_years_before_1000_keep_their_four_digits() -> None:
    context = RunContext.at(datetime(33, 4, 3, tzinfo=UTC), "r1")
    assert context.names({})["ds"] == "0033-04-03"
    assert context.names({})["ds_nodash"] == "00330403"


EXPRESSION = st.text(alphabet="{}%#()[]|.,:~+-*/<>=! '\"abdps_params1 9", max_size=40)


@given(st.one_of(EXPRESSION.map(lambda inner: "{{ " + inner + " }}"), EXPRESSION, st.text(max_size=60)))
@example("{{ params.rate.real }}")
def test_any_text_gives_a_value_or_a_sentence(text: str) -> None:
    try:
        value = render(text)
    except BadTemplate as error:
        assert error.flaw.message  # noqa: PT017 - either way is right
    else:
        assert value is None or isinstance(value, bool | int | float | str | list | dict)
