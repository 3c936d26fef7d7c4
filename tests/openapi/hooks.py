"""What Schemathesis cannot know: how bytes of a component are sent, which action an input is for, which connection has an
org, and what the cases must not lose."""

import os
import re

import schemathesis

# The id of the token that the cases are sent with: its middle part.
OWN_TOKEN = os.environ["OPENAPI_TOKEN"].split("_")[1]
NO_TOKEN = "0" * 32
CONNECTION = os.environ["OPENAPI_CONNECTION"]
NOTHING = "00000000-0000-7000-8000-000000000000"
UUID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
DIGEST = re.compile("[0-9a-f]{64}")
# What the document says of the name of an action.
LONGEST_ACTION = 500


# The inputs that cases are made of. Those of every bound of all actions together are more than a run can make.
INPUTS = {
    "SoqlQueryInput",
    "NextPageInput",
    "ExplainInput",
    "GetRecordFieldValuesInput",
    "CreateOrUpdateRecordInput",
    "DeleteRecordInput",
    "UserInfoInput",
}


@schemathesis.hook
def before_load_schema(_context, raw_schema):
    """Leaves the others out."""
    inputs = raw_schema["components"]["schemas"]["ActionInput"]
    inputs["anyOf"] = [one for one in inputs["anyOf"] if one["$ref"].rsplit("/", 1)[1] in INPUTS]
    assert len(inputs["anyOf"]) == len(INPUTS), "an input is called something else now"


@schemathesis.serializer("application/wasm")
def wasm(_context, value):
    if isinstance(value, bytes):
        return value
    return str(value).encode("utf-8", errors="surrogatepass")


@schemathesis.hook
def before_call(context, case, kwargs):
    keep(case.path_parameters or {}, case.method.upper())
    if case.operation.label == "POST /v1/executions" and isinstance(case.body, dict):
        aim(case)
    # Who makes a connection of a name that is there gets that one, which the cases must not change.
    if case.operation.label == "POST /v1/connections" and isinstance(case.body, dict) and case.body.get("name") == "default":
        case.body["name"] = "another"


def keep(path, method):
    """Without its token all cases after it would be refused alike, and without the connection nothing would be executed."""
    if path.get("token_id") == OWN_TOKEN:
        path["token_id"] = NO_TOKEN
    if path.get("id") == CONNECTION and method != "GET":
        path["id"] = NOTHING


def aim(case):
    """What is right of a body is about the org and the action that its input is for, so that it is not all refused."""
    body = case.body
    if is_text(body.get("connection"), UUID):
        body["connection"] = CONNECTION
    if is_text(body.get("component"), DIGEST):
        del body["component"]
    given, action = body.get("input"), body.get("action")
    # A name that is wrong by itself stays, for it is to be refused.
    if not isinstance(given, dict) or not isinstance(action, str) or not 1 <= len(action) <= LONGEST_ACTION:
        return
    fitting = [name for name, fits in ACTIONS.items() if fits(given)]
    if fitting and action not in fitting:
        body["action"] = fitting[len(action) % len(fitting)]


def is_text(value, form):
    return isinstance(value, str) and form.fullmatch(value) is not None


# By what only its input must have.
ACTIONS = {
    "soql-query": lambda given: "query" in given,
    "explain": lambda given: "query" in given,
    "next-page": lambda given: "cursor" in given,
    "get-record-field-values": lambda given: "key" in given and "fields" in given,
    "delete-record": lambda given: "key" in given and "fields" not in given,
    "create-or-update-record": lambda given: "target" in given,
    "user-info": lambda given: not given,
}
