package main

import (
	"context"
	"errors"
	"net/netip"
	"path/filepath"
	"testing"

	"snmpstack/cmd/internal/snmpdconf"
)

// TestHostsAreLookedUpBefore shows that SETs that are kept do not wait for a name
// server that SIGHUP asks.
func TestHostsAreLookedUpBefore(t *testing.T) {
	path := filepath.Join(t.TempDir(), "snmpd.conf")
	writeFile(t, path, "rocommunity one nms.example.net\nrocommunity two nms.example.net\nrocommunity three nowhere.example.net\n")
	d := &daemon{keeper: new(keeper)}
	asked := 0
	d.opts = &options{files: []snmpdconf.File{{Path: path}}, lookUp: func(_ context.Context, _, host string) ([]netip.Addr, error) {
		asked++
		if !d.keeper.mu.TryLock() {
			t.Errorf("%s is looked up while the keeper waits", host)
		} else {
			d.keeper.mu.Unlock()
		}
		if host != "nms.example.net" {
			return nil, errors.New("there is no such host")
		}
		return []netip.Addr{netip.MustParseAddr("192.0.2.7")}, nil
	}}
	conf, problems := d.loadAgain(t.Context())
	d.keeper.mu.Unlock()
	if len(problems) != 1 || len(conf.Access.Statements()) != 2 || asked != 2 {
		t.Errorf("%d rules, %d questions, problems %v", len(conf.Access.Statements()), asked, problems)
	}
}
