package agent

import (
	"bytes"
	"net/netip"
	"slices"
	"sync"

	"snmpstack/pdu"
)

// informTraces are what OnPacketTrace is told of an inform's datagrams. With
// DecryptLogPackets only who has sent the inform can decrypt what confirms it: until he
// has looked at it, it waits here. The others are traced by who reads them.
type informTraces struct {
	run    *run
	remote netip.AddrPort
	shown  []byte // what is about to be sent, as it is traced

	mu       sync.Mutex
	expected [][]byte // what has come and was not traced
	ended    bool
}

// expect reports whether a datagram that has come is traced by tell, or by end, and not
// by who asks.
func (t *informTraces) expect(datagram []byte) bool {
	if !t.run.tracesDecrypted() {
		return false
	}
	header, err := pdu.ReadHeader3(datagram, false)
	if err != nil || !header.Encrypted {
		return false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.ended || len(t.expected) >= informQueue {
		return false
	}
	t.expected = append(t.expected, bytes.Clone(datagram))
	return true
}

// tell is told of a datagram that is about to be sent, or has been looked at, and what
// it is shown as.
func (t *informTraces) tell(sent bool, datagram, shown []byte) {
	if sent {
		t.shown = shown
		return
	}
	t.mu.Lock()
	i := slices.IndexFunc(t.expected, func(d []byte) bool { return bytes.Equal(d, datagram) })
	if i >= 0 {
		t.expected = slices.Delete(t.expected, i, i+1)
	}
	t.mu.Unlock()
	if i >= 0 {
		t.run.trace(Incoming, shown, t.remote)
	}
}

// end traces what nobody has looked at as it came.
func (t *informTraces) end() {
	t.mu.Lock()
	t.ended = true
	left := t.expected
	t.mu.Unlock()
	for _, d := range left {
		t.run.trace(Incoming, d, t.remote)
	}
}
