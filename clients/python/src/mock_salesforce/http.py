"""Requests to the control plane, with nothing but the standard library."""

from __future__ import annotations

import json
import ssl
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import quote

#: Seconds that the control plane may take for an answer.
PATIENCE = 60.0


class Refused(Exception):
    """The control plane refused a request, and nothing was changed."""

    def __init__(self, status: int, place: str, got: str, expected: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        #: Where in the request, such as `body.match.nth`.
        self.place = place
        self.got = got
        self.expected = expected


class Plane:
    """A control plane and its token."""

    def __init__(self, url: str, token: str, ca_file: str | None = None) -> None:
        self.url = url.rstrip("/")
        self._token = token
        context = ssl.create_default_context(cafile=ca_file) if self.url.startswith("https:") else None
        handlers: list[urllib.request.BaseHandler] = [urllib.request.ProxyHandler({})]
        if context is not None:
            handlers.append(urllib.request.HTTPSHandler(context=context))
        # Never through a proxy of the environment: the mock is on this machine or beside it.
        self._opener = urllib.request.build_opener(*handlers)

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """The JSON of the answer; None if it has none. `path` is percent-encoded already."""
        data = None if body is None else json.dumps(body).encode("utf-8")
        return self.send(method, path, data, "application/json")

    def send(self, method: str, path: str, data: bytes | None, content_type: str) -> Any:
        """The same with a body of another type."""
        headers = {"Authorization": f"Bearer {self._token}"}
        if data is not None:
            headers["Content-Type"] = content_type
        request = urllib.request.Request(f"{self.url}/{path}", data=data, headers=headers, method=method)
        try:
            with self._opener.open(request, timeout=PATIENCE) as answer:
                content = answer.read()
        except urllib.error.HTTPError as error:
            with error:
                raise _refused(error.code, error.read()) from None
        return json.loads(content) if content else None


def part(text: str) -> str:
    """A part of a path, percent-encoded."""
    return quote(text, safe="")


def _refused(status: int, content: bytes) -> Refused:
    try:
        told = json.loads(content)
        return Refused(status, told["place"], told["got"], told["expected"], told["message"])
    except (ValueError, KeyError, TypeError):
        text = content[:200].decode("utf-8", "replace")
        message = f"{status}: expected an answer of a control plane, got {text!r}: is it the address of one?"
        return Refused(status, "answer", text, "an answer of a control plane", message)
