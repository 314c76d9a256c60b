#!/usr/bin/env bash
# Asks for approval, waits for it, and deploys. Needs bash and curl 7.76 or newer.
#
#   COUNTERSIGN_TOKEN=… ./deploy.sh GATE SERVICE VERSION [PERSON]
#
# Ends with 0 approved, 1 rejected, 2 cancelled, 3 could not tell. Started again with the same RUN_ID it takes the same
# request up again instead of asking twice.
set -euo pipefail

url=${COUNTERSIGN_URL:-http://127.0.0.1:3000}
: "${COUNTERSIGN_TOKEN:?is the token of a pipeline}"
gate=$1 service=$2 version=$3 requester=${4:-}
run=${RUN_ID:-$service-$version}
answer=$(mktemp)
trap 'rm -f "$answer"' EXIT

# The token comes from a file descriptor, so that it does not show in the list of processes.
api() {
  curl --silent --show-error --max-time 90 --header @<(printf 'Authorization: Bearer %s' "$COUNTERSIGN_TOKEN") "$@"
}

[[ $gate$service$version$requester != *[\"\\]* ]] || { echo 'no quotes or backslashes, please' >&2; exit 3; }
body="{\"gate\": \"$gate\", \"context\": {\"service\": \"$service\", \"version\": \"$version\"}"
[[ -z $requester ]] || body+=", \"requester\": \"$requester\""

api --fail-with-body --retry 5 --retry-connrefused --output "$answer" \
  --header 'Content-Type: application/json' --header "Idempotency-Key: $run" \
  --data "$body}" "$url/v1/requests" || { cat "$answer" >&2; exit 3; }
id=$(grep -oE '"id":"req_[0-9a-f]{32}"' "$answer" | head -n 1 | cut -d '"' -f 4)
echo "asked: $url/requests/$id" >&2

failures=0
while true; do
  status=$(api --output "$answer" --write-out '%{http_code}' "$url/v1/requests/$id/gate?wait=60") || status=000
  # A proxy's page is no answer: only one that names our request counts.
  grep -q "\"id\":\"$id\"" "$answer" || status="no answer of ours ($status)"
  case $status in
    200) echo approved >&2; break ;;
    202) failures=0 ;;
    403) echo rejected >&2; exit 1 ;;
    410) echo cancelled >&2; exit 2 ;;
    *)
      failures=$((failures + 1))
      echo "$status" >&2
      ((failures < ${PATIENCE:-60})) || exit 3
      sleep 5
      ;;
  esac
done

echo "deploying $service $version"
