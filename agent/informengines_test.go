package agent

import (
	"math"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"snmpstack/agent/manager"
)

// However many targets there have been, no more engines are remembered than there is
// room for, and the last one always is.
func TestKnownEngines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var k knownEngines
		address := func(i int) netip.AddrPort {
			return netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, byte(i >> 16), byte(i >> 8), byte(i)}), 162)
		}
		for i := range 3 * maxKnownEngines {
			k.remember(address(i), knownEngine{"engine", 1, 2, time.Now()})
			if s := (manager.Security{}); len(k.byPeer) > maxKnownEngines {
				t.Fatalf("%d are remembered", len(k.byPeer))
			} else if k.recall(address(i), &s, time.Now()); s.EngineID != "engine" || s.Boots != 1 || s.Time != 2 || !s.Learned {
				t.Fatalf("the last one is %+v", s)
			}
		}
		var s manager.Security
		k.remember(address(1), knownEngine{"engine", 1, math.MaxInt32 - 5, time.Now()})
		time.Sleep(4 * time.Second)
		if k.recall(address(1), &s, time.Now()); s.Time != math.MaxInt32-1 {
			t.Errorf("its time is %d", s.Time)
		}
		time.Sleep(time.Minute)
		if k.recall(address(1), &s, time.Now()); s.Time != math.MaxInt32 { // RFC 3414 §2.2.2
			t.Errorf("its time is %d", s.Time)
		}
		k.forget(address(1))
		s = manager.Security{}
		if k.recall(address(1), &s, time.Now()); s.Learned || s.EngineID != "" {
			t.Errorf("what was forgotten is %+v", s)
		}
	})
}
