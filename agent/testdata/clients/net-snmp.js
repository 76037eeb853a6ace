// npm's net-snmp against an agent. README.md beside this file says what is asked and how a script is told where.
"use strict";
const fs = require("fs");
const readline = require("readline");
const snmp = require("net-snmp");

const { SNMP_HOST = "127.0.0.1", SNMP_PORT, SNMP_READ = "public", SNMP_WRITE = "private", SNMP_USERS, SNMP_RESTARTS, SNMP_AUTH_PASS, SNMP_PRIV_PASS, SNMP_SNMPD } = process.env;
if (!SNMP_PORT) {
  console.error("SNMP_PORT: the port of the agent");
  process.exit(2);
}

const [descr, uptime, location] = [1, 3, 6].map((n) => `1.3.6.1.2.1.1.${n}.0`);
const missing = "1.3.6.1.2.1.1.1.9";
const hcInOctets = "1.3.6.1.2.1.31.1.1.1.6";
const { ObjectType, ErrorStatus } = snmp;

let count = 0;
let failed = 0;

function check(name, good, got) {
  count++;
  if (!good) failed++;
  console.log(good ? `ok ${count} - ${name}` : `not ok ${count} - ${name}: got ${got}`);
  return good;
}

const options = (version, more) => ({ port: Number(SNMP_PORT), version, timeout: 2000, retries: 2, ...more });
const session = (version, community, more) => snmp.createSession(SNMP_HOST, community, options(version, more));

// ask turns a method with a callback into a promise of {error, binds}; it never rejects.
const ask = (s, method, ...args) => new Promise((resolve) => s[method](...args, (error, binds) => resolve({ error, binds: binds ?? [] })));

const types = (binds) => binds.map((b) => b.type).join(" ");
const names = (binds) => binds.map((b) => b.oid).join(" ");

function answered(name, { error, binds }, ...want) {
  return check(name, !error && types(binds) === want.join(" "), error ?? `types ${types(binds)}`);
}

// net-snmp ends the text of an error with the name of the varbind that error-index points to.
function refused(name, { error }, status, oid) {
  check(name, error instanceof snmp.RequestFailedError && error.status === status && error.message.endsWith(`: ${oid}`), error ?? "an answer");
}

function compareOids(a, b) {
  const [x, y] = [a, b].map((oid) => oid.split(".").map(Number));
  for (let i = 0; i < Math.min(x.length, y.length); i++) if (x[i] !== y[i]) return x[i] - y[i];
  return x.length - y.length;
}

// walk asks for `repetitions` at a time (0: GetNextRequest) until endOfMibView, or noSuchName in SNMPv1.
async function walk(name, s, repetitions) {
  let last = "1.3";
  for (let objects = 0; ;) {
    let { error, binds } = repetitions > 0 ? await ask(s, "getBulk", [last], 0, repetitions) : await ask(s, "getNext", [last]);
    if (error?.status === ErrorStatus.NoSuchName && s.version === snmp.Version1) return check(`${name}: ${objects} objects`, objects > 0, "only the end");
    if (error) return check(`${name} after ${last}`, false, error);
    if (repetitions > 0) binds = binds[0];
    for (const { oid, type } of binds) {
      if (type === ObjectType.EndOfMibView) return check(`${name}: ${objects} objects`, objects > 0, "only the end");
      if (compareOids(oid, last) <= 0) return check(`${name}: strictly increasing`, false, `${oid} after ${last}`);
      last = oid;
      objects++;
    }
  }
}

const text = (oid, value) => ({ oid, type: ObjectType.OctetString, value });
const integer = { oid: location, type: ObjectType.Integer, value: 4 };

async function placeIs(name, s, want) {
  const { error, binds } = await ask(s, "get", [location]);
  check(name, !error && String(binds[0].value) === want, error ?? binds[0]?.value);
}

async function communities(place) {
  const [v2, w2] = [SNMP_READ, SNMP_WRITE].map((community) => session(snmp.Version2c, community));
  if (!answered("v2c get", await ask(v2, "get", [descr, uptime]), ObjectType.OctetString, ObjectType.TimeTicks)) return false;
  let answer = await ask(v2, "getNext", ["1.3.6.1.2.1.1", descr]);
  check("v2c getnext", names(answer.binds) === `${descr} 1.3.6.1.2.1.1.2.0`, answer.error ?? names(answer.binds));
  answer = await ask(v2, "getBulk", ["1.3.6.1.2.1.1.1", "1.3.6.1.2.1.1.5", "1.3.6.1.2.1.1.6"], 1, 1);
  check("v2c bulk", names(answer.binds.flat()) === `${descr} 1.3.6.1.2.1.1.5.0 ${location}`, answer.error ?? names(answer.binds.flat()));
  await walk("v2c walk of .1.3", v2, 0);
  await walk("v2c bulk walk of .1.3", v2, 50);
  const table = await ask(v2, "table", "1.3.6.1.2.1.31.1.1", 20);
  check("v2c table of ifXTable", !table.error && String(table.binds[1]?.[1]) === "lo", table.error ?? JSON.stringify(table.binds[1]));

  answered("v2c set", await ask(w2, "set", [text(location, place)]), ObjectType.OctetString);
  await placeIs("v2c set, read back", v2, place);
  refused("v2c set with the read-only community: noAccess", await ask(v2, "set", [text(location, "refused")]), ErrorStatus.NoAccess, location);
  refused("v2c set of a wrong type: wrongType", await ask(w2, "set", [integer]), ErrorStatus.WrongType, location);
  refused("v2c set of 256 octets: wrongLength", await ask(w2, "set", [text(location, "x".repeat(256))]), ErrorStatus.WrongLength, location);
  refused("v2c set with a bad second varbind: notWritable", await ask(w2, "set", [text(location, "changed"), text(descr, "refused")]), ErrorStatus.NotWritable, descr);
  await placeIs("v2c a refused set changed nothing", v2, place);

  answered("v2c missing instance and object: noSuchInstance, noSuchObject", await ask(v2, "get", [descr, missing, "1.3.6.1.2.1.99999.1.0"]),
    ObjectType.OctetString, ObjectType.NoSuchInstance, ObjectType.NoSuchObject);
  answer = await ask(v2, "getNext", [hcInOctets]);
  answered("v2c Counter64", answer, ObjectType.Counter64);
  const counter64 = answer.binds[0]?.oid ?? missing;

  const [v1, w1] = [SNMP_READ, SNMP_WRITE].map((community) => session(snmp.Version1, community));
  answered("v1 get", await ask(v1, "get", [descr, uptime]), ObjectType.OctetString, ObjectType.TimeTicks);
  refused("v1 get with a bad second varbind: noSuchName, its index", await ask(v1, "get", [descr, missing, uptime]), ErrorStatus.NoSuchName, missing);
  refused("v1 get of a Counter64: noSuchName, its index", await ask(v1, "get", [descr, counter64]), ErrorStatus.NoSuchName, counter64);
  answer = await ask(v1, "getNext", [hcInOctets]);
  check("v1 getnext steps over Counter64", !answer.error && !answer.binds[0].oid.startsWith(`${hcInOctets}.`), answer.error ?? names(answer.binds));
  await walk("v1 walk of .1.3", v1, 0);
  refused("v1 set with the read-only community: noSuchName", await ask(v1, "set", [text(location, "refused")]), ErrorStatus.NoSuchName, location);
  answered("v1 set", await ask(w1, "set", [text(location, `${place} v1`)]), ObjectType.OctetString);
  refused("v1 set of a wrong type: badValue", await ask(w1, "set", [integer]), ErrorStatus.BadValue, location);

  const stranger = session(snmp.Version2c, "wrong", { timeout: 1000, retries: 0 });
  answer = await ask(stranger, "get", [descr]);
  check("v2c wrong community: no answer", answer.error instanceof snmp.RequestTimedOutError, answer.error ?? "an answer");
  for (const s of [v2, w2, v1, w1, stranger]) s.close();
  return true;
}

// secure opens a session of SNMPv3; net-snmp counts a report among the errors, and says after which counter.
const secure = (user, more) => snmp.createV3Session(SNMP_HOST, user, options(snmp.Version3, more));

async function fails(name, user, kind, words, more) {
  const s = secure(user, more);
  const { error } = await ask(s, "get", [descr]);
  check(name, error instanceof kind && error.message.startsWith(words), error ?? "an answer");
  s.close();
}

async function asUser(user) {
  const { name } = user;
  const s = secure(user);
  answered(`${name}: get`, await ask(s, "get", [descr, uptime]), ObjectType.OctetString, ObjectType.TimeTicks);
  const oids = [];
  const error = await new Promise((resolve) => s.subtree("1.3.6.1.2.1.2", 20, (binds) => { oids.push(...binds.map((b) => b.oid)); }, resolve));
  const increasing = oids.every((oid, i) => i === 0 || compareOids(oids[i - 1], oid) < 0);
  check(`${name}: bulk walk of interfaces: ${oids.length} objects`, !error && oids.length > 0 && increasing, error ?? "names that do not increase");
  answered(`${name}: set`, await ask(s, "set", [text(location, `as ${name}`)]), ObjectType.OctetString);
  await placeIs(`${name}: set, read back`, s, `as ${name}`);
  s.close();

  await fails(`${name}: wrong authentication password: usmStatsWrongDigests`, { ...user, authKey: "wrong-passphrase" }, snmp.ResponseInvalidError, "Wrong Digest");
  if (!user.privKey) return;
  const wrong = { ...user, privKey: "wrong-passphrase" };
  if (SNMP_SNMPD) await fails(`${name}: wrong privacy password, no answer`, wrong, snmp.RequestTimedOutError, "Request timed out", { timeout: 1000, retries: 0 });
  else await fails(`${name}: wrong privacy password: usmStatsDecryptionErrors`, wrong, snmp.ResponseInvalidError, "Decryption Error");
}

// listed gives each user of the list, with privacy or without.
const listed = () => fs.readFileSync(SNMP_USERS, "utf8").trim().split("\n").map((line) => {
  const [name, auth, priv] = line.split(" ");
  const user = { name, level: snmp.SecurityLevel.authNoPriv, authProtocol: snmp.AuthProtocols[auth], authKey: SNMP_AUTH_PASS };
  return priv === "-" ? user : { ...user, level: snmp.SecurityLevel.authPriv, privProtocol: snmp.PrivProtocols[priv], privKey: SNMP_PRIV_PASS };
});

// restarts keeps one session while the agent is started anew.
async function restarts() {
  const s = secure(listed().findLast((user) => user.privKey));
  const input = readline.createInterface({ input: process.stdin })[Symbol.asyncIterator]();
  for (let life = 1; ; life++) {
    answered(`life ${life}: get`, await ask(s, "get", [descr]), ObjectType.OctetString);
    console.log("# ready");
    if ((await input.next()).done) return s.close();
  }
}

async function users() {
  const all = listed();
  for (const user of all) await asUser(user);
  const open = all.findLast((user) => !user.privKey);
  const shut = all.findLast((user) => user.privKey);

  const s = secure(shut);
  await walk("authPriv: bulk walk of .1.3", s, 50);
  s.msgSecurityParameters = { ...s.msgSecurityParameters, msgAuthoritativeEngineBoots: 0, msgAuthoritativeEngineTime: 99999 };
  answered("wrong clock: synchronizes again", await ask(s, "get", [descr]), ObjectType.OctetString);
  s.close();
  for (const level of ["authNoPriv", "noAuthNoPriv"]) {
    const low = secure({ ...shut, level: snmp.SecurityLevel[level] });
    const { error } = await ask(low, "get", [descr]);
    check(`level too low, ${level}: authorizationError`, error?.status === ErrorStatus.AuthorizationError, error ?? "an answer");
    low.close();
  }
  await fails("a user without a privacy key, with privacy: usmStatsUnsupportedSecLevels",
    { ...open, level: snmp.SecurityLevel.authPriv, privProtocol: snmp.PrivProtocols.aes, privKey: SNMP_PRIV_PASS }, snmp.ResponseInvalidError, "Unsupported Security Level");
  await fails("unknown user: usmStatsUnknownUserNames", { name: "nobody", level: snmp.SecurityLevel.noAuthNoPriv }, snmp.ResponseInvalidError, "Unknown User Name");
}

(async () => {
  if (SNMP_USERS) await (SNMP_RESTARTS ? restarts() : users());
  else await communities(`interop ${Math.floor(Math.random() * 100000)}`);
  console.log(`1..${count}`);
  process.exit(failed ? 1 : 0);
})();
