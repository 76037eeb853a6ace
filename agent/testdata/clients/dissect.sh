#!/usr/bin/env bash
# tshark reads a capture of the other scripts: dissect.sh CAPTURE. Every datagram of the agent must dissect as SNMP, whole
# and without an error; every report must be one that the RFCs know, at the level they give it, with a counter that counts.
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

# The preferences of whoever runs this must not matter; users let tshark verify and decrypt what is theirs.
export XDG_CONFIG_HOME=$scratch HOME=$scratch
options=(-n -r "$capture" -d "udp.port==$port,snmp")
known=' '
if [ -n "${SNMP_USERS:-}" ]; then
  while read -r user auth priv; do
    known="$known$user "
    if [ "$priv" = - ]; then priv='DES","'; else priv="$priv\",\"$SNMP_PRIV_PASS"; fi
    options+=(-o "uat:snmp_users:\"\",\"$user\",\"$auth\",\"$SNMP_AUTH_PASS\",\"$priv\"")
  done <"$SNMP_USERS"
fi
# One line for each datagram of the agent. An expert item's severity is 8388608 for an error, 6291456 for a warning.
fields=(frame.number snmp.data snmp.encryptedPDU _ws.malformed _ws.short _ws.expert.severity _ws.expert.message
  snmp.msgUserName snmp.msgFlags snmp.authentication_ok snmp.name snmp.value.u32 snmp.value.counter)
tshark "${options[@]}" -Y "udp.srcport == $port" -T fields -E separator='|' -E occurrence=a "${fields[@]/#/-e}" \
  >"$scratch/frames" 2>"$scratch/err"
# frames CONDITION: the frames, with their expert messages, of which an awk condition holds. REPORT is the tag of that PDU;
# the flags of a message are 1 for authenticated, 2 for encrypted, 4 for reportable.
frames() {
  awk -F'|' -v known="$known" "
    { report = (\$2 == 8); flags = \$9 + 0; authentic = flags % 2; encrypted = int(flags / 2) % 2; reportable = int(flags / 4) % 2
      mine = index(known, \" \" \$8 \" \") > 0; late = (\$11 == \"1.3.6.1.6.3.15.1.1.2.0\"); counter = (\$12 \$13) + 0 }
    $1 { print \"frame \" \$1 \": \" \$7 }
    report { last[\$11] = counter }" "$scratch/frames"
}
each() { # NAME CONDITION: no frame is an exception, of which the condition would hold.
  local bad
  bad=$(frames "$2")
  [ -z "$bad" ]; check "$1" $? "$(wc -l <<<"$bad") datagrams, such as $(head -n 3 <<<"$bad" | tr '\n' ';')"
}

all=$(wc -l <"$scratch/frames")
check "the agent sent $all datagrams" "$((all == 0))" "$(head -n 3 "$scratch/err")"
# What a user sent whose key tshark cannot make stays encrypted.
each 'each holds a PDU that can be read' '$2 == "" && !(encrypted && !mine && $3 != "")'
each 'none is malformed' '$4 != "" || $5 != ""'
each 'none has an expert error' '$6 ~ /8388608/'
each 'none has an expert warning' '$6 ~ /6291456/'

if [ -n "${SNMP_USERS:-}" ]; then
  each 'every authenticated one verifies' 'authentic && mine && $10 == ""'
  each 'none is reportable' 'reportable'
  # The level of a report is what the error brings with it, else noAuthNoPriv (RFC 3412 §7.1 (3) d); RFC 3414 §3.2 (7) brings one.
  each 'a report is in the clear' 'report && encrypted'
  each 'notInTimeWindows is authenticated, other reports are not' 'report && authentic != late'
  each 'a report has one counter, of usmStats, snmpUnknownPDUHandlers or snmpUnknownContexts' 'report && $11 !~ /^1\.3\.6\.1\.6\.3\.(15\.1\.1\.[1-6]|11\.2\.1\.3|12\.1\.5)\.0$/'
  each 'which counts' 'report && counter <= last[$11] + 0'
  for row in 1:usmStatsUnsupportedSecLevels 2:usmStatsNotInTimeWindows 3:usmStatsUnknownUserNames 4:usmStatsUnknownEngineIDs \
    5:usmStatsWrongDigests 6:usmStatsDecryptionErrors; do
    [ "$row" != 6:usmStatsDecryptionErrors ] || [ -z "${SNMP_SNMPD:-}" ] || continue
    reports=$(frames "report && \$11 == \"1.3.6.1.6.3.15.1.1.${row%%:*}.0\"" | wc -l)
    check "${row#*:} is reported $reports times" "$((reports == 0))" never
  done
  decrypted=$(frames 'encrypted && $2 != ""' | wc -l)
  check "$decrypted are decrypted" "$((decrypted == 0))" none
fi

echo "1..$count"
[ "$failed" -eq 0 ]
