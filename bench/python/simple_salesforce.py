"""simple-salesforce, as published, as a peer of the benchmark: a line of JSON on stdin asks for work, a line on stdout
answers with the nanoseconds of each operation. Its results are dictionaries, so nothing is written back as text. It
speaks https only, and keeps its connection alive, as its session does by default.
"""

import sys

# This file's own name would be found first by the import below.
sys.path.pop(0)

import argparse  # noqa: E402
import json  # noqa: E402
import platform  # noqa: E402
from importlib.metadata import version  # noqa: E402
from pathlib import Path  # noqa: E402
from time import perf_counter_ns  # noqa: E402

import requests  # noqa: E402
from simple_salesforce import Salesforce  # noqa: E402


def connected(given):
    session = requests.Session()
    # The environment's own certificates and proxies would take precedence; not to look for them only saves time.
    session.trust_env = False
    session.verify = given.ca
    return Salesforce(instance_url=given.url, session_id=given.token, version="67.0", session=session)


EVERYTHING = (
    "SELECT Id, Name, Industry, Phone, AnnualRevenue, CreatedDate, LastModifiedDate, Website, ParentId FROM Account"
)


def create(salesforce):
    saved = salesforce.Account.create({"Name": "Acme Industries", "Industry": "Manufacturing", "Phone": "+49 30 1234567"})
    assert len(saved["id"]) in (15, 18), saved


def get_fields(salesforce):
    fields = {"fields": "Id,Name,Industry,Phone,AnnualRevenue"}
    record = salesforce.Account.get("001Kp00000AbCdEIAV", params=fields)
    assert isinstance(record["Name"], str), record


def page(salesforce):
    assert salesforce.query(f"{EVERYTHING} LIMIT 2000")["records"], "the page has no records"


def pages(salesforce):
    answer = salesforce.query(EVERYTHING)
    records = len(answer["records"])
    while not answer["done"]:
        answer = salesforce.query_more(answer["nextRecordsUrl"], identifier_is_url=True)
        records += len(answer["records"])
    assert records == answer["totalSize"], f"{records} records came, but there are {answer['totalSize']}"


# Writing 5 there lets the peak of memory begin anew. Only Linux has it.
FORGET_PEAK = Path("/proc/self/clear_refs")

WORKS = {"create": create, "get-fields": get_fields, "page": page, "pages": pages}


def done(salesforce, request):
    if request["work"] == "version":
        library = f"simple-salesforce {version('simple-salesforce')}, requests {version('requests')}"
        return {"version": f"Python {platform.python_version()}, {library}"}
    work = WORKS[request["work"]]
    if work is pages and FORGET_PEAK.exists():
        FORGET_PEAK.write_text("5", encoding="ascii")
    nanoseconds = []
    for _ in range(request["count"]):
        start = perf_counter_ns()
        work(salesforce)
        nanoseconds.append(perf_counter_ns() - start)
    return {"nanoseconds": nanoseconds, **peak_rss()}


def peak_rss():
    """The most memory that this process has had in place since, in bytes; nothing where Linux does not tell it."""
    try:
        with open("/proc/self/status", encoding="ascii") as file:
            return {"peak_rss": int(line.split()[1]) * 1024 for line in file if line.startswith("VmHWM:")}
    except OSError:
        return {}


def main():
    arguments = argparse.ArgumentParser()
    for name in ("--url", "--token", "--ca", "--peer"):
        arguments.add_argument(name, required=name != "--peer")
    salesforce = connected(arguments.parse_args())
    for line in sys.stdin:
        try:
            answer = done(salesforce, json.loads(line))
        except Exception as error:  # every way to fail is an answer here
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


main()
