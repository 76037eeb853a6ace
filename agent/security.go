// # Threats
//
// RFC 3414 §1.1 has four threats that SNMPv3 is to meet, and this is how:
//
//   - Modification of information, and masquerade. A message at authNoPriv or above
//     has a MAC over all of it, made with a key that is good at one engine alone.
//     Who has taken the keys of one agent cannot speak to another.
//   - Message stream modification: delayed, reordered, replayed. What is authentic
//     must say the engine's boots and a time within TimeWindow of its own. Within
//     that, 150 seconds each way, the same message is processed each time that it
//     comes, as the RFC has it. A SET that must not be done twice carries
//     snmpSetSerialNo (RegisterObjects; RFC 3418), which a copy does not match.
//   - Disclosure. A message at authPriv is encrypted from the ScopedPDU on. In the
//     clear stay the user's name, the engine's ID, boots and time, and how long the
//     message is.
//
// Denial of service and traffic analysis are not among them. SNMPv1 and SNMPv2c meet
// none: a community is read by whoever sees a datagram of it, and its source address
// can be forged. What can be done against the rest is this.
//
// Guessing. A wrong community is counted and not answered. It is looked up by a hash
// with a random seed, so that the time does not tell how much of it was right. Reports
// do tell what exists, as RFC 3414 §3.2 has it: an unknown user and a wrong MAC have
// different ones. OnBadPacket can suppress them. Nothing slows down who guesses;
// OnBadPacket and the daemon's authenticationFailure tell of him. Who has one
// authentic message can try passwords against it for himself, a megabyte of hash for
// each (RFC 3414 §A.2): only the password's length helps, or keys that were never a
// password (AddUserKeys).
//
// Reflection. Who forges a source has the answer sent there. The Report that answers
// discovery has twice the octets of the least probe (112 for 57). With a community
// that may be used from the forged address, a GetBulkRequest of 34 octets is answered
// by 1472, or as many as MaxBulkResponse says, and a first varbind that is longer
// takes up to MsgMaxSize. CommunityRule.Sources says who may ask. With DisableV1 and
// DisableV2c, and no rule at noAuthNoPriv, who has no key gets nothing longer than a
// Report.
//
// Replay, by the engine's clock:
//
//   - usm.PersistentClock: no message outlives a restart, since the boots differ.
//     A State that is put back from a backup, or a copied machine, brings boots
//     back that have been: what was captured then is good again for the seconds in
//     which the times agree. A copy needs an engine ID of its own.
//   - usm.EpochClock, the default: a message is good for TimeWindow seconds by the
//     world's clock, whether the agent was restarted or not, and at each of the replicas
//     that share an engine ID. A system clock that is set back by a day between two runs
//     makes yesterday's messages good again, one second after the other; who can
//     set it (NTP without authentication) can replay.
//
// What a setting gives up:
//
//   - InsecureAllowAll, and neither MIB nor Access: all access control but the
//     hooks'. A SET needs nothing but a community then, any one.
//   - TimeWindow above 150: that many seconds of replay.
//   - CompatibilityMode, any: nothing. The second way to make a key is tried on what
//     has been verified only.
//   - usm.AnyAuth: as strong as the weakest protocol, MD5, with the user's password.
//   - AllowLower of a user: his messages need not have the level that his keys could.
//     The access policy decides then what they may do.
//   - DecryptLogPackets: whoever sees what OnPacketTrace does with it sees what was
//     encrypted: keep it as you would keep the passwords.
//   - OnGetUserSecurityLevel that returns NoAuthNoPriv: who the user is, is believed.
//   - OnGetUserPassword: anybody can make it be called, MaxConcurrent at a time.
//   - UseInternalSecurityAPI false: keys stay in memory until the garbage collector
//     has cleared them. Without the processor's instructions the standard library's
//     AES is not constant in time.
//   - ShareLocalPort: another process of the same user gets a part of the requests.
//   - RespondFromDestIP false: on a host with several addresses answers may
//     leave from one that was not asked, and firewalls and clients drop them.
//   - TrapCommunity, and Target.Community: are sent in the clear.
//   - Strict false: BER that is longer than need be is understood, which gives up
//     nothing but that two readers may differ on what it says.
package agent
