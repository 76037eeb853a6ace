package usm

import (
	"hash/maphash"
	"iter"
	"slices"
	"sync/atomic"
)

// A directory finds users by their names. Who looks one up takes no lock and writes to no
// memory, so that any number of goroutines do not get in each other's way; those who put
// users in or take them out do so one at a time.
//
// It is a hash table with open addressing. A slot that has got a user keeps the hash for
// good, and a name that is taken out leaves a mark, so that a look-up beside a change sees
// what was there before it or after. When too few slots are empty all goes to another
// table. The hash has a random seed, as a Go map's, so that nobody can choose names that
// meet. Beside a map that a lock guards this costs less where there are so many users that
// the processor's caches do not hold them: the slot and the user are all that is touched.
type directory struct {
	seed  maphash.Seed
	slots atomic.Pointer[[]userSlot] // a power of two of them
	used  int                        // slots that are not empty
}

// A userSlot is empty as long as user is nil. Its hash is written before and never again.
type userSlot struct {
	hash uint64
	user atomic.Pointer[user]
}

// gone stands where a user was taken out. Nobody has its name.
var gone = new(user)

func newDirectory() *directory {
	d := &directory{seed: maphash.MakeSeed()}
	d.clear()
	return d
}

// clear takes all users out.
func (d *directory) clear() { d.replace(make([]userSlot, 4), 0) }

func (d *directory) replace(slots []userSlot, used int) {
	d.slots.Store(&slots)
	d.used = used
}

// find returns the user called name, nil if there is none.
func (d *directory) find(name []byte) *user {
	u, _ := search(*d.slots.Load(), maphash.Bytes(d.seed, name), name)
	return u
}

// search returns the user with a name and its hash, and his slot; or nil, and the slot
// that he would have.
func search(slots []userSlot, hash uint64, name []byte) (*user, *userSlot) {
	for at := hash; ; at++ {
		s := &slots[at&uint64(len(slots)-1)]
		if u := s.user.Load(); u == nil || s.hash == hash && u.isCalled(name) {
			return u, s
		}
	}
}

// put puts a user in, in the place of the one with that name.
func (d *directory) put(u *user) {
	hash := maphash.String(d.seed, u.name)
	former, s := search(*d.slots.Load(), hash, []byte(u.name))
	if former == nil {
		if d.used >= len(*d.slots.Load())/4*3 {
			d.move()
			_, s = search(*d.slots.Load(), hash, []byte(u.name))
		}
		s.hash = hash
		d.used++
	}
	s.user.Store(u)
}

// move takes the users to another table, most of which is empty.
func (d *directory) move() {
	users := slices.Collect(d.all())
	size := 4
	for size <= 2*len(users) {
		size *= 2
	}
	slots := make([]userSlot, size)
	for _, u := range users {
		hash := maphash.String(d.seed, u.name)
		_, s := search(slots, hash, []byte(u.name))
		s.hash = hash
		s.user.Store(u)
	}
	d.replace(slots, len(users))
}

// remove takes a user out and reports whether he was there.
func (d *directory) remove(name string) bool {
	u, s := search(*d.slots.Load(), maphash.String(d.seed, name), []byte(name))
	if u == nil {
		return false
	}
	s.user.Store(gone)
	return true
}

// all iterates over the users.
func (d *directory) all() iter.Seq[*user] {
	return func(yield func(*user) bool) {
		slots := *d.slots.Load()
		for i := range slots {
			if u := slots[i].user.Load(); u != nil && u != gone && !yield(u) {
				return
			}
		}
	}
}
