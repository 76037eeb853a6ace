package agent_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"time"

	"snmpstack/agent"
	"snmpstack/agent/manager"
	"snmpstack/agent/vacm"
	"snmpstack/ber"
	"snmpstack/mib"
	"snmpstack/pdu"
	"snmpstack/transport"
	"snmpstack/transport/memnet"
	"snmpstack/usm"
)

// startKeeping starts an agent whose users and access rules managers may change, so that
// a restart leaves them as they are.
func startKeeping(state *agent.State, socket transport.Conn) (*agent.Agent, *vacm.Policy, error) {
	a := agent.New()
	a.Conns = []transport.Conn{socket}

	// The engine first: the users' keys are good at this one alone.
	id, err := state.EngineID(usm.DeriveEngineID(0, "pumps"))
	if err != nil {
		return nil, nil, err
	}
	clock, err := usm.NewPersistentClock(state, time.Now)
	if err != nil {
		return nil, nil, err
	}
	a.Engine = usm.NewEngine(id, clock)

	// Then the program's own users and rules, and then what managers have made of them.
	err = a.AddUser("ops", usm.SHA256, "what only we know", usm.AES128, "and this as well")
	policy := vacm.MustNew(
		vacm.UserRule{User: "ops", Level: pdu.AuthPriv, Writable: true},
		vacm.CommunityRule{Community: "private", Writable: true},
	)
	if err != nil {
		return nil, nil, err
	}
	octets, err := state.ReadFile("users")
	users, parseErr := agent.ParseUsers(octets)
	if err := errors.Join(err, parseErr); err != nil {
		return nil, nil, err
	}
	if _, err := a.AddKeptUsers(users...); err != nil {
		return nil, nil, err
	}
	octets, err = state.ReadFile("access")
	rows, parseErr := vacm.ParseRows(octets)
	if err := errors.Join(err, parseErr, policy.Restore(rows...)); err != nil {
		return nil, nil, err
	}

	system := &agent.System{State: state}
	system.Keep = func() error {
		users, usersErr := agent.AppendUsers(nil, a.KeptUsers()...)
		rows, rowsErr := vacm.AppendRows(nil, policy.Kept()...)
		if err := errors.Join(usersErr, rowsErr); err != nil {
			return err
		}
		return errors.Join(state.WriteFile("users", users), state.WriteFile("access", rows))
	}
	a.MIB, a.Access = mib.NewTree(), policy
	err = errors.Join(a.RegisterObjects(a.MIB, system), a.RegisterAccess(a.MIB, system, policy), a.Activate())
	return a, policy, err
}

// A manager puts somebody into a group, and he is still there after a restart.
func ExampleSystem_keep() {
	dir, err := os.MkdirTemp("", "pumps")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	for range 2 { // two runs
		network := memnet.New()
		socket, err := network.Listen(netip.MustParseAddrPort("192.0.2.1:161"))
		if err != nil {
			fmt.Println(err)
			return
		}
		state, err := agent.OpenState(dir)
		if err != nil {
			fmt.Println(err)
			return
		}
		a, policy, err := startKeeping(state, socket)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println("kept:", policy.Kept())

		// The other side.
		there, err := network.Listen(netip.MustParseAddrPort("192.0.2.9:40000"))
		if err != nil {
			fmt.Println(err)
			return
		}
		client := manager.New(manager.OverTransport(there, socket.LocalAddr()), "192.0.2.1")
		client.Community = "private"
		row := ber.NewOID(3, 3, 'e', 'v', 'e') // securityModel 3, the name of 3 octets
		group := ber.MustOID("1.3.6.1.6.3.16.1.2.1")
		_, err = client.Set(context.Background(),
			pdu.VarBind{Name: group.Append(3) + row, Value: pdu.OctetString("readers")},
			pdu.VarBind{Name: group.Append(5) + row, Value: pdu.Integer(int32(mib.CreateAndGo))},
		)
		fmt.Println("a new row:", err)
		client.Close()
		a.Deactivate()
		state.Close()
	}
	// Output:
	// kept: []
	// a new row: <nil>
	// kept: [{usm eve readers {3 active }}]
	// a new row: inconsistentValue at varbind 2
}
