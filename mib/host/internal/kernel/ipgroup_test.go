package kernel

import (
	"strings"
	"testing"
	"testing/fstest"
)

const procNetSnmp = `Ip: Forwarding DefaultTTL InReceives InHdrErrors InAddrErrors ForwDatagrams InUnknownProtos InDiscards InDelivers OutRequests OutDiscards OutNoRoutes ReasmTimeout ReasmReqds ReasmOKs ReasmFails FragOKs FragFails FragCreates OutTransmits
Ip: 2 64 3003 4 5 6 7 8 9009 5000000010 11 12 13 14 15 16 17 18 19 20
Icmp: InMsgs InErrors
Icmp: 1 2
`

func TestReadIPGroup(t *testing.T) {
	want := IPGroup{0, 2, 64, 3003, 4, 5, 6, 7, 8, 9009, 5000000010, 11, 12, 13, 14, 15, 16, 17, 18, 19}
	for _, tt := range []struct {
		name, text string
		want       IPGroup
		err        string
	}{
		{"a kernel's", procNetSnmp, want, ""},
		{"other columns", "Ip: OutRequests New Forwarding\nIp: 7 8 1\n", IPGroup{1: 1, 10: 7}, ""},
		{"fewer values than names", "Ip: Forwarding DefaultTTL\nIp: 1\n", IPGroup{1: 1}, ""},
		{"no values", "Ip: Forwarding\n", IPGroup{}, "no values"},
		{"empty", "", IPGroup{}, "no values"},
		{"no number", "Ip: Forwarding\nIp: x\n", IPGroup{}, "Ip Forwarding"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := readIPGroup(fstest.MapFS{"proc/net/snmp": {Data: []byte(tt.text)}})
			if tt.err != "" {
				if err == nil || !strings.Contains(err.Error(), tt.err) {
					t.Errorf("%v, want %q", err, tt.err)
				}
				return
			}
			if err != nil || *got != tt.want {
				t.Errorf("%v, %v, want %v", got, err, tt.want)
			}
		})
	}
	if _, err := readIPGroup(fstest.MapFS{}); err == nil {
		t.Error("no error without the file")
	}
}
