package agentconf

import (
	"context"
	"fmt"
	"strings"

	"snmpstack/cmd/internal/snmpdconf"
	"snmpstack/pdu"
)

// versions are the directives that switch versions of SNMP off. snmpd has them in
// snmp.conf and behind [snmp], and takes them for unknown elsewhere: whoever writes them
// there wants the same.
func versions() (list []Directive) {
	for _, v := range []struct {
		name  string
		model pdu.SecurityModel // of the version's messages
	}{
		{"disableSNMPv1", pdu.SecurityModelV1},
		{"disableSNMPv2c", pdu.SecurityModelV2c},
		{"disableSNMPv3", pdu.SecurityModelUSM},
	} {
		for _, section := range []string{snmpdconf.SectionLibrary, ""} {
			list = append(list, Directive{v.name, "yes|no", section, disable(v.model)})
		}
	}
	return list
}

// disable returns the function for a directive that switches off what comes with a
// security model. Of several lines the last one counts, as with snmpd. A word that is
// none of snmpd's switches it off: whom it was to keep out is not let in.
func disable(m pdu.SecurityModel) func(context.Context, *Config, snmpdconf.Directive) error {
	return func(_ context.Context, c *Config, d snmpdconf.Directive) error {
		word := strings.ToLower(d.Words()[0])
		switch word {
		case "no", "false", "0":
			delete(c.Access.Disabled, m)
			return nil
		}
		if c.Access.Disabled == nil {
			c.Access.Disabled = make(map[pdu.SecurityModel]snmpdconf.Directive)
		}
		c.Access.Disabled[m] = d
		switch word {
		case "yes", "true", "1":
			return nil
		}
		return fmt.Errorf("%s is neither yes nor no; the version is switched off", d.Show(d.Words()[0]))
	}
}
