// Package pcap reads the UDP datagrams out of a packet capture: the classic
// format that tcpdump -w and older Wireshark write, with times in microseconds
// or nanoseconds and in either byte order.
//
//	r, err := pcap.NewReader(file)
//	for d, err := range r.Datagrams() {
//		fmt.Println(d.Time, d.Source, d.Destination, len(d.Payload))
//	}
//
// The link types Ethernet (with VLAN tags), Linux cooked (versions 1 and 2), raw
// IP and BSD loopback are known, and IPv4 and IPv6 with its extension headers.
// Left out: pcapng, which `editcap -F pcap` converts; reassembly, so that
// of a fragmented datagram only the first fragment is seen; other transports.
package pcap
