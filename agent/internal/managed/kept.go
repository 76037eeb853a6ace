package managed

import "snmpstack/mib"

// Survives reports whether a row is a manager's and survives a restart (RFC 2579 §2,
// StorageType). One that is notReady is still being made.
func Survives(storage mib.StorageType, status mib.RowStatus) bool {
	return (storage == mib.NonVolatile || storage == mib.Permanent) && status != mib.NotReady
}

// Kept appends the rows of a table that survive a restart to a list of statements.
func Kept[R, S any](list []S, rows *mib.Rows[R], survives func(*R) bool) []S {
	for _, r := range rows.Load().All() {
		if survives(r) {
			list = append(list, any(*r).(S))
		}
	}
	return list
}

// Withdraw takes those of a list away that are rows of a table, all at once. What the
// table has not, or has otherwise, is left alone. It begins again when a manager has
// changed rows meanwhile.
func Withdraw[R comparable, S any](rows *mib.Rows[R], list []S) {
	gone := make(map[R]bool)
	for _, s := range list {
		if r, ok := any(s).(R); ok {
			gone[r] = true
		}
	}
	for done := len(gone) == 0; !done; {
		var left []R
		now := rows.Load()
		for _, r := range now.All() {
			if !gone[*r] {
				left = append(left, *r)
			}
		}
		if len(left) == now.Len() {
			return
		}
		done, _ = rows.Swap(now, left) // of rows that were there: there is no error
	}
}
