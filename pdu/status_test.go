package pdu

import (
	"errors"
	"fmt"
	"testing"
)

// RFC 3416 §3 names the values of error-status, RFC 3584 §4.4 says which of
// SNMPv1's stands for each.
func TestErrorStatus(t *testing.T) {
	tests := []struct {
		status ErrorStatus
		number int32
		name   string
		v1     ErrorStatus
	}{
		{NoError, 0, "noError", NoError},
		{TooBig, 1, "tooBig", TooBig},
		{NoSuchName, 2, "noSuchName", NoSuchName},
		{BadValue, 3, "badValue", BadValue},
		{ReadOnly, 4, "readOnly", ReadOnly},
		{GenErr, 5, "genErr", GenErr},
		{NoAccess, 6, "noAccess", NoSuchName},
		{WrongType, 7, "wrongType", BadValue},
		{WrongLength, 8, "wrongLength", BadValue},
		{WrongEncoding, 9, "wrongEncoding", BadValue},
		{WrongValue, 10, "wrongValue", BadValue},
		{NoCreation, 11, "noCreation", NoSuchName},
		{InconsistentValue, 12, "inconsistentValue", BadValue},
		{ResourceUnavailable, 13, "resourceUnavailable", GenErr},
		{CommitFailed, 14, "commitFailed", GenErr},
		{UndoFailed, 15, "undoFailed", GenErr},
		{AuthorizationError, 16, "authorizationError", NoSuchName},
		{NotWritable, 17, "notWritable", NoSuchName},
		{InconsistentName, 18, "inconsistentName", NoSuchName},
		{-1, -1, "error-status -1", GenErr},
		{19, 19, "error-status 19", GenErr},
		{-1 << 31, -1 << 31, "error-status -2147483648", GenErr},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := tt.status
			if int32(s) != tt.number || s.String() != tt.name || s.Error() != tt.name || s.V1() != tt.v1 {
				t.Errorf("%d, %v, V1 %v", int32(s), s, s.V1())
			}
			if s.Valid() != (tt.number >= 0 && tt.number <= 18) {
				t.Errorf("Valid is %v", s.Valid())
			}
			if s.V1() > GenErr || s.V1().V1() != s.V1() {
				t.Errorf("V1 is %v, which SNMPv1 does not have", s.V1())
			}
		})
	}
}

func TestStatusError(t *testing.T) {
	tests := []struct {
		err  *StatusError
		want string
	}{
		{&StatusError{WrongType, 3}, "wrongType at varbind 3"},
		{&StatusError{TooBig, 0}, "tooBig"}, // RFC 3416 §4.1: no particular varbind
	}
	for _, tt := range tests {
		err := fmt.Errorf("set: %w", tt.err)
		if tt.err.Error() != tt.want || !errors.Is(err, tt.err.Status) || errors.Is(err, GenErr) {
			t.Errorf("%v, want %s", err, tt.want)
		}
	}
}
