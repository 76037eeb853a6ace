package vacm

import (
	"slices"

	"snmpstack/agent/internal/managed"
	"snmpstack/mib"
	"snmpstack/pdu"
)

// registerContexts adds vacmContextTable (RFC 3415 §2.3): what there is, whatever the
// rows of vacmAccessTable are about (RFC 3415 §4). A context whose name is longer than
// a vacmContextName is not in it.
func registerContexts(tree *mib.Tree, contexts func() []string) error {
	index := func(x *mib.Index, name *string) { x.String(name) }
	return mib.Table[string]{
		Entry: oidContextEntry,
		Source: func(*mib.Request) (*mib.Snapshot[string], error) {
			names := append([]string{""}, contexts()...) // "" is the default context
			slices.Sort(names)
			names = slices.DeleteFunc(slices.Compact(names), func(name string) bool { return len(name) > managed.MaxName })
			return mib.NewSnapshot(names, index)
		},
		Columns: []mib.Column[string]{
			{Arc: 1, Get: func(name *string) pdu.Value { return pdu.OctetString(*name) }},
		},
	}.Register(tree)
}
