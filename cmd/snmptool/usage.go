package main

import (
	"fmt"
	"strings"
)

// summary lists the commands.
func summary() string {
	var b strings.Builder
	b.WriteString("USAGE: snmptool COMMAND [OPTIONS] ...\n\n")
	for _, c := range commands {
		fmt.Fprintf(&b, "  %-9s %-42s %s\n", c.name, c.operands, c.about)
	}
	b.WriteString("\nsnmptool COMMAND -h shows the options of a command.\n")
	return b.String()
}

// flagHelp explains the letters behind -C.
var flagHelp = map[byte]string{
	'f': "f          do not drop a variable that fails and ask again",
	'n': "nNUM       non-repeaters",
	'r': "rNUM       max-repetitions",
	'p': "p          print the number of variables",
	'i': "i          ask for the given OID itself first",
	'I': "I          do not ask for the given OID itself if there is nothing below it",
	'c': "c          go on where names do not increase",
	't': "t          print how long the walk took",
	'T': "T          print how long each request took",
	'E': "E OID      end before this OID",
	'q': "q          print nothing if it succeeds",
}

// usage explains a command.
func (c *call) usage() string {
	var b strings.Builder
	fmt.Fprintf(&b, "USAGE: %s\n\n", strings.TrimSpace(c.name+" [OPTIONS] "+c.command.operands))
	switch c.command.name {
	case "key":
		b.WriteString(keyHelp)
		return b.String()
	case "decode":
		b.WriteString(decodeHelp)
		b.WriteString(nameHelp)
		return b.String()
	}
	switch c.command.name {
	case "trap", "inform":
		b.WriteString(trapHelp)
		if c.command.name == "trap" {
			b.WriteString("  -Ci          send an inform\n")
		}
		b.WriteString(strings.Replace(agentHelp, "  AGENT is HOST, HOST:PORT, udp:HOST:PORT or udp6:[IPv6]:PORT; the port is 161 if none is given.\n", "", 1))
		b.WriteString(typeHelp)
		b.WriteString(nameHelp)
		return b.String()
	case "listen":
		b.WriteString(listenHelp)
		b.WriteString(userHelp)
		b.WriteString(nameHelp)
		return b.String()
	}
	b.WriteString(agentHelp)
	if c.command.flags != "" {
		b.WriteString("  -C FLAGS\n")
		for i := range len(c.command.flags) {
			fmt.Fprintf(&b, "       %s\n", flagHelp[c.command.flags[i]])
		}
	}
	if c.command.name == "set" {
		b.WriteString(typeHelp)
	}
	b.WriteString(nameHelp)
	return b.String()
}

const agentHelp = `  AGENT is HOST, HOST:PORT, udp:HOST:PORT or udp6:[IPv6]:PORT; the port is 161 if none is given.

  -v 1|2c|3    version (2c)
  -c COMMUNITY community (public)
  -r RETRIES   how often a request is sent again (5)
  -t SECONDS   how long each attempt waits (1)
  -d           show the datagrams

  SNMPv3:
  -l LEVEL     noAuthNoPriv (if there is no -l), authNoPriv or authPriv
  -n CONTEXT   context name
  -e ENGINEID  the agent's engine ID, in hexadecimal, instead of asking for it
  -E ENGINEID  the context's engine ID, if it is not the agent's
  -Z BOOTS,TIME
               what to suppose of the agent's engine, with -e
` + userHelp

const userHelp = `  -u USER      who asks
  -a PROTOCOL  authentication: SHA-256, SHA-512, SHA-384, SHA-224; SHA and MD5 (if there is no -a) are weak
  -A PASSWORD  the authentication password; - reads it from the standard input, and without -A it is
               $` + authPasswordEnv + `
  -x PROTOCOL  privacy: AES (128 bits), AES-192 and AES-256 (Net-SNMP, SNMP4J), AES-192-C and AES-256-C (Cisco, pysnmp:
               another extension of short keys), 3DES; DES (if there is no -x) is weak
  -X PASSWORD  the privacy password; - reads it from the standard input, and without -X it is
               $` + privPasswordEnv + `
  -3m, -3M KEY master keys (Ku) for authentication and privacy in the place of passwords, in hexadecimal
  -3k, -3K KEY localized keys (Kul)
`

const trapHelp = `  RECEIVER is HOST, HOST:PORT, udp:HOST:PORT or udp6:[IPv6]:PORT; the port is 162 if none is given.

  TRAP-PARAMETERS are, with -v 2c and -v 3,
       UPTIME TRAPOID [OID TYPE VALUE]...
  and with -v 1
       ENTERPRISE AGENT GENERIC SPECIFIC UPTIME [OID TYPE VALUE]...
  UPTIME is in hundredths of a second; '' is how long this machine has been up. An ENTERPRISE of '' is .1.3.6.1.4.1.3.1.1, an
  AGENT of '' the address that the trap leaves from.

  With -v 3 a trap's engine ID is its sender's: -e says which, or else it is made of this machine, and the receiver has to
  know the user at that engine. An inform's is its receiver's, which is asked for.

`

const listenHelp = `  ADDRESS is PORT, HOST:PORT, udp:HOST:PORT or udp6:[IPv6]:PORT; without any it is udp:162 on all IPv4 addresses.

  -c COMMUNITY communities that are accepted, more than once if there are more; without -c all are
  -F FORMAT    how to print, in the manner of printf: %b and %B source and destination, %a and %A the address in SNMPv1's
               trap, %N its enterprise, %w and %q its numbers, %W what it is, %v the variables and %V what stands between
               them, %t and %T time and up-time in seconds, %y %m %l %h %j %k year to second, %s version, %u user or
               community, %P both, %E context engine ID; %% and the escapes \n, \t, \\
  -d           show the datagrams
  -n, -f       as with snmptrapd, have no effect: names are never looked up, and it stays in the foreground
  --show-secrets
               show communities

  SNMPv3:
  -l LEVEL     the least level that is accepted: the highest that the user has passwords for, unless it is lower
  -e ENGINEID  the engine that the user's traps come from, instead of any; keys of -3k are for it
`

const typeHelp = `
  TYPE is one of
       i INTEGER            u Unsigned32, Gauge32   t TimeTicks      a IpAddress
       c Counter32          C Counter64
       o OBJECT IDENTIFIER  s text                  x hexadecimal    d octets in decimal
       b BITS               n NULL                  = what the MIB says
       U, I 64-bit numbers, F, D floating-point numbers, all as Opaque
`

const nameHelp = `
  -O LETTERS   how to print: n numbers, f full, s suffix, S module, u UCD names; q, Q short; v value only; e numbers of
               enumerations; a text, x hexadecimal; t raw ticks; T text beside hexadecimal; U no units; b, X, E indexes;
               0 two hexadecimal digits; pN digits of floating-point numbers
  -I LETTERS   how to read: r do not check types, h do not use display hints; s SUFFIX, S PREFIX around each OID
  -m MODULES   load further MIB modules, separated by ":"; ALL for all, "" for no names at all
  -M DIRS      where their files are, separated by ":"
  -V, -h       print the version, or this
`

const decodeHelp = `  HEX is octets in hexadecimal, FILE a file with such text (blanks, line ends and comments from # on do not count, an
  empty line stands between messages), a capture in pcap format, or a message as it is; - and nothing are the standard input.

  -l           every line of a text is a message
  -p PORT      messages of this UDP port of a capture, instead of 161 and 162; any for all
  --show-secrets
               show communities

  With a user, messages of SNMPv3 are verified and decrypted; the engine ID is the message's:
  -Z BOOTS,TIME
               the clock of the engine, by which to judge the time window
` + userHelp
