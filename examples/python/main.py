"""Takes the connector through a refresh, the three actions and an error of each, and prints a line of JSON for each
step.

    pip install salesforce_connector-*.whl && SALESFORCE_CONNECTION=connection.json python3 main.py

It writes two accounts, so run it against `harness mock` or a scratch org. ../README.md says how.
"""

import json
import os
import sys
import uuid

from salesforce_connector import ConnectionFile, Connector, ConnectorError, Session, Variant

# The same for every call here; a save may set off much work in an org.
OPTIONS = {"deadline_ms": 12_000}
# Salesforce's defaults. None alone would not tell "no choice" from `assignment-rule`'s case `off`.
DEFAULTS = {"assignment_rule": Variant("none")}


def main():
    file = os.environ.get("SALESFORCE_CONNECTION")
    if not file:
        print("expected: SALESFORCE_CONNECTION=FILE python3 main.py; `harness login` writes such a FILE", file=sys.stderr)
        sys.exit(2)
    connector = Connector()
    store = ConnectionFile(file)
    session = Session(connector, store, lambda rotated: tell("refresh", because="session-expired", rotated=rotated))
    tell("component", sha256=connector.digest)

    # `argument` tells a value from a list of them by itself; `value` needs its case named.
    def query(soql, **texts):
        parameters = [{"name": name, "argument": Variant("text", text)} for name, text in texts.items()]
        return session.call(
            "soql", "soql-query", {"soql": soql, "parameters": parameters, "include_deleted": False}, OPTIONS
        )

    # `record-key` tells an Id, which is a text, from an external Id, which is a record.
    def read(object, id, fields):
        return session.call("records", "get-record-field-values", object, id, fields, OPTIONS)

    # `target`: None is create, a text is the Id to update, a record is an upsert.
    def save(object, target, fields):
        return session.call("records", "create-or-update-record", object, target, json.dumps(fields), DEFAULTS, OPTIONS)

    # SOQL query. If the session has expired, this heals it.
    page = query("SELECT Name FROM Account WHERE Name LIKE :pattern ORDER BY Name LIMIT 3", pattern="%a%")
    names = [record["Name"] for record in json.loads(page["records"])]
    # The total is None where Salesforce does not know it, as for big objects.
    tell("soql-query", count=page["count"], total=page["total_size"], names=names)

    # Create, read, update.
    number = str(uuid.uuid4())
    created = save("Account", None, {"Name": "Example", "AccountNumber": number})
    tell("create-or-update-record", id=created["id"], created=created["created"])
    values = read("Account", created["id"], ["Name", "AccountNumber", "Owner.Name"])["values"]
    tell("get-record-field-values", values=json.loads(values))
    updated = save("Account", created["id"], {"Name": "Example, renamed"})
    tell("create-or-update-record", id=updated["id"], created=updated["created"])

    # What Salesforce refuses.
    refused("soql-query", lambda: query("SELECT NoSuchField FROM Account"))
    refused("get-record-field-values", lambda: read("Account", "001000000000000AAA", ["Name"]))
    refused("create-or-update-record", lambda: save("Contact", None, {"FirstName": "Nobody"}))

    # A create that nobody answers is not sent again: only a look tells whether there is a record.
    other = str(uuid.uuid4())
    try:
        saved = save("Account", None, {"Name": "Example", "AccountNumber": other})
        tell("create-or-update-record", id=saved["id"], created=True)
    except ConnectorError as error:
        tell("create-or-update-record", kind=error.kind, outcome=error.outcome)
        if error.outcome != "unknown":
            raise
        found = query("SELECT Id FROM Account WHERE AccountNumber = :number", number=other)
        tell("soql-query", count=found["count"], number=other)

    # A refresh token that is none.
    refused("refresh", lambda: connector.call("oauth", "refresh", store.load().app, "not-a-refresh-token", OPTIONS))


def tell(did, **what):
    print(json.dumps({"did": did, **what}), flush=True)


def refused(did, call):
    try:
        value = call()
    except ConnectorError as error:
        tell(did, kind=error.kind, outcome=error.outcome)
    else:
        raise RuntimeError(f"{did} succeeded: {value}")


if __name__ == "__main__":
    main()
