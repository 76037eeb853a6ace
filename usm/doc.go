// Package usm is SNMPv3's user-based security model (RFC 3414, RFC 7860, RFC
// 3826), with this repository's own cryptography or the standard library's.
//
// For an agent, a [Model] verifies and decrypts what comes in and protects the
// answers:
//
//	engine := usm.NewEngine(id, usm.NewEpochClock(time.Now))
//	users := usm.NewUsers(id, usm.Internal)
//	err := users.Add(usm.User{Name: "ops",
//		Auth: usm.SHA256, AuthPassword: usm.NewSecret("…"),
//		Priv: usm.AES128, PrivPassword: usm.NewSecret("…")})
//	model := usm.NewModel(engine, users, usm.Internal, nil)
//	w := model.NewWorker() // one for each goroutine
//
//	header, err := pdu.ReadHeader3(datagram, false)
//	request, err := model.ProcessIncoming(w, datagram, header, false)
//	err = request.Decode(&decoder, &scoped)
//	…
//	answer, err := model.GenerateResponse(w, buf, &request, 65507, &scoped)
//
// For a manager, a [Peer] does the same from the other side, for one agent each.
//
// # Verified
//
// ProcessIncoming is one sequence, the steps of RFC 3414 §3.2 in their order, and
// the only way to a [Verified] value that is good. A ScopedPDU can only be read
// through one: a dispatcher that takes Verified cannot be handed a message that
// nobody has checked.
//
// # Keys
//
// Passwords become keys when a user is added, never when a message comes. What is
// kept of a user are localized keys, in the form that computing takes: the states
// of the MAC's hashes and the cipher's schedule. Verifying and answering allocates
// nothing, and refusing a message allocates a [Failure].
//
// A [HashedUser] is a user apart from any engine, for who has several of them or
// changes his own: passwords that have become master keys.
//
// Keys are cleared when their user was removed and the last answer to him has been
// sent. That is so for the internal cryptography; the standard library's ciphers
// leave theirs to the garbage collector. A password is a Go string, which cannot be
// cleared: who minds gives keys. What a computation leaves behind on the stack is
// out of reach.
//
// # Constant time
//
// The internal AES and hashes have no branch and no table index that depends on a
// secret, whether they use the processor's instructions or, as [Portable], do not;
// DES and Triple DES have none either where the processor shifts in constant time. See
// the packages below internal, which also say what is wiped, and for the standard
// library what [System] says. MACs are compared in constant time,
// after their length, which has to be the protocol's. Which user a message names,
// and at which step it fails, is no secret: a Report says so.
//
// # What is not here
//
// usmUserTable and the other objects of SNMP-USER-BASED-SM-MIB are package agent's,
// with access control and what is kept on disk. Notifications that are confirmed go
// out by a Peer of their receiver's.
//
// # Who should not use this directly
//
// A program that wants to be an agent uses package agent, one that wants to ask
// agents uses package agent/manager.
//
// # The files
//
// In the order in which to read them: engine.go and engineid.go are whose the keys
// are; auth.go, priv.go and provider.go the protocols; password.go, localize.go and
// keychange.go the keys; secret.go, user.go, credential.go, hashed.go, rekey.go,
// users.go and directory.go who has them. params.go is what a message says, model.go what becomes of
// it (RFC 3414 §3.2), with source.go, window.go, request.go, failure.go and stats.go;
// generate.go is the way out (RFC 3414 §3.1), with salt.go; peer.go the manager's
// side. The cryptography is below internal.
package usm
