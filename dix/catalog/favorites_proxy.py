"""The drawer of favourites from any process: the same interface, answered by the owner."""

from __future__ import annotations

from dix.catalog.base import Favorites
from dix.catalog.drawer import Drawer


class ProxyFavorites(Drawer):
    """Favourites, by way of the owner."""

    name = "favorites"

    def put_favorite(self, user: str, model: str) -> None:
        self.write("put_favorite", user=user, model=model)

    def delete_favorite(self, user: str, model: str) -> None:
        self.write("delete_favorite", user=user, model=model)

    def list_favorites(self, user: str) -> tuple[str, ...]:
        models: tuple[str, ...] = self.read("list_favorites", user=user)
        return models

    def list_mine(self, user: str) -> tuple[str, ...]:
        models: tuple[str, ...] = self.read("list_mine", user=user)
        return models


def _fits(proxy: ProxyFavorites) -> Favorites:
    return proxy
