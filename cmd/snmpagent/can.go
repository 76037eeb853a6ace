package main

import (
	"context"
	"errors"
	"os"

	"snmpstack/cmd/internal/can"
	"snmpstack/cmd/internal/snmpdconf"
)

// loadAccess returns the function that reads the configuration for a question about
// access: as the daemon would, so that the answer is the daemon's.
func (o *options) loadAccess(ctx context.Context) func(can.Files) (*can.Config, []error, error) {
	return func(f can.Files) (c *can.Config, notes []error, err error) {
		o.files, o.noSearch = append(o.files, f.Given...), o.noSearch || f.NoSearch
		conf, problems := o.load(ctx, os.LookupEnv)
		wrong := 0
		for _, p := range problems {
			placed := (*snmpdconf.Error)(nil)
			switch {
			case !errors.As(p, &placed) || placed.Warning:
			case placed.Line > 0:
				wrong++
			case placed.File == conf.persistentPath(): // it is the daemon's alone
				notes = append(notes, placed)
			default:
				return nil, nil, placed
			}
		}
		return can.NewConfig(&conf.access, conf.accessUsers(), wrong), notes, nil
	}
}
