#!/usr/bin/python3
# pysnmp 4 against an agent. README.md beside this file says what is asked and how a script is told where.
import os
import random
import sys
import warnings

warnings.simplefilter("ignore")  # pysnmp 4 with a current cryptography package complains about its own ciphers

from pyasn1.type import univ
from pysnmp import hlapi
from pysnmp.hlapi import (
    CommunityData, ContextData, ObjectIdentity, ObjectType, SnmpEngine, UdpTransportTarget, UsmUserData,
    bulkCmd, getCmd, nextCmd, setCmd,
)
from pysnmp.proto import rfc1902, rfc1905

HOST = os.environ.get("SNMP_HOST", "127.0.0.1")
PORT = int(os.environ["SNMP_PORT"])
READ_ONLY = os.environ.get("SNMP_READ", "public")
READ_WRITE = os.environ.get("SNMP_WRITE", "private")

DESCR, UPTIME, LOCATION = ("1.3.6.1.2.1.1.%d.0" % n for n in (1, 3, 6))
MISSING = "1.3.6.1.2.1.1.1.9"
HC_IN_OCTETS = "1.3.6.1.2.1.31.1.1.1.6"

count = failed = 0
engine = SnmpEngine()


def check(name, good, got=None):
    global count, failed
    count += 1
    if good:
        print("ok %d - %s" % (count, name))
    else:
        failed += 1
        print("not ok %d - %s: got %s" % (count, name, got))
    return good


def names(*oids):
    return [ObjectType(ObjectIdentity(oid)) for oid in oids]


def ask(command, auth, *arguments, timeout=2, retries=2):
    """One request; the answer is (what went wrong below SNMP, error-status, error-index, [(oid, value)])."""
    target = UdpTransportTarget((HOST, PORT), timeout=timeout, retries=retries)
    generator = command(engine, auth, target, ContextData(), *arguments, lookupMib=False)
    failure, status, index, binds = next(generator)
    binds = [(str(name), value) for name, value in flat(binds)]
    return failure, int(status), int(index), binds


def flat(binds):
    """GETNEXT and GETBULK give rows of varbinds, the others one list of them."""
    for bind in binds:
        if isinstance(bind, list):
            yield from flat(bind)
        else:
            yield bind[0], bind[1]


def refused(name, answer, status, index):
    check(name, answer[0] is None and answer[1:3] == (status, index), answer[:3])


def walk(name, command, auth, *arguments, within=False):
    """Walks; every name must be greater than the one before. pysnmp ends a walk by itself at endOfMibView, or outside the subtree."""
    last, objects = (), 0
    target = UdpTransportTarget((HOST, PORT), timeout=2, retries=2)
    for failure, status, index, binds in command(
            engine, auth, target, ContextData(), *arguments, lookupMib=False, lexicographicMode=not within):
        if failure or status:
            check(name, False, (failure, int(status), int(index)))
            return
        for oid, value in flat(binds):
            if isinstance(value, rfc1905.EndOfMibView):
                continue
            if tuple(oid) <= last:
                check(name + ": strictly increasing", False, "%s after %s" % (oid, last))
                return
            last, objects = tuple(oid), objects + 1
    check("%s: %d objects" % (name, objects), objects > 0, "nothing")


def place_is(auth, text):
    failure, status, index, binds = ask(getCmd, auth, *names(LOCATION))
    return failure is None and status == 0 and bytes(binds[0][1]) == text.encode()


def put(oid, value):
    return ObjectType(ObjectIdentity(oid), value)


def usm_user(name, auth=None, priv=None, auth_pass=None, priv_pass=None):
    """A user whose algorithms are named; those passwords are the environment's that are not given."""
    keys = {}
    if auth:
        keys.update(authProtocol=getattr(hlapi, auth), authKey=auth_pass or os.environ["SNMP_AUTH_PASS"])
    if priv:
        keys.update(privProtocol=getattr(hlapi, priv), privKey=priv_pass or os.environ["SNMP_PRIV_PASS"])
    return UsmUserData(name, **keys)


strangers = {}


def fails(name, why, data, words, **patience):
    """A get that must fail with these words. What pysnmp knows of a user stays with its engine: each reason has one of its own."""
    global engine
    kept, engine = engine, strangers.get(why) or SnmpEngine()
    strangers[why] = engine
    answer = ask(getCmd, data, *names(DESCR), **patience)
    engine = kept
    check("%s%s" % (name, why), words in str(answer[0]), answer)


def as_user(name, auth, priv=None):
    data = usm_user(name, auth, priv)
    failure, status, index, binds = ask(getCmd, data, *names(DESCR, UPTIME))
    check(name + ": get", failure is None and status == 0 and isinstance(binds[1][1], rfc1902.TimeTicks), (failure, status))
    walk(name + ": bulk walk of interfaces", bulkCmd, data, 0, 20, *names("1.3.6.1.2.1.2"), within=True)
    answer = ask(setCmd, data, put(LOCATION, rfc1902.OctetString("as " + name)))
    check(name + ": set", answer[0] is None and answer[1] == 0, answer)
    check(name + ": set, read back", place_is(data, "as " + name))
    fails(name + ": ", "wrong authentication password", usm_user(name, auth, priv, auth_pass="wrong-passphrase"), "Wrong SNMP PDU digest")
    if priv and os.environ.get("SNMP_SNMPD"):
        fails(name + ": ", "wrong privacy password, no answer", usm_user(name, auth, priv, priv_pass="wrong-passphrase"),
              "No SNMP response", timeout=1, retries=0)
    elif priv:
        fails(name + ": ", "wrong privacy password", usm_user(name, auth, priv, priv_pass="wrong-passphrase"), "Ciphering services not available or ciphertext is broken")


def set_clock(boots, time):
    """Makes pysnmp believe that the agent's clock is another than it said."""
    timeline = engine.securityModels[3]._SnmpUSMSecurityModel__timeline
    for identity in list(timeline):
        timeline[identity] = (boots, time, time, 0)
    return len(timeline)


def users():
    global engine
    with open(os.environ["SNMP_USERS"]) as lines:
        given = [[word for word in line.split() if word != "-"] for line in lines]
    for user in given:
        as_user(*user)
    open_user = [user for user in given if len(user) == 2][-1]
    private = [user for user in given if len(user) == 3][-1]
    data = usm_user(*private)
    walk("authPriv: bulk walk of .1.3", bulkCmd, data, 0, 50, *names("1.3"))
    known = set_clock(0, 99999)
    failure, status, index, binds = ask(getCmd, data, *names(DESCR))
    check("wrong clock: synchronizes again", known and failure is None and status == 0, (known, failure, status))
    for level, low in (("authNoPriv", usm_user(*private[:2])), ("noAuthNoPriv", usm_user(private[0]))):
        engine = SnmpEngine()
        refused("level too low, %s: authorizationError" % level, ask(getCmd, low, *names(DESCR)), 16, 0)
    fails("", "a user without a privacy key, with privacy", usm_user(*open_user, "usmAesCfb128Protocol"), "Unsupported SNMP security level")
    fails("", "unknown user", usm_user("nobody"), "Unknown USM user")


def restarts():
    """Keeps what it knows of the agent's clock while that is started anew."""
    with open(os.environ["SNMP_USERS"]) as lines:
        private = [line.split() for line in lines if not line.endswith(" -\n")][-1]
    life = 1
    while True:
        failure, status, index, binds = ask(getCmd, usm_user(*private), *names(DESCR))
        check("life %d: get" % life, failure is None and status == 0, (failure, status))
        print("# ready", flush=True)
        if not sys.stdin.readline():
            return
        life += 1


if os.environ.get("SNMP_USERS"):
    restarts() if os.environ.get("SNMP_RESTARTS") else users()
    print("1..%d" % count)
    sys.exit(1 if failed else 0)

v1, w1 = CommunityData(READ_ONLY, mpModel=0), CommunityData(READ_WRITE, mpModel=0)
v2, w2 = CommunityData(READ_ONLY, mpModel=1), CommunityData(READ_WRITE, mpModel=1)

failure, status, index, binds = ask(getCmd, v2, *names(DESCR, UPTIME))
if not check("v2c get", failure is None and status == 0 and len(binds) == 2 and len(binds[0][1]) > 0, (failure, status, index)):
    print("1..1")
    sys.exit(1)
check("v2c get: types", isinstance(binds[0][1], rfc1902.OctetString) and isinstance(binds[1][1], rfc1902.TimeTicks), binds)

failure, status, index, binds = ask(nextCmd, v2, *names("1.3.6.1.2.1.1", DESCR))
check("v2c getnext", [oid for oid, _ in binds] == [DESCR, "1.3.6.1.2.1.1.2.0"], (failure, status, binds))

failure, status, index, binds = ask(bulkCmd, v2, 1, 2, *names("1.3.6.1.2.1.1.1", "1.3.6.1.2.1.1.5"))
check("v2c bulk", [oid for oid, _ in binds][:2] == [DESCR, "1.3.6.1.2.1.1.5.0"], (failure, status, binds))

# pysnmp cannot encode .1, and needs several milliseconds a request: one varbind at a time is walked in one subtree only.
walk("v2c bulk walk of .1.3", bulkCmd, v2, 0, 50, *names("1.3"))
walk("v2c walk of interfaces", nextCmd, v2, *names("1.3.6.1.2.1.2"), within=True)
walk("v1 walk of interfaces", nextCmd, v1, *names("1.3.6.1.2.1.2"), within=True)

place = "interop %d" % random.randrange(100000)
# pysnmp knows sysLocation and makes any value a string before it sends it, so a wrong type is the other clients' to try.
text = rfc1902.OctetString
answer = ask(setCmd, w2, put(LOCATION, text(place)))
check("v2c set", answer[0] is None and answer[1] == 0, answer)
check("v2c set, read back", place_is(v2, place))
refused("v2c set with the read-only community: noAccess", ask(setCmd, v2, put(LOCATION, text("refused"))), 6, 1)
refused("v2c set with a bad second varbind: notWritable",
        ask(setCmd, w2, put(LOCATION, text("changed")), put(DESCR, text("refused"))), 17, 2)
check("v2c a refused set changed nothing", place_is(v2, place))

failure, status, index, binds = ask(getCmd, v2, *names(DESCR, MISSING))
check("v2c missing instance: noSuchInstance", failure is None and status == 0 and isinstance(binds[1][1], rfc1905.NoSuchInstance), (failure, status, binds))
failure, status, index, binds = ask(getCmd, v2, *names("1.3.6.1.2.1.99999.1.0"))
check("v2c missing object: noSuchObject", failure is None and status == 0 and isinstance(binds[0][1], rfc1905.NoSuchObject), (failure, status, binds))
failure, status, index, binds = ask(nextCmd, v2, *names(HC_IN_OCTETS))
counter64 = binds[0][0] if binds else MISSING
check("v2c Counter64", bool(binds) and isinstance(binds[0][1], rfc1902.Counter64), binds)

failure, status, index, binds = ask(getCmd, v1, *names(DESCR, UPTIME))
check("v1 get", failure is None and status == 0 and len(binds[0][1]) > 0, (failure, status))
refused("v1 get with a bad second varbind: noSuchName, its index", ask(getCmd, v1, *names(DESCR, MISSING, UPTIME)), 2, 2)
refused("v1 get of a Counter64: noSuchName, its index", ask(getCmd, v1, *names(DESCR, counter64)), 2, 2)
refused("v1 set with the read-only community: noSuchName", ask(setCmd, v1, put(LOCATION, text("refused"))), 2, 1)
answer = ask(setCmd, w1, put(LOCATION, text(place + " v1")))
check("v1 set", answer[0] is None and answer[1] == 0 and place_is(v1, place + " v1"), answer)

answer = ask(getCmd, CommunityData("wrong", mpModel=1), *names(DESCR), timeout=1, retries=0)
check("v2c wrong community: no answer", answer[0] is not None and "No SNMP response" in str(answer[0]), answer)

print("1..%d" % count)
sys.exit(1 if failed else 0)
