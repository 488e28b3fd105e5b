"""What is being made right now, so that another run that needs the same waits for it. Pure."""

from __future__ import annotations

from dix.engine.messages import StepKey


class Making:
    """Attempts by the fingerprints of what they make, each with those of other runs that wait for it."""

    def __init__(self) -> None:
        self._makers: dict[str, StepKey] = {}  # by digest
        self._digests: dict[StepKey, str] = {}  # of the makers
        self._waiting: dict[StepKey, list[StepKey]] = {}  # by maker
        self._unkept: set[str] = set()  # what was made, and cannot be used by others

    def begin(self, key: StepKey, digest: str) -> StepKey | None:
        """The attempt of another run that makes this already, and now `key` waits for it; None: it makes it itself."""
        if digest in self._unkept:
            return None
        maker = self._makers.get(digest)
        if maker is None:
            self._makers[digest], self._digests[key] = key, digest
            return None
        if maker.run == key.run:
            return None
        self._waiting.setdefault(maker, []).append(key)
        return maker

    def forgo(self, key: StepKey) -> None:
        """What an attempt has made is of no use for others: nobody waits for the same again."""
        if key in self._digests:
            self._unkept.add(self._digests[key])

    def end(self, key: StepKey) -> list[StepKey]:
        """An attempt is none any more; those that have waited for it."""
        digest = self._digests.pop(key, None)
        if digest is not None:
            del self._makers[digest]
        return self._waiting.pop(key, [])
