"""What the control plane takes and answers, as types."""

from __future__ import annotations

from typing import Any, TypedDict, Union

#: A fault as JSON; `mock_salesforce.fault` makes them.
FaultForm = Union[str, dict[str, Any]]


class Match(TypedDict, total=False):
    """Which request meets a fault. All that is said must fit."""

    method: str
    #: The whole path, without the query.
    path: str
    #: What the path begins with, in place of `path`.
    path_prefix: str
    #: Not before the so many-th request that fits; 1 is the next.
    nth: int


class WaitingFault(TypedDict):
    """A fault that waits for its request."""

    id: int
    match: Match
    fault: FaultForm


class MetFault(WaitingFault):
    """A fault that happened."""

    #: The sequence number, in the ledger, of the request that met it.
    request: int


class Write(TypedDict):
    """One change of one record."""

    #: `create`, `update` or `delete`.
    kind: str
    object: str
    id: str


class Entry(TypedDict):
    """A request that arrived."""

    sequence: int
    method: str
    path: str
    query: str
    #: Names and values; credentials are fingerprints.
    headers: list[list[str]]
    body_length: int
    #: JSON as it came, a form without its secrets, nothing of anything else.
    body: str | None
    #: None as long as the mock works on it, and when it never answered.
    status: int | None
    writes: list[Write]


class ObjectPermissions(TypedDict, total=False):
    """What a user may do with the records of an object. What is left out follows from the others."""

    read: bool
    create: bool
    edit: bool
    delete: bool


class FieldPermissions(TypedDict, total=False):
    """What a user may do with a field."""

    readable: bool
    editable: bool
