package manager

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/netip"
	"time"

	"snmpstack/ber"
	"snmpstack/pdu"
	"snmpstack/usm"
)

// A Conn carries datagrams to one agent and back. A connected *net.UDPConn is
// one; OverPacketConn and the tests make others.
type Conn interface {
	// Read waits for a datagram from the agent and copies it to b, as much of
	// it as fits. At the deadline it fails with os.ErrDeadlineExceeded, after
	// Close with net.ErrClosed.
	Read(b []byte) (int, error)
	// Write sends b as one datagram.
	Write(b []byte) (int, error)
	// SetReadDeadline sets the deadline, of a Read that waits too; the zero time is none.
	SetReadDeadline(t time.Time) error
	io.Closer
}

// A Clock is where a Client has its time from, if that is not the system's. Every
// agent.Clock is one.
type Clock interface {
	Now() time.Time
	// AfterFunc calls f in a goroutine of its own when d has passed, unless stop is called
	// before.
	AfterFunc(d time.Duration, f func()) (stop func() bool)
}

// The settings that New and Dial give to a Client, which are those of Net-SNMP's
// tools.
const (
	DefaultTimeout        = time.Second
	DefaultRetries        = 5
	DefaultMaxRepetitions = 10
	// DefaultMaxSize is the longest datagram that IPv4's UDP can carry.
	DefaultMaxSize = 65507
)

// A Client sends requests to one agent. Its fields are set before the first
// request, and changed while no other goroutine uses it. Its methods may be called by
// several goroutines; there is one request under way at a time.
//
// What the methods return shares no memory with the Client.
type Client struct {
	Version   pdu.Version
	Community Community // of SNMPv1 and SNMPv2c
	// Security is SNMPv3's. Between requests it may be changed: the next one goes by it, and
	// asks for the agent's engine anew.
	Security Security
	// Timeout is how long each attempt waits for an answer.
	Timeout time.Duration
	// Retries is how often a request is sent again, with the same request-id,
	// after its first attempt had no answer. What SNMPv3 needs to become acquainted
	// with an agent is no retry.
	Retries int
	// Clock is what Timeout and the engine's time are counted by; nil is the system's.
	Clock Clock
	// MaxSize is the largest message in octets, both ways. A request that is
	// larger is an error, an answer that is larger is ignored.
	MaxSize int
	// MaxRepetitions is what Walk asks of one GetBulk request. Below 2 it uses
	// GetNext instead, and so it does with SNMPv1, which has no GetBulk.
	MaxRepetitions int
	// Trace, if it is set, sees every datagram that is sent or received, before
	// anything is made of it. It must not keep or change the octets, which have
	// the community in them.
	Trace func(sent bool, datagram []byte)
	// Plaintext, if it is set, sees a datagram that is encrypted in the place of Trace,
	// with its ScopedPDU in plain text: one that is sent, or has been verified. What
	// does not verify is Trace's, which is called for what was received after that has
	// been found out. It must not keep or change the octets, which are secret.
	Plaintext func(sent bool, datagram, scopedPDU []byte)

	address string
	conn    Conn
	turn    chan struct{} // holds a token while a request is under way
	// What follows belongs to who has put the token there.
	usm     *usmModel // since the first request of SNMPv3
	lastID  int32
	sendBuf []byte
	readBuf []byte
}

// New returns a Client with the default settings that uses conn, which belongs
// to it from then on. The address is what errors call the agent.
func New(conn Conn, address string) *Client {
	return &Client{
		Version:        pdu.V2c,
		Timeout:        DefaultTimeout,
		Retries:        DefaultRetries,
		MaxSize:        DefaultMaxSize,
		MaxRepetitions: DefaultMaxRepetitions,
		address:        address,
		conn:           conn,
		turn:           make(chan struct{}, 1),
		// A random start keeps the answers to another program's requests, which
		// may have used this port before, apart from ours.
		lastID: rand.Int32(),
	}
}

// Close closes the connection. A request that waits for an answer ends with
// net.ErrClosed.
func (c *Client) Close() error { return c.conn.Close() }

// Address returns the address that the Client was made with.
func (c *Client) Address() string { return c.address }

// LocalAddr returns the address that the Client sends from, the zero AddrPort if its
// connection does not tell.
func (c *Client) LocalAddr() netip.AddrPort {
	if conn, ok := c.conn.(interface{ LocalAddr() net.Addr }); ok {
		if addr, ok := conn.LocalAddr().(*net.UDPAddr); ok {
			return addr.AddrPort()
		}
	}
	return netip.AddrPort{}
}

// Engine returns what the Client knows of the agent's engine, for the Security of
// another Client: its ID, boots, and time in seconds as it should be now. The ID is ""
// before the engine has answered. It waits for a request that is under way.
func (c *Client) Engine() (id usm.EngineID, boots, seconds int32) {
	c.turn <- struct{}{}
	defer func() { <-c.turn }()
	if c.usm == nil || c.usm.peer == nil || c.usm.supposed {
		return "", 0, 0
	}
	boots, seconds = c.usm.peer.BootsTime()
	return c.usm.peer.EngineID(), boots, seconds
}

// Get asks for the values of the named instances (RFC 3416 §4.2.1).
func (c *Client) Get(ctx context.Context, names ...ber.OID) ([]pdu.VarBind, error) {
	return c.Do(ctx, pdu.PDU{Kind: pdu.GetRequest, VarBinds: asking(names)})
}

// GetNext asks for the instances that follow the names (RFC 3416 §4.2.2).
func (c *Client) GetNext(ctx context.Context, names ...ber.OID) ([]pdu.VarBind, error) {
	return c.Do(ctx, pdu.PDU{Kind: pdu.GetNextRequest, VarBinds: asking(names)})
}

// GetBulk asks for the instance that follows each of the first nonRepeaters
// names, and for up to maxRepetitions instances that follow each of the others
// (RFC 3416 §4.2.3). SNMPv1 has no such request.
func (c *Client) GetBulk(ctx context.Context, nonRepeaters, maxRepetitions int32, names ...ber.OID) ([]pdu.VarBind, error) {
	return c.Do(ctx, pdu.PDU{Kind: pdu.GetBulkRequest, NonRepeaters: nonRepeaters, MaxRepetitions: maxRepetitions, VarBinds: asking(names)})
}

// Set asks to give the named instances the values (RFC 3416 §4.2.5).
func (c *Client) Set(ctx context.Context, varBinds ...pdu.VarBind) ([]pdu.VarBind, error) {
	return c.Do(ctx, pdu.PDU{Kind: pdu.SetRequest, VarBinds: varBinds})
}

// asking returns varbinds with the names and the value unSpecified.
func asking(names []ber.OID) []pdu.VarBind {
	list := make([]pdu.VarBind, len(names))
	for i, name := range names {
		list[i] = pdu.VarBind{Name: name, Value: pdu.Null}
	}
	return list
}

// Do sends a request, whose request-id it chooses, and returns the varbinds of
// its Response. If that has an error-status other than noError the error is a
// *pdu.StatusError; if it is none that the request can have, an *AnswerError.
// The varbinds are there all the same.
func (c *Client) Do(ctx context.Context, request pdu.PDU) ([]pdu.VarBind, error) {
	if !request.Kind.Confirmed() || !request.Kind.In(c.Version) {
		return nil, fmt.Errorf("manager: a %v cannot be sent with %v", request.Kind, c.Version)
	}
	var err error
	if request.VarBinds, err = encodable(request.VarBinds); err != nil {
		return nil, err
	}
	select {
	case c.turn <- struct{}{}:
		defer func() { <-c.turn }()
	case <-ctx.Done():
		return nil, fmt.Errorf("manager: %w", context.Cause(ctx))
	}
	mp, err := c.messageProcessing()
	if err != nil {
		return nil, err
	}
	request.RequestID = c.nextID()
	answer, err := c.exchange(ctx, mp, &request)
	if err != nil {
		return nil, err
	}
	if answer.ErrorStatus != pdu.NoError {
		return answer.VarBinds, &pdu.StatusError{Status: answer.ErrorStatus, Index: int(answer.ErrorIndex)}
	}
	return answer.VarBinds, checkAnswer(&request, &answer)
}

// nextID returns a request-id from 1 to 2³¹−1.
func (c *Client) nextID() int32 {
	c.lastID++
	if c.lastID <= 0 {
		c.lastID = 1
	}
	return c.lastID
}

// encodable returns the varbinds with names that have an encoding: BER has none
// for OIDs of less than two sub-identifiers (X.690 §8.19.4), so that "1", where
// people start a walk, is sent as 1.0 and "" as 0.0. No instance has a name that
// short, so the answers are the same.
func encodable(list []pdu.VarBind) ([]pdu.VarBind, error) {
	out := make([]pdu.VarBind, len(list))
	for i, vb := range list {
		for vb.Name.Len() < 2 {
			vb.Name = vb.Name.Append(0)
		}
		if err := vb.Name.CheckEncodable(); err != nil {
			return nil, fmt.Errorf("manager: name of varbind %d: %w", i+1, err)
		}
		switch vb.Value.Syntax() {
		case 0:
			return nil, fmt.Errorf("manager: varbind %d, %v, has no value", i+1, vb.Name)
		case pdu.TypeObjectIdentifier:
			if err := vb.Value.OID().CheckEncodable(); err != nil {
				return nil, fmt.Errorf("manager: value of varbind %d: %w", i+1, err)
			}
		}
		out[i] = vb
	}
	return out, nil
}

// checkAnswer checks that the answer is one that the request can have.
func checkAnswer(request, answer *pdu.PDU) error {
	asked, got := len(request.VarBinds), len(answer.VarBinds)
	switch request.Kind {
	case pdu.GetBulkRequest:
		// RFC 3416 §4.2.3: the request has N + R varbinds, the answer at most
		// N + M·R.
		n := min(max(int(request.NonRepeaters), 0), asked)
		if most := int64(n) + int64(max(request.MaxRepetitions, 0))*int64(asked-n); int64(got) > most {
			return &AnswerError{Clause: "RFC 3416 §4.2.3", Reason: fmt.Sprintf("it has %d varbinds, at most %d were asked for", got, most)}
		}
		return nil
	case pdu.GetNextRequest:
		if got != asked {
			return &AnswerError{Clause: "RFC 3416 §4.2.2", Reason: fmt.Sprintf("it has %d varbinds, the request had %d", got, asked)}
		}
		return nil
	}
	if got != asked {
		return &AnswerError{Clause: "RFC 3416 §4.2.1", Reason: fmt.Sprintf("it has %d varbinds, the request had %d", got, asked)}
	}
	for i := range got {
		if answer.VarBinds[i].Name != request.VarBinds[i].Name {
			return &AnswerError{Clause: "RFC 3416 §4.2.1", Reason: fmt.Sprintf("its varbind %d is %v, the request's was %v", i+1, answer.VarBinds[i].Name, request.VarBinds[i].Name)}
		}
	}
	return nil
}
