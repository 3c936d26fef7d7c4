"""Takes simple-salesforce, as published, through the faults of ../faults/server.py and prints one line for each row:
`ROW<TAB>result<TAB>WHAT` or `ROW<TAB>error<TAB>WHY`. FAULTS is the server's line of JSON, ROWS a JSON list of
{name, action}. Nothing here is right or wrong: it is what a program that uses simple-salesforce sees.
"""

import faulthandler
import json
import os
from concurrent.futures import ThreadPoolExecutor

import requests
from requests.adapters import HTTPAdapter
from simple_salesforce import Salesforce

SERVER = json.loads(os.environ["FAULTS"])
MY_DOMAIN = "mock.my"
MY_DOMAIN_URL = f"https://{MY_DOMAIN}.salesforce.com"

# The server answers or hangs up; a client that waits all the same must not hang the run.
faulthandler.dump_traceback_later(60, exit=True)


# Whoever owns a name that only begins like a My Domain.
STRANGER_URL = MY_DOMAIN_URL + ".evil.example"


class Delivered(HTTPAdapter):
    """Delivers what is meant for one host to another, as a resolver would: simple-salesforce builds every login address
    as `https://DOMAIN.salesforce.com`."""

    def __init__(self, meant, given):
        super().__init__()
        self.meant, self.given = meant, given

    def send(self, request, **settings):
        request.url = self.given + request.url.removeprefix(self.meant)
        return super().send(request, **settings)


def session():
    session = requests.Session()
    session.trust_env = False
    session.verify = SERVER["ca_file"]
    session.mount(MY_DOMAIN_URL, Delivered(MY_DOMAIN_URL, SERVER["org"]))
    session.mount(STRANGER_URL, Delivered(STRANGER_URL, SERVER["other"]))
    return session


def with_token(key, instance_url=SERVER["org"]):
    return Salesforce(
        instance_url=instance_url, session_id=f"00D000000000001!{key}", version="60.0", session=session()
    )


def logged_in(key):
    """By the client-credentials flow, so that it can log in again by itself."""
    return Salesforce(consumer_key=key, consumer_secret="secret", domain=MY_DOMAIN, version="60.0", session=session())


def refreshed(key):
    logged_in(key)
    return "tokens taken"


ACTIONS = {
    "query": lambda key: with_token(key).query_all("SELECT Id FROM Account"),
    "query-at-my-domain": lambda key: with_token(key, MY_DOMAIN_URL).query_all("SELECT Id FROM Account"),
    "query-with-login": lambda key: logged_in(key).query_all("SELECT Id FROM Account"),
    "long-query": lambda key: with_token(key).query("SELECT Id FROM Account WHERE Name IN ('" + "x" * 20_000 + "')"),
    "create": lambda key: with_token(key).Account.create({"Name": "Once"}),
    "refresh": refreshed,
}


def shown(value):
    if isinstance(value, dict) and "records" in value:
        records, total = value["records"], value["totalSize"]
        return f"{len(records)} of {total} records, done: {value['done']}, {json.dumps(records[0])}"
    return value if isinstance(value, str) else json.dumps(value)


def told(row):
    name, action = row["name"], row["action"]
    # A name needs no port after it to be lengthened, and a session must be logged in to be logged in again.
    action = {"suffix-next-url": "query-at-my-domain", "expired-for-ever": "query-with-login"}.get(name, action)
    try:
        kind, what = "result", shown(ACTIONS[action](f"simple-salesforce.{name}"))
    except Exception as error:  # every way to fail is a result here
        kind, what = "error", f"{type(error).__name__}: {error}"
    return "\t".join((name, kind, " ".join(what.split())))


rows = json.loads(os.environ["ROWS"])
with ThreadPoolExecutor(len(rows)) as pool:
    for line in pool.map(told, rows):
        print(line, flush=True)
