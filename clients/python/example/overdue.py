"""A tiny app: opens a case for every invoice that was sent and not paid within 30 days."""

from datetime import date, timedelta

from simple_salesforce import Salesforce, format_soql
from simple_salesforce.exceptions import SalesforceMalformedRequest

DAYS = 30


def open_cases(salesforce: Salesforce, today: date) -> list[str]:
    """Opens a case for each overdue invoice that has none yet, and answers the subjects of the new ones."""
    query = format_soql(
        "SELECT Name, Account__c FROM Invoice__c WHERE Status__c = 'Sent' AND Issued__c < {} ORDER BY Name",
        today - timedelta(days=DAYS),
    )
    opened = []
    for invoice in salesforce.query_all_iter(query):
        subject = f"Overdue: {invoice['Name']}"
        known = salesforce.query(format_soql("SELECT Id FROM Case WHERE Subject = {}", subject))
        if known["totalSize"]:
            continue
        try:
            salesforce.Case.create({"Subject": subject, "AccountId": invoice["Account__c"], "Priority": "Medium"})
        except SalesforceMalformedRequest as refused:
            # One that the org refuses is for a person to see; the others are still opened.
            print(f"{subject}: {refused.content[0]['message']}")
            continue
        opened.append(subject)
    return opened
