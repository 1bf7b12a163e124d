#!/bin/sh
# The life of an org, from creation to teardown. Needs curl.
#
#   EDGE         where the edge is, such as http://127.0.0.1:8080
#   PARTNER_KEY  a partner-wide key with orgs:create, orgs:read, orgs:manage, orgs:delete, members:manage and admin:keys
#   $1           the slug of the org to make
set -eu
: "${EDGE:?}" "${PARTNER_KEY:?}"
slug=${1:?usage: org-lifecycle.sh SLUG}
work=$(mktemp -d)
made=
org_key=

# call KEY METHOD PATH [BODY]: prints the body of an answer below 400; anything else ends the script. The key goes to curl
# in a file, so that it is not in the list of processes.
call() {
  printf 'header = "Authorization: Bearer %s"\n' "$1" > "$work/key"
  status=$(curl -sS -K "$work/key" -X "$2" "$EDGE$3" -H 'Content-Type: application/json' \
    --retry 3 --max-time 30 -o "$work/answer" -w '%{http_code}' ${4:+-d "$4"})
  if [ "$status" -ge 400 ]; then
    echo "$2 $3: $status $(cat "$work/answer")" >&2
    return 1
  fi
  cat "$work/answer"
}

# member NAME: the first member of that name in the JSON on standard input, if it is a string.
member() {
  grep -o "\"$1\":\"[^\"]*\"" | head -n 1 | cut -d'"' -f4
}

# await STATUS: waits until the org has it, a minute at most.
await() {
  tries=0
  until [ "$(call "$PARTNER_KEY" GET "/cp/orgs/$slug" | member status)" = "$1" ]; do
    tries=$((tries + 1))
    [ "$tries" -lt 60 ] || { echo "$slug did not become $1" >&2; return 1; }
    sleep 1
  done
  echo "$slug is $1"
}

tear_down() {
  if [ -n "$made" ]; then
    call "$PARTNER_KEY" DELETE "/cp/orgs/$slug" | member status
  fi
  rm -rf "$work"
}
trap tear_down EXIT
trap 'exit 130' INT TERM

call "$PARTNER_KEY" POST /cp/orgs "{\"slug\":\"$slug\",\"name\":\"Org $slug\",\"seats\":2}" > "$work/org"
made=yes
await running

call "$PARTNER_KEY" POST "/cp/orgs/$slug/members" '{"email":"ada@example.com","role":"owner"}' | member role

org=$(member id < "$work/org")
org_key=$(call "$PARTNER_KEY" POST /cp/admin/partner-keys \
  "{\"name\":\"reader of $slug\",\"org_id\":\"$org\",\"scopes\":[\"orgs:read\"],\"expires_in_days\":1}" | member key)
call "$org_key" GET "/cp/orgs/$slug" | member slug

call "$PARTNER_KEY" POST "/cp/orgs/$slug/suspend" | member status
if call "$org_key" GET "/cp/orgs/$slug" 2> "$work/refused"; then
  echo "a key of a suspended org was let in" >&2
  exit 1
fi
grep -o org_suspended "$work/refused" | head -n 1
call "$PARTNER_KEY" POST "/cp/orgs/$slug/resume" | member status
