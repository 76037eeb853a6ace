package snmpdconf_test

import (
	"fmt"
	"strings"

	"snmpstack/cmd/internal/snmpdconf"
)

func ExampleParse() {
	const text = `# Who may read what
rocommunity  s3cret 10.0.0.0/33   # the management network
extend       disks  /bin/df -h "/my disk"
[snmp]       persistentDir /var/lib/snmp
sysServices
`
	directives, errs := snmpdconf.Parse(strings.NewReader(text), "snmpd.conf")
	for _, d := range directives {
		switch {
		case d.Section == snmpdconf.SectionAgent && d.Is("roCommunity"):
			// The interpreter found the mask wrong: the error names the community without its value.
			fmt.Println(d.Errorf("community %s: bad network %q, expected ADDRESS/BITS", d.Show(d.Words()[0]), d.Words()[1]))
		case d.Section == snmpdconf.SectionAgent && d.Is("extend"):
			fmt.Printf("%s runs %s\n", d.Words()[0], d.Tail(1))
		default:
			fmt.Printf("line %d, section %s: %s %s\n", d.Line, d.Section, d.Name, d.Rest)
		}
	}
	for _, err := range errs {
		fmt.Println(err)
	}
	// Output:
	// snmpd.conf:2: rocommunity: community (not shown): bad network "10.0.0.0/33", expected ADDRESS/BITS
	// disks runs /bin/df -h "/my disk"
	// line 4, section snmp: persistentDir /var/lib/snmp
	// snmpd.conf:5: sysServices: nothing follows the name, expected an argument; the line is not read
}
