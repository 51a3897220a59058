"""Asks for one decision, again after a failure with the same id, and prints decision and receipt.

python3 decide.py GATEWAY TOKEN ROUTE VALUE...   (standard library only)
"""
import json
import random
import sys
import time
import urllib.error
import urllib.request
import uuid

AGAIN = {429, 502, 503, 504}


def decide(gateway, token, route, subject, values, attempts=4):
    body = json.dumps({
        "id": str(uuid.uuid4()),
        "parameters": {"subject_id": subject},
        "inputs": [{"name": "features", "shape": [1, len(values)], "datatype": "FP32", "data": values}],
    }).encode()
    request = urllib.request.Request(
        f"{gateway}/v2/models/{route}/infer", body, {"Authorization": f"Bearer {token}", "Content-Type": "application/json"})
    for attempt in range(1, attempts + 1):
        wait = random.uniform(0, 0.25 * 2 ** attempt)
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as refused:
            if refused.code not in AGAIN or attempt == attempts:
                raise SystemExit(f"{refused.code}: {json.load(refused).get('detail')}") from None
            wait = float(refused.headers.get("Retry-After") or wait)
        except urllib.error.URLError as unreachable:
            if attempt == attempts:
                raise SystemExit(f"no answer: {unreachable.reason}") from None
        time.sleep(wait)


if __name__ == "__main__":
    gateway, token, route, *values = sys.argv[1:]
    answer = decide(gateway, token, route, "customer-17", [float(v) for v in values])
    decision = next(o["data"][0] for o in answer["outputs"] if o["name"] == "decision")
    print(decision, answer["parameters"]["audit_index"], answer["parameters"]["receipt"][0])
