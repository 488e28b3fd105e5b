"""Hosts are used again by steps of their size, and those that stand in the way of others end."""

from __future__ import annotations

from typing import Any

from dix.engine.host_pool import WARM_S, HostEntry, HostPool
from dix.engine.hosting import HostSize, Ticket
from dix.engine.machines import Machine, Place
from dix.engine.messages import StepKey
from dix.engine.plan import Slice

GIB = 2**30
HERE, THERE = Place("here", "m1"), Place("there", "m2")
MACHINES = (Machine("here", "m1", 4, 0, 8 * GIB), Machine("there", "m2", 4, 0, 8 * GIB))


def size(cpu: float = 1, place: Place = HERE, **more: Any) -> HostSize:
    return HostSize(place, Slice(cpu), **more)


def pool(*hosts: HostEntry) -> HostPool:
    made = HostPool()
    for host in hosts:
        made.add(host)
    return made


def idle(name: str, cpu: float = 1, since: float = 0.0, place: Place = HERE) -> HostEntry:
    return HostEntry(name, size(cpu, place), None, idle_since=since)


def busy(name: str, cpu: float = 1) -> HostEntry:
    return HostEntry(name, size(cpu), None, line={StepKey("r", name, 1): Ticket("l", 1)})


def test_the_host_of_the_same_size_that_was_used_last_is_used_again() -> None:
    hosts = pool(idle("old", since=1.0), idle("new", since=2.0), idle("big", cpu=2, since=3.0), busy("busy"))
    found = hosts.find_idle(size())
    assert found
    assert found.name == "new"
    assert hosts.find_idle(size(place=THERE)) is None
    assert hosts.find_idle(size(coordinates=True)) is None


def test_a_host_is_free_once_what_it_did_is_on_disk() -> None:
    host, key = busy("a"), StepKey("r", "a", 1)
    hosts = pool(host)
    host.finish(key)
    assert not host.is_idle()
    assert hosts.find(key) is host
    hosts.acknowledge(key, 5.0)
    assert host.is_idle()
    assert host.idle_since == 5.0
    assert hosts.find(key) is None
    assert host.take_heard() == (Ticket("l", 1),)
    assert host.take_heard() == ()


def test_as_many_idle_hosts_end_as_it_takes_the_longest_idle_first() -> None:
    hosts = pool(idle("a", since=1.0), idle("b", since=2.0), idle("c", since=3.0), idle("far", place=THERE))
    assert hosts.list_in_the_way(size(1), MACHINES) == []
    assert [host.name for host in hosts.list_in_the_way(size(2), MACHINES)] == ["a"]
    assert [host.name for host in hosts.list_in_the_way(size(3), MACHINES)] == ["a", "b"]


def test_busy_hosts_stay_whatever_is_wanted() -> None:
    assert pool(busy("a"), busy("b")).list_in_the_way(size(4), MACHINES) == []


def test_nobody_idle_holds_slots_while_one_coordinates() -> None:
    hosts = pool(idle("a"), idle("far", place=THERE), busy("b"))
    assert {host.name for host in hosts.list_in_the_way(size(1, coordinates=True), MACHINES)} == {"a", "far"}


def test_hosts_end_when_they_have_waited_long_or_do_no_more() -> None:
    spent = idle("spent", since=99.0)
    spent.is_spent = True
    hosts = pool(idle("a", since=0.0), idle("b", since=99.0), busy("c"), spent)
    assert {host.name for host in hosts.list_cold(WARM_S)} == {"a", "spent"}
    assert hosts.find_idle(size()) is not spent


def test_a_host_that_is_removed_takes_all_it_had_with_it() -> None:
    host = busy("a")
    hosts = pool(host)
    hosts.remove(host)
    assert host.is_gone
    assert hosts.find(StepKey("r", "a", 1)) is None
    assert list(hosts) == []
    hosts.drop(StepKey("r", "a", 1), 0.0)
