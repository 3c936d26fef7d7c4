"""Salesforce's REST API as a WebAssembly component, with its session.

    from salesforce_connector import ConnectionFile, Connector, Session

    session = Session(Connector(), ConnectionFile("connection.json"))
    page = session.call("soql", "soql-query", {"soql": "SELECT Name FROM Account", "parameters": [], "include_deleted": False}, {})
"""

from wasmtime.component import Variant

from .connector import Connector
from .error import ConnectorError
from .file import ConnectionFile, ConnectionFileError
from .session import Busy, LoginNeeded, RefreshUnfinished, Session
from .store import ConnectionStore, Stored

__version__ = "0.2.1"

__all__ = [
    "Busy",
    "ConnectionFile",
    "ConnectionFileError",
    "ConnectionStore",
    "Connector",
    "ConnectorError",
    "LoginNeeded",
    "RefreshUnfinished",
    "Session",
    "Stored",
    "Variant",
]
