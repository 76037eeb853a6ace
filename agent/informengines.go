package agent

import (
	"math"
	"net/netip"
	"sync"
	"time"

	"snmpstack/agent/manager"
	"snmpstack/usm"
)

// knownEngines are the engines of those who have confirmed informs, so that not each
// inform has to ask for them. Nothing is trusted for their sake: what they are is
// checked by each inform's confirmation, and asked for anew where it is not right.
type knownEngines struct {
	mu     sync.Mutex
	byPeer map[netip.AddrPort]knownEngine
}

// A knownEngine is an engine with its clock at a moment.
type knownEngine struct {
	id             usm.EngineID
	boots, seconds int32
	at             time.Time
}

// maxKnownEngines bounds how many are remembered. Beyond that one makes room, whichever
// it is.
const maxKnownEngines = 1024

// recall tells s what is known of the engine at an address.
func (k *knownEngines) recall(peer netip.AddrPort, s *manager.Security, now time.Time) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if e, ok := k.byPeer[peer]; ok {
		seconds := int64(e.seconds) + int64(now.Sub(e.at)/time.Second)
		s.EngineID, s.Boots, s.Time, s.Learned = e.id, e.boots, int32(min(seconds, math.MaxInt32)), true
	}
}

// learn remembers the engine that has confirmed an inform.
func (k *knownEngines) learn(peer netip.AddrPort, c *manager.Client, now time.Time) {
	if id, boots, seconds := c.Engine(); id != "" {
		k.remember(peer, knownEngine{id, boots, seconds, now})
	}
}

func (k *knownEngines) remember(peer netip.AddrPort, e knownEngine) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.byPeer == nil {
		k.byPeer = make(map[netip.AddrPort]knownEngine)
	}
	if _, known := k.byPeer[peer]; !known && len(k.byPeer) >= maxKnownEngines {
		for other := range k.byPeer {
			delete(k.byPeer, other)
			break
		}
	}
	k.byPeer[peer] = e
}

// forget forgets the engine at an address: who does not answer may be another one.
func (k *knownEngines) forget(peer netip.AddrPort) {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.byPeer, peer)
}
