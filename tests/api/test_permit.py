"""What a run may use and make, asked of the real desk where runs are accepted."""

from __future__ import annotations

import pytest

from dix.algorithms.lookup import list_specs
from dix.api.permit import make_permit
from dix.api.reach import Reach
from dix.engine.acceptance import Acceptance
from dix.engine.base import RunOrder
from dix.errors import AlreadyExists, BadValue, Conflict, NotAllowed, NotFound
from dix.records.access import AccessList
from dix.records.member import Role
from dix.records.model_version import ModelDraft
from dix.records.moments import now
from dix.records.share import Sharing
from dix.records.token import Token
from tests.api.people import Things, add_person, make_things
from tests.api.server import Server
from tests.engine.conftest import MACHINE


@pytest.fixture(scope="module")
def things(server: Server) -> dict[str, Things]:
    made = {project: make_things(server, project) for project in ("own", "other")}
    add_person(server, "ana", {"own": Role.USER})
    server.parts.catalog.models.register_model(ModelDraft("lent", "uri-of-lent", {}), "other")
    server.parts.catalog.shares.put_sharing(Sharing("model", "lent", "admin", users=("ana",)))
    return made


def accept(server: Server, node: str, user: str = "ana") -> None:
    """What a run with one more node comes to."""
    parts = server.parts
    text = f"dix: 1\nname: tried\nparams: {{of: other}}\nnodes:\n  x: {{kind: data, uri: common/a.txt}}\n  y: {node}\n"
    parts.catalog.flows.push_flow("tried", text, text, "own")
    known = parts.catalog.access.read_access()
    assert known is not None
    access = AccessList(known.version, known.users, {"d": Token("t", user, "", now())}, known.roles, known.sharings)
    caller = access.find_caller("d", now())
    assert caller is not None
    acceptance = Acceptance(parts.catalog, list_specs(), [MACHINE], parts.store)
    permit = make_permit(parts, Reach(parts, caller))
    acceptance.accept(RunOrder("tried", project="own", permit=permit))


def read(uri: str) -> str:
    return f'{{kind: data, uri: "{uri}"}}'


def predict(model: str = "models:/own-model/1", output: str = "") -> str:
    more = f', output: "{output}"' if output else ""
    return f'{{kind: model, model: "{model}", inputs: {{data: x}}{more}}}'


@pytest.mark.parametrize(
    "node",
    [
        read("projects/own/a.txt"),
        read("projects/{{ 'own' }}"),
        predict(),
        predict("models:/own-model@best"),
        predict("models:/lent/1"),
        predict(output="projects/own/out"),
        predict(output="common/out"),
    ],
)
def test_ones_own_and_what_is_shared_may_be_used(server: Server, things: dict[str, Things], node: str) -> None:
    accept(server, node)


@pytest.mark.parametrize(
    "node",
    [
        read("projects/other/a.txt"),
        read("projects/{{ params.of }}/a.txt"),
        read("<store>/projects/other"),
        read("dix"),
        read("dix/runs/<other run>/out.txt"),
        read("dix/models"),
        predict("models:/other-model/1"),
        predict("models:/other-model@best"),
        predict("models:/{{ params.of }}-model/7"),
        predict("models:/none/1"),
        predict(output="projects/other/out"),
        predict(output="projects/{{ params.of }}/out"),
    ],
)
def test_what_is_not_seen_is_not_there_for_a_run(server: Server, things: dict[str, Things], node: str) -> None:
    node = node.replace("<store>", server.parts.store.url).replace("<other run>", things["other"].run)
    with pytest.raises(NotFound) as caught:
        accept(server, node)
    assert "did you mean other" not in str(caught.value)


@pytest.mark.parametrize("place", ["projects", "<store>"])
def test_a_run_reads_not_all_projects_at_once(server: Server, things: dict[str, Things], place: str) -> None:
    with pytest.raises(NotAllowed, match="all projects at once"):
        accept(server, read(place.replace("<store>", server.parts.store.url)))


@pytest.mark.parametrize(
    "place", ["dix/models/lent/x", "dix/models/own-model/x", "dix/runs/<own run>/out", "dix/runs/new", "dix/x", "dix"]
)
@pytest.mark.parametrize("user", ["ana", "admin"])
def test_a_run_changes_nothing_that_is_kept(server: Server, things: dict[str, Things], place: str, user: str) -> None:
    with pytest.raises(BadValue, match="a place outside of dix/"):
        accept(server, predict(output=place.replace("<own run>", things["own"].run)), user=user)


def test_a_model_is_not_given_to_a_project_that_has_not_made_it(server: Server, things: dict[str, Things]) -> None:
    train = "{{kind: algorithm, algorithm: cnn, framework: torch, inputs: {{train: x}}, model: {}}}"
    with pytest.raises(AlreadyExists):
        accept(server, train.format("other-model"))
    with pytest.raises(Conflict):
        accept(server, train.format("lent"))
    accept(server, train.format("own-model"))
