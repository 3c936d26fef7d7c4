"""What the app does in an org of its own, and when the org says no."""

from datetime import date, datetime, timezone

import pytest
import requests
from mock_salesforce import MockSalesforce, fault
from overdue import open_cases
from simple_salesforce import Salesforce
from simple_salesforce.exceptions import SalesforceExpiredSession, SalesforceMalformedRequest

TODAY = date(2026, 6, 15)
CASES = "/services/data/v60.0/sobjects/Case"


@pytest.fixture(scope="session")
def mock_salesforce_process():
    """A mock with TLS: simple-salesforce speaks nothing else."""
    with MockSalesforce.start("--tls") as mock:
        yield mock


@pytest.fixture
def salesforce(mock_salesforce: MockSalesforce) -> Salesforce:
    """An org with one customer, an overdue invoice, a paid one and a young one."""
    mock_salesforce.clock.freeze(datetime(2026, 6, 15, tzinfo=timezone.utc))
    account = {"attributes": {"type": "Account"}, "Name": "Acme", "ERP_Id__c": "acme"}
    invoices = [
        {"Invoice_Number__c": "1", "Status__c": "Sent", "Issued__c": "2026-05-01"},
        {"Invoice_Number__c": "2", "Status__c": "Paid", "Issued__c": "2026-05-01"},
        {"Invoice_Number__c": "3", "Status__c": "Sent", "Issued__c": "2026-06-10"},
    ]
    of_acme = {"attributes": {"type": "Invoice__c"}, "Account__r": {"ERP_Id__c": "acme"}}
    mock_salesforce.records.replace([account, *({**of_acme, **invoice} for invoice in invoices)])
    session = mock_salesforce.session()
    transport = requests.Session()
    # The environment's own proxies and certificates would take precedence.
    transport.trust_env = False
    transport.verify = mock_salesforce.ca_file
    return Salesforce(
        instance_url=session.instance_url, session_id=session.access_token, version="60.0", session=transport
    )


def test_overdue_invoices_get_one_case_each(mock_salesforce, salesforce):
    assert open_cases(salesforce, TODAY) == ["Overdue: INV-001000"]
    assert open_cases(salesforce, TODAY) == []
    assert len(mock_salesforce.ledger.created("Case")) == 1


def test_a_refused_case_does_not_stop_the_others(mock_salesforce, salesforce, capsys):
    mock_salesforce.rules.validation("No_Reminders", "Case", "Subject LIKE 'Overdue%000'", "Not this one.")
    assert open_cases(salesforce, date(2026, 12, 15)) == ["Overdue: INV-001002"]
    assert capsys.readouterr().out == "Overdue: INV-001000: Not this one.\n"


def test_a_lost_answer_opens_no_second_case(mock_salesforce, salesforce):
    mock_salesforce.faults.add(fault.RESET_AFTER_WORK, method="POST", path_prefix=CASES)
    with pytest.raises(requests.exceptions.ConnectionError):
        open_cases(salesforce, TODAY)
    assert open_cases(salesforce, TODAY) == []
    assert len(mock_salesforce.ledger.created("Case")) == 1


def test_a_session_that_ended_is_told(mock_salesforce, salesforce):
    mock_salesforce.clock.advance(2 * 60 * 60)
    with pytest.raises(SalesforceExpiredSession):
        open_cases(salesforce, TODAY)


def test_a_user_without_invoices_is_told(mock_salesforce, salesforce):
    user = mock_salesforce.session().username
    mock_salesforce.users.permit(user, objects={"Invoice__c": {"read": False}})
    with pytest.raises(SalesforceMalformedRequest, match="sObject type 'Invoice__c' is not supported"):
        open_cases(salesforce, TODAY)
