"""Faults: what a request meets instead of, or beside, its answer.

    mock.faults.add(fault.answer(503, {"Retry-After": "7"}), method="POST")
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from .forms import FaultForm

#: No work, no answer, and a connection that stays open.
HANG: FaultForm = "hang"
#: The work, but no answer, on a connection that stays open.
HANG_AFTER_WORK: FaultForm = "hang_after_work"
#: No work, and the end of the connection (FIN).
CLOSE: FaultForm = "close"
#: The work, and the end of the connection: its answer is lost.
CLOSE_AFTER_WORK: FaultForm = "close_after_work"
#: No work, and a reset of the connection (RST).
RESET: FaultForm = "reset"
#: The work, and a reset of the connection: its answer is lost.
RESET_AFTER_WORK: FaultForm = "reset_after_work"


def answer(
    status: int,
    headers: Mapping[str, str] | None = None,
    *,
    json: Any = None,
    text: str | None = None,
    data: bytes | None = None,
) -> FaultForm:
    """This answer, without any work. The body is `json`, `text` or `data`, or none."""
    form: dict[str, Any] = {"status": status, "headers": [[name, value] for name, value in (headers or {}).items()]}
    if json is not None:
        form["body"] = {"json": json}
    elif text is not None:
        form["body"] = {"text": text}
    elif data is not None:
        form["body"] = octets(data)
    return {"answer": form}


def error(status: int, code: str, message: str) -> FaultForm:
    """An error as the REST API words it, without any work."""
    return answer(status, json=[{"errorCode": code, "message": message}])


def replace(json: Any) -> FaultForm:
    """The work, and this JSON with status 200 in place of its answer."""
    return {"replace": json}


def delay(seconds: float) -> FaultForm:
    """So many seconds of waiting, at most 600; then the work and its answer."""
    return {"delay": {"ms": round(seconds * 1000)}}


def wire(*steps: Any, after_work: bool = False) -> FaultForm:
    """Steps on the connection in place of an answer, below HTTP: `write`, `slices`, `trickle`, `"read"`, `"hang"`,
    `"reset"` and `"repeat"`. Then the connection is closed."""
    return {"wire_after_work" if after_work else "wire": list(steps)}


def write(data: bytes) -> dict[str, Any]:
    """A step: these bytes at once."""
    return {"write": octets(data)}


def slices(data: bytes) -> dict[str, Any]:
    """A step: these bytes one by one, each in a packet of its own as far as the system goes along."""
    return {"slices": octets(data)}


def trickle(data: bytes, pause: float) -> dict[str, Any]:
    """A step: these bytes one by one, again and again, so many seconds apart, until the client leaves."""
    return {"trickle": {"bytes": octets(data), "pause_ms": round(pause * 1000)}}


def octets(data: bytes) -> dict[str, str]:
    """Bytes as the control plane takes them."""
    return {"base64": base64.b64encode(data).decode("ascii")}
