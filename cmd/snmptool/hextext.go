package main

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"strings"
)

// A packet is a message from a text.
type packet struct {
	title  string // the comment on its first line
	octets []byte
}

// hexText reads messages in hexadecimal. Blanks, line ends and comments from #
// on do not count; an empty line stands between two messages, and with lines set
// every line is one. What is before a mistake is returned with it.
//
// The files of testdata/packets are such texts too: a first paragraph that begins
// with "source:" says what the message is, and what is behind | what its octets
// mean.
func hexText(content []byte, lines bool) (packets []packet, err error) {
	open := false
	number := 0
	described := bytes.HasPrefix(content, []byte("source:"))
	for line := range bytes.Lines(content) {
		number++
		if described {
			described = len(bytes.TrimSpace(line)) > 0
			continue
		}
		text, comment, _ := strings.Cut(string(line), "#")
		text, _, _ = strings.Cut(text, "|")
		if text = strings.TrimSpace(text); text == "" {
			if strings.TrimSpace(string(line)) == "" {
				open = false
			}
			continue
		}
		octets, err := hexOctets(text)
		if err != nil {
			return packets, fmt.Errorf("line %d: %w", number, err)
		}
		if !open || lines {
			packets = append(packets, packet{title: strings.TrimSpace(comment)})
			open = true
		}
		last := &packets[len(packets)-1]
		last.octets = append(last.octets, octets...)
	}
	return packets, nil
}

// hexOctets reads octets as two hexadecimal digits each, with or without blanks,
// commas, colons, hyphens, 0x or \x between them.
func hexOctets(text string) ([]byte, error) {
	var octets []byte
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" \t\r\n,:-", r) }) {
		digits := strings.ReplaceAll(word, `\x`, "")
		digits = strings.TrimPrefix(strings.TrimPrefix(digits, "0x"), "0X")
		b, err := hex.DecodeString(digits)
		if err != nil {
			return nil, fmt.Errorf("%q is not hexadecimal, expected two digits for each octet", shorten(word))
		}
		octets = append(octets, b...)
	}
	return octets, nil
}

// shorten keeps an error message in a line.
func shorten(s string) string {
	const most = 40
	if len(s) > most {
		return s[:most] + "…"
	}
	return s
}
