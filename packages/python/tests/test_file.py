"""The connection file: what it must say, and what is never shown."""

import json
import traceback
from dataclasses import replace

import pytest
from salesforce_connector import ConnectionFile, ConnectionFileError

DOCUMENT = {
    "version": 1,
    "login_url": "https://login.salesforce.com",
    "client_id": "app",
    "client_secret": "sentinel-secret",
    "instance_url": "https://example.my.salesforce.com",
    "access_token": "sentinel-access",
    "refresh_token": "sentinel-refresh",
    "scopes": ["api"],
    "issued_at": 1795513800000,
}


@pytest.fixture
def written(tmp_path):
    def write(text, mode=0o600):
        path = tmp_path / "connection.json"
        path.touch(mode)
        path.write_text(text)
        path.chmod(mode)
        return ConnectionFile(path)

    return write


def test_secrets_are_not_shown(written):
    file = written(json.dumps(DOCUMENT))
    stored = file.load()
    assert "example.my" in repr(stored) and "sentinel" not in f"{stored!r} {stored} {file!r}"
    with pytest.raises(TypeError):
        json.dumps(stored)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (json.dumps(DOCUMENT)[:-3], "expected an object in JSON"),
        (json.dumps([DOCUMENT]), "expected an object in JSON"),
        (json.dumps({**DOCUMENT, "version": 2}), 'expected `"version": 1`'),
        (json.dumps({**DOCUMENT, "acess_token": "sentinel"}), "expected no other members"),
        (json.dumps({**DOCUMENT, "access_token": 5}), "`access_token`: expected a text"),
        (json.dumps({**DOCUMENT, "client_id": None}), "`client_id`: expected a text"),
        (json.dumps({**DOCUMENT, "scopes": "sentinel"}), "`scopes`: expected a list of texts"),
        (json.dumps({**DOCUMENT, "issued_at": True}), "`issued_at`: expected a whole number"),
        (json.dumps({**DOCUMENT, "refresh_under_way": "sentinel"}), "`refresh_under_way`: expected true or false"),
        (" " * (1 << 20) + json.dumps(DOCUMENT), "at most 1 MiB"),
    ],
)
def test_errors_say_what_was_expected_and_no_value(written, text, words):
    with pytest.raises(ConnectionFileError) as error:
        written(text).load()
    told = "".join(traceback.format_exception(error.value))
    assert words in str(error.value) and "sentinel" not in str(error.value)
    assert "JSONDecodeError" not in told


def test_a_file_that_others_may_read_is_refused(written):
    with pytest.raises(ConnectionFileError, match="chmod 600"):
        written(json.dumps(DOCUMENT), 0o640).load()


def test_only_what_was_seen_is_changed(written, tmp_path):
    file = written(json.dumps(DOCUMENT))
    assert not file.change("another", lambda stored: replace(stored, access_token="new"))
    assert file.load().access_token == "sentinel-access"
    assert file.change("sentinel-access", lambda stored: replace(stored, access_token="new"))
    assert json.loads((tmp_path / "connection.json").read_text()) == {**DOCUMENT, "access_token": "new"}


def test_a_link_stays_a_link(written, tmp_path):
    written(json.dumps(DOCUMENT))
    link = tmp_path / "link.json"
    link.symlink_to(tmp_path / "connection.json")
    assert ConnectionFile(link).change("sentinel-access", lambda stored: replace(stored, access_token="new"))
    assert link.is_symlink() and ConnectionFile(tmp_path / "connection.json").load().access_token == "new"
