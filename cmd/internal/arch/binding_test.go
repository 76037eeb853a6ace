package arch

import "strings"

// binding lists the sections that ask something of an agent: for each document
// those that a test can be held against. What the agent does not offer (AgentX,
// proxying, SNMP over TCP and TLS) is not among them.
var binding = []struct{ document, sections string }{
	{"X.690", "8.1.1 8.1.2 8.1.3 8.3 8.7 8.8 8.9 8.14 8.19"},
	{"RFC 1157", "3.2.4 3.2.5 4.1 4.1.1 4.1.2 4.1.3 4.1.5 4.1.6 5"},
	{"RFC 2578", "3.5 7.1 7.1.1 7.1.2 7.1.4 7.1.5 7.1.6 7.1.7 7.1.8 7.1.9 7.1.10 7.1.11 7.1.12 7.3 7.7 7.8 7.9"},
	{"RFC 2579", "2"},
	{"RFC 2863", "3.1.5 3.1.6 3.1.7 3.1.8 3.1.9 3.1.13 3.1.14 3.1.15 3.1.17 3.1.18"},
	{"RFC 3411", "2.8 3.1.1.1 3.2.2 3.3.1 3.4.3 5"},
	{"RFC 3412", "3.1 3.4 4.1.1 4.1.2 4.2.1 4.2.2.1 4.2.2.2 4.3 5 6 6.2 6.3 6.4 6.6 6.7 6.8 7.1 7.2"},
	{"RFC 3413", "3.2 3.3 4.1.1 4.1.2 4.2.1 5 6"},
	{"RFC 3414", "1.4 1.5.1 2.1 2.2 2.2.3 2.3 2.4 2.6 3.1 3.2 4 5 6.1 6.3.1 6.3.2 8.1 8.3.2 11.1 11.2 11.4 11.5 A.1 A.2 A.3"},
	{"RFC 3415", "2.1 2.2 2.3 2.4 2.5 3.2 4 7.2 7.4 A"},
	{"RFC 3416", "2.3 3 4.1 4.2 4.2.1 4.2.2 4.2.3 4.2.4 4.2.5 4.2.6 4.2.7"},
	{"RFC 3417", "2 3.1 3.2 8"},
	{"RFC 3418", "2"},
	{"RFC 3584", "3.1 3.2 4.2.2.1 4.2.2.2 4.2.2.3 4.2.3 4.4 5.1 5.2.1 5.2.3 5.3"},
	{"RFC 3826", "1.3 3.1.1 3.1.2 3.1.3 3.3.1 3.3.2 4"},
	{"RFC 7860", "4 4.1 4.2.1 4.2.2 5 9.4"},
}

func bindingClauses() (clauses []string) {
	for _, b := range binding {
		for _, section := range strings.Fields(b.sections) {
			clauses = append(clauses, b.document+" §"+section)
		}
	}
	return clauses
}
