"""What Schemathesis cannot know: how bytes of a component are sent, which connection has an org, and which token to keep."""

import os
import re

import schemathesis

# The id of the token that the cases are sent with: its middle part.
OWN_TOKEN = os.environ["OPENAPI_TOKEN"].split("_")[1]
NO_TOKEN = "0" * 32
CONNECTION = os.environ["OPENAPI_CONNECTION"]
UUID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@schemathesis.serializer("application/wasm")
def wasm(_context, value):
    if isinstance(value, bytes):
        return value
    return str(value).encode("utf-8", errors="surrogatepass")


@schemathesis.hook
def before_call(context, case, kwargs):
    # Without its token, all cases after it would be refused alike.
    if (case.path_parameters or {}).get("token_id") == OWN_TOKEN:
        case.path_parameters["token_id"] = NO_TOKEN
    if case.operation.label == "POST /v1/connections/{id}/refresh" and UUID.fullmatch(str(case.path_parameters.get("id"))):
        case.path_parameters["id"] = CONNECTION
    # An id made up would end an execution before it begins.
    if case.operation.label == "POST /v1/executions" and isinstance(case.body, dict):
        connection = case.body.get("connection")
        if isinstance(connection, str) and UUID.fullmatch(connection):
            case.body["connection"] = CONNECTION
