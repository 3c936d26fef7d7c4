"""The client against a mock."""

import json
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from datetime import date, datetime, timedelta, timezone

import pytest
from mock_salesforce import MockSalesforce, NotStarted, Refused, fault

NOON = datetime(2026, 6, 15, 12, tzinfo=timezone.utc)
LIMITS = "/services/data/v60.0/limits"


def ask(mock, path=LIMITS, token=None):
    token = token or mock.session().access_token
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    request = urllib.request.Request(mock.url + path, headers={"Authorization": f"Bearer {token}"})
    with opener.open(request, timeout=10) as answer:
        return answer.status


def test_the_clock_is_moved(mock_salesforce):
    clock = mock_salesforce.clock
    assert clock.freeze(NOON) == NOON
    assert clock.advance(timedelta(hours=1)) == NOON + timedelta(hours=1)
    assert clock.advance(-60) == NOON + timedelta(minutes=59)
    assert clock.thaw() >= NOON
    with pytest.raises(ValueError, match="time zone"):
        clock.freeze(datetime(2026, 6, 15))
    assert clock.freeze("2026-06-15T12:00:00Z") == NOON
    with pytest.raises(TypeError, match="expected a datetime with a time zone, or text"):
        clock.freeze(date(2026, 6, 15))
    with pytest.raises(Refused, match="body.at"):
        clock.freeze("noon")


def test_what_is_refused_says_where_and_why(mock_salesforce):
    with pytest.raises(Refused, match="body.match.nth: got 0; expected a number from 1") as refused:
        mock_salesforce.faults.add(fault.CLOSE, nth=0)
    assert (refused.value.status, refused.value.place, refused.value.got) == (400, "body.match.nth", "0")


def test_records_come_page_by_page(mock_salesforce):
    assert mock_salesforce.records.counts()["Account"] == 2086
    assert len(mock_salesforce.records.of("Account")) == 2086
    (account,) = mock_salesforce.records.add("Account", {"Name": "Zoë", "ERP_Id__c": "z"})
    mock_salesforce.records.add("Contact", {"LastName": "L", "Account": {"ERP_Id__c": "z"}})
    assert [record["Name"] for record in mock_salesforce.records.of("Account")][-1] == "Zoë"
    assert [record["AccountId"] for record in mock_salesforce.records.of("Contact")][-1] == account
    mock_salesforce.snapshots.take("with-z")
    mock_salesforce.records.replace()
    assert mock_salesforce.records.of("Account") == []
    mock_salesforce.snapshots.restore("with-z")
    assert mock_salesforce.records.counts()["Account"] == 2087
    assert mock_salesforce.snapshots.names() == ["with-z"]
    mock_salesforce.snapshots.delete("with-z")


@pytest.mark.parametrize(
    ("queued", "seen"),
    [
        (fault.answer(503, {"Retry-After": "7"}, json={"a": 1}), urllib.error.HTTPError),
        (fault.error(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."), urllib.error.HTTPError),
        (fault.CLOSE, ConnectionError),
        (fault.RESET, ConnectionError),
        (fault.wire(fault.write(b"HTTP/1.1 200 OK\r\ncontent-le"), "reset"), (OSError, Exception)),
    ],
)
def test_a_fault_is_met_once(mock_salesforce, queued, seen):
    token = mock_salesforce.session().access_token
    fault_id = mock_salesforce.faults.add(queued, path=LIMITS, nth=2)
    assert ask(mock_salesforce, token=token) == 200
    with pytest.raises(seen):
        ask(mock_salesforce, token=token)
    assert ask(mock_salesforce, token=token) == 200
    (met,) = mock_salesforce.faults.met()
    assert (met["id"], met["request"]) == (fault_id, mock_salesforce.ledger.entries()[1]["sequence"])


def test_faults_are_taken_back(mock_salesforce):
    first = mock_salesforce.faults.add(fault.delay(0.5))
    mock_salesforce.faults.add(fault.replace({"odd": True}))
    mock_salesforce.faults.add(fault.wire("read", fault.slices(b"x"), fault.trickle(b"y", 1), after_work=True))
    mock_salesforce.faults.delete(first)
    assert [waiting["fault"] for waiting in mock_salesforce.faults.waiting()][0] == {"replace": {"odd": True}}
    mock_salesforce.faults.clear()
    assert mock_salesforce.faults.waiting() == []


def test_the_ledger_tells_what_arrived(mock_salesforce):
    ask(mock_salesforce)
    (entry,) = mock_salesforce.ledger.requests("GET", LIMITS)
    assert (entry["status"], entry["writes"]) == (200, [])
    mock_salesforce.ledger.clear()
    assert mock_salesforce.ledger.entries() == []


def test_limits_sessions_and_apps(mock_salesforce):
    mock_salesforce.set_daily_api_requests(used=10, allowed=11)
    token = mock_salesforce.session().access_token
    assert ask(mock_salesforce, token=token) == 200
    with pytest.raises(urllib.error.HTTPError, match="403"):
        ask(mock_salesforce, token=token)
    mock_salesforce.reset()
    mock_salesforce.expire_sessions()
    with pytest.raises(urllib.error.HTTPError, match="401"):
        ask(mock_salesforce, token=token)
    app = mock_salesforce.register_app("client-of-test", "secret")
    assert mock_salesforce.session(client_id=app.client_id).refresh_token


def test_rules_flows_and_locks(mock_salesforce):
    rules = mock_salesforce.rules
    rules.validation("V", "Account", "Name = 'x'", "No x.", field="Name")
    rules.duplicates("D", "Account", ["Name"], "There is one.")
    rules.failing_flow("F", "Account", "It failed.", on="create")
    assert len(mock_salesforce.control("GET", "failing-flows")["items"]) == 1
    rules.delete_validation("V")
    rules.delete_duplicates("D")
    rules.delete_failing_flow("F")
    assert mock_salesforce.control("GET", "failing-flows")["items"] == []
    account = mock_salesforce.records.of("Account")[0]["Id"]
    mock_salesforce.lock(account)
    assert mock_salesforce.control("GET", "locks") == {"ids": [account]}
    mock_salesforce.unlock(account)
    assert mock_salesforce.events() == []
    mock_salesforce.expire_locators()


def test_the_schema_is_changed_and_replaced(mock_salesforce, tmp_path):
    schema = mock_salesforce.schema
    account = schema.of("Account")
    assert (account["keyPrefix"], "Invoice__c" in schema.names()) == ("001", True)
    tier = next(field for field in account["fields"] if field["name"] == "Industry") | {"name": "Tier__c"}
    schema.put(account | {"fields": [*account["fields"], tier]})
    assert schema.of("Account")["fields"][-1]["name"] == "Tier__c"
    assert mock_salesforce.records.counts()["Account"] == 2_086
    schema.delete("Invoice__c")
    assert "Invoice__c" not in schema.names()
    schema.replace(account)
    assert mock_salesforce.records.counts()["Account"] == 0
    with pytest.raises(ValueError, match="field-meta.xml"):
        schema.replace_by_project(tmp_path)
    field = tmp_path / "objects" / "Pump__c" / "fields" / "Flow__c.field-meta.xml"
    field.parent.mkdir(parents=True)
    field.write_text("<CustomField><fullName>Flow__c</fullName><type>Number</type></CustomField>")
    schema.replace_by_project(tmp_path)
    assert "Flow__c" in [field["name"] for field in schema.of("Pump__c")["fields"]]
    field.write_text("<CustomField><fullName>Flow__c</fullName>\n<type>Float</type></CustomField>")
    with pytest.raises(Refused, match="Flow__c.field-meta.xml.*line 2"):
        schema.replace_by_project(tmp_path)


def test_scripts_answer_until_they_are_deleted(mock_salesforce):
    scripts = mock_salesforce.scripts
    scripts.flow("Sum", {"total": 5})
    scripts.apex_action("Fail", error=("UNKNOWN_EXCEPTION", "No."))
    scripts.apex_resource("Pay", "POST", "invoices/*", status=201, json={"paid": True})
    scripts.approval_process("Big", "Invoice__c")
    assert [item["name"] for item in mock_salesforce.control("GET", "actions")["items"]] == ["Sum", "Fail"]
    assert mock_salesforce.control("GET", "apex-resources")["items"][0]["content_type"].startswith("application/json")
    scripts.delete_action("Sum")
    scripts.delete_apex_resource("Pay")
    scripts.delete_approval_process("Big")
    assert [item["name"] for item in mock_salesforce.control("GET", "actions")["items"]] == ["Fail"]
    assert mock_salesforce.control("GET", "approval-processes")["items"] == []
    scripts.quick_action("Account.NewContact", "Contact", {"Title": "Dr"}, parent_field="AccountId")
    scripts.report("Accounts", "SELECT Name, Industry FROM Account", group_by=["Industry"])
    assert mock_salesforce.control("GET", "quick-actions")["items"][0]["parent_field"] == "AccountId"
    assert mock_salesforce.control("GET", "reports")["items"][0]["group_by"] == ["Industry"]
    scripts.delete_quick_action("Account.NewContact")
    scripts.delete_report("Accounts")
    assert mock_salesforce.control("GET", "reports")["items"] == []
    mock_salesforce.lag_search_index(timedelta(minutes=1))
    mock_salesforce.bulk_jobs_take(timedelta(minutes=5))
    assert mock_salesforce.control("GET", "search-index") == {"lag_seconds": 60}
    assert mock_salesforce.control("GET", "bulk-jobs") == {"take_seconds": 300}


def test_records_come_as_trees_and_tables(mock_salesforce):
    contacts = {"records": [{"attributes": {"type": "Contact"}, "LastName": "Leaf"}]}
    ids = mock_salesforce.records.add("Account", {"Name": "Root", "ERP_Id__c": "t-1", "Contacts": contacts})
    assert [record_id[:3] for record_id in ids] == ["001", "003"]
    tree = [{"attributes": {"type": "Account"}, "Name": "Acme"}]
    for added in (mock_salesforce.records.add_all(tree), mock_salesforce.records.add_all({"records": tree})):
        assert [record_id[:3] for record_id in added] == ["001"]
    assert len(mock_salesforce.records.add_table("Contact", "LastName,Account.ERP_Id__c\nRow,t-1\n")) == 1
    mock_salesforce.records.update("Contact", ids[1], {"LastName": "Twig"})
    assert [contact["LastName"] for contact in mock_salesforce.records.of("Contact")][-2:] == ["Twig", "Row"]
    mock_salesforce.records.delete("Contact", ids[1])
    assert [contact["LastName"] for contact in mock_salesforce.records.of("Contact")][-1] == "Row"
    with pytest.raises(Refused) as refused:
        mock_salesforce.records.add_table("Contact", "LastName,Nme\n")
    assert refused.value.place == "body, line 1"
    mock_salesforce.records.replace({"records": tree})
    assert [account["Name"] for account in mock_salesforce.records.of("Account")] == ["Acme"]


def test_a_mock_that_runs_is_attached_to(mock_salesforce_process, monkeypatch):
    plane = mock_salesforce_process._plane
    with MockSalesforce.attach(plane.url, plane._token) as attached:
        assert attached.url == mock_salesforce_process.url
    assert mock_salesforce_process.clock.now(), "it still runs"
    with pytest.raises(Refused, match="header Authorization"):
        MockSalesforce.attach(plane.url, "another").clock.now()
    monkeypatch.delenv("MOCK_SALESFORCE_CONTROL_URL", raising=False)
    with pytest.raises(NotStarted, match="MOCK_SALESFORCE_CONTROL_URL"):
        MockSalesforce.attach()


def test_a_mock_speaks_tls_and_stops():
    with MockSalesforce.start("--tls") as mock:
        assert mock.url.startswith("https://") and mock.ca_file
        assert mock.clock.now().year >= 2026
        host, _, port = mock.url.removeprefix("https://").partition(":")
    with pytest.raises(ConnectionError):
        socket.create_connection((host, int(port)), timeout=10)


def test_a_mock_ends_with_a_test_run_that_is_killed():
    program = "from mock_salesforce import MockSalesforce; print(MockSalesforce.start().url, flush=True); input()"
    run = subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    with run:
        host, _, port = run.stdout.readline().strip().removeprefix("http://").partition(":")
        with socket.create_connection((host, int(port)), timeout=30) as connection:
            run.kill()
            assert connection.recv(1) == b"", "the mock has ended, and its connections with it"


def test_a_mock_that_has_another_name_is_reached():
    with MockSalesforce.start("--public-url", "https://mock.example.org") as mock:
        assert mock.url.startswith("http://127.0.0.1:")
        assert mock.clock.now().year >= 2026


def test_a_session_is_that_of_the_user_that_the_mock_names(mock_salesforce):
    token = mock_salesforce.session().access_token
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    path = "/services/oauth2/userinfo"
    request = urllib.request.Request(mock_salesforce.url + path, headers={"Authorization": f"Bearer {token}"})
    with opener.open(request, timeout=10) as answer:
        assert json.load(answer)["preferred_username"] == "integ@example.org"


def test_a_program_that_is_not_there_is_named():
    with pytest.raises(NotStarted, match="no-such-harness: expected the program harness"):
        MockSalesforce.start(program="no-such-harness")
    with pytest.raises(NotStarted, match="--no-such-option"):
        MockSalesforce.start("--no-such-option")
