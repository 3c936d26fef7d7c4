"""Fixtures for pytest. They are there as soon as the package is installed.

`mock_salesforce` is a mock as it was at its start: one process for all tests of a run, or of a worker of pytest-xdist, reset before
each test. It is that of `MOCK_SALESFORCE_CONTROL_URL` if the environment names one.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .client import MockSalesforce


@pytest.fixture(scope="session")
def mock_salesforce_process() -> Iterator[MockSalesforce]:
    """The mock of this run. Override it to start the mock in another way."""
    with MockSalesforce.from_environment() as mock:
        yield mock


@pytest.fixture
def mock_salesforce(mock_salesforce_process: MockSalesforce) -> MockSalesforce:
    """The mock, everything in it as it was at the start."""
    mock_salesforce_process.reset()
    return mock_salesforce_process
