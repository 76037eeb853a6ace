package main

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const request = "302902010104067075626c6963a01c02041f2e3d4c020100020100300e300c06082b060102010101000500"

// capture returns a file of raw IPv4 packets with UDP datagrams.
func capture(datagrams ...[]byte) []byte {
	order := binary.LittleEndian
	b := order.AppendUint32(nil, 0xA1B2C3D4)
	b = append(b, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0)
	b = order.AppendUint32(b, 101)
	for i, d := range datagrams {
		b = order.AppendUint32(b, 1700000000+uint32(i))
		b = order.AppendUint32(b, 500000)
		size := uint32(20 + len(d))
		b = order.AppendUint32(b, size)
		b = order.AppendUint32(b, size)
		b = append(b, 0x45, 0, 0, byte(size), 0, 0, 0, 0, 64, 17, 0, 0, 192, 0, 2, 1, 192, 0, 2, 9)
		b = append(b, d...)
	}
	return b
}

func datagram(from, to uint16, payload []byte) []byte {
	b := binary.BigEndian.AppendUint16(nil, from)
	b = binary.BigEndian.AppendUint16(b, to)
	b = binary.BigEndian.AppendUint16(b, uint16(8+len(payload)))
	return append(append(b, 0, 0), payload...)
}

func TestDecodeCapture(t *testing.T) {
	message, err := hex.DecodeString(request)
	if err != nil {
		t.Fatal(err)
	}
	cut := datagram(161, 50000, message)
	file := capture(datagram(50000, 161, message), datagram(162, 4000, message), datagram(50000, 1161, message), cut[:len(cut)-1])
	const head = "frame 1, 2023-11-14T22:13:20.5Z, 192.0.2.1:50000 to 192.0.2.9:161, 43 octets\n"
	tests := []struct {
		name   string
		args   []string
		file   []byte
		code   int
		frames []string // how the titles begin, in order
		errs   string
	}{
		{"161 and 162", nil, file, exitStatus, []string{"frame 1,", "frame 2,", "frame 4,"}, ""},
		{"another port", []string{"-p", "1161"}, file, exitAnswered, []string{"frame 3,"}, ""},
		{"two ports", []string{"-p1161", "-p4000"}, file, exitAnswered, []string{"frame 2,", "frame 3,"}, ""},
		{"any port", []string{"-pany"}, file, exitStatus, []string{"frame 1,", "frame 2,", "frame 3,", "frame 4,"}, ""},
		{"no such port", []string{"-p", "99"}, file, exitFailed, nil, "no UDP datagram of the ports [99]; -p PORT and -p any show others"},
		{"cut off", nil, file[:len(file)-1], exitFailed, []string{"frame 1,", "frame 2,"}, "frame 4: it is cut off"},
		{"pcapng", nil, append([]byte{0x0A, 0x0D, 0x0D, 0x0A}, file...), exitFailed, nil, "editcap"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var out, errs strings.Builder
			args := append([]string{"snmptool", "decode"}, test.args...)
			code := run(t.Context(), args, bytes.NewReader(test.file), &out, &errs)
			var frames []string
			for line := range strings.Lines(out.String()) {
				if strings.HasPrefix(line, "frame") {
					frames = append(frames, line[:len("frame 1,")])
				}
			}
			if code != test.code || strings.Join(frames, " ") != strings.Join(test.frames, " ") || !strings.Contains(errs.String(), test.errs) || (test.errs == "") != (errs.Len() == 0) {
				t.Errorf("exit code %d, frames %q, error output %q", code, frames, errs.String())
			}
		})
	}
	var out, errs strings.Builder
	path := filepath.Join(t.TempDir(), "capture")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	run(t.Context(), []string{"snmptool", "decode", path}, strings.NewReader(""), &out, &errs)
	if !strings.HasPrefix(out.String(), head) {
		t.Errorf("the output begins with %q, want %q", out.String()[:min(len(head), out.Len())], head)
	}
	if !strings.Contains(out.String(), ", octets missing: 1, 42 octets\n") || !strings.Contains(out.String(), "the length is 41 octets, 40 are left") {
		t.Errorf("the message that is cut off is not said to be:\n%s", out.String())
	}
}

// A file that is no text is a message itself.
func TestDecodeBinary(t *testing.T) {
	message, err := hex.DecodeString(request)
	if err != nil {
		t.Fatal(err)
	}
	var out, errs strings.Builder
	code := run(t.Context(), []string{"snmptool", "decode"}, bytes.NewReader(message), &out, &errs)
	if code != exitAnswered || !strings.HasPrefix(out.String(), "standard input, 43 octets\n0000  30 29 ") {
		t.Errorf("exit code %d, %s%s", code, out.String(), errs.String())
	}
}

// What cannot be read or written is reported.
func TestDecodeErrors(t *testing.T) {
	var out, errs strings.Builder
	code := run(t.Context(), []string{"snmptool", "decode"}, failing{}, &out, &errs)
	if code != exitFailed || !strings.Contains(errs.String(), "standard input: broken") {
		t.Errorf("exit code %d, %q", code, errs.String())
	}
	errs.Reset()
	code = run(t.Context(), []string{"snmptool", "decode", request}, strings.NewReader(""), failing{}, &errs)
	if code != exitFailed || !strings.Contains(errs.String(), "broken") {
		t.Errorf("exit code %d, %q", code, errs.String())
	}
	errs.Reset()
	code = run(t.Context(), []string{"snmptool", "decode", t.TempDir()}, strings.NewReader(""), &out, &errs)
	if code != exitFailed || errs.Len() == 0 {
		t.Errorf("a directory: exit code %d, %q", code, errs.String())
	}
}

type failing struct{}

var errBroken = errors.New("broken")

func (failing) Read([]byte) (int, error)  { return 0, errBroken }
func (failing) Write([]byte) (int, error) { return 0, errBroken }

func TestHexText(t *testing.T) {
	tests := []struct {
		name, text string
		lines      bool
		want       string // titles and octets
		err        string
	}{
		{"one", "30 00", false, ":3000", ""},
		{"over lines", "30\n00\n", false, ":3000", ""},
		{"carriage returns", "30\r\n\r\n00\r\n", false, ":30 :00", ""},
		{"two", "3000 # a\n01\n\n\n3001 # b", false, "a:300001 b:3001", ""},
		{"a comment between lines does not separate", "30\n# x\n00", false, ":3000", ""},
		{"a line each", "30 # a\n00 # b\n", true, "a:30 b:00", ""},
		{"separators", `0x30:0x01,02-03 \x04\x05`, false, ":300102030405", ""},
		{"upper case", "AbCd", false, ":abcd", ""},
		{"half an octet", "300\n", false, "", `line 1: "300" is not hexadecimal`},
		{"no digits", "30\n\nzz", false, ":30", `line 3: "zz" is not hexadecimal`},
		{"nothing", "\n# nothing\n", false, "", ""},
		{"annotated", "source: here\ncomment: face\n\n30 02 | Message\n  05 00 | NULL\n", false, ":30020500", ""},
	}
	for _, test := range tests {
		packets, err := hexText([]byte(test.text), test.lines)
		var got []string
		for _, p := range packets {
			got = append(got, p.title+":"+hex.EncodeToString(p.octets))
		}
		if strings.Join(got, " ") != test.want || (err == nil) != (test.err == "") || err != nil && !strings.Contains(err.Error(), test.err) {
			t.Errorf("%s: got %q, %v, want %q, %s", test.name, got, err, test.want, test.err)
		}
	}
	if _, err := hexOctets(strings.Repeat("z", 100)); err == nil || len(err.Error()) > 120 {
		t.Errorf("error %v", err)
	}
}
