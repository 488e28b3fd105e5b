"""What is read from the server has the server's own tag, and what is changed says what was read."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dix.client.connection import Client
from dix.client.tags import Tagged, read_tag, write_tag
from dix.client.usage import Prices
from dix.errors import BadValue, Changed
from tests.api.server import FLOW


def check_same(client: Client, document: Tagged, *path: str) -> None:
    header = client.wire.http.get("/api/v1/" + "/".join(path)).headers["ETag"]
    assert document.tag == header.strip('"').partition(".")[0]


def test_what_comes_as_json_has_the_tag_that_the_server_says(client: Client) -> None:
    client.flows.push(FLOW)
    client.projects.create("tagged", {"gpu": {"nominal": 4, "lending_limit": 1}, "memory": "1.5GiB"}, cohort="c")
    client.projects.change("tagged", description="ä")
    client.endpoints.deploy("tagged", "digits")
    check_same(client, client.flows.get("digits"), "flows", "digits")
    check_same(client, client.projects.get("tagged"), "projects", "tagged")
    check_same(client, client.endpoints.get("tagged"), "endpoints", "tagged")
    client.secrets.put("KEY", "v", "tagged")
    check_same(client, client.secrets.get("KEY", "tagged"), "projects", "tagged", "secrets", "KEY")
    check_same(client, client.projects.add_member("tagged", "admin"), "projects", "tagged", "members", "admin")
    check_same(client, client.usage.prices(), "usage", "prices")


def test_a_project_and_an_endpoint_are_changed_as_they_were_read(client: Client) -> None:
    read = client.projects.create("read")
    client.projects.change("read", if_match=read, description="first")
    with pytest.raises(Changed, match=r"project read was changed by admin at .*, then change it"):
        client.projects.change("read", if_match=read, description="second")
    first = client.endpoints.deploy("read", "digits")
    client.endpoints.deploy("read", "digits", 2, if_match=first.tag)
    with pytest.raises(Changed, match="endpoint read was changed by"):
        client.endpoints.deploy("read", "digits", 3, if_match=first)


def test_prices_that_were_read_replace_those_and_new_ones_any(client: Client) -> None:
    read = client.usage.prices()
    kept = client.usage.set_prices(replace(read, cpu_hour=1))
    with pytest.raises(Changed, match="price book"):
        client.usage.set_prices(replace(read, cpu_hour=2))
    assert client.usage.set_prices(replace(kept, cpu_hour=3)).cpu_hour == 3
    assert client.usage.set_prices(Prices("EUR")) == Prices("EUR")


@pytest.mark.parametrize("tag", ["", "a b", 'a"b', "ü", "a\nb"])
def test_what_is_no_tag_is_refused(tag: str) -> None:
    with pytest.raises(BadValue, match="if_match"):
        write_tag(tag)


def test_a_tag_may_be_written_as_in_a_header() -> None:
    assert [write_tag(tag) for tag in ("3-a", '"3-a"', "*", None)] == ['"3-a"', '"3-a"', "*", None]
    assert (read_tag('"3-a"'), read_tag(None)) == ("3-a", None)
