package host_test

import (
	"fmt"
	"log"

	"snmpstack/ber"
	"snmpstack/mib"
	"snmpstack/mib/host"
)

// An agent serves a machine's interfaces by registering a Host in its tree.
func Example() {
	h, err := host.New(host.Options{
		OnLinkChange: func(c host.LinkChange) {
			// Hand c.Notification() and c.Objects() to whoever sends notifications.
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	defer h.Close()

	tree := mib.NewTree()
	if err := h.Register(tree); err != nil {
		log.Fatal(err)
	}
	ifNumber, err := tree.Get(&mib.Request{}, ber.MustOID("1.3.6.1.2.1.2.1.0"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("ifNumber is of type", ifNumber.Syntax(), "and positive:", ifNumber.Int() > 0)
	// Output: ifNumber is of type INTEGER and positive: true
}
