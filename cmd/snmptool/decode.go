package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"snmpstack/cmd/internal/dissect"
	"snmpstack/cmd/internal/pcap"
)

// decode shows the messages in its operands, or on the standard input.
func decode(ctx context.Context, c *call) int {
	operands := c.operands
	if len(operands) == 0 {
		operands = []string{"-"}
	}
	d := decoder{call: c, out: bufio.NewWriter(c.stdout)}
	if err := d.setUser(); err != nil {
		c.say("%s: %s", c.name, plain(err))
		return exitFailed
	}
	code := exitAnswered
	for _, operand := range operands {
		if err := d.operand(ctx, operand); err != nil {
			d.out.Flush()
			c.say("%s: %v", c.name, err)
			code = exitFailed
		}
	}
	if err := d.out.Flush(); err != nil {
		c.say("%s: %v", c.name, err)
		return exitFailed
	}
	if code == exitAnswered && (d.malformed || d.refused) {
		return exitStatus
	}
	return code
}

// A decoder writes messages one after the other.
type decoder struct {
	*call
	out       *bufio.Writer
	shown     int
	malformed bool
	verifier  *verifier // nil: no user was given
	refused   bool      // by the verifier
}

// setUser makes the verifier for the user of the command line, if there is one.
func (d *decoder) setUser() error {
	u, err := d.completeUser()
	if err != nil {
		return err
	}
	if u.Name == "" {
		if hasAuth(&d.user) || hasPriv(&d.user) {
			return errors.New("whose password or key is that? -u USER is needed")
		}
		return nil
	}
	d.verifier, err = newVerifier(u)
	return err
}

func (d *decoder) operand(ctx context.Context, operand string) error {
	if operand != "-" {
		if octets, err := hexOctets(operand); err == nil && len(octets) > 0 {
			d.show("", octets)
			return nil
		}
	}
	in, name := d.stdin, "standard input"
	if operand != "-" {
		f, err := os.Open(operand)
		if errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("%s is neither a file nor hexadecimal octets", operand)
		}
		if err != nil {
			return err
		}
		defer f.Close()
		in, name = f, operand
	}
	b := bufio.NewReader(in)
	if start, _ := b.Peek(4); pcap.Is(start) {
		return d.capture(ctx, name, b)
	}
	content, err := io.ReadAll(b)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if isBinary(content) {
		d.show(name, content)
		return nil
	}
	packets, err := hexText(content, d.lines)
	for _, p := range packets {
		d.show(p.title, p.octets)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if len(packets) == 0 {
		return fmt.Errorf("%s: there are no octets", name)
	}
	return nil
}

// isBinary reports whether content is not text, so that it must be a message
// itself.
func isBinary(content []byte) bool {
	return bytes.ContainsFunc(content, func(r rune) bool {
		return r < ' ' && r != '\n' && r != '\r' && r != '\t' || r == '\uFFFD'
	})
}

// capture shows the messages of a capture.
func (d *decoder) capture(ctx context.Context, name string, in io.Reader) error {
	r, err := pcap.NewReader(in)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	ports := d.ports
	if len(ports) == 0 {
		ports = []uint16{161, 162}
	}
	before := d.shown
	for p, err := range r.Datagrams() {
		switch {
		case err != nil:
			return fmt.Errorf("%s: %w", name, err)
		case ctx.Err() != nil:
			return ctx.Err()
		case !d.anyPort && !slices.Contains(ports, p.Source.Port()) && !slices.Contains(ports, p.Destination.Port()):
			continue
		}
		title := fmt.Sprintf("frame %d, %s, %v to %v", p.Frame, p.Time.Format(time.RFC3339Nano), p.Source, p.Destination)
		if p.Missing > 0 {
			title += fmt.Sprintf(", octets missing: %d", p.Missing)
		}
		d.show(title, p.Payload)
	}
	if d.shown == before {
		return fmt.Errorf("%s: no UDP datagram of the ports %v; -p PORT and -p any show others", name, ports)
	}
	return nil
}

// show writes one message.
func (d *decoder) show(title string, octets []byte) {
	if d.shown > 0 {
		fmt.Fprintln(d.out)
	}
	d.shown++
	if title != "" {
		fmt.Fprintf(d.out, "%s, %d octets\n", title, len(octets))
	}
	fields := dissect.Message(octets, d.dissectOptions())
	d.write(fields)
	if d.verifier != nil {
		d.verify(octets, fields)
	}
}

// write writes fields. Flush reports its error.
func (d *decoder) write(fields *dissect.Fields) {
	fields.Write(d.out)
	if worst, found := fields.Worst(); found && worst == dissect.Malformed {
		d.malformed = true
	}
}
