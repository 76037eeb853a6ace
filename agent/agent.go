package agent

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"snmpstack/agent/notify"
	"snmpstack/agent/usmmib"
	"snmpstack/mib"
	"snmpstack/pdu"
	"snmpstack/transport"
	"snmpstack/usm"
)

// An Agent is an SNMP agent. Make one with New, set the fields, then call
// Activate or ListenAndServe. Methods are safe for concurrent use.
//
// The fields are copied when the agent is activated: changes show after the next
// activation. These are looked at otherwise:
//
//	TrapSettings, Version among them     for each trap; Reset and Config change them
//	RemoteHost, RemotePort               for each packet of SendData, unless UseConnection is set
//	CodePage                             by Text and NewObject
//	CompatibilityMode, SecurityProvider  when a user is added or sends, and by Activate
//	OnHashPassword, OnCacheEntry         when a password is hashed, by ShowCache
//	Clock                                by Activate, and by SysUpTime and SetSysUpTime
//	Logger                               by Activate, and when a user is added
//
// What the fields point to is not copied: objects join the MIB and users the agent, a
// vacm.Policy and Targets are replaced, while it is active.
type Agent struct {
	// LocalHost is the name or address to listen on; "" is all IPv4 addresses, or
	// with UseIPv6 all IPv6 addresses.
	LocalHost string
	// LocalPort is the UDP port; New sets it to 161. 0 lets the system choose, which is
	// for a program that only sends, too: LocalAddr tells which.
	LocalPort int
	// UseIPv6 makes names and the empty LocalHost mean IPv6.
	UseIPv6 bool
	// Conns are sockets to serve in the place of LocalHost and LocalPort. The
	// agent closes them when it is deactivated; to activate it again it needs new
	// ones. With those of before it finds out that they are closed, and is not Active.
	Conns []transport.Conn

	// MIB answers what no hook has answered. It may be nil.
	MIB *mib.Tree
	// Access decides who may do what. It is required as soon as there is a MIB;
	// InsecureAllowAll is the loud way out. Without MIB and Access, every
	// community and every user that was added is let through, and the hooks are the
	// policy.
	Access Access

	// Targets are those whom NotifyAll tells, and whom Destinations names. Without it
	// there is nobody.
	Targets *notify.Targets

	// DisableV1, DisableV2c and DisableV3 switch a version off: its messages count
	// as snmpInBadVersions.
	DisableV1, DisableV2c, DisableV3 bool
	// Strict refuses BER that is tolerated by default (package ber).
	Strict bool

	// MaxPacketSize is the longest datagram that is read, in octets; 0 means
	// 65507, the most that UDP carries over IPv4. Longer ones are dropped and
	// counted.
	MaxPacketSize int
	// MsgMaxSize bounds the messages that are sent, 484 to 65507 octets; 0 means
	// 65507. A Response that would be longer becomes tooBig. Neither SNMPv1 nor
	// SNMPv2c tells how much the other side can take; SNMPv3 does, and is told the
	// smaller one of MsgMaxSize and MaxPacketSize (msgMaxSize, RFC 3412 §6.3). What comes
	// and is longer than that is not refused, as long as it has MaxPacketSize at most.
	//
	// Deviation: the specification's is for SNMPv3 alone. Who wants small messages does not
	// want large ones of SNMPv2c, whose receivers cannot say so.
	MsgMaxSize int
	// MaxBulkResponse is how far the answer to a GetBulkRequest is filled, in
	// octets; 0 means 1472, or 1452 over IPv6: what fits one Ethernet frame. Only
	// the first varbind may make it longer, up to MsgMaxSize.
	MaxBulkResponse int

	// MaxConcurrent is how many requests may be with hooks and handlers that
	// block, or be deferred, at the same time; further ones are dropped and counted.
	// 0 means 2048.
	MaxConcurrent int
	// HandlerTimeout is how long such a request may take before its Context ends;
	// 0 means ten seconds. A hook or handler that goes on nevertheless counts
	// against MaxConcurrent until it returns, and its answer is sent even then: that of a
	// handler which returns its Context's error is genErr.
	HandlerTimeout time.Duration

	// ForceLocalPort false lets the system choose another port if LocalPort is in
	// use. New sets it to true.
	ForceLocalPort bool
	// Transport has the socket's options, for LocalHost and LocalPort.
	Transport transport.Options

	// CaptureIPPacketInfo makes Config tell the DestinationAddress of the last packet;
	// events have it in any case where the system tells. It needs Linux, but where the
	// socket listens on one address.
	CaptureIPPacketInfo bool

	// Engine is the SNMP engine's identity and clock; nil makes one from
	// Enterprise, the machine and where the first socket is (DeriveEngineID), with the
	// clock that counts from 1970 (usm.EpochClock). That one stays for later activations
	// with the same ID. Where the system chooses the port, with LocalPort 0 or without
	// ForceLocalPort, the ID is another one each time: an agent whose users have keys, or
	// whose managers know it, has an Engine then.
	Engine *usm.Engine
	// Enterprise is the number for a new engine ID; 0 means usm.DocumentationEnterprise.
	Enterprise uint32

	// Contexts are the names of the SNMP contexts (RFC 3411 §3.3.1) that there are
	// beside the default one, "": up to 32 octets each (RFC 3415 §4, vacmContextName).
	// A request for another one is not processed (snmpUnknownContexts). Without a MIB
	// and without Contexts, the hooks take any.
	Contexts []string
	// TimeWindow is how many seconds the time in an authenticated message may
	// differ from the engine's; 0 means 150 (RFC 3414 §2.2.3).
	TimeWindow int
	// DecryptLogPackets lets OnPacketTrace see what is encrypted decrypted: a request
	// that has been verified, and what answers it, traps, and informs and what confirms
	// them, when that has been verified. It has the plaintext
	// ScopedPDU in the place of the encrypted one and is a message like that, whose
	// digest is no longer right. What does not verify is shown as it came. What comes is
	// shown after the hooks that its verification calls, as OnGetUserPassword.
	DecryptLogPackets bool
	// IgnoreDiscoveryRequestType lets any request be a discovery probe: only
	// OnDiscoveryRequest hears of it. Otherwise one that is no GetRequest is told to
	// OnBadPacket too. It is answered either way.
	IgnoreDiscoveryRequestType bool
	// CompatibilityMode says how AES-192 and AES-256 keys are made where a user's
	// hash is too short for them; it is used when a user is added.
	CompatibilityMode CompatibilityMode
	// SecurityProvider is whose cryptography SNMPv3 uses: usm.Internal, usm.Portable
	// or usm.System.
	SecurityProvider usm.Provider

	// CodePage is how text lies in octets, for Text and NewObject; 0 means UTF8.
	CodePage CodePage

	// RemoteSettings say where SendData sends.
	RemoteSettings
	// TrapSettings say how SendTrap sends: Version, ContextName and ContextEngineID are
	// the trap's. What the agent answers has the request's, in all versions.
	TrapSettings

	// ProcessIdleEvents false has DoEvents answer requests and call hooks, in the place
	// of the agent's own goroutines, and SelectWaitMillis is how many milliseconds it
	// waits for something to come. New sets them to true and 20.
	ProcessIdleEvents bool
	SelectWaitMillis  int

	// Clock is the agent's time; nil is the system's.
	Clock Clock
	// Logger takes what an operator should know: what OnError hears, panics of hooks and
	// handlers with their stacks among it, and weak protocols. Errors are logged once a
	// second at most; what was held back meanwhile is counted in the next line as
	// suppressed, or by Deactivate. No secret is ever logged. nil is slog.Default();
	// slog.New(slog.DiscardHandler) keeps it silent.
	Logger *slog.Logger

	// Hooks for requests. Each call is in a goroutine of its own and may take its
	// time; there are at most MaxConcurrent at once. A panic is a genErr for the one
	// who asked and a *mib.PanicError for OnError; one of the hooks that watch ends
	// the program, as it does in any goroutine.
	OnGetRequest     func(*RequestEvent)
	OnGetNextRequest func(*RequestEvent)
	OnGetBulkRequest func(*RequestEvent)
	OnSetRequest     func(*RequestEvent)

	// OnGetUserSecurityLevel is asked for every message of SNMPv3's at which level it
	// has to be. OnGetUserPassword is asked for the passwords of users who are not in
	// the internal authentication cache, at every message: what was made of them is
	// remembered, so that a password is hashed once. Without OnGetUserSecurityLevel such
	// a user's messages have to be authenticated. Both are called like the hooks for
	// requests, before anything of the message is verified, and may take their time. A
	// panic of theirs makes the user unknown; OnError hears of one a second at most.
	OnGetUserSecurityLevel func(*GetUserSecurityLevelEvent)
	OnGetUserPassword      func(*GetUserPasswordEvent)
	// OnHashPassword is called when AddUser, HashPasswords or a password from
	// OnGetUserPassword needs a hash, and again when one has been computed.
	OnHashPassword func(*HashPasswordEvent)
	// OnCacheEntry is called by ShowCache, for each user.
	OnCacheEntry func(*CacheEntryEvent)

	// Hooks that watch. They are called where things happen, from several
	// goroutines at once, and must not block: nothing is read meanwhile.
	OnBadPacket   func(*BadPacketEvent)
	OnPacketTrace func(*PacketTraceEvent)
	OnError       func(*ErrorEvent)
	OnReport      func(*ReportEvent)
	// OnReadyToSend is called when there is room again after SendData, SendTrap or
	// Notify has failed for want of room (errors 10035 and 10055).
	OnReadyToSend func()
	// OnDiscoveryRequest hears of messages that ask for the engine's ID. Like the
	// hooks that watch it must not block.
	OnDiscoveryRequest func(*DiscoveryRequestEvent)

	state *state
}

// state is what an agent has whether active or not.
type state struct {
	counters   counters
	last       lastPacket
	users      usmmib.Table // the specification's internal authentication cache
	senders    usmmib.Table // users who were added by sending, see addSender
	requestID  serial       // of traps
	msgID      serial       // of SNMPv3's traps
	weakLogged sync.Map     // the weak protocols that the log has spoken of
	rejecting  atomic.Bool  // AcceptData is false
	upTimeBase atomic.Pointer[upTimeBase]

	activation sync.Mutex  // held while the agent is activated or deactivated
	ended      bool        // it was deactivated and not activated since; guarded by activation
	engine     *usm.Engine // the agent's own, nil until it needs one; guarded by activation
	run        atomic.Pointer[run]

	fields      sync.Mutex // guards the Agent's fields while Config changes them, and
	trafficType int        // the QOSTrafficType that was set last
}

// New returns an agent with the specification's defaults: port 161 on all
// addresses.
func New() *Agent {
	return &Agent{
		LocalPort: 161, ForceLocalPort: true, ProcessIdleEvents: true, SelectWaitMillis: 20,
		TrapSettings: defaultTrapSettings(), state: new(state),
	}
}

// Activate starts the agent, which then serves in goroutines of its own, or in DoEvents.
// It is an error (104) if it is active already.
func (a *Agent) Activate() error {
	_, err := a.activate(true)
	return err
}

// activate is Activate. Without again it is for an agent that nobody has deactivated.
func (a *Agent) activate(again bool) (*run, error) {
	if a.state == nil {
		return nil, &Error{CodeInvalidArgument, errors.New("an Agent is made with agent.New")}
	}
	a.state.activation.Lock()
	defer a.state.activation.Unlock()
	if r := a.state.run.Load(); r != nil {
		if !r.isBroken() {
			return nil, &Error{Code: CodeActive}
		}
		r.stop()
		a.state.run.Store(nil)
	}
	if a.state.ended && !again {
		return nil, &Error{CodeNotActive, errDeactivated}
	}
	r, err := a.newRun()
	if err != nil {
		return nil, err
	}
	a.state.ended = false
	a.state.run.Store(r)
	r.start()
	return r, nil
}

var errDeactivated = errors.New("it was deactivated: Activate or ListenAndServe activates it again")

// newRun checks and copies the fields and opens the sockets.
func (a *Agent) newRun() (*run, error) {
	a.state.fields.Lock()
	r := &run{Agent: *a, counters: &a.state.counters, poison: poisonForTests}
	a.state.fields.Unlock()
	if err := r.fillDefaults(); err != nil {
		return nil, err
	}
	if err := r.connect(); err != nil {
		return nil, err
	}
	var own transport.Conn
	if len(r.Conns) == 0 {
		var err error
		if own, err = r.listen(); err != nil {
			return nil, r.listenError(err)
		}
		r.Conns = []transport.Conn{own}
	}
	err := r.setEngine() // whose ID may be that of its address
	if err == nil {
		err = r.activateUsers()
	}
	if err != nil {
		if own != nil {
			own.Close()
		}
		return nil, err
	}
	a.state.upTimeBase.CompareAndSwap(nil, &upTimeBase{at: r.Clock.Now()})
	r.context, r.cancel = context.WithCancel(context.Background())
	r.stopped, r.broken = make(chan struct{}), make(chan struct{})
	r.alive = len(r.Conns)
	return r, nil
}

// fillDefaults gives the fields that are zero the values they stand for.
func (r *run) fillDefaults() error {
	if r.MIB != nil && r.Access == nil {
		return &Error{CodeInvalidArgument, errors.New("an agent with a MIB needs Access; agent.InsecureAllowAll lets everybody do everything")}
	}
	r.Conns = slices.Clone(r.Conns)
	setDefault(&r.MaxPacketSize, maxDatagram)
	setDefault(&r.MsgMaxSize, maxDatagram)
	setDefault(&r.MaxConcurrent, 2048)
	setDefault(&r.HandlerTimeout, defaultHandlerTimeout)
	setDefault(&r.TimeWindow, usm.TimeWindow)
	if r.Access == nil {
		r.Access = InsecureAllowAll // the hooks are the policy
	}
	if r.Clock == nil {
		r.Clock = systemClock{}
	}
	r.Logger = r.logger()
	for _, check := range []struct {
		name            string
		value           int
		atLeast, atMost int
	}{
		{"LocalPort", r.LocalPort, 0, 65535},
		{"MaxPacketSize", r.MaxPacketSize, 1, maxDatagram},
		{"MsgMaxSize", r.MsgMaxSize, minMessage, maxDatagram},
		{"MaxBulkResponse", r.MaxBulkResponse, 0, maxDatagram},
		{"MaxConcurrent", r.MaxConcurrent, 1, 1 << 20},
		{"TimeWindow", r.TimeWindow, 1, math.MaxInt32},
		{"RemotePort", r.RemotePort, 0, 65535},
		{"SelectWaitMillis", r.SelectWaitMillis, 0, math.MaxInt32},
		{"CompatibilityMode", int(r.CompatibilityMode), int(CompatibilityReeder), int(CompatibilityReceive)},
		{"SecurityProvider", int(r.SecurityProvider), int(usm.Internal), int(usm.Portable)},
	} {
		if check.value < check.atLeast || check.value > check.atMost {
			return &Error{CodeInvalidArgument, fmt.Errorf("%s is %d, expected %d to %d", check.name, check.value, check.atLeast, check.atMost)}
		}
	}
	if err := r.CodePage.check(); err != nil {
		return err
	}
	if r.HandlerTimeout < 0 {
		return &Error{CodeInvalidArgument, fmt.Errorf("HandlerTimeout is %v, expected a time to wait", r.HandlerTimeout)}
	}
	if r.Contexts != nil {
		r.contexts = make(map[string]string, len(r.Contexts))
	}
	for _, name := range r.Contexts {
		if len(name) > maxContextName {
			return &Error{CodeInvalidArgument, fmt.Errorf("context %q has a name of %d octets, expected at most %d", name, len(name), maxContextName)}
		}
		r.contexts[name] = name
	}
	if !r.ProcessIdleEvents {
		r.events = newEventLoop()
	}
	return nil
}

// announcedSize is msgMaxSize in what is sent, and snmpEngineMaxMessageSize: the
// largest message that is accepted (RFC 3412 §6.3), at least 484.
func (r *run) announcedSize() int { return max(min(r.MaxPacketSize, r.MsgMaxSize), minMessage) }

func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

const (
	defaultHandlerTimeout = 10 * time.Second

	// maxContextName is the most octets of a context's name (RFC 3415 §4, vacmContextName).
	maxContextName = 32
	// maxDatagram is the most that a UDP datagram carries over IPv4 (RFC 3417
	// §3.2).
	maxDatagram = 65507
	// minMessage is what every engine has to accept (RFC 3417 §3.2).
	minMessage = 484
	// What fits an Ethernet frame beside the headers of UDP and IP.
	bulkIPv4 = 1500 - 20 - 8
	bulkIPv6 = 1500 - 40 - 8
)

// ipv4 reports whether the agent's first socket is one for IPv4.
func (r *run) ipv4() bool {
	if len(r.Conns) > 0 {
		return r.Conns[0].LocalAddr().Addr().Is4()
	}
	if addr, err := netip.ParseAddr(r.LocalHost); err == nil {
		return addr.Unmap().Is4()
	}
	return !r.UseIPv6
}

// listen opens the socket for LocalHost and LocalPort.
func (r *run) listen() (transport.Conn, error) {
	network := "udp6"
	if r.ipv4() {
		network = "udp4"
	}
	options := r.Transport
	if addr, err := netip.ParseAddr(r.LocalHost); r.CaptureIPPacketInfo && (r.LocalHost == "" || err == nil && addr.IsUnspecified()) {
		r.ignoreLocal = options.ReplyFromDestination == transport.Off
		options.ReplyFromDestination = transport.On
	}
	c, err := transport.Listen(context.Background(), network, net.JoinHostPort(r.LocalHost, strconv.Itoa(r.LocalPort)), options)
	if err != nil && !r.ForceLocalPort && errors.Is(systemError(err), CodeAddressInUse) {
		c, err = transport.Listen(context.Background(), network, net.JoinHostPort(r.LocalHost, "0"), options)
	}
	return c, err
}

// listenError gives what keeps LocalHost and LocalPort from being listened on its code.
func (r *run) listenError(err error) error {
	_, ip := netip.ParseAddr(r.LocalHost)
	if address := (*net.AddrError)(nil); errors.As(err, &address) && ip != nil && !strings.ContainsAny(r.LocalHost, "[]:") {
		return &Error{CodeNoData, err} // a name with no address of this family
	}
	return systemError(err)
}

// Deactivate ends the agent: nothing more is accepted, what has been read is
// answered (hooks, handlers and requests that are deferred get up to HandlerTimeout for
// that), then the sockets are closed, Conns too. It does nothing if the agent is not
// active.
//
// After it, as after ListenAndServe, Notify and NotifyAll do not activate the agent any more
// (109): an alarm that is told while the program ends does not open the port again.
// Activate and ListenAndServe do, and so do SendTrap, SendSecureTrap and SendData.
//
// It waits for hooks and handlers, so none of them may call it; they can start it
// as a goroutine. A Deferred that nobody answers makes it wait for the whole of
// HandlerTimeout.
func (a *Agent) Deactivate() { a.deactivate(nil) }

// deactivate ends a certain run, or with nil whatever there is.
func (a *Agent) deactivate(only *run) {
	a.state.activation.Lock()
	defer a.state.activation.Unlock()
	if r := a.state.run.Load(); r != nil && (only == nil || r == only) {
		r.stop()
		a.state.run.Store(nil)
		a.state.ended = true
	}
}

// Active reports whether the agent is active. It is not any more when the last of its
// sockets has failed, of which OnError and the Logger are told, as of Conns that
// somebody has closed.
func (a *Agent) Active() bool { return a.activeRun() != nil }

func (a *Agent) logger() *slog.Logger {
	if a.Logger == nil {
		return slog.Default()
	}
	return a.Logger
}

// ListenAndServe activates the agent and serves until ctx ends or somebody calls
// Deactivate, then deactivates it and returns nil: unlike net/http's, which says that the
// server was closed. An error says why it could not start, 104 if the agent is active
// already, or which sockets have failed if none is left.
//
// Who has to know the port before (LocalAddr), as with LocalPort 0, calls Activate, waits
// for <-ctx.Done(), and calls Deactivate.
func (a *Agent) ListenAndServe(ctx context.Context) error {
	r, err := a.activate(true)
	if err != nil {
		return err
	}
	defer a.deactivate(r)
	select {
	case <-ctx.Done():
		return nil
	case <-r.stopped:
		return nil
	case <-r.broken:
		return r.failure()
	}
}

// LocalAddr returns the address of the agent's first socket, and the zero
// AddrPort if it is not active.
func (a *Agent) LocalAddr() netip.AddrPort {
	if r := a.activeRun(); r != nil {
		return r.Conns[0].LocalAddr()
	}
	return netip.AddrPort{}
}

// SetAcceptData switches the reception of data: what comes while it is off is
// read, dropped and counted. It is on at first.
func (a *Agent) SetAcceptData(accept bool) { a.state.rejecting.Store(!accept) }

// AcceptData reports whether data is accepted.
func (a *Agent) AcceptData() bool { return !a.state.rejecting.Load() }

// upTimeBase is sysUpTime at one moment.
type upTimeBase struct {
	at    time.Time
	ticks uint32
}

// SysUpTime returns the time since the agent was first activated, in hundredths
// of a second modulo 2³² (RFC 3418, sysUpTime.0), or since SetSysUpTime.
func (a *Agent) SysUpTime() uint32 {
	base := a.state.upTimeBase.Load()
	if base == nil {
		return 0
	}
	return base.ticks + uint32(a.clock().Now().Sub(base.at)/(10*time.Millisecond))
}

// SetSysUpTime sets sysUpTime, which runs on from there.
func (a *Agent) SetSysUpTime(ticks uint32) {
	a.state.upTimeBase.Store(&upTimeBase{a.clock().Now(), ticks})
}

func (a *Agent) clock() Clock {
	if a.Clock == nil {
		return systemClock{}
	}
	return a.Clock
}

// hook returns the hook for requests of kind k, nil if there is none.
func (a *Agent) hook(k pdu.Kind) func(*RequestEvent) {
	switch k {
	case pdu.GetRequest:
		return a.OnGetRequest
	case pdu.GetNextRequest:
		return a.OnGetNextRequest
	case pdu.GetBulkRequest:
		return a.OnGetBulkRequest
	case pdu.SetRequest:
		return a.OnSetRequest
	}
	return nil
}
