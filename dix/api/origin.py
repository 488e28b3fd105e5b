"""What of a model's origin somebody may see who may see the model: the model may be shared, its project is not."""

from __future__ import annotations

from dataclasses import replace

from dix.records.model_version import ModelVersion
from dix.records.sight import Sight


def sees_origin(version: ModelVersion, sight: Sight) -> bool:
    """Whether the run that made it is seen, and with it the data that it was made of."""
    return sight.sees_run(version.project, str(version.manifest.get("lineage", {}).get("flow", "")))


def hide_origin(version: ModelVersion, sight: Sight) -> ModelVersion:
    """The version as it is for one who looks: without its run, lineage and place when the run is not seen."""
    if sees_origin(version, sight):
        return version
    manifest = {name: value for name, value in version.manifest.items() if name != "lineage"}
    return replace(version, run=None, node=None, manifest=manifest)
