// Command echo sends every datagram back to where it came from:
//
//	echo [-gso | -batch=false] HOST:PORT
//
// It is the yardstick for an agent: what is left of a request when nobody looks at
// it. It moves datagrams in batches, or one with each system call, or in batches that
// the kernel gets together where they are alike, as the agent does where it can. When
// it is ready it writes the address that it listens on.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"

	"snmpstack/transport"
)

func main() {
	batch := flag.Bool("batch", true, "move many datagrams with one system call")
	gso := flag.Bool("gso", false, "and those that are alike together, if the kernel can")
	flag.Parse()
	opts := transport.Options{Batch: transport.On, GSO: transport.Off}
	if !*batch {
		opts.Batch = transport.Off
	}
	if *gso {
		opts.GSO = transport.Default
	}
	fmt.Fprintln(os.Stderr, "echo:", serve(flag.Arg(0), opts))
	os.Exit(1)
}

func serve(address string, opts transport.Options) error {
	conn, err := transport.Listen(context.Background(), "udp", address, opts)
	if err != nil {
		return err
	}
	fmt.Println("echo: listening on", conn.LocalAddr())
	var pool transport.Pool
	p := make([]transport.Packet, conn.Batch())
	for i := range p {
		p[i].Buf = pool.Get(transport.FullSize)
	}
	for {
		n, err := conn.Read(p)
		if c := transport.Classify(err); c == transport.ClassClosed || c == transport.ClassFatal {
			return err
		}
		for sent := 0; sent < n; sent++ { // one that cannot be sent is left behind
			k, _ := conn.Write(p[sent:n])
			sent += k
		}
	}
}
