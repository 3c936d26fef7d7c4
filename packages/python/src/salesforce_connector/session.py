"""Calls with a stored connection, and the one refresh that an expired session needs."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from .connector import Connector
from .error import ConnectorError
from .store import ConnectionStore, Stored

#: How often a refresh whose answer was lost is looked after before it is given up, and the pause before the first time; each is
#: twice as long as the one before.
_ROUNDS = 5
_PAUSE_SECONDS = 0.2


class LoginNeeded(Exception):
    """Only the user can go on, with a new login."""


class Busy(Exception):
    """Others change the connection all the time: try again in a few seconds."""

    def __init__(self) -> None:
        super().__init__("this connection is being changed elsewhere: try again in a few seconds")


class RefreshUnfinished(Exception):
    """Nobody knows what became of an earlier refresh, and sending its token again could revoke the connection."""

    def __init__(self) -> None:
        super().__init__(
            "an earlier refresh never finished, and the connected app has no secret or may not ask what became of it: "
            "log in again"
        )


class Session:
    """Calls with the connection in a store. Any number of threads may share it."""

    def __init__(
        self, connector: Connector, store: ConnectionStore, on_refresh: Callable[[bool], object] = lambda rotated: None
    ) -> None:
        """`on_refresh` is called once new tokens are stored, and told whether the refresh token is another."""
        self._connector = connector
        self._store = store
        self._on_refresh = on_refresh

    def call(self, interface: str, function: str, *arguments: Any) -> Any:
        """Makes one call, e.g. of `soql`, `soql-query`. If the session has expired: one refresh, and the call once more.

        `arguments` are those after the connection. Raises `ConnectorError`, `LoginNeeded`, `RefreshUnfinished`, or what the
        store raises.
        """
        stored = self._store.load()
        try:
            return self._connector.call(interface, function, stored.connection, *arguments)
        except ConnectorError as error:
            # If an earlier attempt within the call may have arrived, the refusal of a later one does not make it
            # harmless; that would be `unknown`.
            if (error.kind, error.outcome) != ("session-expired", "rejected"):
                raise
        renewed = self._refreshed(stored.access_token)
        return self._connector.call(interface, function, renewed.connection, *arguments)

    def _refreshed(self, expired: str) -> Stored:
        with self._store.lease():
            lost = None
            for round in range(_ROUNDS + 1):
                if round:
                    time.sleep(_PAUSE_SECONDS * 2 ** (round - 1))
                stored = self._store.load()
                if stored.access_token != expired:
                    return stored
                if stored.refresh_token is None:
                    raise LoginNeeded("the session has expired and there is no refresh token: log in again")
                if stored.refresh_under_way:
                    self._ask(stored)
                # Whoever finds this mark after a crash must not send the token again: Salesforce may have replaced it.
                if not self._store.change(expired, _marked):
                    continue
                try:
                    tokens = self._connector.call("oauth", "refresh", stored.app, stored.refresh_token, {})
                except ConnectorError as error:
                    if error.outcome == "unknown":
                        lost = error
                        continue
                    self._store.change(expired, _unmarked)
                    raise
                # Before anybody uses them.
                self._store.change(expired, partial(_renewed, tokens))
                self._on_refresh(tokens["refresh_token"] != stored.refresh_token)
                return self._store.load()
        raise lost or Busy

    def _ask(self, stored: Stored) -> None:
        """Returns if the org honours the refresh token, so that the earlier refresh did not happen."""
        if stored.client_secret is None:
            raise RefreshUnfinished
        try:
            asked = self._connector.call("oauth", "introspect", stored.app, stored.refresh_token, "refresh-token", {})
        except ConnectorError as error:
            if error.outcome == "rejected" and not error.retryable:
                raise RefreshUnfinished from error
            raise
        if not asked["active"]:
            raise LoginNeeded("the answer to a refresh was lost after Salesforce had replaced the refresh token: log in again")


def _marked(stored: Stored) -> Stored:
    return replace(stored, refresh_under_way=True)


def _unmarked(stored: Stored) -> Stored:
    return replace(stored, refresh_under_way=False)


def _renewed(tokens: dict[str, Any], stored: Stored) -> Stored:
    return replace(
        stored,
        instance_url=tokens["instance_url"],
        access_token=tokens["access_token"],
        refresh_token=tokens["refresh_token"] or stored.refresh_token,
        scopes=tuple(tokens["scopes"]) or stored.scopes,
        identity_url=tokens["identity_url"] or stored.identity_url,
        issued_at=tokens["issued_at_ms"],
        refresh_under_way=False,
    )
