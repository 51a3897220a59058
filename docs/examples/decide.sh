#!/usr/bin/env bash
# Asks for one decision and fetches its proof. GATEWAY, TOKEN and ROUTE in the environment; the feature values, comma-separated, as the argument.
set -euo pipefail
id="application-$(date +%s%N)"
count=$(awk -F, '{print NF}' <<< "$1")
answer=$(curl --silent --show-error --fail-with-body --max-time 10 --retry 4 --retry-connrefused \
  --header "Authorization: Bearer $TOKEN" --header "Content-Type: application/json" \
  --data "{\"id\":\"$id\",\"parameters\":{\"subject_id\":\"customer-17\"},\"inputs\":[{\"name\":\"features\",\"shape\":[1,$count],\"datatype\":\"FP32\",\"data\":[$1]}]}" \
  "$GATEWAY/v2/models/$ROUTE/infer")
echo "$answer"
index=$(grep -o '"audit_index":[0-9]*' <<< "$answer" | cut -d: -f2)
curl --silent --show-error --fail-with-body --header "Authorization: Bearer $TOKEN" "$GATEWAY/api/v1/ledger/logs/inference/proofs/$index"
