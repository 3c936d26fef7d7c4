"""Connects the tenant to the mock Salesforce, as a person with a browser would, and prints the connection's id."""

import html.parser
import json
import sys
import urllib.parse
import urllib.request

TIMEOUT = 20


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
    def api(method, path, body=None):
        headers = {"Authorization": f"Bearer {token}"}
        if body is not None:
            headers["Content-Type"] = "application/json"
            body = json.dumps(body).encode()
        request = urllib.request.Request(server + path, body, headers, method=method)
        with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:
            return answer.headers, json.load(answer)

    body = {"name": "org", "login_url": org["url"], "client_id": org["client_id"], "client_secret": org["client_secret"]}
    path = api("POST", "/v1/connections", body)[0]["location"]
    # A browser: it keeps cookies and follows redirects.
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
    url, fields = api("POST", f"{path}/authorize")[1]["url"], None
    # It logs in, then it allows.
    for _ in range(3):
        with browser.open(url, fields and urllib.parse.urlencode(fields).encode(), timeout=TIMEOUT) as page:
            place, form = page.url, Form(page.read().decode())
        if place.startswith(server) or form.action is None:
            break
        filled = {"username": org["username"], "password": org["password"]}
        url, fields = urllib.parse.urljoin(place, form.action), form.fields
        fields.update({name: value for name, value in filled.items() if name in fields})
    connection = api("GET", path)[1]
    if connection["state"] != "active":
        sys.exit(f"the connection to the mock is {connection['state']} and not active; the browser is at {place}")
    return connection["id"]


if __name__ == "__main__":
    print(connect(sys.argv[1], sys.argv[2], json.loads(sys.argv[3])))
