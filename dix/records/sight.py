"""What somebody may see: the same for one thing, for lists, and for the names that a hint may name."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Names:
    """Flows or models that are an exception: `hidden` ones of one's own projects, `shown` ones of others."""

    hidden: frozenset[str] = frozenset()
    shown: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Sight:
    """`projects` are those whose things are seen; None sees everything."""

    projects: frozenset[str] | None
    flows: Names = Names()
    models: Names = Names()

    def sees_project(self, project: str) -> bool:
        """Whether the project exists for who looks."""
        return self.projects is None or project in self.projects

    def sees_run(self, project: str, flow: str) -> bool:
        """Whether the project's runs of the flow are seen: those of a hidden flow are hidden with it."""
        return self.projects is None or (project in self.projects and flow not in self.flows.hidden)

    def sees_flow(self, name: str, project: str) -> bool:
        """Whether a flow of the project is seen."""
        return self._sees(self.flows, name, project)

    def sees_model(self, name: str, project: str) -> bool:
        """Whether a model of the project is seen."""
        return self._sees(self.models, name, project)

    def _sees(self, names: Names, name: str, project: str) -> bool:
        if self.projects is None or name in names.shown:
            return True
        return project in self.projects and name not in names.hidden


EVERYTHING = Sight(None)
