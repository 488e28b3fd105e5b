"""The catalog in this process: whoever has it has the DuckDB file open, alone."""

from __future__ import annotations

from pathlib import Path

from dix.catalog.access import AccessTable
from dix.catalog.access_version import AccessVersion
from dix.catalog.aliases import AliasTable
from dix.catalog.attempts import AttemptTable
from dix.catalog.audit import AuditTable
from dix.catalog.backfills import BackfillTable
from dix.catalog.base import Catalog
from dix.catalog.endpoints import EndpointTable
from dix.catalog.favorites import FavoriteTable
from dix.catalog.file import CatalogFile
from dix.catalog.flows import FlowTable
from dix.catalog.held import HeldTable
from dix.catalog.limits import LimitTable
from dix.catalog.members import MemberTable
from dix.catalog.models import ModelTable
from dix.catalog.projects import ProjectTable
from dix.catalog.replies import ReplyTable
from dix.catalog.results import ResultTable
from dix.catalog.runs import RunTable
from dix.catalog.schedules import FiringTable, ScheduleTable
from dix.catalog.secrets import SecretTable
from dix.catalog.shares import ShareTable
from dix.catalog.snapshot import copy_file
from dix.catalog.sweeps import SweepTable
from dix.catalog.telemetry import TelemetryTable
from dix.catalog.tokens import TokenTable
from dix.catalog.trials import TrialsTable
from dix.catalog.usage import UsageTable
from dix.catalog.users import UserTable
from dix.catalog.vault import Vault


class DirectCatalog:
    """Opens the file, makes it when it is not there, and brings it to the newest shape; any thread may use it.

    CatalogError when it cannot be opened, another process has it open, or a newer DI-X wrote it.
    """

    def __init__(self, path: Path) -> None:
        self._file = CatalogFile(path)
        self._flows = FlowTable(self._file)
        self._runs = RunTable(self._file)
        self._held = HeldTable(self._file)
        self._limits = LimitTable(self._file)
        self._schedules = ScheduleTable(self._file)
        self._firings = FiringTable(self._file)
        self._backfills = BackfillTable(self._file)
        self._results = ResultTable(self._file)
        self._telemetry = TelemetryTable(self._file)
        self._attempts = AttemptTable(self._file)
        self._usage = UsageTable(self._file)
        self._models = ModelTable(self._file)
        self._aliases = AliasTable(self._file)
        self._favorites = FavoriteTable(self._file)
        self._endpoints = EndpointTable(self._file)
        self._sweeps = SweepTable(self._file)
        self._trials = TrialsTable(self._file)
        version = AccessVersion()
        self._projects = ProjectTable(self._file, version)
        self._users = UserTable(self._file, version)
        self._tokens = TokenTable(self._file, version)
        self._members = MemberTable(self._file, version)
        self._shares = ShareTable(self._file, version)
        self._access = AccessTable(self._file, version)
        self._secrets = SecretTable(self._file, Vault(path.with_name("secrets.key")))
        self._audit = AuditTable(self._file)
        self._replies = ReplyTable(self._file)

    @property
    def flows(self) -> FlowTable:
        return self._flows

    @property
    def runs(self) -> RunTable:
        return self._runs

    @property
    def held(self) -> HeldTable:
        return self._held

    @property
    def limits(self) -> LimitTable:
        return self._limits

    @property
    def schedules(self) -> ScheduleTable:
        return self._schedules

    @property
    def firings(self) -> FiringTable:
        return self._firings

    @property
    def backfills(self) -> BackfillTable:
        return self._backfills

    @property
    def results(self) -> ResultTable:
        return self._results

    @property
    def telemetry(self) -> TelemetryTable:
        return self._telemetry

    @property
    def attempts(self) -> AttemptTable:
        return self._attempts

    @property
    def usage(self) -> UsageTable:
        return self._usage

    @property
    def models(self) -> ModelTable:
        return self._models

    @property
    def aliases(self) -> AliasTable:
        return self._aliases

    @property
    def favorites(self) -> FavoriteTable:
        return self._favorites

    @property
    def endpoints(self) -> EndpointTable:
        return self._endpoints

    @property
    def projects(self) -> ProjectTable:
        return self._projects

    @property
    def sweeps(self) -> SweepTable:
        return self._sweeps

    @property
    def trials(self) -> TrialsTable:
        return self._trials

    @property
    def users(self) -> UserTable:
        return self._users

    @property
    def tokens(self) -> TokenTable:
        return self._tokens

    @property
    def members(self) -> MemberTable:
        return self._members

    @property
    def shares(self) -> ShareTable:
        return self._shares

    @property
    def access(self) -> AccessTable:
        return self._access

    @property
    def secrets(self) -> SecretTable:
        return self._secrets

    @property
    def audit(self) -> AuditTable:
        return self._audit

    @property
    def replies(self) -> ReplyTable:
        return self._replies

    def save_snapshot(self, path: Path) -> None:
        copy_file(self._file, path)

    def close(self) -> None:
        self._file.close()


def _fits(catalog: DirectCatalog) -> Catalog:
    return catalog
