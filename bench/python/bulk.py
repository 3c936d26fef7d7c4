"""simple-salesforce's Bulk API 2.0, as published, as a peer of the benchmark: a query into files of CSV in a folder, or a
file of CSV into an object. A process does one and ends.
"""

import sys

# Files beside this one would be found first by the imports below.
sys.path.pop(0)

import argparse  # noqa: E402
from pathlib import Path  # noqa: E402

import requests  # noqa: E402
from simple_salesforce import Salesforce  # noqa: E402


def connected(given):
    session = requests.Session()
    # The environment's own certificates would take precedence.
    session.trust_env = False
    session.verify = given.ca
    return Salesforce(instance_url=given.url, session_id=given.token, version="67.0", session=session)


def query(salesforce, soql, file):
    salesforce.bulk2.Lead.download(soql, str(Path(file).parent))


def load(salesforce, object_, file):
    bulk = getattr(salesforce.bulk2, object_)
    for job in bulk.insert(csv_file=file):
        assert job["numberRecordsFailed"] == 0, job
        bulk.get_successful_records(job["job_id"], file=f"{file}.{job['job_id']}.successful")


def main():
    arguments = argparse.ArgumentParser()
    for name in ("--url", "--token", "--ca", "--query", "--load", "--file"):
        arguments.add_argument(name)
    given = arguments.parse_args()
    if given.query:
        query(connected(given), given.query, given.file)
    else:
        load(connected(given), given.load, given.file)


main()
