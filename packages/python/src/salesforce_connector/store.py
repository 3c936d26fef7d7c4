"""Where a connection is kept."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True)
class Stored:
    """A connection: the connected app it was made with, and its tokens, which are not shown."""

    login_url: str
    client_id: str
    instance_url: str
    access_token: str = field(repr=False)
    client_secret: str | None = field(default=None, repr=False)
    refresh_token: str | None = field(default=None, repr=False)
    scopes: tuple[str, ...] = ()
    identity_url: str | None = None
    issued_at: int | None = None
    api_version: str | None = None
    #: A refresh was begun, and nobody has stored what came of it.
    refresh_under_way: bool = False

    @property
    def connection(self) -> dict[str, Any]:
        """The `connection` record of the WIT. It holds a secret."""
        return {name: getattr(self, name) for name in ("instance_url", "access_token", "api_version")}

    @property
    def app(self) -> dict[str, Any]:
        """The `connected-app` record of the WIT. It holds a secret."""
        return {name: getattr(self, name) for name in ("login_url", "client_id", "client_secret")}


class ConnectionStore(Protocol):
    """Keeps one connection for all threads and processes that use it."""

    def load(self) -> Stored:
        """What is stored now."""
        ...

    def change(self, seen: str, change: Callable[[Stored], Stored]) -> bool:
        """Changes what is stored, durably and whole, if its access token is still `seen`. False if it is not; then nothing changes."""
        ...

    def lease(self) -> AbstractContextManager[None]:
        """Held by one thread of one process at a time, and free again if that dies. A refresh happens under it."""
        ...
