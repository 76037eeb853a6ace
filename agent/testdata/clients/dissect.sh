#!/usr/bin/env bash
# tshark reads a capture of the other scripts: dissect.sh CAPTURE. Every datagram of the agent must dissect as SNMP, whole and without an error.
set -u
export LC_ALL=C
capture=${1:?the capture to read}
port=${SNMP_PORT:?the port of the agent}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

count=0 failed=0
check() { # NAME GOOD(0 is yes) DETAIL
  count=$((count + 1))
  if [ "$2" -eq 0 ]; then echo "ok $count - $1"; else failed=$((failed + 1)); echo "not ok $count - $1: $3"; fi
}

# The preferences of whoever runs this must not matter; the user lets tshark look into encrypted messages.
export XDG_CONFIG_HOME=$scratch HOME=$scratch
options=(-n -r "$capture" -d "udp.port==$port,snmp")
if [ -n "${SNMP_USER:-}" ]; then
  options+=(-o "uat:snmp_users:\"\",\"$SNMP_USER\",\"SHA1\",\"$SNMP_AUTH_PASS\",\"AES\",\"$SNMP_PRIV_PASS\"")
fi
# One line for each datagram of the agent. An expert item's severity is 8388608 for an error, 6291456 for a warning.
tshark "${options[@]}" -Y "udp.srcport == $port" -T fields -E separator='|' -E occurrence=a \
  -e frame.number -e snmp.data -e snmp.encryptedPDU -e _ws.malformed -e _ws.short -e _ws.expert.severity -e _ws.expert.message \
  >"$scratch/frames" 2>"$scratch/err"
# frames CONDITION: the frames, with their expert messages, of which an awk condition holds.
frames() { awk -F'|' "$1 { print \"frame \" \$1 \": \" \$7 }" "$scratch/frames"; }

all=$(wc -l <"$scratch/frames")
check "the agent sent $all datagrams" "$((all == 0))" "$(head -n 3 "$scratch/err")"
while IFS=: read -r name condition; do
  bad=$(frames "$condition")
  [ -z "$bad" ]; check "$name" $? "$(wc -l <<<"$bad") datagrams, such as $(head -n 3 <<<"$bad" | tr '\n' ';')"
done <<'END'
each holds a PDU that can be read:$2 == ""
none is malformed:$4 != "" || $5 != ""
none has an expert error:$6 ~ /8388608/
none has an expert warning:$6 ~ /6291456/
END
if [ -n "${SNMP_USER:-}" ]; then
  encrypted=$(frames '$3 != ""' | wc -l)
  check "$encrypted of them are encrypted" "$((encrypted == 0))" none
fi

echo "1..$count"
[ "$failed" -eq 0 ]
