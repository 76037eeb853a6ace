package transport

import (
	"errors"
	"net"
	"testing"
)

// What finds the queue full is counted at once, whether datagrams are read in batches
// or one by one, and nothing else is.
func TestDropped(t *testing.T) {
	for _, test := range []struct {
		name  string
		batch Switch
		host  string
	}{{"batches", Default, "127.0.0.1:0"}, {"one by one", Off, "127.0.0.1:0"}, {"IPv6", Default, "[::1]:0"}} {
		t.Run(test.name, func(t *testing.T) {
			if test.name == "IPv6" {
				needLoopback6(t)
			}
			c := listenLinux(t, test.host, Options{InBufferSize: 2000, Batch: test.batch}) // the kernel grants a few datagrams
			from := listenLinux(t, test.host, Options{})
			dropped, err := c.Dropped()
			if errors.Is(err, errors.ErrUnsupported) {
				t.Skipf("%v", err)
			}
			if dropped != 0 || err != nil {
				t.Fatalf("before anything was sent: %d, %v", dropped, err)
			}
			const sent = 100
			for range sent {
				if n, err := from.Write([]Packet{{Data: make([]byte, 500), Remote: c.LocalAddr()}}); n != 1 || err != nil {
					t.Fatal(n, err)
				}
			}
			if dropped, err = c.Dropped(); dropped == 0 || err != nil {
				t.Fatalf("%d datagrams in a queue that has no room for them: %d dropped, %v", sent, dropped, err)
			}
			var pool Pool
			p := make([]Packet, 16)
			for i := range p {
				p[i].Buf = pool.Get(SmallSize)
			}
			for read := 0; read < sent-int(dropped); {
				n, err := c.Read(p)
				if err != nil {
					t.Fatal(err)
				}
				read += n
			}
			// There is room again.
			if n, err := from.Write([]Packet{{Remote: c.LocalAddr()}}); n != 1 || err != nil {
				t.Fatal(n, err)
			}
			if n, err := c.Read(p); n != 1 || len(p[0].Data) != 0 || err != nil {
				t.Fatalf("%d datagrams, the first of %d octets, %v", n, len(p[0].Data), err)
			}
			if again, err := c.Dropped(); again != dropped || err != nil {
				t.Errorf("%d, %v, want %d as before", again, err, dropped)
			}
			c.Close()
			if _, err := c.Dropped(); !errors.Is(err, net.ErrClosed) {
				t.Errorf("after Close: %v", err)
			}
		})
	}
}
