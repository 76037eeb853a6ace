package agent

import (
	"errors"
	"fmt"
	"runtime"
	"sync"

	"snmpstack/mib"
	"snmpstack/pdu"
	"snmpstack/usm"
)

// IgnoreMessage is the SecurityLevel of a GetUserSecurityLevelEvent with which the
// message is not accepted. It is none of pdu's, and prints as "securityLevel -1".
const IgnoreMessage pdu.SecurityLevel = -1

// A GetUserSecurityLevelEvent asks at which level messages of a user have to be. It is
// valid until the hook returns.
type GetUserSecurityLevelEvent struct {
	User string
	// EngineID is the one that the message names: the agent's.
	EngineID usm.EngineID
	// SecurityLevel is the least level, which is checked beside the level that the
	// message states. On entry it is that of the user in the internal authentication
	// cache, or IgnoreMessage if he is not there. What is no level ignores the message too,
	// and is told to OnError, once a second at most.
	SecurityLevel pdu.SecurityLevel
}

// A PasswordType says what a password is for.
type PasswordType int

const (
	AuthenticationPassword PasswordType = 1
	EncryptionPassword     PasswordType = 2
)

func (p PasswordType) String() string {
	switch p {
	case AuthenticationPassword:
		return "authentication password"
	case EncryptionPassword:
		return "encryption password"
	}
	return fmt.Sprintf("password type %d", int(p))
}

// A GetUserPasswordEvent asks for a password of a user who is not in the internal
// authentication cache. It is valid until the hook returns.
type GetUserPasswordEvent struct {
	PasswordType PasswordType
	User         string
	// Password, empty on entry, is for the hook to set: at least 8 octets. If it stays
	// empty there is none, and the message is not accepted. What makes no user is told
	// to OnError once, until the hook gives something else, and for all users together
	// once a second at most.
	Password usm.Secret
	// AuthenticationProtocol is for the hook to set with an AuthenticationPassword; on
	// entry it is usm.AnyAuth, which tries them all.
	AuthenticationProtocol usm.AuthProtocol
	// EncryptionAlgorithm is for the hook to set with an EncryptionPassword; on entry
	// it is usm.AES128.
	//
	// Deviation: in the specification it is DES on entry. What is weak is used where it is
	// named: for users of DES the hook has to set it, or their messages end in 313.
	EncryptionAlgorithm usm.PrivProtocol
}

// Why a user that hooks are asked for is not accepted, beside not being known.
var (
	errIgnored        = fmt.Errorf("%w: OnGetUserSecurityLevel ignores the message", usm.ErrUnknownUserName)
	errNoPassword     = fmt.Errorf("%w: OnGetUserPassword has no authentication password", usm.ErrUnknownUserName)
	errNobodyToAsk    = fmt.Errorf("%w: there is no OnGetUserPassword to ask", usm.ErrUnknownUserName)
	errHookFailed     = fmt.Errorf("%w: the hooks have failed", usm.ErrUnknownUserName)
	errTooManyHashing = errors.New("agent: too many passwords are being hashed")
)

// asksForUsers reports whether there is a hook to ask for users.
func (r *run) asksForUsers() bool {
	return r.OnGetUserSecurityLevel != nil || r.OnGetUserPassword != nil
}

// User is the usm.UserSource of an agent with hooks for users: the internal
// authentication cache, and for those who are not there the hooks. They may block, so
// that a worker has to ask them.
func (q *request) User(name []byte, level pdu.SecurityLevel) (u usm.LocalUser, least pdu.SecurityLevel, err error) {
	r := q.run
	u, least = r.usm.Users().Find(name)
	cached := u != (usm.LocalUser{})
	if cached && r.OnGetUserSecurityLevel == nil {
		return u, least, nil
	}
	if q.mib.Inline {
		return u, least, mib.ErrWouldBlock
	}
	defer func() {
		if panicked := (*mib.PanicError)(nil); errors.As(err, &panicked) {
			r.reportHook(err)
			err = errHookFailed
		}
	}()
	defer mib.Recovered(&err)
	if least, err = q.askLevel(string(name), cached, least, level); err != nil || cached {
		return u, least, err
	}
	u, err = q.askPasswords(string(name), level)
	return u, least, err
}

// askLevel returns the least level that a user's message must have.
func (q *request) askLevel(name string, cached bool, least, stated pdu.SecurityLevel) (pdu.SecurityLevel, error) {
	hook := q.run.OnGetUserSecurityLevel
	if hook == nil {
		return max(stated, pdu.AuthNoPriv), nil
	}
	e := &GetUserSecurityLevelEvent{User: name, EngineID: q.run.Engine.ID(), SecurityLevel: IgnoreMessage}
	if cached {
		e.SecurityLevel = least
	}
	hook(e)
	if e.SecurityLevel == IgnoreMessage {
		return 0, errIgnored
	}
	if e.SecurityLevel < pdu.NoAuthNoPriv || e.SecurityLevel > pdu.AuthPriv {
		q.run.reportHook(fmt.Errorf("agent: OnGetUserSecurityLevel has set %d for user %q, expected -1 to 2", int(e.SecurityLevel), name))
		return 0, errIgnored
	}
	return e.SecurityLevel, nil
}

// askPasswords returns the user whose passwords for a level the hook gives.
func (q *request) askPasswords(name string, level pdu.SecurityLevel) (usm.LocalUser, error) {
	r := q.run
	u := usm.User{Name: name, AllowLower: true}
	withoutPriv := false
	if level >= pdu.AuthNoPriv {
		if r.OnGetUserPassword == nil {
			return usm.LocalUser{}, errNobodyToAsk
		}
		e := &GetUserPasswordEvent{PasswordType: AuthenticationPassword, User: name, AuthenticationProtocol: usm.AnyAuth}
		r.OnGetUserPassword(e)
		if e.Password.IsEmpty() {
			return usm.LocalUser{}, errNoPassword
		}
		u.Auth, u.AuthPassword = e.AuthenticationProtocol, e.Password
	}
	if level >= pdu.AuthPriv {
		e := &GetUserPasswordEvent{PasswordType: EncryptionPassword, User: name, EncryptionAlgorithm: usm.AES128}
		r.OnGetUserPassword(e)
		if withoutPriv = e.Password.IsEmpty(); !withoutPriv {
			u.Priv, u.PrivPassword = e.EncryptionAlgorithm, e.Password
		}
	}
	if r.CompatibilityMode == CompatibilityBlumenthal {
		u.Extension = usm.Blumenthal
	}
	local, err := r.hooked.find(q, u, withoutPriv)
	switch {
	case err == nil:
		return local, nil
	case errors.Is(err, errTooManyHashing):
		return local, errTooManyHashing
	}
	// A password that is too short, for example.
	if !r.hooked.hasFailed(&u, withoutPriv) && r.reportHook(err) {
		r.hooked.fail(u, withoutPriv)
	}
	return local, errHookFailed
}

// reportHook reports what a hook for users has got wrong, and whether somebody was told:
// once a second at most, and how often there was something in between. Anybody can make the
// hooks be called, for as many users as he thinks up, and is not to fill a log.
func (r *run) reportHook(err error) bool {
	suppressed, ok := r.hookReports.allow(r.Clock.Now())
	if !ok {
		return false
	}
	if suppressed > 0 {
		err = fmt.Errorf("%w (hooks for users have failed %d times more since the last error)", err, suppressed)
	}
	r.report(err)
	return true
}

// hookedUsers are the users whose passwords a hook has given: the hook is asked for
// every message, but hashing a password takes milliseconds.
type hookedUsers struct {
	mu      sync.Mutex
	users   map[hookedKey]*hookedUser
	hashes  map[hookedPassword]*hookedHash
	hashing int
	failed  map[hookedKey]usm.User // of whom no user could be made
}

// Messages that are encrypted need more keys than others.
type hookedKey struct {
	name    string
	private bool
}

// A hookedUser does not change.
type hookedUser struct {
	given usm.User
	local usm.LocalUser
}

type hookedPassword struct {
	name     string
	protocol usm.AuthProtocol
	password usm.Secret
}

// A hookedHash does not change after ready is closed. Its key is cleared when nothing
// refers to it any more: whoever uses the key keeps it alive (runtime.KeepAlive) until
// that is done.
type hookedHash struct {
	ready chan struct{}
	key   []byte // Ku (RFC 3414 §A.2)
	err   error
}

// maxHooked bounds how many users and hashes are remembered. Any of them makes room
// for a new one.
const maxHooked = 10_000

// find returns a user with his keys.
func (h *hookedUsers) find(q *request, u usm.User, withoutPriv bool) (usm.LocalUser, error) {
	key := keyOf(&u, withoutPriv)
	h.mu.Lock()
	there := h.users[key]
	found := there != nil && isGiven(&there.given, &u)
	if found {
		delete(h.failed, key)
	}
	h.mu.Unlock()
	if found {
		return there.local, nil
	}
	var used []*hookedHash
	hashed, err := usm.HashUser(q.run.SecurityProvider, u, func(auth usm.AuthProtocol, password usm.Secret) ([]byte, error) {
		e, err := h.hash(q, hookedPassword{u.Name, auth, password})
		if err != nil {
			return nil, err
		}
		used = append(used, e)
		return e.key, nil
	})
	runtime.KeepAlive(used) // until their keys have been copied
	if err != nil {
		return usm.LocalUser{}, err
	}
	defer hashed.Wipe()
	q.run.warnOfWeak(&u)
	local, err := q.run.usm.Localize(hashed, withoutPriv)
	if err != nil {
		return usm.LocalUser{}, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	put(&h.users, key, &hookedUser{u, local})
	delete(h.failed, key)
	return local, nil
}

func keyOf(u *usm.User, withoutPriv bool) hookedKey {
	return hookedKey{u.Name, !u.PrivPassword.IsEmpty() || withoutPriv}
}

// isGiven reports whether a hook has given the same passwords and protocols twice.
func isGiven(a, b *usm.User) bool {
	return a.Auth == b.Auth && a.Priv == b.Priv && a.AuthPassword == b.AuthPassword && a.PrivPassword == b.PrivPassword
}

// hasFailed reports whether what a hook has given is known to make no user.
func (h *hookedUsers) hasFailed(u *usm.User, withoutPriv bool) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	former, ok := h.failed[keyOf(u, withoutPriv)]
	return ok && isGiven(&former, u)
}

// fail remembers that what a hook has given makes no user.
func (h *hookedUsers) fail(u usm.User, withoutPriv bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	put(&h.failed, keyOf(&u, withoutPriv), u)
}

// put adds to a map that has room for maxHooked.
func put[K comparable, V any](m *map[K]V, key K, value V) {
	if *m == nil {
		*m = make(map[K]V)
	}
	if len(*m) >= maxHooked {
		for other := range *m {
			delete(*m, other)
			break
		}
	}
	(*m)[key] = value
}

// hash returns the hash of a password, which is computed once: who asks meanwhile
// waits. As many passwords as there are processors are hashed at the same time, what
// exceeds that is errTooManyHashing.
func (h *hookedUsers) hash(q *request, of hookedPassword) (*hookedHash, error) {
	h.mu.Lock()
	e := h.hashes[of]
	if e != nil {
		h.mu.Unlock()
		select {
		case <-e.ready:
			return e, e.err
		case <-q.mib.Context.Done():
			return nil, errTooManyHashing
		}
	}
	if h.hashing >= runtime.GOMAXPROCS(0) {
		h.mu.Unlock()
		return nil, errTooManyHashing
	}
	h.hashing++
	e = &hookedHash{ready: make(chan struct{}), err: errHookFailed} // unless it gets as far as to say otherwise
	put(&h.hashes, of, e)
	h.mu.Unlock()
	defer func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.hashing--
		if e.err != nil && h.hashes[of] == e {
			delete(h.hashes, of) // to be tried again
		}
		if len(e.key) > 0 {
			runtime.AddCleanup(e, func(key []byte) { clear(key) }, e.key)
		}
		close(e.ready)
	}()
	if hash := q.run.passwordHash(q.run.SecurityProvider); hash != nil {
		e.key, e.err = hash(of.protocol, of.password)
	} else {
		e.key, e.err = usm.MasterKey(q.run.SecurityProvider, of.protocol, of.password)
	}
	return e, e.err
}
