# A notification receiver made of pysnmp 4.4: pysnmp4.py PORT ENGINEID. It prints "ready", and then of each notification what it is
# called and the value of ifDescr.7. The user ops has SHA-1 and AES-128; his traps come from the engine that is named.
import os
import sys

from pysnmp.carrier.asyncore.dgram import udp
from pysnmp.entity import config, engine
from pysnmp.entity.rfc3413 import ntfrcv
from pysnmp.proto.api import v2c

receiver = engine.SnmpEngine()
config.addTransport(receiver, udp.domainName, udp.UdpTransport().openServerMode(("127.0.0.1", int(sys.argv[1]))))
config.addV1System(receiver, "area", "public")
keys = config.usmHMACSHAAuthProtocol, "auth-passphrase", config.usmAesCfb128Protocol, "priv-passphrase"
config.addV3User(receiver, "ops", *keys, securityEngineId=v2c.OctetString(hexValue=sys.argv[2]))
config.addV3User(receiver, "ops", *keys)


def heard(snmp_engine, state, context_engine, context, var_binds, _):
    for name, value in var_binds:
        if name.prettyPrint() == "1.3.6.1.6.3.1.1.4.1.0":
            print("told .%s" % value.prettyPrint(), flush=True)
        if name.prettyPrint() == "1.3.6.1.2.1.2.2.1.2.7":
            print("heard", value.prettyPrint(), flush=True)


ntfrcv.NotificationReceiver(receiver, heard)
receiver.transportDispatcher.jobStarted(1)
print("ready", flush=True)
# It ends with whoever has started it.
receiver.transportDispatcher.registerTimerCbFun(lambda now: os.getppid() == 1 and os._exit(0))
receiver.transportDispatcher.runDispatcher()
