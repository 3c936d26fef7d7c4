"""A stored connection: calls with it, and the one refresh that an expired session needs.

The file is the one that `harness login` writes, and the lock beside it is the harness's too, so both may use it at
once.
"""

import fcntl
import json
import os
import tempfile
from contextlib import contextmanager
from pathlib import Path

from connector import Connector, ConnectorError


class Session:
    """Calls with the connection in a file."""

    def __init__(self, connector: Connector, file: Path):
        self._connector = connector
        self._file = file

    def call(self, interface: str, function: str, *arguments):
        """Makes one call. If the session has expired: one refresh, and the call once more."""
        stored = self._read()
        try:
            return self._connector.call(interface, function, connection(stored), *arguments)
        except ConnectorError as error:
            # If an earlier attempt within the call may have arrived, the refusal of a later one does not make it
            # harmless; that would be `unknown`.
            if (error.kind, error.outcome) != ("session-expired", "rejected"):
                raise
        renewed = self._refreshed(expired=stored["access_token"])
        return self._connector.call(interface, function, connection(renewed), *arguments)

    def app(self) -> dict:
        """The connected app."""
        return app(self._read())

    def _refreshed(self, expired: str) -> dict:
        with self._locked():
            stored = self._read()
            if stored["access_token"] != expired:
                return stored
            if not stored.get("refresh_token"):
                raise RuntimeError("the session has expired and there is no refresh token: log in again")
            if stored.get("refresh_under_way"):
                raise RuntimeError(
                    "an earlier refresh never finished, and sending its token again could revoke the connection: "
                    "log in again"
                )
            # Whoever finds this mark after a crash must not send the token again: Salesforce may have replaced it.
            self._write(stored | {"refresh_under_way": True})
            try:
                tokens = self._connector.call("oauth", "refresh", app(stored), stored["refresh_token"], {})
            except ConnectorError as error:
                if error.outcome in ("rejected", "not-sent"):
                    self._write(stored)
                raise
            renewed = stored | {name: tokens[name] for name in ("instance_url", "access_token", "refresh_token")}
            # Before anybody uses them.
            self._write(renewed)
        rotated = renewed["refresh_token"] != stored["refresh_token"]
        print(json.dumps({"did": "refresh", "because": "session-expired", "rotated": rotated}))
        return renewed

    @contextmanager
    def _locked(self):
        with open(f"{self._file}.lock", "w", opener=lambda name, flags: os.open(name, flags, 0o600)) as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _read(self) -> dict:
        return json.loads(self._file.read_text("utf-8"))

    def _write(self, stored: dict):
        # Whole or not at all, and for the owner only: so tempfile makes it.
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=self._file.parent, delete=False) as unfinished:
            json.dump(stored, unfinished, indent=2)
            unfinished.flush()
            os.fsync(unfinished.fileno())
        os.replace(unfinished.name, self._file)


def connection(stored: dict) -> dict:
    return {name: stored.get(name) for name in ("instance_url", "access_token", "api_version")}


def app(stored: dict) -> dict:
    return {name: stored.get(name) for name in ("login_url", "client_id", "client_secret")}
