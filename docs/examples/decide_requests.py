"""Asks for one decision with the library requests, which asks again with the same id as the answer or its Retry-After says; prints decision and receipt.

python3 decide_requests.py GATEWAY TOKEN ROUTE VALUE...
"""
import sys
import uuid

import requests
from requests.adapters import HTTPAdapter, Retry

# The id makes repeating a POST safe: the gateway answers one id once.
AGAIN = Retry(total=3, backoff_factor=0.25, status_forcelist=[429, 502, 503, 504], allowed_methods=None, raise_on_status=False)


def decide(gateway, token, route, subject, values):
    request = {
        "id": str(uuid.uuid4()),
        "parameters": {"subject_id": subject},
        "inputs": [{"name": "features", "shape": [1, len(values)], "datatype": "FP32", "data": values}],
    }
    with requests.Session() as session:
        session.mount(gateway, HTTPAdapter(max_retries=AGAIN))
        try:
            answer = session.post(f"{gateway}/v2/models/{route}/infer", json=request, headers={"Authorization": f"Bearer {token}"}, timeout=10)
        except requests.RequestException as unreachable:
            raise SystemExit(f"no answer: {type(unreachable).__name__}") from None
    if not answer.ok:
        raise SystemExit(f"{answer.status_code}: {answer.json().get('detail')}")
    return answer.json()


if __name__ == "__main__":
    gateway, token, route, *values = sys.argv[1:]
    answer = decide(gateway, token, route, "customer-17", [float(v) for v in values])
    decision = next(o["data"][0] for o in answer["outputs"] if o["name"] == "decision")
    print(decision, answer["parameters"]["audit_index"], answer["parameters"]["receipt"][0])
