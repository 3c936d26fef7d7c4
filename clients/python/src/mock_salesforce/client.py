"""The mock, one class for each thing that is steered."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any, Union, cast
from urllib.parse import urlencode

from .forms import Entry, FaultForm, FieldPermissions, MetFault, ObjectPermissions, WaitingFault
from .http import Plane, Refused, part
from .process import NotStarted, Process
from .schema import Schema
from .scripts import Scripts

__all__ = ["MockSalesforce", "Refused"]

#: Records that say their object themselves, alone or in `{"records": [...]}`, as `sf data export tree` and a query's answer wrap them.
Tree = Union[Iterable[Mapping[str, Any]], Mapping[str, Any]]


@dataclass(frozen=True)
class Session:
    """Tokens of a user, as an app has them after the OAuth dance."""

    instance_url: str
    access_token: str
    refresh_token: str | None
    username: str


@dataclass(frozen=True)
class App:
    """A connected app of the mock."""

    client_id: str
    client_secret: str | None


class MockSalesforce:
    """A Salesforce org in memory. Use it as a context manager, or call `stop`."""

    def __init__(self, plane: Plane, process: Process | None = None, ca_file: str | None = None) -> None:
        self._plane = plane
        self._process = process
        #: Where the org is, for this machine: login host and instance in one.
        self.url = plane.url.removesuffix("/__mock")
        #: With TLS, the certificate authority to trust.
        self.ca_file = ca_file
        self.records = Records(plane)
        self.snapshots = Snapshots(plane)
        self.clock = Clock(plane)
        self.ledger = Ledger(plane)
        self.faults = Faults(plane)
        self.users = Users(plane)
        self.rules = Rules(plane)
        self.schema = Schema(plane)
        self.scripts = Scripts(plane)

    @classmethod
    def start(cls, *arguments: str, program: str | None = None) -> MockSalesforce:
        """Starts `harness mock` with these further arguments, such as `--tls`. The program is `program`, that of
        `MOCK_SALESFORCE_HARNESS`, or the `harness` on PATH."""
        process = Process(arguments, program)
        reach = process.reach
        ca_file = reach.get("ca_file")
        return cls(Plane(reach["control_url"], reach["control_token"], ca_file), process, ca_file)

    @classmethod
    def attach(cls, url: str | None = None, token: str | None = None, ca_file: str | None = None) -> MockSalesforce:
        """Takes a mock that runs: `control_url` and `control_token` as it printed them, or those of
        `MOCK_SALESFORCE_CONTROL_URL` and `MOCK_SALESFORCE_CONTROL_TOKEN`."""
        url = url or os.environ.get("MOCK_SALESFORCE_CONTROL_URL")
        token = token or os.environ.get("MOCK_SALESFORCE_CONTROL_TOKEN")
        ca_file = ca_file or os.environ.get("MOCK_SALESFORCE_CA_FILE")
        if not url or not token:
            raise NotStarted(
                "expected the address and the token of a control plane: "
                "MOCK_SALESFORCE_CONTROL_URL and MOCK_SALESFORCE_CONTROL_TOKEN"
            )
        return cls(Plane(url, token, ca_file), None, ca_file)

    @classmethod
    def from_environment(cls) -> MockSalesforce:
        """The mock that the environment names, or a process of our own if it names none."""
        return cls.attach() if os.environ.get("MOCK_SALESFORCE_CONTROL_URL") else cls.start()

    def __enter__(self) -> MockSalesforce:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Ends the process, if it was started here."""
        if self._process is not None:
            self._process.stop()

    def reset(self) -> None:
        """Makes everything what it was at the start, without scripts; sessions, connected apps and snapshots stay."""
        self._plane.call("POST", "reset")

    def session(self, username: str | None = None, client_id: str | None = None) -> Session:
        """Logs a user in without the pages of OAuth. Unless told otherwise it is the `username` that `harness mock` printed (the user of
        the app's client-credentials flow, or else the first), by the first app."""
        apps = self._plane.call("GET", "apps")["apps"]
        client_id = client_id or apps[0]["client_id"]
        if username is None:
            names = self.users.names()
            own_first = sorted(apps, key=lambda app: app["client_id"] != client_id)
            known = (app["client_credentials_user"] for app in own_first)
            username = next((name for name in known if name in names), names[0])
        body = {"client_id": client_id, "username": username}
        tokens = self._plane.call("POST", "sessions", body)
        return Session(self.url, tokens["access_token"], tokens["refresh_token"], username)

    def expire_sessions(self) -> None:
        """Ends all sessions: their access tokens answer 401 `INVALID_SESSION_ID`. Refresh tokens stay good."""
        self._plane.call("DELETE", "sessions")

    def expire_locators(self) -> None:
        """Ends all query locators: they answer 400 `INVALID_QUERY_LOCATOR`."""
        self._plane.call("DELETE", "locators")

    def register_app(
        self,
        client_id: str,
        client_secret: str | None = None,
        *,
        scopes: Sequence[str] = ("api", "refresh_token"),
        callback_urls: Sequence[str] = (),
        client_credentials_user: str | None = None,
    ) -> App:
        """Registers a connected app."""
        body = {
            "client_id": client_id,
            "client_secret": client_secret,
            "scopes": list(scopes),
            "callback_urls": list(callback_urls),
            "client_credentials_user": client_credentials_user,
        }
        self._plane.call("POST", "apps", body)
        return App(client_id, client_secret)

    def set_daily_api_requests(self, *, used: int | None = None, allowed: int | None = None) -> None:
        """Sets what `/limits` and `Sforce-Limit-Info` tell; what is left out stays."""
        usage = {name: value for name, value in (("used", used), ("allowed", allowed)) if value is not None}
        self._plane.call("PATCH", "limits", {"daily_api_requests": usage})

    def lock(self, record_id: str) -> None:
        """Holds a record as another transaction would: writes to it answer 400 `UNABLE_TO_LOCK_ROW`."""
        self._plane.call("PUT", f"locks/{part(record_id)}")

    def unlock(self, record_id: str) -> None:
        """Lets go of a record."""
        self._plane.call("DELETE", f"locks/{part(record_id)}")

    def events(self) -> list[dict[str, Any]]:
        """The platform events that were published, each with `object`, `event_uuid` and `fields`."""
        return _pages(self._plane, "events", "events", {})

    def lag_search_index(self, by: timedelta) -> None:
        """Lets searches be this far behind the records, by the org's clock."""
        self._plane.call("PUT", "search-index", {"lag_seconds": int(by.total_seconds())})

    def bulk_jobs_take(self, time: timedelta) -> None:
        """Lets each job of the Bulk API take this long by the org's clock; one second unless told otherwise."""
        self._plane.call("PUT", "bulk-jobs", {"take_seconds": int(time.total_seconds())})

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """Any request to the control plane, for what has no method here: `path` follows `/__mock/`."""
        return self._plane.call(method, path, body)


class Records:
    """What the org holds."""

    def __init__(self, plane: Plane) -> None:
        self._plane = plane

    def counts(self) -> dict[str, int]:
        """How many live records each object has."""
        return cast(dict[str, int], self._plane.call("GET", "records")["objects"])

    def of(self, object_name: str, *, deleted: bool = False) -> list[dict[str, Any]]:
        """The records of an object with all their fields, in the order of their making."""
        parameters = {"deleted": "true"} if deleted else {}
        return _pages(self._plane, f"records/{part(object_name)}", "records", parameters)

    def add(self, object_name: str, *records: Mapping[str, Any]) -> list[str]:
        """Adds records of one object as if they had been there before, all or none: no rule and no flow runs. Answers
        their Ids. A lookup is an Id, or an external Id as in `Account={"ERP_Id__c": "7"}`."""
        return self.add_all(_typed(object_name, record) for record in records)

    def add_all(self, tree: Tree) -> list[str]:
        """Adds records that say their object themselves, as `sf data export tree` writes them: `"attributes": {"type": "Account"}`,
        children within their parents, lookups by `"@referenceId"`, as a list or in `{"records": [...]}`. Answers their Ids, each
        before those of its children."""
        return cast(list[str], self._plane.call("POST", "records", _whole(tree))["ids"])

    def add_table(self, object_name: str, csv: str) -> list[str]:
        """Adds records of one object from a table in CSV, as the Bulk API has them: field names in the first line."""
        path = f"records/{part(object_name)}"
        return cast(list[str], self._plane.send("POST", path, csv.encode("utf-8"), "text/csv")["ids"])

    def update(self, object_name: str, record_id: str, fields: Mapping[str, Any]) -> None:
        """Changes a record behind its clients' backs: as the first user would, rules included, but in no ledger."""
        self._plane.call("PATCH", f"records/{part(object_name)}/{part(record_id)}", dict(fields))

    def delete(self, object_name: str, record_id: str) -> None:
        """Deletes a record behind its clients' backs, to the recycle bin."""
        self._plane.call("DELETE", f"records/{part(object_name)}/{part(record_id)}")

    def replace(self, tree: Tree = ()) -> list[str]:
        """Puts these in the place of all records but the users and their profiles; without any, the org is empty."""
        return cast(list[str], self._plane.call("PUT", "records", _whole(tree))["ids"])


class Snapshots:
    """The org as it was, by name."""

    def __init__(self, plane: Plane) -> None:
        self._plane = plane

    def take(self, name: str) -> None:
        """Keeps the org as it is."""
        self._plane.call("PUT", f"snapshots/{part(name)}")

    def restore(self, name: str) -> None:
        """Makes the org what it was."""
        self._plane.call("POST", f"snapshots/{part(name)}/restore")

    def delete(self, name: str) -> None:
        """Forgets a snapshot."""
        self._plane.call("DELETE", f"snapshots/{part(name)}")

    def names(self) -> list[str]:
        """Those that there are."""
        return [snapshot["name"] for snapshot in self._plane.call("GET", "snapshots")["snapshots"]]


class Clock:
    """The org's time: sessions, codes and query locators expire by it."""

    def __init__(self, plane: Plane) -> None:
        self._plane = plane

    def now(self) -> datetime:
        """What it says."""
        return _moment(self._plane.call("GET", "clock"))

    def freeze(self, at: datetime | str | None = None) -> datetime:
        """Stops it, at this moment (a datetime with a time zone, or ISO text such as `2026-06-15T12:00:00Z`) or at the one it says."""
        if isinstance(at, datetime):
            if at.tzinfo is None:
                raise ValueError(f"{at}: expected a datetime with a time zone")
            at = at.astimezone(timezone.utc).isoformat()
        elif at is not None and not isinstance(at, str):
            raise TypeError(f"{at!r}: expected a datetime with a time zone, or text such as '2026-06-15T12:00:00Z'")
        body = {} if at is None else {"at": at}
        return _moment(self._plane.call("POST", "clock/freeze", body))

    def advance(self, by: timedelta | float) -> datetime:
        """Moves it forward, or back, by whole seconds."""
        seconds = by.total_seconds() if isinstance(by, timedelta) else by
        return _moment(self._plane.call("POST", "clock/advance", {"seconds": round(seconds)}))

    def thaw(self) -> datetime:
        """Lets it run on from the moment it says."""
        return _moment(self._plane.call("POST", "clock/thaw"))


class Ledger:
    """What arrived, and what each request did."""

    def __init__(self, plane: Plane) -> None:
        self._plane = plane

    def entries(self, after: int = 0) -> list[Entry]:
        """Requests in the order they arrived, those after this sequence number."""
        return cast("list[Entry]", _pages(self._plane, "ledger", "entries", {"after": str(after)}))

    def requests(self, method: str, path: str) -> list[Entry]:
        """The requests with this method and path."""
        return [entry for entry in self.entries() if (entry["method"], entry["path"]) == (method, path)]

    def created(self, object_name: str) -> list[str]:
        """The Ids of all records of an object that clients made."""
        writes = (write for entry in self.entries() for write in entry["writes"])
        return [write["id"] for write in writes if (write["kind"], write["object"]) == ("create", object_name)]

    def clear(self) -> None:
        """Forgets all entries. Sequence numbers go on."""
        self._plane.call("DELETE", "ledger")


class Faults:
    """What goes wrong, by script. Each fault happens once."""

    def __init__(self, plane: Plane) -> None:
        self._plane = plane

    def add(
        self,
        fault: FaultForm,
        *,
        method: str | None = None,
        path: str | None = None,
        path_prefix: str | None = None,
        nth: int = 1,
    ) -> int:
        """Queues a fault of `mock_salesforce.fault` for the n-th request that fits, counted from now, and answers its id."""
        said = {"method": method, "path": path, "path_prefix": path_prefix, "nth": nth}
        match = {name: value for name, value in said.items() if value is not None}
        return cast(int, self._plane.call("POST", "faults", {"match": match, "fault": fault})["id"])

    def waiting(self) -> list[WaitingFault]:
        """Those that wait for their request."""
        return cast("list[WaitingFault]", self._plane.call("GET", "faults")["waiting"])

    def met(self) -> list[MetFault]:
        """Those that happened, in order, the latest 1,000."""
        return cast("list[MetFault]", self._plane.call("GET", "faults")["met"])

    def delete(self, fault_id: int) -> None:
        """Takes back one that waits."""
        self._plane.call("DELETE", f"faults/{fault_id}")

    def clear(self) -> None:
        """Takes back all that wait."""
        self._plane.call("DELETE", "faults")


class Users:
    """Who can log in, and what they may see and do."""

    def __init__(self, plane: Plane) -> None:
        self._plane = plane

    def names(self) -> list[str]:
        """The login names."""
        return [user["username"] for user in self._plane.call("GET", "users")["users"]]

    def permit(
        self,
        username: str,
        *,
        read_only: bool = False,
        objects: Mapping[str, ObjectPermissions] | None = None,
        fields: Mapping[str, FieldPermissions] | None = None,
    ) -> None:
        """Sets what a user may see and do. What is not named is allowed; fields are named like `Account.Industry`."""
        body = {"read_only": read_only, "objects": dict(objects or {}), "fields": dict(fields or {})}
        self._plane.call("PUT", f"users/{part(username)}/permissions", body)


class Rules:
    """What the org refuses beside what fields allow."""

    def __init__(self, plane: Plane) -> None:
        self._plane = plane

    def validation(self, name: str, object_name: str, condition: str, message: str, field: str | None = None) -> None:
        """Refuses records of which the condition, as `WHERE` of SOQL has it, is true:
        `FIELD_CUSTOM_VALIDATION_EXCEPTION`."""
        body = {"object": object_name, "condition": condition, "message": message, "field": field}
        self._plane.call("PUT", f"validation-rules/{part(name)}", body)

    def duplicates(
        self, name: str, object_name: str, fields: Sequence[str], message: str, allow_save: bool = False
    ) -> None:
        """Refuses records that have the same values as another in all these fields: `DUPLICATES_DETECTED`."""
        body = {"object": object_name, "fields": list(fields), "message": message, "allow_save": allow_save}
        self._plane.call("PUT", f"duplicate-rules/{part(name)}", body)

    def failing_flow(self, name: str, object_name: str, message: str, on: str = "create_or_update") -> None:
        """Refuses writes (`create`, `update`, `create_or_update`) as a flow that fails: `CANNOT_EXECUTE_FLOW_TRIGGER`."""
        body = {"object": object_name, "on": on, "message": message}
        self._plane.call("PUT", f"failing-flows/{part(name)}", body)

    def delete_validation(self, name: str) -> None:
        """Deletes a validation rule."""
        self._plane.call("DELETE", f"validation-rules/{part(name)}")

    def delete_duplicates(self, name: str) -> None:
        """Deletes a duplicate rule."""
        self._plane.call("DELETE", f"duplicate-rules/{part(name)}")

    def delete_failing_flow(self, name: str) -> None:
        """Deletes a flow that fails."""
        self._plane.call("DELETE", f"failing-flows/{part(name)}")


def _typed(object_name: str, record: Mapping[str, Any]) -> dict[str, Any]:
    return {"attributes": {"type": object_name}, **record}


def _whole(tree: Tree) -> dict[str, Any]:
    return dict(tree) if isinstance(tree, Mapping) else {"records": list(tree)}


def _moment(clock: dict[str, Any]) -> datetime:
    # datetime reads Z since Python 3.11, and no more than six digits of a second before.
    text = str(clock["now"]).removesuffix("Z")
    seconds, _, fraction = text.partition(".")
    moment = datetime.fromisoformat(seconds).replace(tzinfo=timezone.utc)
    return moment + timedelta(microseconds=int(fraction[:6].ljust(6, "0")) if fraction else 0)


def _pages(plane: Plane, path: str, member: str, parameters: Mapping[str, str]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    after: dict[str, str] = {}
    while True:
        query = urlencode({**parameters, **after})
        page = plane.call("GET", f"{path}?{query}" if query else path)
        found.extend(page[member])
        if page["next"] is None:
            return found
        after = {"after": str(page["next"])}
