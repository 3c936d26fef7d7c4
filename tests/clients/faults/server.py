"""A Salesforce that misbehaves on purpose, for any client: one fault for each row, over TLS, and a second server on
another host that must never see a token.

It prints one line of JSON, {"org", "other", "ca_file"}, and when its standard input ends a second one: for each
CLIENT.ROW what arrived. A client names its row in the token that it uses, `00D000000000001!CLIENT.ROW`.

Needs the package `cryptography`, for the certificate.
"""

import base64
import collections
import datetime
import http.server
import ipaddress
import json
import pathlib
import re
import socket
import ssl
import struct
import sys
import threading

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

# A client that goes on and on is told to stop after so many requests.
MOST_REQUESTS = 30
# The longest URI that Salesforce takes, in bytes.
LONGEST_URI = 16_384

KEY = re.compile(r"(ours|jsforce|simple-salesforce)\.([a-z-]+)")
RECORD_ID = "001000000000001AAA"
HTML = b"<html><body>Please log in.</body></html>"

log = collections.defaultdict(
    lambda: {"requests": 0, "creates": 0, "refreshes": 0, "elsewhere": 0, "token_elsewhere": 0, "stopped": False}
)
log_lock = threading.Lock()


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, family, address, tls, name):
        self.address_family = family
        self.tls = tls
        self.name = name
        super().__init__(address, Org if name == "org" else Other)

    def finish_request(self, request, client_address):
        # The handshake happens here, in the connection's own thread: nobody waits for a client that is slow.
        try:
            with self.tls.wrap_socket(request, server_side=True) as connection:
                self.RequestHandlerClass(connection, client_address, self)
        except OSError:
            pass  # the client left, or the row's fault has closed the connection already


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.body = self.read_body()
        credentials = self.credentials()
        # Which row this is: the credentials say it, or what a client carried over from an earlier answer.
        found = KEY.search(" ".join((credentials, self.path, self.body)))
        if found is None:
            return self.error(404, "NOT_FOUND")
        self.client, self.row = found.groups()
        with log_lock:
            self.note = log[found.group()]
            self.arrived(KEY.search(credentials) is not None)
            too_many = self.note["requests"] + self.note["elsewhere"] > MOST_REQUESTS
            self.note["stopped"] |= too_many
        if too_many:
            self.close_connection = True
            return self.error(400, "STOPPED_BY_THE_TEST")
        self.answer()

    do_POST = do_PATCH = do_GET

    def read_body(self):
        if self.headers.get("transfer-encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("content-length") or 0)).decode()
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body.decode()

    def credentials(self):
        scheme, _, value = (self.headers.get("authorization") or "").partition(" ")
        return base64.b64decode(value).decode(errors="replace") if scheme == "Basic" else value

    def log_message(self, *_):
        pass

    def send(self, status, body, content_type="application/json;charset=UTF-8", **headers):
        body = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", content_type)
        self.send_header("content-length", headers.pop("content_length", len(body)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def error(self, status, code):
        self.send(status, [{"errorCode": code, "message": "told by a test"}])

    def page(self, **changes):
        self.send(200, page(**changes))

    def create_done(self, **settings):
        self.send(201, {"id": RECORD_ID, "success": True, "errors": []}, **settings)


class Other(Handler):
    """Somebody else's server. It answers as nicely as it can."""

    def arrived(self, with_token):
        self.note["elsewhere"] += 1
        self.note["token_elsewhere"] += with_token

    def answer(self):
        if self.command == "POST":
            self.create_done()
        else:
            self.page(totalSize=2 if "next-url" in self.row else 1)


class Org(Handler):
    def arrived(self, with_token):
        self.note["requests"] += 1
        self.note["creates"] += self.command == "POST" and "/sobjects/" in self.path
        self.note["refreshes"] += self.path.startswith("/services/oauth2/token")

    def answer(self):
        if self.path.startswith("/services/oauth2/token"):
            return self.token()
        return getattr(self, self.row.replace("-", "_"))()

    # The rows, by name.

    def token(self):
        identity = ORG + "/id/00D000000000001AAA/005000000000001AAA"
        self.send(
            200,
            {
                "access_token": f"00D000000000001!{self.client}.{self.row}",
                "token_type": "Bearer",
                "instance_url": ORG,
                "id": identity,
                "issued_at": "1795513800000",
                "signature": base64.b64encode(b"not signed by Salesforce, really").decode(),
                "scope": "api refresh_token",
            },
        )

    def wrong_signature(self):
        self.page()

    def absolute_next_url(self):
        self.two_pages(OTHER + self.locator())

    def userinfo_next_url(self):
        self.two_pages(OTHER.replace("https://", "@") + self.locator())

    def suffix_next_url(self):
        self.two_pages(".evil.example" + self.locator())

    def looping_locator(self):
        self.page(totalSize=1_000, done=False, nextRecordsUrl=self.locator())

    def no_next_url(self):
        self.page(totalSize=9, done=False)

    def redirected_query(self):
        self.send(302, b"", location=OTHER + self.locator())

    def redirected_create(self):
        self.send(307, b"", location=OTHER + self.path + "?" + f"{self.client}.{self.row}")

    def expired_for_ever(self):
        self.error(401, "INVALID_SESSION_ID")

    def reset_create(self):
        plain = self.connection
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        plain.close()
        self.close_connection = True

    def closed_create(self):
        self.connection.shutdown(socket.SHUT_RDWR)
        self.close_connection = True

    def cut_create(self):
        self.create_done(content_length=500)
        self.close_connection = True

    def unavailable_create(self):
        self.error(503, "SERVER_UNAVAILABLE")

    def cut_query(self):
        self.send(200, page(totalSize=1), content_length=5_000)
        self.close_connection = True

    def unfinished_chunks(self):
        body = json.dumps(page()).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json;charset=UTF-8")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        self.wfile.write(b"%x\r\n%s\r\n" % (len(body), body))
        self.close_connection = True

    def broken_json(self):
        self.send(200, json.dumps(page()).encode()[:-2])

    def login_page(self):
        self.send(200, HTML, content_type="text/html;charset=UTF-8")

    def long_query(self):
        if len(self.path) > LONGEST_URI:
            self.send(414, b"<h1>Bad Message 414</h1><pre>reason: URI Too Long</pre>", content_type="text/html")
        else:
            self.page()

    def digits(self):
        record = b'{"Amount__c":9007199254740993,"Rate__c":0.123456789012345678}'
        self.send(200, b'{"totalSize":1,"done":true,"records":[%s]}' % record)

    def two_pages(self, second):
        if "01g-" in self.path:
            self.page(totalSize=2)
        else:
            self.page(totalSize=2, done=False, nextRecordsUrl=second)

    def locator(self):
        return f"/services/data/v60.0/query/01g-{self.client}.{self.row}"


def page(**changes):
    record = {"attributes": {"type": "Account", "url": "/services/data/v60.0/sobjects/Account/" + RECORD_ID}}
    return {"totalSize": 1, "done": True, "records": [{**record, "Id": RECORD_ID}], **changes}


def certificate(folder):
    """A self-signed certificate for this machine's loopback, which clients trust as an authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "fault server")])
    hosts = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    today = datetime.datetime.now(datetime.timezone.utc)
    issuer_key = ec.generate_private_key(ec.SECP256R1())

    def signed(subject, public_key, extensions):
        builder = x509.CertificateBuilder().subject_name(subject).issuer_name(name).public_key(public_key)
        builder = builder.serial_number(x509.random_serial_number())
        builder = builder.not_valid_before(today - datetime.timedelta(days=1))
        builder = builder.not_valid_after(today + datetime.timedelta(days=2))
        for extension, critical in extensions:
            builder = builder.add_extension(extension, critical)
        return builder.sign(issuer_key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

    identifier = x509.SubjectKeyIdentifier.from_public_key(issuer_key.public_key())
    usage = dict.fromkeys(
        ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "encipher_only", "decipher_only"),
        False,
    )
    ca_usage = x509.KeyUsage(digital_signature=True, key_cert_sign=True, crl_sign=True, **usage)
    leaf_usage = x509.KeyUsage(digital_signature=True, key_cert_sign=False, crl_sign=False, **usage)
    authority = signed(
        name,
        issuer_key.public_key(),
        [(x509.BasicConstraints(ca=True, path_length=None), True), (identifier, False), (ca_usage, True)],
    )
    leaf = signed(
        x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")]),
        key.public_key(),
        [
            (x509.SubjectAlternativeName(hosts), False),
            (x509.BasicConstraints(ca=False, path_length=None), True),
            (x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier), False),
            (x509.ExtendedKeyUsage([x509.ExtendedKeyUsageOID.SERVER_AUTH]), False),
            (leaf_usage, True),
        ],
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    ca_file, leaf_file = folder / "ca.pem", folder / "server.pem"
    ca_file.write_bytes(authority)
    leaf_file.write_bytes(leaf + private)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(leaf_file)
    leaf_file.unlink()
    return tls, ca_file


def serve(server):
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_address[1]


folder = pathlib.Path(sys.argv[1])
tls, ca_file = certificate(folder)
ORG = f"https://127.0.0.1:{serve(Server(socket.AF_INET, ('127.0.0.1', 0), tls, 'org'))}"
other_port = serve(Server(socket.AF_INET, ("127.0.0.1", 0), tls, "other"))
try:
    # `localhost` may resolve to either family.
    serve(Server(socket.AF_INET6, ("::1", other_port), tls, "other"))
except OSError:
    pass
OTHER = f"https://localhost:{other_port}"
print(json.dumps({"org": ORG, "other": OTHER, "ca_file": str(ca_file)}), flush=True)
sys.stdin.read()
with log_lock:
    print(json.dumps(log), flush=True)
