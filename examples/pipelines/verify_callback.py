#!/usr/bin/env python3
"""Receives callbacks and checks their signature (Standard Webhooks): CALLBACK_SECRET=whsec_… PORT=8080 verify_callback.py"""
import base64, hashlib, hmac, json, os, time
from http.server import BaseHTTPRequestHandler, HTTPServer

def is_ours(headers, body, secret, now=None):
    """`body` is the bytes as they came: JSON that was parsed and printed again is signed differently."""
    message, stamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not (stamp.isascii() and stamp.isdigit()) or abs((now or time.time()) - int(stamp)) > 300:
        return False
    key = base64.b64decode(secret.removeprefix("whsec_"))
    expected = hmac.new(key, f"{message}.{stamp}.".encode() + body, hashlib.sha256).digest()
    expected = "v1," + base64.b64encode(expected).decode()
    return any(hmac.compare_digest(given.encode(), expected.encode()) for given in headers.get("webhook-signature", "").split(" "))

class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        ours = is_ours(self.headers, body, os.environ["CALLBACK_SECRET"])
        self.send_response(204 if ours else 401)
        self.end_headers()
        if ours:  # it may come more than once: do the work once for each webhook-id
            told = json.loads(body)
            print(told["type"], told["data"]["id"], told["data"]["outcome"]["cause"], flush=True)

    def log_message(self, *_):
        pass

if __name__ == "__main__":
    server = HTTPServer(("127.0.0.1", int(os.environ.get("PORT", 8080))), Receiver)
    print("port", server.server_port, flush=True)
    server.serve_forever()
