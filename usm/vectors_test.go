package usm

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"snmpstack/pdu"
	"snmpstack/usm/internal/cryptotest"
)

var providers = []Provider{Internal, Portable, System}

// The vectors' names for protocols and extensions.
var (
	vectorAuth = map[string]AuthProtocol{"MD5": MD5, "SHA1": SHA1, "SHA224": SHA224, "SHA256": SHA256, "SHA384": SHA384, "SHA512": SHA512}
	vectorPriv = map[string]PrivProtocol{"": NoPriv, "DES": DES, "3DES": TripleDES, "AES128": AES128, "AES192": AES192, "AES256": AES256}
	vectorExt  = map[string]KeyExtension{"": AutoExtension, "reeder": Reeder, "blumenthal": Blumenthal}
)

// RFC 3414 §A.2, §2.6 and §A.3, RFC 7860 §5: password, master key, localized key.
func TestKeyVectors(t *testing.T) {
	cryptotest.Each(t, "vectors/usm_keys.json", func(t *testing.T, v struct {
		Auth, Passphrase, Source string
		PassphraseHex            cryptotest.Octets `json:"passphrase_hex"`
		EngineID                 cryptotest.Octets `json:"engine_id"`
		Ku, Kul                  cryptotest.Octets
		Agreed                   []string
	}) bool {
		user := User{Name: "u", Auth: vectorAuth[v.Auth], AuthKey: v.Ku}
		for _, p := range providers {
			if ku, err := MasterKey(p, user.Auth, NewSecret(string(v.PassphraseHex))); err != nil || !bytes.Equal(ku, v.Ku) {
				t.Errorf("%v %s %q (%s): Ku %x, %v, want %x", p, v.Auth, v.Passphrase, v.Source, ku, err, v.Ku)
			}
			if kul, _, err := LocalizedKeys(p, user, EngineID(v.EngineID)); err != nil || !bytes.Equal(kul, v.Kul) {
				t.Errorf("%v %s %q (%s): Kul %x, %v, want %x", p, v.Auth, v.Passphrase, v.Source, kul, err, v.Kul)
			}
		}
		return true
	})
}

// draft-reeder-snmpv3-usm-3desede-00 §2.1, draft-blumenthal-aes-usm-04 §3.1.2.1:
// privacy keys that are longer than the hash, and those that are not.
func TestKeyExtensionVectors(t *testing.T) {
	cache := hashed{}
	localizedKeys := func(t *testing.T, p Provider, u User, engine []byte) (auth, priv []byte, err error) {
		return cache.user(t, p, u).LocalizedKeys(EngineID(engine))
	}
	cryptotest.Each(t, "vectors/usm_key_extension.json", func(t *testing.T, v struct {
		Auth, Priv, Extension, Passphrase, Source string
		NeedsExtension                            bool              `json:"needs_extension"`
		PassphraseHex                             cryptotest.Octets `json:"passphrase_hex"`
		EngineID                                  cryptotest.Octets `json:"engine_id"`
		Kul                                       cryptotest.Octets
		KeyLen                                    int               `json:"key_len"`
		PrivKey                                   cryptotest.Octets `json:"priv_key"`
		Agreed                                    []string
	}) bool {
		password := NewSecret(string(v.PassphraseHex))
		user := User{
			Name: "u", Auth: vectorAuth[v.Auth], AuthPassword: password,
			Priv: vectorPriv[v.Priv], PrivPassword: password, Extension: vectorExt[v.Extension],
		}
		for _, p := range providers {
			auth, priv, err := localizedKeys(t, p, user, v.EngineID)
			if err != nil || !bytes.Equal(auth, v.Kul) || !bytes.Equal(priv, v.PrivKey) {
				t.Errorf("%v %v, extension %v: %x and %x, %v, want %x and %x", p, user, user.Extension, auth, priv, err, v.Kul, v.PrivKey)
			}
			// With AutoExtension it is Reeder's, and both are tried on receipt.
			user.Extension = AutoExtension
			_, priv, err = localizedKeys(t, p, user, v.EngineID)
			if is := bytes.Equal(priv, v.PrivKey); err != nil || is != (v.Extension != "blumenthal" || !v.NeedsExtension) {
				t.Errorf("%v %v, automatically: %x, %v; %s's is %x", p, user, priv, err, v.Extension, v.PrivKey)
			}
			user.Extension = vectorExt[v.Extension]
		}
		return true
	})
}

// RFC 3414 §5 (KeyChange) and §A.5, both ways.
func TestKeyChangeVectors(t *testing.T) {
	cryptotest.Each(t, "vectors/usm_key_change.json", func(t *testing.T, v struct {
		Auth, Use, Source string
		OldKey            cryptotest.Octets `json:"old_key"`
		NewKey            cryptotest.Octets `json:"new_key"`
		Random            cryptotest.Octets
		KeyChange         cryptotest.Octets `json:"key_change"`
		Agreed            []string
	}) bool {
		a := vectorAuth[v.Auth]
		if got, err := ChangeKey(a, v.OldKey, v.KeyChange); err != nil || !bytes.Equal(got, v.NewKey) {
			t.Errorf("%s %s (%s): new key %x, %v, want %x", v.Auth, v.Use, v.Source, got, err, v.NewKey)
		}
		if got, err := KeyChange(a, v.OldKey, v.NewKey, v.Random); err != nil || !bytes.Equal(got, v.KeyChange) {
			t.Errorf("%s %s (%s): KeyChange %x, %v, want %x", v.Auth, v.Use, v.Source, got, err, v.KeyChange)
		}
		if _, err := ChangeKey(AnyAuth, v.OldKey, v.KeyChange); err == nil {
			t.Error("a key of no protocol is changed")
		}
		if _, err := KeyChange(AnyAuth, v.OldKey, v.NewKey, v.Random); err == nil {
			t.Error("a key of no protocol is changed")
		}
		if _, err := KeyChange(a, v.OldKey, v.NewKey, v.Random[1:]); err == nil {
			t.Error("too little is random")
		}
		for _, n := range []int{0, 1, len(v.KeyChange) - 1, len(v.OldKey)} {
			if _, err := ChangeKey(a, v.OldKey, v.KeyChange[:n]); err == nil {
				t.Errorf("%s %s: a KeyChange of %d octets is taken for a key of %d", v.Auth, v.Use, n, len(v.OldKey))
			}
		}
		return true
	})
}

// RFC 3414 §8.1.1, RFC 3826 §3.1 and the drafts: ciphertexts, both ways.
func TestPrivVectors(t *testing.T) {
	cryptotest.Each(t, "vectors/usm_priv.json", func(t *testing.T, v struct {
		Priv, Extension, Auth, Source string
		PrivKey                       cryptotest.Octets `json:"priv_key"`
		EngineBoots                   int32             `json:"engine_boots"`
		EngineTime                    int32             `json:"engine_time"`
		PrivParams                    cryptotest.Octets `json:"priv_params"`
		IV, Plaintext, Ciphertext     cryptotest.Octets
		Agreed                        []string
	}) bool {
		for _, p := range providers {
			a := vectorAuth[v.Auth]
			u := newTestUser(t, p, "", User{Name: "u", Auth: a, AuthKey: make([]byte, a.KeyLen()), Priv: vectorPriv[v.Priv], PrivKey: v.PrivKey, Localized: true})
			c, w := u.credentials[0].ciphers[0], newWorker(p.impl())
			b := bytes.Clone(v.Plaintext)
			w.encrypt(c, b, v.EngineBoots, v.EngineTime, salt(v.PrivParams))
			if !bytes.Equal(b, v.Ciphertext) {
				t.Errorf("%v %s of %d octets: ciphertext %x, want %x", p, v.Priv, len(b), b, v.Ciphertext)
			}
			plain := make([]byte, len(b))
			if !w.decryptWith(c, plain, v.Ciphertext, v.EngineBoots, v.EngineTime, salt(v.PrivParams)) || !bytes.Equal(plain, v.Plaintext) {
				t.Errorf("%v %s of %d octets: plaintext %x, want %x", p, v.Priv, len(b), plain, v.Plaintext)
			}
		}
		return true
	})
}

// newTestUser returns a user at an engine, ready for use.
func newTestUser(t testing.TB, p Provider, engine EngineID, u User) *user {
	t.Helper()
	users := NewUsers(engine, p)
	if err := users.Add(u); err != nil {
		t.Fatal(err)
	}
	return users.lookup([]byte(u.Name))
}

// RFC 3414 §6.3.1 and §7.3.1, RFC 7860 §4.2.1: the MAC over a whole message, and
// back: §6.3.2, §7.3.2 and RFC 7860 §4.2.2.
func TestMACVectors(t *testing.T) {
	cryptotest.Each(t, "vectors/usm_hmac.json", func(t *testing.T, v struct {
		Auth, User, Source string
		AuthKey            cryptotest.Octets `json:"auth_key"`
		EngineID           cryptotest.Octets `json:"engine_id"`
		PassphraseHex      cryptotest.Octets `json:"passphrase_hex"`
		MessageZeroed      cryptotest.Octets `json:"message_zeroed"`
		AuthParamsOffset   int               `json:"auth_params_offset"`
		HMACFull           cryptotest.Octets `json:"hmac_full"`
		MACLen             int               `json:"mac_len"`
		AuthParams         cryptotest.Octets `json:"auth_params"`
		Message            cryptotest.Octets
		Agreed             []string
	}) bool {
		for _, p := range providers {
			u := newTestUser(t, p, EngineID(v.EngineID), User{Name: v.User, Auth: vectorAuth[v.Auth], AuthKey: v.AuthKey, Localized: true})
			w := newWorker(p.impl())
			if mac := w.sign(u.credentials[0], v.MessageZeroed, v.AuthParamsOffset); !bytes.Equal(mac, v.AuthParams) {
				t.Errorf("%v %s: MAC %x, want %x", p, v.Auth, mac, v.AuthParams)
			}
			header, err := pdu.ReadHeader3(v.Message, true)
			if err != nil {
				t.Fatal(err)
			}
			params, err := readParameters(&header, true)
			if err != nil || params.authAt != v.AuthParamsOffset || !bytes.Equal(params.auth, v.AuthParams) {
				t.Fatalf("%v %s: MAC %x at %d, %v, want %x at %d", p, v.Auth, params.auth, params.authAt, err, v.AuthParams, v.AuthParamsOffset)
			}
			if before := bytes.Clone(v.Message); w.verify(u, v.Message, &params) == nil || !bytes.Equal(v.Message, before) {
				t.Errorf("%v %s: does not verify, or the datagram was written to", p, v.Auth)
			}
		}
		return true
	})
}

// A messageVector is a complete message of another implementation's.
type messageVector struct {
	ID, Level, Auth, Priv, Extension, User string
	ProducedBy                             string            `json:"produced_by"`
	AuthPassphrase                         string            `json:"auth_passphrase"`
	PrivPassphrase                         string            `json:"priv_passphrase"`
	AuthKey                                cryptotest.Octets `json:"auth_key"`
	PrivKey                                cryptotest.Octets `json:"priv_key"`
	Message                                cryptotest.Octets
	VerifiedBy                             []string `json:"verified_by"`
	Expect                                 struct {
		Version         string
		MsgID           int32             `json:"msg_id"`
		MsgMaxSize      int32             `json:"msg_max_size"`
		Flags           byte              `json:"flags"`
		SecurityModel   int32             `json:"security_model"`
		EngineID        cryptotest.Octets `json:"engine_id"`
		EngineBoots     int32             `json:"engine_boots"`
		EngineTime      int32             `json:"engine_time"`
		User            cryptotest.Octets
		AuthParams      cryptotest.Octets `json:"auth_params"`
		AuthOffset      int               `json:"auth_params_offset"`
		PrivParams      cryptotest.Octets `json:"priv_params"`
		Plaintext       cryptotest.Octets
		ScopedPDU       cryptotest.Octets `json:"scoped_pdu"`
		Padding         cryptotest.Octets
		ContextEngineID cryptotest.Octets `json:"context_engine_id"`
		ContextName     cryptotest.Octets `json:"context_name"`
		PDU             struct {
			Type      string
			RequestID int32 `json:"request_id"`
			Status    int   `json:"error_status"`
			Index     int   `json:"error_index"`
			NonRep    int   `json:"non_repeaters"`
			MaxRep    int   `json:"max_repetitions"`
			VarBinds  []any
		}
	}
}

// confirmed reports whether the message's receiver is authoritative (RFC 3414
// §1.5.1).
func (v *messageVector) confirmed() bool {
	return slices.Contains([]string{"get", "getnext", "getbulk", "set", "inform"}, v.Expect.PDU.Type)
}

// users returns the ways in which the message's user can be configured.
func (v *messageVector) users() map[string]User {
	base := User{Name: string(v.Expect.User), AllowLower: true}
	if v.Auth == "" {
		return map[string]User{"without keys": base}
	}
	base.Auth, base.Priv, base.Extension = vectorAuth[v.Auth], vectorPriv[v.Priv], vectorExt[v.Extension]
	passwords, keys := base, base
	passwords.AuthPassword, passwords.PrivPassword = NewSecret(v.AuthPassphrase), NewSecret(v.PrivPassphrase)
	keys.AuthKey, keys.Localized = v.AuthKey, true
	if v.Priv != "" {
		keys.PrivKey = v.PrivKey
	} else {
		passwords.PrivPassword = Secret{}
	}
	detect := passwords
	detect.Extension = AutoExtension
	return map[string]User{"passwords": passwords, "keys": keys, "any extension": detect}
}

// hashed remembers what passwords become: with the faster provider, since both give
// the same.
type hashed map[string][]byte

func (h hashed) user(t testing.TB, p Provider, u User) *HashedUser {
	t.Helper()
	made, err := HashUser(p, u, func(a AuthProtocol, password Secret) (_ []byte, err error) {
		key := fmt.Sprint(a, password.Reveal())
		if h[key] == nil {
			h[key], err = MasterKey(System, a, password)
		}
		return slices.Clone(h[key]), err
	})
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// receive processes the vector's message as its receiver: a Model if it is for the
// authoritative engine, else a Peer, whose clock is the message's.
func (v *messageVector) receive(p Provider, u *HashedUser, w *Worker) (Verified, error) {
	header, err := pdu.ReadHeader3(v.Message, false)
	if err != nil {
		return Verified{}, err
	}
	engine := EngineID(v.Expect.EngineID)
	if !v.confirmed() {
		peer := NewPeer(engine, p, newFakeTime().now)
		if err := peer.Users().AddHashed(u); err != nil {
			return Verified{}, err
		}
		return peer.ProcessIncoming(w, v.Message, header, false)
	}
	users := NewUsers(engine, p)
	if err := users.AddHashed(u); err != nil {
		return Verified{}, err
	}
	m := NewModel(NewEngine(engine, fixedClock{v.Expect.EngineBoots, v.Expect.EngineTime}), users, p, nil)
	return m.ProcessIncoming(w, v.Message, header, false)
}

// Complete messages of other implementations', in every combination that they
// have: who sent them and what is in them.
func TestMessageVectors(t *testing.T) {
	cache := hashed{}
	workers := make(map[Provider]*Worker)
	for _, p := range providers {
		workers[p] = newWorker(p.impl())
	}
	cryptotest.Each(t, "vectors/usm_messages.json", func(t *testing.T, v messageVector) bool {
		if len(v.Expect.User) == 0 {
			return v.checkDiscovery(t)
		}
		for _, p := range providers {
			for name, u := range v.users() {
				got, err := v.receive(p, cache.user(t, p, u), workers[p])
				if err != nil {
					t.Errorf("%s, %v, %s: %v", v.ID, p, name, err)
					continue
				}
				if message := v.check(&got); message != "" {
					t.Errorf("%s, %v, %s: %s", v.ID, p, name, message)
				}
			}
		}
		return true
	})
}

// checkDiscovery looks at a message of the user with the empty name, who never is
// one.
func (v *messageVector) checkDiscovery(t *testing.T) bool {
	header, err := pdu.ReadHeader3(v.Message, false)
	if err != nil {
		t.Errorf("%s: %v", v.ID, err)
		return true
	}
	if v.Expect.PDU.Type != "report" {
		kind, id, ok := pdu.PeekScopedPDU(header.Data)
		if !ok || !kind.Confirmed() || id != v.Expect.PDU.RequestID {
			t.Errorf("%s: %v %d %v", v.ID, kind, id, ok)
		}
		return true
	}
	var d pdu.Decoder
	n, err := ReadReport(header, &d)
	if err != nil || n.EngineID != EngineID(v.Expect.EngineID) || n.Boots != v.Expect.EngineBoots || n.Time != v.Expect.EngineTime || n.Stat != UnknownEngineIDs {
		t.Errorf("%s: %+v, %v", v.ID, n, err)
	}
	return true
}

// check says in what a message differs from the vector.
func (v *messageVector) check(got *Verified) string {
	e := &v.Expect
	var d pdu.Decoder
	var s pdu.ScopedPDU
	if err := got.Decode(&d, &s); err != nil {
		return err.Error()
	}
	level, _ := pdu.MsgFlags(e.Flags).Level()
	plaintext := e.Plaintext
	if level < pdu.AuthPriv {
		plaintext = got.scoped
	}
	kinds := map[string]pdu.Kind{"get": pdu.GetRequest, "getnext": pdu.GetNextRequest, "getbulk": pdu.GetBulkRequest, "set": pdu.SetRequest, "inform": pdu.InformRequest, "response": pdu.Response, "report": pdu.Report, "trapv2": pdu.TrapV2}
	var wrong []string
	for name, ok := range map[string]bool{
		"securityName":    got.SecurityName() == string(e.User),
		"securityLevel":   got.SecurityLevel() == level,
		"msgID":           got.MsgID() == e.MsgID,
		"msgMaxSize":      got.MaxSize() == int(e.MsgMaxSize),
		"plaintext":       bytes.Equal(got.scoped, plaintext),
		"contextEngineID": s.ContextEngineID == string(e.ContextEngineID),
		"contextName":     s.ContextName == string(e.ContextName),
		"kind":            s.PDU.Kind == kinds[e.PDU.Type],
		"request-id":      s.PDU.RequestID == e.PDU.RequestID,
		"varbinds":        len(s.PDU.VarBinds) == len(e.PDU.VarBinds),
	} {
		if !ok {
			wrong = append(wrong, name)
		}
	}
	if len(wrong) > 0 {
		slices.Sort(wrong)
		return fmt.Sprintf("other than expected: %s (%+v)", strings.Join(wrong, ", "), s)
	}
	return ""
}

// Every bit of a message counts: with any one inverted it is refused (RFC 3414
// §6.3.2), and so is every message that is cut off (§3.2 (1)).
func TestEveryBit(t *testing.T) {
	cache := hashed{}
	w := newWorker(System.impl())
	seen := make(map[string]bool)
	cryptotest.Each(t, "vectors/usm_messages.json", func(t *testing.T, v messageVector) bool {
		kind := v.Level + v.Auth + v.Priv
		if v.Level == "noAuthNoPriv" || seen[kind] || !v.confirmed() {
			return v.Level != "noAuthNoPriv"
		}
		seen[kind] = true
		u := v.users()["keys"]
		u.AllowLower = false
		hashed := cache.user(t, System, u)
		users := NewUsers(EngineID(v.Expect.EngineID), System)
		if err := users.AddHashed(hashed); err != nil {
			t.Fatal(err)
		}
		m := NewModel(NewEngine(EngineID(v.Expect.EngineID), fixedClock{v.Expect.EngineBoots, v.Expect.EngineTime}), users, System, nil)
		process := func(b []byte) error {
			header, err := pdu.ReadHeader3(b, false)
			if err == nil {
				var got Verified
				if got, err = m.ProcessIncoming(w, b, header, false); err != nil && got.Valid() {
					t.Fatalf("%s: an error, and yet Valid", v.ID)
				}
			}
			return err
		}
		if err := process(v.Message); err != nil {
			t.Fatalf("%s: %v", v.ID, err)
		}
		for i := range 8 * len(v.Message) {
			v.Message[i/8] ^= 1 << (i % 8)
			if process(v.Message) == nil {
				t.Errorf("%s: accepted with bit %d of octet %d inverted", v.ID, i%8, i/8)
			}
			v.Message[i/8] ^= 1 << (i % 8)
		}
		for n := range v.Message {
			if process(v.Message[:n]) == nil {
				t.Errorf("%s: accepted when cut off after %d octets", v.ID, n)
			}
		}
		return true
	})
}
