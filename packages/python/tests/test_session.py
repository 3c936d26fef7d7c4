"""One refresh for an expired session, stored before it is used, whoever dies in between."""

import json
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from mock_salesforce import fault
from salesforce_connector import ConnectionFile, ConnectorError, LoginNeeded, RefreshUnfinished, Session
from test_calls import query

TOKENS = "/services/oauth2/token"
ACCOUNTS = "SELECT Name FROM Account"
REFUSAL = fault.answer(401, json={"error": "invalid_client", "error_description": "invalid client credentials"})

# A process of its own: says that it is ready, waits for the word, and makes a call.
CALL = f"""
import sys
from salesforce_connector import ConnectionFile, Connector, Session
session = Session(Connector(), ConnectionFile(sys.argv[1]))
print("ready", flush=True)
sys.stdin.readline()
query = {{"soql": {ACCOUNTS!r}, "parameters": [], "include_deleted": False}}
print(session.call("soql", "soql-query", query, {{}})["count"])
"""

# The same, killed when it would store the new tokens.
KILLED = f"""
import os, signal
from salesforce_connector import ConnectionFile
whole = ConnectionFile.change
def change(self, seen, change):
    if change(self.load()).access_token != seen:
        os.kill(os.getpid(), signal.SIGKILL)
    return whole(self, seen, change)
ConnectionFile.change = change
{CALL}
"""


def refreshes(mock):
    return len(mock.ledger.requests("POST", TOKENS))


def started(program, file):
    child = subprocess.Popen(
        [sys.executable, "-c", program, str(file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout.readline() == "ready\n"
    return child


def test_threads_share_one_refresh_and_its_tokens_are_stored(connector, connected, mock_salesforce):
    file = connected()
    before = json.loads(file.read_text())
    mock_salesforce.expire_sessions()
    session = Session(connector, ConnectionFile(file))
    with ThreadPoolExecutor(8) as threads:
        pages = list(threads.map(lambda _: query(session, ACCOUNTS), range(8)))
    assert len(pages) == 8 and refreshes(mock_salesforce) == 1
    after = json.loads(file.read_text())
    assert after["access_token"] != before["access_token"] and after["refresh_token"] != before["refresh_token"]
    assert "refresh_under_way" not in after and file.stat().st_mode & 0o777 == 0o600


def test_processes_share_one_refresh(connected, mock_salesforce):
    file = connected()
    children = [started(CALL, file) for _ in range(2)]
    mock_salesforce.expire_sessions()
    for child in children:
        child.stdin.write("go\n")
        child.stdin.flush()
    for child in children:
        told, _ = child.communicate(timeout=60)
        assert child.returncode == 0 and told.strip().isdigit()
    assert refreshes(mock_salesforce) == 1


def test_the_command_line_uses_the_file_that_was_refreshed(connector, connected, mock_salesforce):
    file = connected()
    mock_salesforce.expire_sessions()
    query(Session(connector, ConnectionFile(file)), ACCOUNTS)
    harness = [os.environ["MOCK_SALESFORCE_HARNESS"], "--connection", file, "soql-query", ACCOUNTS]
    told = subprocess.run(harness, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert told.returncode == 0, told.stderr
    assert refreshes(mock_salesforce) == 1


@pytest.mark.parametrize(
    ("secret", "error"), [("sentinel-secret", LoginNeeded), (None, RefreshUnfinished)], ids=["asks", "cannot ask"]
)
def test_after_a_process_that_was_killed_its_token_is_not_sent_again(
    connector, connected, mock_salesforce, secret, error
):
    file = connected(secret)
    child = started(KILLED, file)
    mock_salesforce.expire_sessions()
    child.communicate("go\n", timeout=60)
    assert child.returncode == -signal.SIGKILL
    assert json.loads(file.read_text())["refresh_under_way"] is True
    with pytest.raises(error, match="log in again"):
        query(Session(connector, ConnectionFile(file)), ACCOUNTS)
    assert refreshes(mock_salesforce) == 1


def test_an_org_that_will_not_be_asked_gets_no_token(connector, connected, mock_salesforce):
    file = connected(refresh_under_way=True)
    mock_salesforce.expire_sessions()
    mock_salesforce.faults.add(REFUSAL, method="POST", path="/services/oauth2/introspect")
    with pytest.raises(RefreshUnfinished, match="log in again"):
        query(Session(connector, ConnectionFile(file)), ACCOUNTS)
    assert len(mock_salesforce.faults.met()) == 1 and refreshes(mock_salesforce) == 0
    assert json.loads(file.read_text())["refresh_under_way"] is True


def test_a_token_that_is_still_good_is_sent_again(connector, connected, mock_salesforce):
    file = connected(rotates=False)
    child = started(KILLED, file)
    mock_salesforce.expire_sessions()
    child.communicate("go\n", timeout=60)
    query(Session(connector, ConnectionFile(file)), ACCOUNTS)
    assert refreshes(mock_salesforce) == 2 and "refresh_under_way" not in json.loads(file.read_text())


def test_a_refresh_that_never_arrived_is_made_once_more(session, mock_salesforce):
    mock_salesforce.expire_sessions()
    mock_salesforce.faults.add(fault.RESET, method="POST", path=TOKENS)
    query(session, ACCOUNTS)


def test_a_refresh_whose_answer_is_lost_is_told(session, mock_salesforce):
    mock_salesforce.expire_sessions()
    mock_salesforce.faults.add(fault.RESET_AFTER_WORK, method="POST", path=TOKENS)
    with pytest.raises(LoginNeeded, match="answer to a refresh was lost"):
        query(session, ACCOUNTS)
    assert refreshes(mock_salesforce) == 1


def test_without_a_refresh_token_its_user_logs_in(connector, connected, mock_salesforce):
    file = connected(refresh_token=None)
    mock_salesforce.expire_sessions()
    with pytest.raises(LoginNeeded, match="no refresh token"):
        query(Session(connector, ConnectionFile(file)), ACCOUNTS)
    assert refreshes(mock_salesforce) == 0


def test_a_refused_refresh_leaves_no_mark(connector, connected, mock_salesforce):
    file = connected(refresh_token="sentinel-token")
    mock_salesforce.expire_sessions()
    with pytest.raises(ConnectorError) as refused:
        query(Session(connector, ConnectionFile(file)), ACCOUNTS)
    assert (refused.value.kind, refused.value.outcome) == ("reauthorization-required", "rejected")
    assert "sentinel" not in f"{refused.value!r} {refused.value}"
    assert "refresh_under_way" not in json.loads(file.read_text())
