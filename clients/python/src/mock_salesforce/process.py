"""`harness mock` as a process."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Sequence
from typing import Any

#: How long a mock may take to say where it is, in seconds.
PATIENCE = 60.0


class NotStarted(Exception):
    """There is no mock, and the message says why and what to do."""


class Process:
    """A mock that runs until `stop`, and never longer than whoever started it, even if killed: that end of the pipe to its standard
    input is then closed. `reach` is what it printed: `url`, `client_id`, `access_token` and more."""

    def __init__(self, arguments: Sequence[str] = (), program: str | None = None) -> None:
        named = program or os.environ.get("MOCK_SALESFORCE_HARNESS") or "harness"
        found = shutil.which(named)
        if found is None:
            raise NotStarted(
                f"{named}: expected the program harness: put it on PATH, or name it in MOCK_SALESFORCE_HARNESS"
            )
        command = [found, "mock", "--control", "--json", "--end-with-stdin", *arguments]
        self._errors = tempfile.TemporaryFile()
        self._child = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors, text=True
        )
        self.reach = self._told(command)

    def _told(self, command: Sequence[str]) -> dict[str, Any]:
        assert self._child.stdout is not None
        # A mock that says nothing must not keep a test waiting for ever: its end ends the reading.
        watch = threading.Timer(PATIENCE, self._child.kill)
        watch.start()
        try:
            line = self._child.stdout.readline()
            reach = json.loads(line) if line else None
        except ValueError:
            reach = None
        finally:
            watch.cancel()
        if not isinstance(reach, dict) or not reach.get("control_url"):
            self.stop()
            raise NotStarted(f"{' '.join(command)}: expected one line of JSON with control_url; {self._said()}")
        return reach

    def _said(self) -> str:
        if self._errors.closed:
            return "it said nothing"
        self._errors.seek(0)
        return self._errors.read().decode("utf-8", "replace").strip() or "it said nothing"

    def stop(self) -> None:
        """Ends the process and waits until it is gone."""
        if self._child.poll() is None:
            self._child.terminate()
            try:
                self._child.wait(10)
            except subprocess.TimeoutExpired:
                self._child.kill()
                self._child.wait()
        for pipe in (self._child.stdin, self._child.stdout):
            if pipe is not None:
                pipe.close()
