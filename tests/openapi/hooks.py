"""What Schemathesis cannot know: how bytes of a component are sent, which action an input is for, which connection has an
org, and what the cases must not lose."""

import itertools
import json
import os
import re

import jsonschema_rs
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
NUMBERS = itertools.count(1)

# Inputs whose texts and lists are tried at the bounds that all have alike: 100,000 characters, 10,000 entries. One reader holds
# these bounds for all inputs, and cases of such a length take longer to make than all others together.
AT_THE_BOUNDS = ("SoqlQueryInput", "GetRecordFieldValuesInput", "DeleteRecordInput")
ALIKE = {"maxLength": 100_000, "maxItems": 10_000}
REFERENCE = "#/components/schemas/"

# By action: the schema of its input, and what validates one.
INPUTS = {}
VALIDATORS = {}


@schemathesis.hook
def before_load_schema(_context, raw_schema):
    """Learns what the actions take, and leaves these bounds out of the other inputs."""
    schemas = raw_schema["components"]["schemas"]
    for action in schemas["ActionName"]["examples"]:
        name = "".join(map(str.capitalize, action.split("-"))) + "Input"
        INPUTS[action] = schemas[name]
        validated = {"$ref": REFERENCE + name, "components": {"schemas": schemas}}
        VALIDATORS[action] = jsonschema_rs.Draft202012Validator(validated)
    inputs = [one["$ref"].removeprefix(REFERENCE) for one in schemas["ActionInput"]["anyOf"]]
    assert len(inputs) == len(INPUTS), "an action has no input of its own name"
    for name in within(schemas, inputs) - within(schemas, AT_THE_BOUNDS):
        unbound(schemas[name])


def within(schemas, names):
    """These schemas, and all that they refer to."""
    found, left = set(), list(names)
    while left:
        name = left.pop()
        if name not in found:
            found.add(name)
            left += re.findall(f'"{REFERENCE}(\\w+)"', json.dumps(schemas[name]))
    return found


def unbound(schema):
    if isinstance(schema, dict):
        for word, bound in ALIKE.items():
            if schema.get(word) == bound:
                del schema[word]
    for part in schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ():
        unbound(part)


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
        name_anew(case)
    # A URL is one that nobody listens at, so that a webhook is set, and a test says what came of it.
    if case.operation.label == "PUT /v1/tenant/webhook" and isinstance(case.body, dict) and isinstance(case.body.get("url"), str):
        if 1 <= len(case.body["url"]) <= 2_000:
            case.body["url"] = "http://127.0.0.1:1/hook"
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
    fitting = [name for name, validator in VALIDATORS.items() if validator.is_valid(given)] or closest(given)
    if action not in fitting:
        body["action"] = fitting[len(action) % len(fitting)]


def closest(given):
    """The actions that take what is most like this input."""
    closeness = {name: close(given, schema) for name, schema in INPUTS.items()}
    return [name for name, found in closeness.items() if found == max(closeness.values())]


def close(given, schema):
    """How near an input is to what an action takes: by the members that both have, less those that one has alone."""
    members, required = set(schema.get("properties", ())), set(schema.get("required", ()))
    return len(members & given.keys()) - len(given.keys() - members) - len(required - given.keys())


def name_anew(case):
    """A key is good for one request, and the cases have few: with the same one they would all be refused. A case that is wrong stays
    as it is, for Schemathesis forgets what is wrong about headers that are changed."""
    key = (case.headers or {}).get("Idempotency-Key")
    is_right = case.meta is None or case.meta.generation.mode.is_positive
    if is_right and is_text(key, re.compile("[!-~]{1,150}")):
        case.headers["Idempotency-Key"] = f"{key}.{next(NUMBERS)}"


def is_text(value, form):
    return isinstance(value, str) and form.fullmatch(value) is not None
