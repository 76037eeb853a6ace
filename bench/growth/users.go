package main

import (
	"snmpstack/agent"
	"snmpstack/agent/vacm"
	"snmpstack/ber"
	"snmpstack/mib"
	"snmpstack/pdu"
	"snmpstack/usm"
)

// A protection is what a user has keys for.
type protection struct {
	auth usm.AuthProtocol
	priv usm.PrivProtocol
}

var noAuth = protection{}

// newUser returns a user with localized keys, the first octets of which are his own.
func newUser(name string, p protection) usm.User {
	octets := func(n int) []byte {
		b := make([]byte, n)
		for i := range b {
			b[i] = name[(i+len(name)-1)%len(name)] + byte(i)
		}
		return b
	}
	u := usm.User{Name: name, Auth: p.auth, Priv: p.priv, Localized: true}
	if p.auth.KeyLen() > 0 {
		u.AuthKey = octets(p.auth.KeyLen())
	}
	if p.priv != usm.NoPriv {
		u.PrivKey = octets(p.priv.KeyLen())
	}
	return u
}

// users are SNMPv3 users with a rule each.
func users(what, text, request string, level pdu.SecurityLevel, protect protection) series {
	return series{
		what: what, text: text,
		sizes:  []int{1, 1e1, 1e2, 1e3, 1e4, 1e5},
		floors: nameFloors,
		build: func(size int) (*built, error) {
			tree, instance, err := newScalar()
			if err != nil {
				return nil, err
			}
			p := newPeer()
			before := heap()
			policy, err := newPolicy(size, func(name string) vacm.Statement { return vacm.UserRule{User: name, Level: level} })
			if err != nil {
				return nil, err
			}
			b := new(built)
			err = b.serve(tree, policy, func(a *agent.Agent) error {
				for n := range size {
					if err := a.AddUserKeys(newUser(keyName(n), protect)); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				return nil, err
			}
			b.memory = float64(heap()-before) / float64(size)
			if level == pdu.NoAuthNoPriv {
				err = b.add(size, request, 1, func(key int) ([]byte, error) {
					if err := p.Users().Add(newUser(keyName(key), protect)); err != nil {
						return nil, err
					}
					return p.secure(keyName(key), "", level, get(instance))
				})
				return b, err
			}
			g, err := generatePrepared(size, func(key int) ([]byte, error) {
				if err := p.Users().Add(newUser(keyName(key), protect)); err != nil {
					return nil, err
				}
				defer p.Users().Clear()
				return p.secure(keyName(key), "", level, get(instance))
			})
			b.works = []work{{request, g, 1}}
			return b, err
		},
	}
}

// communities have a rule each.
var communities = series{
	what: "communities", text: "communities, each of a rule of its own (vacm.CommunityRule)",
	sizes:  []int{1, 1e1, 1e2, 1e3, 1e4, 1e5},
	floors: nameFloors,
	build: func(size int) (*built, error) {
		tree, instance, err := newScalar()
		if err != nil {
			return nil, err
		}
		before := heap()
		policy, err := newPolicy(size, func(name string) vacm.Statement { return vacm.CommunityRule{Community: name} })
		if err != nil {
			return nil, err
		}
		b := &built{memory: float64(heap()-before) / float64(size)}
		if err := b.serve(tree, policy); err != nil {
			return nil, err
		}
		err = b.add(size, "GET, v2c", 1, func(key int) ([]byte, error) { return plain(keyName(key), get(instance)) })
		return b, err
	},
}

// newPolicy returns a policy with a statement for each of size names.
func newPolicy(size int, statement func(name string) vacm.Statement) (*vacm.Policy, error) {
	var statements []vacm.Statement
	for n := range size {
		statements = append(statements, statement(keyName(n)))
	}
	return vacm.New(statements...)
}

// newScalar returns a tree with one instance, and what it is called.
func newScalar() (*mib.Tree, ber.OID, error) {
	tree := mib.NewTree()
	err := mib.Scalar{Object: base, Get: mib.Constant(pdu.Gauge32(7))}.Register(tree)
	return tree, base.Append(0), err
}
