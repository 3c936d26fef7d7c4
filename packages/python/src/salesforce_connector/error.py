"""What the connector says when a call fails."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(eq=False)
class ConnectorError(Exception):
    """The `error` record of the WIT: what went wrong, sorted by what the caller may do next."""

    kind: str
    #: What became of the request at Salesforce: `not-sent`, `rejected` or `unknown`.
    outcome: str
    retryable: bool
    retry_after_ms: int | None
    message: str
    status: int | None
    problems: list[dict[str, Any]]
    detail: str | None
    request_id: str | None

    def __str__(self) -> str:
        return self.message
