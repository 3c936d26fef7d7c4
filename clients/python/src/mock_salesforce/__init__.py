"""Steers a Salesforce mock: what the org holds, what time it is there, what it refuses, what goes wrong, and what its clients did.

`MockSalesforce.start()` starts `harness mock` as a process, `MockSalesforce.attach(...)` takes one that runs. In pytest, the
fixture `mock_salesforce` does either, and resets the org before each test.
"""

from . import fault
from .client import App, Clock, Faults, Ledger, MockSalesforce, Records, Refused, Rules, Session, Snapshots, Users
from .forms import Entry, FaultForm, FieldPermissions, Match, MetFault, ObjectPermissions, WaitingFault, Write
from .process import NotStarted
from .schema import Schema
from .scripts import Scripts

__all__ = [
    "App",
    "Clock",
    "Entry",
    "FaultForm",
    "Faults",
    "FieldPermissions",
    "Ledger",
    "Match",
    "MetFault",
    "MockSalesforce",
    "NotStarted",
    "ObjectPermissions",
    "Records",
    "Refused",
    "Rules",
    "Schema",
    "Scripts",
    "Session",
    "Snapshots",
    "Users",
    "WaitingFault",
    "Write",
    "fault",
]
