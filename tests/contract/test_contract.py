"""The running product against its own OpenAPI document, by a fuzzer that nobody here wrote.

Schemathesis makes requests of every operation, legal and illegal ones, and checks each answer: no status of 500 and
above, no status, header or media type that the document does not have, no body that is not of its shape. The ids of
things that exist are given to it, so that it comes past "not found"; what destroys gets things of its own.

    MOORING_BIN=target/debug/mooring python3 tests/contract/test_contract.py
"""

import json
import os
import subprocess
import sys
import tempfile
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BINARY = os.environ.get("MOORING_BIN", str(ROOT / "target/debug/mooring"))
WORKSPACE, OTHER = "contract", "contract-elsewhere"
EXAMPLES = os.environ.get("CONTRACT_EXAMPLES", "20")
CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,"
    "response_headers_conformance,response_schema_conformance"
)
# What ends the workspace for all others, or waits for a platform that is pressed by hand.
ENDS = ["eraseWorkspace", "lockDownWorkspace"]


class Product:
    """The product with a workspace that has a few things in it."""

    def __init__(self):
        command = [BINARY, "--memory", "--no-demo", "--manual", "--seed", "7", "--port", "0", "--simulator-port", "0"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        for line in self.process.stdout:
            if line.startswith("ready "):
                _, self.url, self.simulator = line.split()
                break
        else:
            sys.exit("the product does not start")
        self.token = self.call("POST", "/v1/dev/tokens", token_of(WORKSPACE))["token"]

    def call(self, method, path, body=None, token=None):
        request = urllib.request.Request(self.url + path, method=method)
        request.add_header("content-type", "application/json")
        if token:
            request.add_header("authorization", f"Bearer {token}")
        data = json.dumps(body).encode() if body is not None else None
        with urllib.request.urlopen(request, data) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def api(self, method, path, body=None):
        return self.call(method, path, body, self.token)

    def connect(self, platform, person):
        """Connects an account as a browser would, by the forms alone. Answers with its id and the attempt's."""
        path = f"/v1/workspaces/{WORKSPACE}/connect-sessions"
        session = self.api("POST", path, {"platform": platform})
        browser = Browser()
        page = browser.submit(session["start_url"], browser.open(session["start_url"]))
        form = browser.form(page) | {"person": person, "decision": "approve"}
        browser.post(browser.at, form)
        ended = self.api("GET", f"/v1/connect-sessions/{session['id']}")
        return ended["accounts"][0]["id"], session["id"]

    def stop(self):
        self.process.terminate()
        self.process.wait(10)


def token_of(workspace):
    workspaces = [{"id": OTHER, "role": "owner"}]
    return {"workspace": workspace, "role": "owner", "plan": "enterprise", "workspaces": workspaces}


class Browser:
    """Enough of one: cookies, redirects, one form on a page."""

    def __init__(self):
        from http.cookiejar import CookieJar

        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        self.at = None

    def open(self, url):
        with self.opener.open(url) as answer:
            self.at = answer.url
            return answer.read().decode()

    def post(self, url, fields):
        request = urllib.request.Request(url, urllib.parse.urlencode(fields, doseq=True).encode(), method="POST")
        origin = "/".join(url.split("/")[:3])
        request.add_header("origin", origin)
        request.add_header("sec-fetch-site", "same-origin")
        with self.opener.open(request) as answer:
            self.at = answer.url
            return answer.read().decode()

    def submit(self, url, page):
        return self.post(url, self.form(page))

    def form(self, page):
        from html.parser import HTMLParser

        fields = {}

        class Reader(HTMLParser):
            def handle_starttag(self, tag, attributes):
                attributes = dict(attributes)
                kept = attributes.get("type") == "hidden" or "checked" in attributes
                if tag == "input" and attributes.get("name") and kept:
                    fields.setdefault(attributes["name"], []).append(attributes.get("value", ""))

        Reader().feed(page)
        return fields


def main():
    product = Product()
    try:
        document = product.call("GET", "/v1/openapi.json")
        operations = {o["operationId"] for methods in document["paths"].values() for o in methods.values()}
        account, session = product.connect("x", "demo-01")
        doomed, _ = product.connect("x", "demo-02")
        destroys = sorted({"removeAccount", "disconnectAccount"} & operations)
        config = [
            f'headers = {{ Authorization = "Bearer {product.token}" }}',
            "[parameters]",
            f'"path.workspace" = "{WORKSPACE}"',
            f'"path.account" = "{account}"',
            f'"path.session" = "{session}"',
            '"path.platform" = "x"',
        ]
        for operation in destroys:
            config += ["[[operations]]", f'include-operation-id = "{operation}"']
            config += [f'parameters = {{ "path.account" = "{doomed}" }}']
        for operation in sorted(set(ENDS) & operations):
            config += ["[[operations]]", f'include-operation-id = "{operation}"']
            config += [f'parameters = {{ "path.workspace" = "{OTHER}" }}']
        with tempfile.TemporaryDirectory() as folder:
            schema, settings = Path(folder, "openapi.json"), Path(folder, "schemathesis.toml")
            schema.write_text(json.dumps(document))
            settings.write_text("\n".join(config) + "\n")
            command = [
                str(Path(sys.executable).with_name("schemathesis")), "--config-file", str(settings), "--no-color",
                "run", str(schema), "--url", product.url, "--checks", CHECKS, "--max-examples", EXAMPLES,
                "--phases", "examples,coverage,fuzzing", "--workers", "1", "--seed", "1",
                "--suppress-health-check", "all", "--warnings", "off", "--request-timeout", "30",
            ]
            code = subprocess.run(command, check=False, cwd=folder).returncode
        left = product.api("GET", f"/v1/accounts/{account}")
        assert left["id"] == account, "the account that nothing destroys is gone"
        sys.exit(code)
    finally:
        product.stop()


if __name__ == "__main__":
    main()
