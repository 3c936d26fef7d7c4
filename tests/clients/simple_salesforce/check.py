"""Runs simple-salesforce, as published, against a mock Salesforce over TLS and prints one line for each check:
`passed<TAB>WHAT` or `failed<TAB>WHAT<TAB>WHY`. MOCK is the line of JSON that `harness mock --json --tls` printed.

By hand: MOCK="$(harness mock --json --tls | head -n 1)" target/clients/simple_salesforce/bin/python3 check.py
"""

import csv
import faulthandler
import io
import json
import os
import sys

import requests
from requests.adapters import HTTPAdapter
from simple_salesforce import Salesforce, format_soql
from simple_salesforce import exceptions as refusal

MOCK = json.loads(os.environ["MOCK"])
VERSION = "60.0"
ACCOUNTS = 2086

# A mock that never answers must fail the run, not hang it.
faulthandler.dump_traceback_later(120, exit=True)

failures = 0


class MyDomain(HTTPAdapter):
    """Delivers what is meant for a My Domain of Salesforce to the mock: simple-salesforce builds every login address
    as `https://DOMAIN.salesforce.com`, and a custom session is its own way to change the transport."""

    def send(self, request, **settings):
        path = request.url.removeprefix(MY_DOMAIN_URL)
        request.url = MOCK["url"] + path
        return super().send(request, **settings)


MY_DOMAIN = "mock.my"
MY_DOMAIN_URL = f"https://{MY_DOMAIN}.salesforce.com"


def session():
    """A requests session that trusts the mock's certificate authority, and nobody else."""
    session = requests.Session()
    # The environment's own certificates and proxies would take precedence.
    session.trust_env = False
    session.verify = MOCK["ca_file"]
    session.mount(MY_DOMAIN_URL, MyDomain())
    return session


def with_token(token=None, version=VERSION):
    return Salesforce(
        instance_url=MOCK["url"],
        session_id=token or MOCK["access_token"],
        version=version,
        session=session(),
    )


def check(what):
    """Runs the decorated function at once and reports it under this name."""

    def run(body):
        global failures
        try:
            body()
            print(f"passed\t{what}")
        except Exception as error:  # every way to fail is a result here
            failures += 1
            why = " ".join(f"{type(error).__name__}: {error}".split())
            print(f"failed\t{what}\t{why}")

    return run


def equal(found, expected):
    assert found == expected, f"expected {expected!r}, got {found!r}"


def refused(kind, code, call, status=None):
    """The call must raise exactly this exception, carrying exactly this error code."""
    try:
        result = call()
    except kind as error:
        equal(type(error), kind)
        if isinstance(error, refusal.SalesforceAuthenticationFailed):
            equal(error.code, code)
        else:
            equal([item.get("errorCode") for item in error.content], [code])
        if status is not None:
            equal(error.status, status)
        return error
    raise AssertionError(f"expected {code}, but it succeeded: {result!r}")


def logins():
    @check("logs in by user name, password and security token over SOAP")
    def _():
        org = Salesforce(
            username=MOCK["username"],
            password=MOCK["password"],
            security_token=MOCK["security_token"],
            domain=MY_DOMAIN,
            version=VERSION,
            session=session(),
        )
        equal("https://" + org.sf_instance, MOCK["url"])
        equal(org.query("SELECT COUNT() FROM Account")["totalSize"], ACCOUNTS)

    @check("is refused with a wrong password over SOAP")
    def _():
        refused(
            refusal.SalesforceAuthenticationFailed,
            "INVALID_LOGIN",
            lambda: Salesforce(
                username=MOCK["username"],
                password="wrong",
                security_token=MOCK["security_token"],
                domain=MY_DOMAIN,
                session=session(),
            ),
        )

    @check("logs in by client credentials")
    def _():
        org = Salesforce(
            consumer_key=MOCK["client_id"],
            consumer_secret=MOCK["client_secret"],
            domain=MY_DOMAIN,
            version=VERSION,
            session=session(),
        )
        equal(org.query("SELECT COUNT() FROM Account")["totalSize"], ACCOUNTS)

    @check("is refused with a wrong client secret")
    def _():
        refused(
            refusal.SalesforceAuthenticationFailed,
            "invalid_client",
            lambda: Salesforce(
                consumer_key=MOCK["client_id"],
                consumer_secret="wrong",
                domain=MY_DOMAIN,
                session=session(),
            ),
        )

    @check("a JWT signed by an unknown key is refused")
    def _():
        refused(
            refusal.SalesforceAuthenticationFailed,
            "invalid_grant",
            lambda: Salesforce(
                username=MOCK["username"],
                consumer_key=MOCK["client_id"],
                privatekey=fresh_private_key(),
                domain=MY_DOMAIN,
                instance_url=MY_DOMAIN,
                session=session(),
            ),
        )

    @check("an invalid session is told as INVALID_SESSION_ID")
    def _():
        refused(
            refusal.SalesforceExpiredSession,
            "INVALID_SESSION_ID",
            lambda: with_token("00D000000000000!none").limits(),
            status=401,
        )

    @check("a client that does not trust the mock's authority refuses the connection")
    def _():
        org = with_token()
        org.session.verify = True
        try:
            org.limits()
        except requests.exceptions.SSLError:
            return
        raise AssertionError("expected an SSLError")


def fresh_private_key():
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()


def queries(org):
    @check("queries 2,086 accounts page by page with query_more")
    def _():
        page = org.query("SELECT Id, Name FROM Account ORDER BY Id")
        equal(page["totalSize"], ACCOUNTS)
        sizes, ids = [], set()
        while True:
            sizes.append(len(page["records"]))
            ids.update(account["Id"] for account in page["records"])
            if page["done"]:
                break
            page = org.query_more(page["nextRecordsUrl"], identifier_is_url=True)
        equal(sizes, [2000, 86])
        equal(len(ids), ACCOUNTS)

    @check("query_all follows every page")
    def _():
        equal(len(org.query_all("SELECT Id FROM Account")["records"]), ACCOUNTS)

    @check("query_all_iter streams every record")
    def _():
        equal(sum(1 for _ in org.query_all_iter("SELECT Id FROM Account")), ACCOUNTS)

    @check("quoted values do not change a query")
    def _():
        for name in ("O'Hara & Söhne", "\\", "' OR Name != '", "%", "\n"):
            soql = format_soql("SELECT Id FROM Account WHERE Name = {}", name + " nobody")
            equal(org.query(soql)["totalSize"], 0)

    @check("a malformed query is MALFORMED_QUERY")
    def _():
        refused(
            refusal.SalesforceMalformedRequest,
            "MALFORMED_QUERY",
            lambda: org.query("SELECT FROM Account"),
            status=400,
        )

    @check("an unknown field is INVALID_FIELD")
    def _():
        refused(
            refusal.SalesforceMalformedRequest,
            "INVALID_FIELD",
            lambda: org.query("SELECT Nonsense FROM Account"),
        )

    @check("an unknown locator is INVALID_QUERY_LOCATOR")
    def _():
        refused(
            refusal.SalesforceMalformedRequest,
            "INVALID_QUERY_LOCATOR",
            lambda: org.query_more("0r8000000000000AAA-2000"),
        )


def rows(org):
    ids = {}

    @check("creates an account")
    def _():
        result = org.Account.create({"Name": 'simple\'s "Ä" \\ account', "NumberOfEmployees": 7})
        equal((result["success"], result["errors"]), (True, []))
        ids["account"] = result["id"]
        equal(len(result["id"]), 18)

    @check("reads it back, by both forms of its Id")
    def _():
        for account in (ids["account"], ids["account"][:15]):
            row = org.Account.get(account)
            equal(row["Name"], 'simple\'s "Ä" \\ account')
            equal(row["attributes"]["type"], "Account")

    @check("updates it")
    def _():
        equal(org.Account.update(ids["account"], {"NumberOfEmployees": 8}), 204)
        equal(org.Account.get(ids["account"])["NumberOfEmployees"], 8)

    @check("upserts by external Id: 201, then 200")
    def _():
        key = "Invoice_Number__c/SIMPLE-1"
        equal(org.Invoice__c.upsert(key, {"Amount__c": 12.5, "Account__c": ids["account"]}), 201)
        equal(org.Invoice__c.upsert(key, {"Amount__c": 13}), 200)
        equal(org.Invoice__c.get_by_custom_id("Invoice_Number__c", "SIMPLE-1")["Amount__c"], 13)

    @check("an external Id with several matches is told as more than one record")
    def _():
        for number in ("SIMPLE-2", "SIMPLE-3"):
            org.Invoice__c.create({"Invoice_Number__c": number, "Legacy_Number__c": "SIMPLE", "Amount__c": 1})
        try:
            org.Invoice__c.get_by_custom_id("Legacy_Number__c", "SIMPLE")
        except refusal.SalesforceMoreThanOneRecord as error:
            equal(error.status, 300)
            equal(len(error.content), 2)
            assert all("/sobjects/Invoice__c/a0" in url for url in error.content), error.content
            return
        raise AssertionError("expected SalesforceMoreThanOneRecord")

    @check("a taken external Id is DUPLICATE_VALUE")
    def _():
        refused(
            refusal.SalesforceMalformedRequest,
            "DUPLICATE_VALUE",
            lambda: org.Invoice__c.create({"Invoice_Number__c": "SIMPLE-1", "Amount__c": 1}),
        )

    @check("deletes it; queryAll still sees it")
    def _():
        equal(org.Account.delete(ids["account"]), 204)
        refused(
            refusal.SalesforceResourceNotFound,
            "ENTITY_IS_DELETED",
            lambda: org.Account.get(ids["account"]),
            status=404,
        )
        soql = f"SELECT Id, IsDeleted FROM Account WHERE Id = '{ids['account']}'"
        equal(org.query(soql)["totalSize"], 0)
        found = org.query(soql, include_deleted=True)["records"]
        equal([account["IsDeleted"] for account in found], [True])


def bulk(org):
    @check("inserts, updates and deletes in bulk, with a result of each row")
    def _():
        records = [{"Name": 'simple, "bulk"', "ERP_Id__c": "SIMPLE-1"}, {"Name": "", "ERP_Id__c": "SIMPLE-2"}]
        (inserted,) = org.bulk2.Account.insert(records=records)
        equal((inserted["numberRecordsTotal"], inserted["numberRecordsFailed"]), (2, 1))
        (failed,) = csv.DictReader(io.StringIO(org.bulk2.Account.get_failed_records(inserted["job_id"])))
        equal((failed["ERP_Id__c"], failed["sf__Error"].split(":")[0]), ("SIMPLE-2", "REQUIRED_FIELD_MISSING"))
        (made,) = csv.DictReader(io.StringIO(org.bulk2.Account.get_successful_records(inserted["job_id"])))
        org.bulk2.Account.update(records=[{"Id": made["sf__Id"], "NumberOfEmployees": "9"}])
        equal(org.Account.get(made["sf__Id"])["NumberOfEmployees"], 9)
        org.bulk2.Account.delete(records=[{"Id": made["sf__Id"]}])
        equal(org.query("SELECT COUNT() FROM Account WHERE ERP_Id__c = 'SIMPLE-1'")["totalSize"], 0)

    @check("queries in bulk, page by page")
    def _():
        pages = list(org.bulk2.Account.query("SELECT Id, Name FROM Account ORDER BY Id", max_records=1000))
        rows = [row for page in pages for row in csv.DictReader(io.StringIO(page))]
        equal(len(rows), org.query("SELECT COUNT() FROM Account")["totalSize"])
        equal((len(pages), rows[1]["Name"]), (3, "O'Brien & Söhne GmbH"))


def search(org):
    @check("searches with SOSL")
    def _():
        found = org.search('FIND {"Acme Corporation"} RETURNING Account(Name)')["searchRecords"]
        equal([account["Name"] for account in found], ["Acme Corporation"])


def refusals(org):
    for what, code, call in (
        ("a missing required field", "REQUIRED_FIELD_MISSING", lambda: org.Account.create({"Phone": "1"})),
        ("a text that is too long", "STRING_TOO_LONG", lambda: org.Account.create({"Name": "x" * 256})),
        ("an unknown field of a record", "INVALID_FIELD", lambda: org.Account.create({"Name": "x", "Nonsense": 1})),
        (
            "a read-only field",
            "INVALID_FIELD_FOR_INSERT_UPDATE",
            lambda: org.Account.create({"Name": "x", "CreatedDate": "2020-01-01T00:00:00Z"}),
        ),
        (
            "a broken validation rule",
            "FIELD_CUSTOM_VALIDATION_EXCEPTION",
            lambda: org.Invoice__c.create({"Invoice_Number__c": "SIMPLE-BAD", "Amount__c": -1}),
        ),
        ("a malformed Id", "MALFORMED_ID", lambda: org.Contact.create({"LastName": "x", "AccountId": "nonsense"})),
    ):
        check(f"{what} is {code}")(
            lambda code=code, call=call: refused(refusal.SalesforceMalformedRequest, code, call, status=400)
        )

    @check("an unknown record is NOT_FOUND")
    def _():
        refused(
            refusal.SalesforceResourceNotFound,
            "NOT_FOUND",
            lambda: org.Account.get("001000000000000AAA"),
            status=404,
        )

    @check("an unknown object is NOT_FOUND")
    def _():
        refused(
            refusal.SalesforceResourceNotFound,
            "NOT_FOUND",
            lambda: org.Nonsense.create({"Name": "x"}),
            status=404,
        )

    @check("a retired API version is UNSUPPORTED_API_VERSION")
    def _():
        old = with_token(version="29.0")
        error = refused(refusal.SalesforceGeneralError, "UNSUPPORTED_API_VERSION", old.describe)
        equal(error.status, 410)


def metadata(org):
    @check("describes the org and an object")
    def _():
        names = [item["name"] for item in org.describe()["sobjects"]]
        for name in ("Account", "Contact", "Opportunity", "Case", "User", "Invoice__c"):
            assert name in names, f"{name} is not described"
        account = org.Account.describe()
        fields = {field["name"]: field for field in account["fields"]}
        equal((account["keyPrefix"], fields["Name"]["type"]), ("001", "string"))
        equal(org.Account.metadata()["objectDescribe"]["name"], "Account")

    @check("tells limits and the API usage of each answer")
    def _():
        assert org.limits()["DailyApiRequests"]["Max"] > 0
        used, total = org.api_usage["api-usage"]
        assert 0 < used <= total, (used, total)


def main():
    logins()
    org = with_token()
    queries(org)
    rows(org)
    bulk(org)
    search(org)
    refusals(org)
    metadata(org)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
