"""A connection in a file, made at a mock, and the connector of the installed package."""

import json
import uuid

import pytest
from salesforce_connector import ConnectionFile, Connector, Session

SECRET = "sentinel-secret"


@pytest.fixture(scope="session")
def connector():
    return Connector()


@pytest.fixture
def connected(mock_salesforce, tmp_path):
    """Makes a connection file."""

    def connect(secret=SECRET, rotates=True, **changed):
        # Apps stay when the mock is reset, so each test has its own.
        app = str(uuid.uuid4())
        mock_salesforce.register_app(app, secret)
        mock_salesforce.control("PATCH", f"apps/{app}", {"rotate_refresh_tokens": rotates})
        session = mock_salesforce.session(client_id=app)
        document = {
            "version": 1,
            "login_url": mock_salesforce.url,
            "client_id": app,
            "client_secret": secret,
            "instance_url": session.instance_url,
            "access_token": session.access_token,
            "refresh_token": session.refresh_token,
        }
        file = tmp_path / "connection.json"
        file.touch(0o600)
        document = {name: value for name, value in {**document, **changed}.items() if value is not None}
        file.write_text(json.dumps(document))
        mock_salesforce.ledger.clear()
        return file

    return connect


@pytest.fixture
def session(connector, connected):
    return Session(connector, ConnectionFile(connected()))
