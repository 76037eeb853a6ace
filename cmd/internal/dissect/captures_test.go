package dissect

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"snmpstack/ber/bertest"
	"snmpstack/cmd/internal/pcap"
	"snmpstack/pdu"
)

// Every datagram of the captures, ours and other people's, is taken apart without
// a loss, in agreement with package pdu. Those of SNMPv1 and SNMPv2c decode,
// encode and decode to the same, but for the captures that are malformed on
// purpose.
func TestCaptures(t *testing.T) {
	text, err := os.ReadFile(bertest.Shared(t, "packets/index.json"))
	if err != nil {
		t.Fatal(err)
	}
	var index struct {
		Captures []struct {
			File    string
			Packets int
			What    string
		}
	}
	if err := json.Unmarshal(text, &index); err != nil {
		t.Fatal(err)
	}
	listed := make(map[string]bool)
	malformed, community := 0, 0
	for _, capture := range index.Captures {
		listed[capture.File] = true
		bad := strings.HasPrefix(capture.What, "malformed")
		datagrams := readCapture(t, capture.File)
		if len(datagrams) != capture.Packets && !bad {
			t.Errorf("%s: %d datagrams, want %d", capture.File, len(datagrams), capture.Packets)
		}
		if bad {
			malformed++
		}
		for i, d := range datagrams {
			check(t, d)
			if version, err := pdu.ReadVersion(d); err == nil && version == pdu.V3 {
				continue
			}
			m, err := pdu.ParseMessage(d)
			if err != nil {
				if !bad {
					t.Errorf("%s: packet %d: %v", capture.File, i+1, err)
				}
				continue
			}
			community++
			encoded := m.Append(nil)
			again, err := pdu.ParseMessage(encoded)
			if err != nil || !bytes.Equal(again.Append(nil), encoded) || !reflect.DeepEqual(again, m) {
				t.Errorf("%s: packet %d is %+v, encoded and decoded %+v, %v", capture.File, i+1, m, again, err)
			}
		}
	}
	for _, pattern := range []string{"packets", "packets/public"} {
		for _, path := range bertest.Glob(t, pattern, "*.pcap") {
			name := strings.TrimPrefix(filepath.ToSlash(filepath.Join(pattern, filepath.Base(path))), "packets/")
			if !listed[name] {
				t.Errorf("the index does not list %s", name)
			}
		}
	}
	if malformed == 0 || community < 100 {
		t.Errorf("%d captures are malformed, %d community messages", malformed, community)
	}
	t.Logf("%d captures, %d community messages", len(index.Captures), community)
}

func readCapture(t *testing.T, name string) (payloads [][]byte) {
	t.Helper()
	file, err := os.Open(bertest.Shared(t, "packets/"+name))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	r, err := pcap.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	for d, err := range r.Datagrams() {
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		payloads = append(payloads, bytes.Clone(d.Payload))
	}
	return payloads
}
