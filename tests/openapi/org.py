"""Connects the tenant to the mock Salesforce, as a person with a browser would, and prints the connection's id."""

import html.parser
import json
import sys
import urllib.parse

import requests


class Form(html.parser.HTMLParser):
    """The last form of a page: where it goes, and what is filled in already."""

    def __init__(self, page):
        super().__init__()
        self.action, self.fields, self.button = None, {}, None
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "form":
            self.action = attrs.get("action")
        elif tag == "input" and "name" in attrs:
            self.fields[attrs["name"]] = attrs.get("value", "")
        elif tag == "button" and "name" in attrs and self.button is None:
            self.button = attrs["name"]
            self.fields[self.button] = attrs.get("value", "")


def connect(server, token, org):
    tenant = {"Authorization": f"Bearer {token}"}
    body = {"name": "org", "login_url": org["url"], "client_id": org["client_id"], "client_secret": org["client_secret"]}
    made = requests.post(f"{server}/v1/connections", headers=tenant, json=body, timeout=20)
    made.raise_for_status()
    path = made.headers["location"]
    begun = requests.post(f"{server}{path}/authorize", headers=tenant, timeout=20)
    begun.raise_for_status()
    browser = requests.Session()
    page = browser.get(begun.json()["url"], timeout=20)
    # It logs in, then it allows.
    for _ in range(2):
        form = Form(page.text)
        if page.url.startswith(server) or form.action is None:
            break
        filled = {"username": org["username"], "password": org["password"]}
        form.fields.update({name: value for name, value in filled.items() if name in form.fields})
        page = browser.post(urllib.parse.urljoin(page.url, form.action), data=form.fields, timeout=20)
    connection = requests.get(f"{server}{path}", headers=tenant, timeout=20).json()
    if connection["state"] != "active":
        sys.exit(f"the connection to the mock is {connection['state']} and not active; the browser is at {page.url}")
    return connection["id"]


if __name__ == "__main__":
    print(connect(sys.argv[1], sys.argv[2], json.loads(sys.argv[3])))
