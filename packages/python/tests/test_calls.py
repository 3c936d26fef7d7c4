"""Calls through the component that the package carries."""

import hashlib
import json
import os
import subprocess

import pytest
from salesforce_connector import Connector, ConnectorError


def query(session, soql, options=None, **more):
    return session.call("soql", "soql-query", {"soql": soql, "parameters": [], "include_deleted": False, **more}, options or {})


def test_the_component_is_the_one_of_the_command_line(connector, tmp_path):
    file = tmp_path / "salesforce.wasm"
    subprocess.run([os.environ["MOCK_SALESFORCE_HARNESS"], "component", "--out", file], check=True)
    assert connector.digest == hashlib.sha256(file.read_bytes()).hexdigest()


def test_all_pages_of_a_query_are_read(session, mock_salesforce):
    mock_salesforce.records.replace()
    mock_salesforce.records.add("Account", *({"Name": f"Account {number}"} for number in range(450)))
    page = query(session, "SELECT Name FROM Account", batch_size=200)
    names, pages = [], 1
    while True:
        names += [record["Name"] for record in json.loads(page["records"])]
        if page["next"] is None:
            break
        page, pages = session.call("soql", "next-page", page["next"], {}), pages + 1
    assert (len(set(names)), pages) == (450, 3)


def test_what_salesforce_refuses_is_sorted(session):
    with pytest.raises(ConnectorError) as refused:
        query(session, "SELECT NoSuchField FROM Account")
    assert (refused.value.kind, refused.value.outcome) == ("invalid-query", "rejected")
    assert "NoSuchField" in str(refused.value)


def test_an_answer_is_bounded(session, mock_salesforce):
    mock_salesforce.records.add("Account", {"Name": "x" * 200})
    with pytest.raises(ConnectorError) as bounded:
        query(session, "SELECT Name FROM Account", {"max_response_bytes": 64})
    assert bounded.value.kind == "response-too-large"


def test_a_token_goes_to_salesforce_alone(connector):
    elsewhere = {"instance_url": "https://salesforce.example.com", "access_token": "sentinel-token"}
    with pytest.raises(ConnectorError) as refused:
        connector.call("oauth", "user-info", elsewhere, {})
    assert (refused.value.kind, refused.value.outcome) == ("invalid-argument", "not-sent")
    assert "sentinel" not in repr(refused.value)


def test_a_function_that_is_not_there_is_named(connector):
    with pytest.raises(LookupError, match="soql.no-such-function"):
        connector.call("soql", "no-such-function")


def test_what_is_no_component_is_refused():
    with pytest.raises(Exception, match="component|magic|wasm"):
        Connector(b"not a component")
