#!/usr/bin/env bash
# The Net-SNMP command-line tools against an agent. README.md beside this file says what is asked and how a script is told where.
set -u
export LC_ALL=C MIBS= MIBDIRS= SNMPCONFPATH=/nonexistent

agent=${SNMP_HOST:-127.0.0.1}:${SNMP_PORT:?the port of the agent}
read_only=${SNMP_READ:-public}
read_write=${SNMP_WRITE:-private}
auth_pass=${SNMP_AUTH_PASS:-} priv_pass=${SNMP_PRIV_PASS:-}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export SNMP_PERSISTENT_DIR=$scratch
mkdir "$scratch/cert_indexes" # or the tools say that they made it

count=0 failed=0
ok() { count=$((count + 1)); echo "ok $count - $*"; }
not_ok() {
  count=$((count + 1)); failed=$((failed + 1))
  echo "not ok $count - $*"
  head -n 8 "$scratch/out" "$scratch/err" 2>/dev/null | sed 's/^/# /'
}

# run TOOL ARGUMENTS... leaves what the tool said in out and err and its exit status in $status.
run() {
  local tool=$1; shift
  timeout 120 "$tool" -r 2 -t 2 "$@" >"$scratch/out" 2>"$scratch/err"
  status=$?
}

# answers NAME STATUS PATTERN: the last run ended with STATUS and said PATTERN (an extended regular expression) somewhere.
# A successful run must have said nothing on the error output.
answers() {
  local name=$1 want=$2 pattern=$3
  if [ "$status" -ne "$want" ]; then not_ok "$name: exit status $status, not $want"; return; fi
  if [ "$want" -eq 0 ] && [ -s "$scratch/err" ]; then not_ok "$name: error output"; return; fi
  if ! cat "$scratch/out" "$scratch/err" | grep -Eq -- "$pattern"; then not_ok "$name: no line like $pattern"; return; fi
  ok "$name"
}

# walked NAME END: the last run printed a walk (-Onx) whose OIDs strictly increase and that ended as END says.
walked() {
  local name=$1 end=$2 objects
  if [ "$status" -ne 0 ] || [ -s "$scratch/err" ]; then not_ok "$name: exit status $status"; return; fi
  if grep -Eq 'OID not increasing|Error|Timeout' "$scratch/out"; then not_ok "$name: an error in the walk"; return; fi
  if ! tail -n 1 "$scratch/out" | grep -Eq -- "$end"; then
    tail -n 2 "$scratch/out" >"$scratch/err"
    not_ok "$name: does not end with $end"; return
  fi
  if ! objects=$(grep -E '^\.1\.[0-9.]+ = ' "$scratch/out" | grep -v 'No more variables left' | awk '
    { n = split($1, now, ".")
      if (NR > 1) {
        greater = 0
        for (i = 1; i <= n; i++) {
          if (i > before_n || now[i] + 0 > before[i] + 0) { greater = 1; break }
          if (now[i] + 0 < before[i] + 0) break
        }
        if (!greater) { print $1 " does not follow " last; exit 1 }
      }
      delete before; for (i in now) before[i] = now[i]; before_n = n; last = $1 }
    END { if (NR == 0) { print "nothing walked"; exit 1 } print NR " objects" }'); then
    : >"$scratch/out"
    not_ok "$name: $objects"; return
  fi
  ok "$name: $objects"
}

v1="-v1 -c $read_only -On"
v2="-v2c -c $read_only -On"
w1="-v1 -c $read_write -On"
w2="-v2c -c $read_write -On"
descr=.1.3.6.1.2.1.1.1.0 uptime=.1.3.6.1.2.1.1.3.0 contact=.1.3.6.1.2.1.1.4.0 location=.1.3.6.1.2.1.1.6.0
interfaces=.1.3.6.1.2.1.2 engine_boots=.1.3.6.1.6.3.10.2.1.2.0 engine_time=.1.3.6.1.6.3.10.2.1.3.0
missing=.1.3.6.1.2.1.1.1.9 hc_in_octets=.1.3.6.1.2.1.31.1.1.1.6
end_of_mib='No more variables left in this MIB View'

# The names of the last run's walk that neither come nor go between two: of system, interfaces, snmp and ifXTable.
names() { sed -nE 's/^(\.1\.3\.6\.1\.2\.1\.(1|2|11|31)\.[0-9.]+) = .*/\1/p' "$scratch/out" >"$scratch/$1"; }
counter64s() { sed -nE 's/^(\.[0-9.]+) = Counter64: .*/\1/p' "$scratch/out" >"$scratch/$1"; }
same() { # NAME FILE FILE
  if [ -s "$scratch/$2" ] && diff "$scratch/$2" "$scratch/$3" >"$scratch/out"; then ok "$1"; else not_ok "$1"; fi
}

# secure USER AUTH PRIV: asks as the user, whose privacy algorithm may be a dash.
secure() {
  local who="$1" level=authNoPriv as subtree=$interfaces name=$1
  as="-v3 -On -u $1 -a $2 -A $auth_pass"
  if [ "$3" != - ]; then level=authPriv; as="$as -x $3 -X $priv_pass"; fi
  as="$as -l $level"
  run snmpget $as "$agent" $descr $uptime
  answers "$name: get" 0 '^\.1\.3\.6\.1\.2\.1\.1\.3\.0 = Timeticks: '
  run snmpbulkwalk $as -Onx -Cr20 "$agent" $interfaces; walked "$name: bulk walk of interfaces" '^\.1\.3\.6\.1\.2\.1\.2\.'
  run snmpset $as "$agent" $location s "as $who"
  answers "$name: set" 0 "STRING: \"as $who\""
  run snmpget $as "$agent" $location
  answers "$name: set, read back" 0 "STRING: \"as $who\""
  run snmpget $as -A wrong-passphrase "$agent" $descr
  answers "$name: wrong authentication password" 1 '^snmpget: Authentication failure'
  [ "$3" != - ] || return 0
  if [ -n "${SNMP_SNMPD:-}" ]; then
    run snmpget $as -X wrong-passphrase -r 0 -t 1 "$agent" $descr
    answers "$name: wrong privacy password, no answer" 1 '^Timeout: No Response'
  else
    run snmpget $as -X wrong-passphrase "$agent" $descr
    answers "$name: wrong privacy password" 1 '^snmpget: Decryption error'
  fi
}

users() {
  local user auth priv open='' shut='' as time
  while read -r user auth priv; do
    secure "$user" "$auth" "$priv"
    if [ "$priv" = - ]; then open="-u $user -a $auth -A $auth_pass -x AES -X $priv_pass"; else shut="-u $user -a $auth -A $auth_pass -x $priv -X $priv_pass"; fi
  done <"$SNMP_USERS"

  as="-v3 -On $shut -l authPriv"
  run snmpbulkwalk $as -Onx -Cr50 "$agent" .1; walked 'authPriv: bulk walk of .1' "$end_of_mib"
  run snmpwalk $as -Onx "$agent" .1; walked 'authPriv: walk of .1' "$end_of_mib"
  # -Z gives the boots and time to begin with: those of a life of the agent that is over.
  for time in 0,0 0,99999; do
    run snmpget $as -Z $time "$agent" $descr
    answers "wrong clock $time: synchronizes again" 0 'STRING: .'
  done
  if [ -z "${SNMP_SNMPD:-}" ]; then
    # The tool has no word of its own for this report.
    run snmpget $as -E 0x8000000001020304 "$agent" $descr
    answers 'an engine that is not here: snmpUnknownPDUHandlers' 1 '^snmpget: Bad version specified'
    run snmpget $as -n nowhere "$agent" $descr
    answers 'a context that is not here: snmpUnknownContexts' 1 '^snmpget: Bad context specified'
  fi
  for level in authNoPriv noAuthNoPriv; do
    run snmpget -v3 $shut -l $level "$agent" $descr
    answers "level too low, $level: authorizationError" 2 'Reason: authorizationError'
    run snmpset -v3 $shut -l $level "$agent" $location s refused
    answers "level too low for a set, $level: authorizationError" 2 'Reason: authorizationError'
  done
  run snmpget $as "$agent" $location
  answers 'a refused set changed nothing' 0 'STRING: "as '
  # Of these at least one has a digest of another length than the user's.
  for other in SHA-512 SHA MD5; do
    [[ $shut != *" -a $other "* ]] || continue
    run snmpget $as -a $other "$agent" $descr
    answers "wrong authentication protocol, $other: usmStatsWrongDigests" 1 '^snmpget: Authentication failure'
  done
  run snmpget -v3 $open -l authPriv "$agent" $descr
  answers 'a user without a privacy key, with privacy: usmStatsUnsupportedSecLevels' 1 'Unsupported security level'
  run snmpget -v3 -u nobody -l noAuthNoPriv "$agent" $descr
  answers 'unknown user: usmStatsUnknownUserNames' 1 'Unknown user name'
  run snmpget -v3 $shut -u nobody -l authPriv "$agent" $descr
  answers 'unknown user with a password: usmStatsUnknownUserNames' 1 'Unknown user name'
}

# restarts asks with the boots and time of the agent's life before this one, as a manager does that remembers them.
restarts() {
  local user auth priv as clock='' lives=1
  while read -r user auth priv; do [ "$priv" = - ] || as="-v3 -u $user -a $auth -A $auth_pass -x $priv -X $priv_pass -l authPriv"; done <"$SNMP_USERS"
  while :; do
    run snmpget $as ${clock:+-Z $clock} -Oqv "$agent" $engine_boots $engine_time
    answers "life $lives: get" 0 '^[0-9]+$'
    clock=$(paste -sd, "$scratch/out")
    echo '# ready'
    read -r _ || break
    lives=$((lives + 1))
  done
}

run snmpget $v2 "$agent" $uptime
if [ "$status" -ne 0 ]; then not_ok "the agent at $agent answers"; echo '1..1'; exit 1; fi

if [ -n "${SNMP_USERS:-}" ]; then
  if [ -n "${SNMP_RESTARTS:-}" ]; then restarts; else users; fi
  echo "1..$count"
  [ "$failed" -eq 0 ]
  exit
fi

for v in "$v1" "$v2"; do
  version=${v%% *}
  run snmpget $v "$agent" $descr $uptime
  answers "get $version" 0 '^\.1\.3\.6\.1\.2\.1\.1\.1\.0 = STRING: .'
  answers "get $version, second varbind" 0 '^\.1\.3\.6\.1\.2\.1\.1\.3\.0 = Timeticks: '
  run snmpgetnext $v "$agent" .1.3.6.1.2.1.1 .1.3.6.1.2.1.1.1.0
  answers "getnext $version" 0 '^\.1\.3\.6\.1\.2\.1\.1\.1\.0 = STRING: '
  answers "getnext $version, second varbind" 0 '^\.1\.3\.6\.1\.2\.1\.1\.2\.0 = OID: '
done

run snmpbulkget $v2 -Cn1 -Cr3 "$agent" .1.3.6.1.2.1.1.1 .1.3.6.1.2.1.2.2.1.1 .1.3.6.1.2.1.2.2.1.2
answers 'bulk: one non-repeater, then two columns' 0 '^\.1\.3\.6\.1\.2\.1\.2\.2\.1\.2\.1 = STRING: '
if [ "$(grep -c '^\.1\.3\.6\.1\.2\.1\.1\.' "$scratch/out")" -eq 1 ]; then ok 'bulk: the non-repeater once'; else not_ok 'bulk: the non-repeater not once'; fi
run snmpbulkget $v2 -Cr100 "$agent" .1.9
answers 'bulk past the end' 0 "$end_of_mib"

run snmpwalk $v2 -Onx "$agent" .1; names walk; counter64s wide; walked 'walk -v2c of .1' "$end_of_mib"
run snmpwalk $v1 -Onx "$agent" .1; names v1; walked 'walk -v1 of .1' '^End of MIB'
run snmpbulkwalk $v2 -Cr50 -Onx "$agent" .1; names bulk; walked 'bulkwalk -Cr50 of .1' "$end_of_mib"
grep -vxFf "$scratch/wide" "$scratch/walk" >"$scratch/narrow"
same 'walk and bulkwalk find the same' walk bulk
same 'walk -v1 finds all but the Counter64s' narrow v1
run snmpbulkwalk $v2 -Cr1 -Onx "$agent" .1.3.6.1.2.1.2; walked 'bulkwalk -Cr1 of interfaces' '^\.1\.3\.6\.1\.2\.1\.2\.'
run snmpwalk $v2 "$agent" $descr
answers 'walk of an instance falls back to get' 0 '^\.1\.3\.6\.1\.2\.1\.1\.1\.0 = STRING: '

place="interop $RANDOM"
run snmpset $w2 "$agent" $location s "$place"
answers 'set of sysLocation.0' 0 "STRING: \"$place\""
run snmpget $v2 "$agent" $location
answers 'sysLocation.0 read back' 0 "STRING: \"$place\""
run snmpset $w1 "$agent" $location s "$place v1"
answers 'set of sysLocation.0 with -v1' 0 "STRING: \"$place v1\""
run snmpset $v2 "$agent" $location s refused
answers 'set with the read-only community: noAccess' 2 'Reason: noAccess'
run snmpset $v1 "$agent" $location s refused
answers 'set with the read-only community, -v1: noSuchName' 2 'Reason: \(noSuchName\)'
run snmpset $w2 "$agent" $location i 4
answers 'set of a wrong type: wrongType' 2 'Reason: wrongType'
run snmpset $w1 "$agent" $location i 4
answers 'set of a wrong type, -v1: badValue' 2 'Reason: \(badValue\)'
run snmpset $w2 "$agent" $location s "$(printf '%0256d' 0)"
answers 'set of 256 octets: wrongLength' 2 'Reason: wrongLength'
run snmpset $w2 "$agent" $location s changed $descr s refused
answers 'set with a bad second varbind: notWritable' 2 'Reason: notWritable'
answers 'set with a bad second varbind: its index' 2 'Failed object: \.1\.3\.6\.1\.2\.1\.1\.1\.0'
run snmpget $v2 "$agent" $location
answers 'a refused set changed nothing' 0 "STRING: \"$place v1\""

run snmpget $v2 "$agent" $missing
answers 'missing instance: noSuchInstance' 0 'No Such Instance currently exists at this OID'
run snmpget $v2 "$agent" .1.3.6.1.2.1.99999.1.0
answers 'missing object: noSuchObject' 0 'No Such Object available on this agent at this OID'
run snmpgetnext $v2 "$agent" .1.9
answers 'getnext past the end: endOfMibView' 0 "$end_of_mib"
run snmpgetnext $v1 "$agent" .1.9
answers 'getnext past the end, -v1: noSuchName' 2 'Reason: \(noSuchName\)'
run snmpget $v1 -Cf "$agent" $descr $missing
answers 'get -v1 with a bad second varbind: noSuchName' 2 'Reason: \(noSuchName\)'
answers 'get -v1 with a bad second varbind: its index' 2 "Failed object: \\$missing\$"
run snmpget $v1 "$agent" $missing $descr
answers 'get -v1 repairs its request by the index' 2 '^\.1\.3\.6\.1\.2\.1\.1\.1\.0 = STRING: '

run snmpgetnext $v2 "$agent" $hc_in_octets
answers 'a Counter64 with -v2c' 0 '= Counter64: [0-9]+'
counter64=$(sed -n 's/ = Counter64.*//p' "$scratch/out")
run snmpget $v1 -Cf "$agent" $descr "${counter64:-none}"
answers 'get of a Counter64 with -v1: noSuchName' 2 'Reason: \(noSuchName\)'
answers 'get of a Counter64 with -v1: its index' 2 "Failed object: \\${counter64:-none}\$"
run snmpgetnext $v1 "$agent" $hc_in_octets
if [ "$status" -eq 0 ] && ! grep -q "^\\$hc_in_octets" "$scratch/out"; then ok 'getnext with -v1 steps over Counter64'; else not_ok 'getnext with -v1 does not step over Counter64'; fi

run snmpstatus $v2 "$agent"
answers 'snmpstatus: who and how long' 0 '^\[UDP: .*\]=>\[.+\] Up: [0-9]'
answers 'snmpstatus: interfaces and packets' 0 '^Interfaces: [1-9][0-9]*, Recv/Trans packets: [0-9]+/[0-9]+'

if [ -n "${SNMP_MIBS:-}" ] && [ -e "$SNMP_MIBS/IF-MIB.txt" ]; then
  names="-M $SNMP_MIBS -m ALL -v2c -c $read_only"
  # Parsing every module says nothing about the agent, so what it complains about is not counted.
  for ask in 'snmptable ifXTable lo' 'snmptable ifTable softwareLoopback' 'snmpwalk ifXTable IF-MIB::ifName.1'; do
    read -r tool table want <<<"$ask"
    run $tool $names "$agent" $table; : >"$scratch/err"
    answers "$tool $table by name" 0 "$want"
    [ "$table" = ifXTable ] && [ "$tool" = snmptable ] && cp "$scratch/out" "$scratch/table"
  done
  # A title, an empty line and the columns' names; then a row for each interface, with a question mark where a cell is missing.
  run snmpget $v2 -Oqv "$agent" .1.3.6.1.2.1.2.1.0
  rows=$(($(wc -l <"$scratch/table") - 3))
  if [ "$rows" -eq "$(cat "$scratch/out")" ]; then ok "snmptable ifXTable: $rows rows"; else not_ok "snmptable ifXTable: $rows rows"; fi
  if [ -z "${SNMP_SNMPD:-}" ]; then
    grep -w '?' "$scratch/table" >"$scratch/out"; : >"$scratch/err"
    if [ -s "$scratch/out" ]; then not_ok 'snmptable ifXTable: a cell is missing'; else ok 'snmptable ifXTable: no cell is missing'; fi
  fi
else
  run snmpwalk $v2 "$agent" .1.3.6.1.2.1.31.1.1.1.1
  answers 'walk of ifName' 0 'STRING: "lo"'
fi

run snmpget -v2c -c "wrong $RANDOM" -r 0 -t 1 "$agent" $descr
answers 'wrong community: no answer' 1 '^Timeout: No Response'

echo "1..$count"
[ "$failed" -eq 0 ]
