"""What the org has of its own that answers what a test says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypedDict

from .fault import octets
from .http import Plane, part

if TYPE_CHECKING:
    from typing_extensions import Unpack


class Script(TypedDict, total=False):
    """What an action does beside answering outputs: `inputs` are the variables that it takes, every one without; with `error`, a code
    and a message, it fails."""

    inputs: Sequence[str]
    error: tuple[str, str]


class Scripts:
    """Flows, Apex, approval processes, quick actions and reports. A reset of the org drops them."""

    def __init__(self, plane: Plane) -> None:
        self._plane = plane

    def flow(self, name: str, outputs: Mapping[str, Any] | None = None, **script: Unpack[Script]) -> None:
        """An autolaunched flow that answers every input with these outputs, or fails (`error=`). With `inputs=`, it refuses other
        variables than these."""
        self._action("flow", name, outputs, **script)

    def apex_action(self, name: str, outputs: Mapping[str, Any] | None = None, **script: Unpack[Script]) -> None:
        """The same of an Apex class with an invocable method."""
        self._action("apex", name, outputs, **script)

    def _action(
        self,
        kind: str,
        name: str,
        outputs: Mapping[str, Any] | None,
        inputs: Sequence[str] = (),
        error: tuple[str, str] | None = None,
    ) -> None:
        outcome: dict[str, Any] = {"outputs": dict(outputs or {})}
        if error is not None:
            outcome = {"error": {"code": error[0], "message": error[1]}}
        body = {"kind": kind, "inputs": list(inputs), "outcome": outcome}
        self._plane.call("PUT", f"actions/{part(name)}", body)

    def apex_resource(
        self,
        name: str,
        method: str,
        path: str,
        *,
        status: int = 200,
        json: Any = None,
        text: str | None = None,
        data: bytes | None = None,
        content_type: str | None = None,
    ) -> None:
        """What `/services/apexrest/` answers below: `path` ends with `*` for all that begin so. The body is `json`, `text` or
        `data`, or none."""
        body: dict[str, Any] = {"method": method, "path": path, "status": status, "content_type": content_type}
        if json is not None:
            body["body"] = {"json": json}
        elif text is not None:
            body["body"] = {"text": text}
        elif data is not None:
            body["body"] = octets(data)
        self._plane.call("PUT", f"apex-resources/{part(name)}", body)

    def approval_process(self, name: str, object_name: str) -> None:
        """Lets records of an object be submitted, approved and rejected, in one step."""
        self._plane.call("PUT", f"approval-processes/{part(name)}", {"object": object_name})

    def quick_action(
        self,
        name: str,
        creates: str,
        values: Mapping[str, Any] | None = None,
        *,
        parent_field: str | None = None,
    ) -> None:
        """Creates a record of the object `creates` with these values and those of the call. `Account.NewContact` is on records of an
        account, and `parent_field` gets the Id of the one that it is run on; `LogACall` is global."""
        body = {"creates": creates, "parent_field": parent_field, "values": dict(values or {})}
        self._plane.call("PUT", f"quick-actions/{part(name)}", body)

    def report(self, name: str, soql: str, *, group_by: Sequence[str] = (), sums: Sequence[str] = ()) -> None:
        """A report of the rows of a query: tabular, or a summary of groups by up to three of its columns."""
        body = {"soql": soql, "group_by": list(group_by), "sums": list(sums)}
        self._plane.call("PUT", f"reports/{part(name)}", body)

    def delete_action(self, name: str) -> None:
        """Deletes a flow or an Apex action."""
        self._plane.call("DELETE", f"actions/{part(name)}")

    def delete_apex_resource(self, name: str) -> None:
        """Deletes what answers Apex REST."""
        self._plane.call("DELETE", f"apex-resources/{part(name)}")

    def delete_approval_process(self, name: str) -> None:
        """Deletes an approval process. What was submitted to it can still be decided."""
        self._plane.call("DELETE", f"approval-processes/{part(name)}")

    def delete_quick_action(self, name: str) -> None:
        """Deletes a quick action."""
        self._plane.call("DELETE", f"quick-actions/{part(name)}")

    def delete_report(self, name: str) -> None:
        """Deletes a report, and what was run of it."""
        self._plane.call("DELETE", f"reports/{part(name)}")
