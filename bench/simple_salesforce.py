"""simple-salesforce, as published, as a peer of the benchmark: a line of JSON on stdin asks for work, a line on stdout
answers with the nanoseconds of each operation. Its results are dictionaries, so nothing is written back as text. It
speaks https only, and keeps its connection alive, as its session does by default.
"""

import sys

# This file's own name would be found first by the import below.
sys.path.pop(0)

import argparse  # noqa: E402
import json  # noqa: E402
import resource  # noqa: E402
from time import perf_counter_ns  # noqa: E402

import requests  # noqa: E402
from simple_salesforce import Salesforce  # noqa: E402


def connected(given):
    session = requests.Session()
    # The environment's own certificates and proxies would take precedence; not to look for them only saves time.
    session.trust_env = False
    session.verify = given.ca
    return Salesforce(instance_url=given.url, session_id=given.token, version="67.0", session=session)


def create(salesforce, _soql):
    saved = salesforce.Account.create({"Name": "Acme", "Industry": "Energy", "NumberOfEmployees": 120})
    assert len(saved["id"]) in (15, 18), saved


def get_fields(salesforce, _soql):
    record = salesforce.Account.get("001000000000001AAA", params={"fields": "Id,Name,Industry"})
    assert isinstance(record["Name"], str), record


def page(salesforce, soql):
    assert salesforce.query(soql)["records"], "the page has no records"


def pages(salesforce, soql):
    answer = salesforce.query(soql)
    records = len(answer["records"])
    while not answer["done"]:
        answer = salesforce.query_more(answer["nextRecordsUrl"], identifier_is_url=True)
        records += len(answer["records"])
    assert records == answer["totalSize"], f"{records} records came, but there are {answer['totalSize']}"


WORKS = {"create": create, "get-fields": get_fields, "page": page, "pages": pages}


def done(salesforce, request):
    work = WORKS[request["work"]]
    soql = request.get("soql", "SELECT Id, Name FROM Account")
    if work is pages:
        forget_peak()
    nanoseconds = []
    for _ in range(1 if work is pages else request.get("count", 1)):
        start = perf_counter_ns()
        work(salesforce, soql)
        nanoseconds.append(perf_counter_ns() - start)
    return {"nanoseconds": nanoseconds, **({"peak_rss": peak()} if work is pages else {})}


def forget_peak():
    """Starts Linux' record of the largest resident size anew; without it the peak is that of the whole process."""
    try:
        with open("/proc/self/clear_refs", "w", encoding="ascii") as file:
            file.write("5")
    except OSError:
        pass


def peak():
    try:
        with open("/proc/self/status", encoding="ascii") as file:
            return next(int(line.split()[1]) * 1024 for line in file if line.startswith("VmHWM:"))
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


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
