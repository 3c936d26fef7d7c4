"""Does what the cases of ../compare do, with simple-salesforce, each on an org of its own, and prints a line of JSON for each:
{call, by, gave} or {call, by, failed}. ORGS has the orgs by the name of the case: {url, access_token, version}.
"""

import base64
import datetime
import faulthandler
import json
import os
import tempfile

import requests
from requests.adapters import HTTPAdapter
from simple_salesforce import Salesforce

# A mock that never answers must fail the run, not hang it.
faulthandler.dump_traceback_later(120, exit=True)

ONE, TWO = "0015g0000000001AAA", "0015g0000000002AAA"
PERIOD = [datetime.datetime(2026, 11, day, tzinfo=datetime.timezone.utc) for day in (20, 27)]
COLLECTIONS = "composite/sobjects"
RECORDS = "SELECT Id, Name FROM Account ORDER BY Id"
# Of bulk jobs: the first of the org, what it finds, and what it changes.
JOB = "7505g0000000001AAA"
FIND = "SELECT Id, Name, NumberOfEmployees FROM Account WHERE Name != null ORDER BY Id LIMIT 5"
CHANGES = f'Id,Phone\n{ONE},"1, or 2"\n0015g00000zzzzzAAA,3\n'


class Plain(HTTPAdapter):
    """Delivers without TLS: simple-salesforce builds every address as https."""

    def send(self, request, **settings):
        request.url = request.url.replace("https://", "http://", 1)
        return super().send(request, **settings)


def of(name, *rows):
    """Records of a collection: what they are stands first."""
    return [{"attributes": {"type": name}, **row} for row in rows]


def post(org, path, body, method="POST", **query):
    return org.restful(path, params=query or None, method=method, data=json.dumps(body) if body else None)


def collection(org, records, method="POST", path=COLLECTIONS, all_or_none=False):
    return post(org, path, {"allOrNone": all_or_none, "records": records}, method)


def found(org, **settings):
    return list(org.bulk2.Account.query(FIND, wait=0, **settings))


def load(org):
    with tempfile.NamedTemporaryFile("w", suffix=".csv") as file:
        file.write(CHANGES)
        file.flush()
        (done,) = org.bulk2.Account.update(csv_file=file.name, wait=0)
    return done


# What it has functions for.
FUNCTIONS = {
    "query": lambda org: org.query(
        "SELECT Id, Name, Owner.Name, AnnualRevenue, (SELECT LastName FROM Contacts LIMIT 2) FROM Account ORDER BY Id LIMIT 3"
    ),
    "digits": lambda org: org.query(
        "SELECT Ledger_Sequence__c, Exchange_Rate__c, Amount__c FROM Invoice__c WHERE Invoice_Number__c = '2026/00000'"
    ),
    "next-page": lambda org: org.query_more(org.query(RECORDS)["nextRecordsUrl"], identifier_is_url=True),
    "get": lambda org: org.Account.get(ONE, params={"fields": "Id,Name,Phone,NumberOfEmployees"}),
    "create": lambda org: org.Account.create({"Name": 'Compared & "quoted"', "NumberOfEmployees": 7}),
    "update": lambda org: org.Account.update(ONE, {"NumberOfEmployees": 8}),
    "upsert": lambda org: org.Invoice__c.upsert("Invoice_Number__c/C-1", {"Amount__c": 12.5}),
    # Field and value are a piece of the path, which the caller encodes.
    "upsert-slash": lambda org: org.Invoice__c.upsert("Invoice_Number__c/C%2F1", {"Amount__c": 12.5}),
    "delete": lambda org: org.Opportunity.delete("0065g0000000001AAA"),
    "list-objects": lambda org: org.describe(),
    "describe": lambda org: org.Invoice__c.describe(),
    "describe-json": lambda org: org.Account.describe(),
    "sosl": lambda org: org.search("FIND {Acme} IN NAME FIELDS RETURNING Account(Id, Name)"),
    "updated": lambda org: org.Opportunity.updated(*PERIOD),
    "deleted": lambda org: org.Opportunity.deleted(*PERIOD),
    "limits": lambda org: org.limits(),
    "apex-rest": lambda org: org.apexecute("compared/1"),
    "bulk-rows": lambda org: "".join(found(org)),
    "bulk-next-rows": lambda org: found(org, max_records=2)[1],
    "bulk-upload": load,
    "bulk-load-job": load,
    "bulk-successful": lambda org: org.bulk2.Account.get_successful_records(load(org)["job_id"]),
    "bulk-failed": lambda org: org.bulk2.Account.get_failed_records(load(org)["job_id"]),
    "bulk-unprocessed": lambda org: org.bulk2.Account.get_unprocessed_records(JOB),
    "upload": lambda org: org.ContentVersion.create(
        {"PathOnClient": "offer.txt", "Title": "Offer", "VersionData": "T2ZmZXIg/wAK"}
    ),
    "download": lambda org: base64.b64encode(org.ContentVersion.get_base64("0685g0000000000AAA", "VersionData")).decode(),
    "link": lambda org: org.ContentDocumentLink.create(
        {"ContentDocumentId": "0695g0000000000AAA", "LinkedEntityId": ONE, "ShareType": "V"}
    ),
}


def composite(org):
    url = f"/services/data/v{org.sf_version}/sobjects"
    parts = [
        {"method": "POST", "url": f"{url}/Account", "referenceId": "a", "body": {"Name": "Composite"}},
        {"method": "POST", "url": f"{url}/Contact", "referenceId": "c", "body": {"LastName": "C", "AccountId": "@{a.id}"}},
        {"method": "GET", "url": f"{url}/Account/@{{a.id}}?fields=Name", "referenceId": "r"},
    ]
    return post(org, "composite", {"allOrNone": True, "compositeRequest": parts})


def graph(org):
    url = f"/services/data/v{org.sf_version}/sobjects/Account"
    part = {"method": "POST", "url": url, "referenceId": "a", "body": {"Name": "Graph"}}
    return post(org, "composite/graph", {"graphs": [{"graphId": "g", "compositeRequest": [part]}]})


# What it has none for: the caller writes path and body.
REQUESTS = {
    "explain": lambda org: post(org, "query", None, "GET", explain="SELECT Id FROM Account WHERE Name = 'x'"),
    "create-many": lambda org: collection(
        org, of("Contact", {"LastName": "One"}, {"FirstName": "No"}, {"LastName": "Three"})
    ),
    "create-many-all-or-none": lambda org: collection(
        org, of("Contact", {"LastName": "One"}, {"FirstName": "No"}), all_or_none=True
    ),
    "update-many": lambda org: collection(
        org, of("Account", {"id": TWO, "Phone": "2"}, {"id": ONE, "Phone": "1"}), "PATCH"
    ),
    "upsert-many": lambda org: collection(
        org,
        of("Account", {"ERP_Id__c": "C-1", "Name": "New"}, {"ERP_Id__c": "ERP-000001", "Phone": "1"}),
        "PATCH",
        f"{COLLECTIONS}/Account/ERP_Id__c",
    ),
    "delete-many": lambda org: post(
        org, COLLECTIONS, None, "DELETE", ids="0065g0000000002AAA,0065g00000zzzzzAAA,0065g0000000001AAA"
    ),
    "get-many": lambda org: post(
        org, f"{COLLECTIONS}/Account", {"ids": [TWO, "0015g00000zzzzzAAA", ONE], "fields": ["Id", "Name"]}
    ),
    "composite": composite,
    "graph": graph,
    "search": lambda org: post(
        org, "parameterizedSearch", {"q": "Acme", "sobjects": [{"name": "Account", "fields": ["Id", "Name"]}]}
    ),
    "record-counts": lambda org: post(org, "limits/recordCount", None, "GET", sObjects="User,Contact"),
    "recent": lambda org: post(org, "recent", None, "GET", limit=5),
    "invocable-action": lambda org: post(org, "actions/custom/apex/Compared", {"inputs": [{"a": 1}, {}]}),
    "describe-invocable-action": lambda org: post(org, "actions/custom/apex/Compared", None, "GET"),
    "bulk-query": lambda org: post(org, "jobs/query", {"operation": "query", "query": FIND}),
    "bulk-query-job": lambda org: post(org, f"jobs/query/{JOB}", None, "GET"),
    "bulk-load": lambda org: post(
        org, "jobs/ingest", {"object": "Account", "operation": "upsert", "externalIdFieldName": "ERP_Id__c"}
    ),
    "bulk-close": lambda org: post(org, f"jobs/ingest/{JOB}", {"state": "UploadComplete"}, "PATCH"),
    "bulk-abort": lambda org: post(org, f"jobs/ingest/{JOB}", {"state": "Aborted"}, "PATCH"),
    "bulk-delete": lambda org: post(org, f"jobs/query/{JOB}", None, "DELETE"),
    "approval": lambda org: post(
        org,
        "process/approvals",
        {"requests": [{"actionType": "Submit", "contextId": "0065g0000000001AAA", "comments": "Please"}]},
    ),
}


def main():
    for call, settings in json.loads(os.environ["ORGS"]).items():
        session = requests.Session()
        session.trust_env = False
        session.mount("https://", Plain())
        org = Salesforce(
            instance_url=settings["url"],
            session_id=settings["access_token"],
            version=settings["version"],
            session=session,
        )
        by = "function" if call in FUNCTIONS else "request"
        try:
            print(json.dumps({"call": call, "by": by, "gave": {**FUNCTIONS, **REQUESTS}[call](org)}))
        except Exception as error:  # every way to fail is a result here
            print(json.dumps({"call": call, "by": by, "failed": f"{type(error).__name__}: {error}"}))


if __name__ == "__main__":
    main()
