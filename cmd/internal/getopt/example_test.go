package getopt_test

import (
	"fmt"
	"strings"

	"snmpstack/cmd/internal/getopt"
)

func ExampleParser() {
	args := strings.Fields("-v2c 192.0.2.1 -c public -OQv -Lf /tmp/log .1.3.6.1.2.1.1.3.0")
	p := getopt.New(args, "hv:c:O:L:", "help")
	for p.Next() {
		switch p.Name {
		case "L":
			to := p.Value
			if to == "f" {
				to, _ = p.Shift()
			}
			fmt.Println("log to", to)
		case "c":
			fmt.Println("community given")
		default:
			fmt.Println(p.Name, p.Value)
		}
	}
	if err := p.Err(); err != nil {
		fmt.Println(err)
	}
	fmt.Println("operands", p.Operands())
	// Output:
	// v 2c
	// community given
	// O Qv
	// log to /tmp/log
	// operands [192.0.2.1 .1.3.6.1.2.1.1.3.0]
}
