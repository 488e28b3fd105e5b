"""Many processes register at once, through the catalog's owner."""

from pathlib import Path

import pytest

from dix.registry.registry import Registry
from dix.store.choose import StoreOptions, open_store_with
from tests.registry.conftest import MakeModel


def register_some(options: StoreOptions, folder: Path, count: int) -> list[int]:
    from dix.catalog.proxy import ProxyCatalog

    registry = Registry(ProxyCatalog().models, open_store_with(options))
    return [registry.register(registry.draft(folder, "digits", {}), "default").version for _ in range(count)]


@pytest.mark.ray
def test_fifty_from_many_processes_get_numbers_without_gaps(
    local_ray: str, tmp_path: Path, make_model: MakeModel
) -> None:
    import ray

    from dix.catalog.owner import start_owner, stop_owner
    from dix.catalog.proxy import ProxyCatalog

    start_owner(tmp_path / "catalog.duckdb")
    try:
        options = StoreOptions(f"file://{tmp_path}/store")
        task = ray.remote(num_cpus=0.2)(register_some)
        asked = [task.remote(options, make_model(f"m{i}"), 10) for i in range(5)]
        versions = sorted(number for numbers in ray.get(asked, timeout=60) for number in numbers)
        assert versions == list(range(1, 51))
        registry = Registry(ProxyCatalog().models, open_store_with(options))
        assert registry.resolve("digits").version == 50
        assert [version.version for version in registry.list_version_manifests()] == list(range(1, 51))
        assert len({version.uri for version in registry.list_version_manifests()}) == 50
    finally:
        stop_owner()
