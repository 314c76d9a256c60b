#!/usr/bin/env python3
"""Asks for approval and waits: approve.py GATE JSON-CONTEXT [RUN]. Exit code 0 approved, 1 rejected, 2 cancelled, 3 could not tell."""
import json, os, sys, time, urllib.error, urllib.request

URL = os.environ.get("COUNTERSIGN_URL", "http://127.0.0.1:3000")
CODES = {"approved": 0, "rejected": 1, "cancelled": 2}

def call(path, body=None, **headers):
    headers |= {"Authorization": "Bearer " + os.environ["COUNTERSIGN_TOKEN"], "Content-Type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(URL + path, data, headers), timeout=90) as answer:
        return json.load(answer)

def approval(gate, context, run):
    request, failures = None, 0
    while request is None or request["status"] == "pending":
        try:  # the same key opens nothing twice, so every step may be repeated
            if request is None:
                request = call("/v1/requests", {"gate": gate, "context": context}, **{"Idempotency-Key": run})
                print("asked:", request["links"]["web"], file=sys.stderr)
            request, failures = call("/v1/requests/" + request["id"], Prefer="wait=60"), 0
        except (OSError, ValueError) as error:  # HTTP errors, no connection, an answer that is no JSON
            failures += 1
            if getattr(error, "code", 500) in (400, 401, 403, 404, 409, 422) or failures > 60:
                raise
            time.sleep(5)
    return request

if __name__ == "__main__":
    try:
        decided = approval(sys.argv[1], json.loads(sys.argv[2]), sys.argv[3] if len(sys.argv) > 3 else sys.argv[2])
    except Exception as error:
        print("could not tell:", error, getattr(error, "read", bytes)().decode(), file=sys.stderr)
        sys.exit(3)
    print(json.dumps(decided["outcome"]))
    sys.exit(CODES[decided["status"]])
