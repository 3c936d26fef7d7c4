"""A connection in a file of its own, as `harness login` leaves it behind. Both may use it at once: format and locks are the same."""

from __future__ import annotations

import fcntl
import json
import os
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from .store import Stored

VERSION = 1
#: More than any connection needs; a larger file is something else.
MAXIMUM_BYTES = 1 << 20

_TEXTS = ("login_url", "client_id", "instance_url", "access_token")
_OPTIONAL_TEXTS = ("client_secret", "refresh_token", "identity_url", "api_version")


class ConnectionFileError(Exception):
    """A connection file cannot be used. The message holds nothing of what the file says."""


class ConnectionFile:
    """A `ConnectionStore` in a file that is its owner's alone."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path = Path(path)

    def __repr__(self) -> str:
        return f"ConnectionFile({str(self._path)!r})"

    def load(self) -> Stored:
        # To open a named pipe would wait for somebody to write to it.
        descriptor = os.open(self._path, os.O_RDONLY | os.O_NONBLOCK)
        with open(descriptor, "rb") as file:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode) or status.st_size > MAXIMUM_BYTES:
                raise ConnectionFileError(
                    f"{self._path} is not a connection file: expected a regular file of at most 1 MiB"
                )
            if status.st_mode & 0o077:
                raise ConnectionFileError(
                    f"{self._path} can be read by other users; it holds tokens and must be yours alone: chmod 600"
                )
            contents = file.read(MAXIMUM_BYTES)
        return self._parsed(contents)

    def change(self, seen: str, change: Callable[[Stored], Stored]) -> bool:
        with self._locked(".change.lock"):
            stored = self.load()
            if stored.access_token != seen:
                return False
            self._write(change(stored))
            return True

    @contextmanager
    def lease(self) -> Iterator[None]:
        with self._locked(".lock"):
            yield

    @contextmanager
    def _locked(self, ending: str) -> Iterator[None]:
        # Not truncated, and the owner's alone. The lock goes with the descriptor, so with its process too.
        descriptor = os.open(f"{self._path}{ending}", os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def _parsed(self, contents: bytes) -> Stored:
        try:
            document = json.loads(contents.decode("utf-8-sig"))
        except ValueError:
            # Not its cause, which holds the text of the file.
            document = None
        if not isinstance(document, dict):
            raise ConnectionFileError(f"{self._path}: expected an object in JSON")
        members: dict[str, Any] = document
        if members.pop("version", None) != VERSION:
            raise ConnectionFileError(f'{self._path}: expected `"version": {VERSION}`')
        known = {field.name for field in fields(Stored)}
        if not members.keys() <= known:
            raise ConnectionFileError(f"{self._path}: expected no other members than {', '.join(sorted(known))}")
        for name in _TEXTS:
            self._expect(name, isinstance(members.get(name), str), "a text")
        for name in _OPTIONAL_TEXTS:
            self._expect(name, isinstance(members.get(name), (str, type(None))), "a text")
        scopes = members.pop("scopes", [])
        are_texts = isinstance(scopes, list) and all(isinstance(scope, str) for scope in scopes)
        self._expect("scopes", are_texts, "a list of texts")
        self._expect("issued_at", type(members.get("issued_at")) in (int, type(None)), "a whole number")
        self._expect("refresh_under_way", isinstance(members.get("refresh_under_way", False), bool), "true or false")
        return Stored(**members, scopes=tuple(scopes))

    def _expect(self, member: str, holds: bool, what: str) -> None:
        if not holds:
            raise ConnectionFileError(f"{self._path}: `{member}`: expected {what}")

    def _write(self, stored: Stored) -> None:
        members = {name: value for name, value in asdict(stored).items() if value not in (None, (), False)}
        # Through a symbolic link to the file it names, whole or not at all, and for the owner only: so tempfile makes it.
        target = self._path.resolve()
        descriptor, unfinished = tempfile.mkstemp(dir=target.parent)
        try:
            with open(descriptor, "w", encoding="utf-8") as file:
                json.dump({"version": VERSION, **members}, file, indent=2)
                file.write("\n")
                file.flush()
                os.fsync(descriptor)
            os.replace(unfinished, target)
        except BaseException:
            os.unlink(unfinished)
            raise
        # The rename itself lasts only once the directory is on disk.
        directory = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)
