package manager

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"snmpstack/ber"
	"snmpstack/pdu"
)

const sysDescr, sysUpTime = "1.3.6.1.2.1.1.1.0", "1.3.6.1.2.1.1.3.0"

func TestRequests(t *testing.T) {
	ctx := t.Context()
	tests := []struct {
		name    string
		version pdu.Version
		do      func(*Client) ([]pdu.VarBind, error)
		kind    pdu.Kind
		want    string
	}{
		{"get v1", pdu.V1, func(c *Client) ([]pdu.VarBind, error) { return c.Get(ctx, oid(sysDescr), oid(sysUpTime)) },
			pdu.GetRequest, "1.3.6.1.2.1.1.1.0=1;1.3.6.1.2.1.1.3.0=3;"},
		{"get v2c", pdu.V2c, func(c *Client) ([]pdu.VarBind, error) { return c.Get(ctx, oid(sysDescr)) },
			pdu.GetRequest, "1.3.6.1.2.1.1.1.0=1;"},
		{"getnext v1", pdu.V1, func(c *Client) ([]pdu.VarBind, error) { return c.GetNext(ctx, oid(sysDescr)) },
			pdu.GetNextRequest, "1.3.6.1.2.1.1.3.0=3;"},
		{"getnext of a short name", pdu.V2c, func(c *Client) ([]pdu.VarBind, error) { return c.GetNext(ctx, oid("1")) },
			pdu.GetNextRequest, "1.3.6.1.2.1.1.1.0=1;"},
		{"getnext of no name at all", pdu.V2c, func(c *Client) ([]pdu.VarBind, error) { return c.GetNext(ctx, oid("")) },
			pdu.GetNextRequest, "1.3.6.1.2.1.1.1.0=1;"},
		{"getbulk", pdu.V2c, func(c *Client) ([]pdu.VarBind, error) { return c.GetBulk(ctx, 0, 2, oid(sysDescr)) },
			pdu.GetBulkRequest, "1.3.6.1.2.1.1.3.0=3;1.3.6.1.2.1.1.5.0=5;"},
		{"set", pdu.V2c, func(c *Client) ([]pdu.VarBind, error) { return c.Set(ctx, bind(sysDescr, 7)) },
			pdu.SetRequest, "1.3.6.1.2.1.1.1.0=7;"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p := newPeer(t, system.answer)
			c := p.client()
			c.Version = test.version
			list, err := test.do(c)
			if err != nil || text(list) != test.want {
				t.Errorf("got %s, %v, want %s", text(list), err, test.want)
			}
			r := p.requests[0]
			if len(p.requests) != 1 || r.Version != test.version || string(r.Community) != "secret" || r.PDU.Kind != test.kind || r.PDU.RequestID <= 0 {
				t.Errorf("%d requests, the first is %v %v with request-id %d", len(p.requests), r.Version, r.PDU.Kind, r.PDU.RequestID)
			}
		})
	}
}

// What cannot be sent is an error before anything is sent.
func TestRefusedRequests(t *testing.T) {
	ctx := t.Context()
	tests := []struct {
		name string
		do   func(*Client) ([]pdu.VarBind, error)
		want string
	}{
		{"GetBulk with v1", func(c *Client) ([]pdu.VarBind, error) {
			c.Version = pdu.V1
			return c.GetBulk(ctx, 0, 10, oid(sysDescr))
		}, "GetBulkRequest cannot be sent with SNMPv1"},
		{"a version that does not exist", func(c *Client) ([]pdu.VarBind, error) { c.Version = 2; return c.Get(ctx, oid(sysDescr)) }, "cannot be sent with SNMP version field 2"},
		{"a Response", func(c *Client) ([]pdu.VarBind, error) { return c.Do(ctx, pdu.PDU{Kind: pdu.Response}) }, "Response cannot be sent"},
		{"no value", func(c *Client) ([]pdu.VarBind, error) { return c.Set(ctx, pdu.VarBind{Name: oid(sysDescr)}) }, "varbind 1, 1.3.6.1.2.1.1.1.0, has no value"},
		{"a name without encoding", func(c *Client) ([]pdu.VarBind, error) { return c.Get(ctx, oid("3.1")) }, "name of varbind 1"},
		{"a value without encoding", func(c *Client) ([]pdu.VarBind, error) {
			return c.Set(ctx, pdu.VarBind{Name: oid(sysDescr), Value: pdu.ObjectIdentifier(oid("1.40"))})
		}, "value of varbind 1"},
		{"larger than MaxSize", func(c *Client) ([]pdu.VarBind, error) { c.MaxSize = 20; return c.Get(ctx, oid(sysDescr)) }, "longer than MaxSize, 20 octets"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p := newPeer(t, system.answer)
			_, err := test.do(p.client())
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want one with %q", err, test.want)
			}
			if len(p.requests) != 0 {
				t.Errorf("%d requests were sent", len(p.requests))
			}
		})
	}
}

// RFC 3413 §3.1: what is not the answer to the request is discarded, and the
// answer is still found behind it.
func TestForeignAnswersAreIgnored(t *testing.T) {
	with := func(change func(*pdu.Message)) func(*pdu.Message) []byte {
		return func(r *pdu.Message) []byte { change(r); return r.Append(nil) }
	}
	tests := []struct {
		name string
		data func(right *pdu.Message) []byte
		from string
		why  error // nil: it never reaches the Client
	}{
		{"request-id", with(func(m *pdu.Message) { m.PDU.RequestID++ }), "192.0.2.1:161", errForeignID},
		{"version", with(func(m *pdu.Message) { m.Version = pdu.V1 }), "192.0.2.1:161", errForeignVersion},
		{"community", with(func(m *pdu.Message) { m.Community = []byte("Secret") }), "192.0.2.1:161", errForeignCommunity},
		{"no Response", with(func(m *pdu.Message) { m.PDU.Kind = pdu.GetRequest }), "192.0.2.1:161", errForeignKind},
		{"address", with(func(*pdu.Message) {}), "192.0.2.2:161", nil},
		{"port", with(func(*pdu.Message) {}), "192.0.2.1:162", nil},
		{"truncated", func(m *pdu.Message) []byte { b := m.Append(nil); return b[:len(b)-1] }, "192.0.2.1:161", ber.ErrTruncated},
		{"empty", func(*pdu.Message) []byte { return nil }, "192.0.2.1:161", ber.ErrTruncated},
		{"malformed", func(m *pdu.Message) []byte { b := m.Append(nil); b[len(b)-3] = 0xFF; return b }, "192.0.2.1:161", ber.ErrLength},
		{"too long", with(func(m *pdu.Message) {
			m.PDU.VarBinds = []pdu.VarBind{{Name: oid(sysDescr), Value: pdu.OctetString(strings.Repeat("x", 2000))}}
		}), "192.0.2.1:161", errTooLong},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				bad := func(request *pdu.Message) delivery {
					d := later(10*time.Millisecond, respond(request))
					d.data = test.data(respond(request, bind(sysDescr, 666)))
					d.from.UnmarshalText([]byte(test.from))
					return d
				}
				p := newPeer(t, func(_ int, request *pdu.Message) []delivery {
					return []delivery{bad(request), later(20*time.Millisecond, respond(request, bind(sysDescr, 1)))}
				})
				c := p.client()
				c.MaxSize = 1472
				list, err := c.Get(t.Context(), oid(sysDescr))
				if err != nil || text(list) != sysDescr+"=1;" || len(p.requests) != 1 {
					t.Errorf("%d requests, got %s, %v", len(p.requests), text(list), err)
				}

				p.answer = func(_ int, request *pdu.Message) []delivery { return []delivery{bad(request)} }
				c.Retries = 1
				_, err = c.Get(t.Context(), oid(sysDescr))
				var timeout *TimeoutError
				if !errors.As(err, &timeout) || !errors.Is(timeout.LastIgnored, test.why) || (test.why != nil) != (timeout.Ignored == 2) {
					t.Errorf("alone it gives %v", err)
				}
			})
		})
	}
}

// A late answer to an earlier attempt counts, since the request-id stays the
// same; the second answer, to the later attempt, does not disturb the next
// request.
func TestLateAndDuplicateAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPeer(t, func(attempt int, request *pdu.Message) []delivery {
			return []delivery{
				later(1500*time.Millisecond, respond(request, bind(sysDescr, int32(attempt)))),
				later(1500*time.Millisecond, respond(request, bind(sysDescr, int32(attempt)))),
			}
		})
		c := p.client()
		start := time.Now()
		list, err := c.Get(t.Context(), oid(sysDescr))
		if took := time.Since(start); err != nil || text(list) != sysDescr+"=1;" || took != 1500*time.Millisecond || len(p.requests) != 2 {
			t.Fatalf("%d requests in %v: %s, %v", len(p.requests), took, text(list), err)
		}
		if p.requests[0].PDU.RequestID != p.requests[1].PDU.RequestID {
			t.Errorf("the retry has request-id %d, the request had %d", p.requests[1].PDU.RequestID, p.requests[0].PDU.RequestID)
		}
		list, err = c.Get(t.Context(), oid(sysDescr))
		if err != nil || text(list) != sysDescr+"=3;" {
			t.Errorf("the next request got %s, %v", text(list), err)
		}
		if p.requests[2].PDU.RequestID == p.requests[0].PDU.RequestID {
			t.Error("the next request has the same request-id")
		}
	})
}

func TestTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPeer(t, func(int, *pdu.Message) []delivery { return nil })
		c := p.client()
		c.Timeout, c.Retries = 2*time.Second, 3
		start := time.Now()
		_, err := c.Get(t.Context(), oid(sysDescr))
		var timeout *TimeoutError
		if !errors.As(err, &timeout) || timeout.Attempts != 4 || timeout.Refused != nil || !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Fatalf("error %v", err)
		}
		if took := time.Since(start); took != 8*time.Second || len(p.requests) != 4 {
			t.Errorf("%d attempts in %v, want 4 in 8s", len(p.requests), took)
		}
		if s := err.Error(); !strings.Contains(s, "no response from udp:192.0.2.1 to 4 attempts of 2s") || strings.Contains(s, "secret") {
			t.Errorf("error text %q", s)
		}
	})
}

func TestContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPeer(t, func(int, *pdu.Message) []delivery { return nil })
		c := p.client()
		ctx, cancel := context.WithTimeout(t.Context(), 2500*time.Millisecond)
		defer cancel()
		start := time.Now()
		_, err := c.Get(ctx, oid(sysDescr))
		if took := time.Since(start); !errors.Is(err, context.DeadlineExceeded) || took != 2500*time.Millisecond {
			t.Errorf("%v after %v", err, took)
		}
		var timeout *TimeoutError
		if errors.As(err, &timeout) {
			t.Errorf("the end of the context is a TimeoutError: %v", err)
		}
		if _, err := c.Get(ctx, oid(sysDescr)); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a context that has ended gives %v", err)
		}
		// The ended context's deadline is not the next request's.
		p.answer = system.answer
		if list, err := c.Get(t.Context(), oid(sysDescr)); err != nil || text(list) != sysDescr+"=1;" {
			t.Errorf("the next request got %s, %v", text(list), err)
		}
	})
}

// A request waits for its turn no longer than its context lasts.
func TestOneRequestAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPeer(t, func(_ int, request *pdu.Message) []delivery {
			return []delivery{later(400*time.Millisecond, respond(request, bind(sysDescr, 1)))}
		})
		c := p.client()
		go c.Get(t.Context(), oid(sysDescr))
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		if _, err := c.Get(ctx, oid(sysDescr)); !errors.Is(err, context.DeadlineExceeded) || len(p.requests) != 1 {
			t.Errorf("%d requests, error %v", len(p.requests), err)
		}
		if _, err := c.Get(t.Context(), oid(sysDescr)); err != nil || p.times[1].Sub(p.times[0]) != 400*time.Millisecond {
			t.Errorf("the second request was sent %v after the first: %v", p.times[1].Sub(p.times[0]), err)
		}
	})
}

func TestCloseEndsRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPeer(t, func(int, *pdu.Message) []delivery { return nil })
		c := p.client()
		time.AfterFunc(time.Millisecond, func() { c.Close() })
		if _, err := c.Get(t.Context(), oid(sysDescr)); !errors.Is(err, net.ErrClosed) {
			t.Errorf("error %v, want net.ErrClosed", err)
		}
	})
}

func TestStatusError(t *testing.T) {
	p := newPeer(t, func(_ int, request *pdu.Message) []delivery {
		r := respond(request, request.PDU.VarBinds...)
		r.PDU.ErrorStatus, r.PDU.ErrorIndex = pdu.WrongType, 2
		return now(r)
	})
	list, err := p.client().Set(t.Context(), bind(sysDescr, 1), bind(sysUpTime, 2))
	var status *pdu.StatusError
	if !errors.As(err, &status) || *status != (pdu.StatusError{Status: pdu.WrongType, Index: 2}) || len(list) != 2 {
		t.Errorf("%d varbinds, error %v", len(list), err)
	}
}

// An answer that its request cannot have is an error, but is shown.
func TestAnswerError(t *testing.T) {
	get := func(c *Client) ([]pdu.VarBind, error) { return c.Get(context.Background(), oid(sysDescr)) }
	next := func(c *Client) ([]pdu.VarBind, error) { return c.GetNext(context.Background(), oid(sysDescr)) }
	bulk := func(nonRepeaters, maxRepetitions int32) func(c *Client) ([]pdu.VarBind, error) {
		return func(c *Client) ([]pdu.VarBind, error) {
			return c.GetBulk(context.Background(), nonRepeaters, maxRepetitions, oid(sysDescr), oid(sysUpTime))
		}
	}
	tests := []struct {
		name   string
		do     func(*Client) ([]pdu.VarBind, error)
		answer []pdu.VarBind
		clause string // "" if the answer is right
	}{
		{"get: more than asked", get, []pdu.VarBind{bind(sysDescr, 1), bind(sysUpTime, 2)}, "RFC 3416 §4.2.1"},
		{"get: nothing", get, nil, "RFC 3416 §4.2.1"},
		{"get: another name", get, []pdu.VarBind{bind(sysUpTime, 1)}, "RFC 3416 §4.2.1"},
		{"getnext: more than asked", next, []pdu.VarBind{bind(sysDescr, 1), bind(sysUpTime, 2)}, "RFC 3416 §4.2.2"},
		{"getbulk: as many as asked", bulk(1, 2), []pdu.VarBind{bind("1.1", 1), bind("1.2", 1), bind("1.3", 1)}, ""},
		{"getbulk: one more", bulk(1, 2), []pdu.VarBind{bind("1.1", 1), bind("1.2", 1), bind("1.3", 1), bind("1.4", 1)}, "RFC 3416 §4.2.3"},
		{"getbulk: fewer", bulk(0, 2), []pdu.VarBind{bind("1.1", 1)}, ""},
		{"getbulk: non-repeaters beyond the list", bulk(9, 9), []pdu.VarBind{bind("1.1", 1), bind("1.2", 1), bind("1.3", 1)}, "RFC 3416 §4.2.3"},
		{"getbulk: negative numbers are 0", bulk(-1, -1), []pdu.VarBind{bind("1.1", 1)}, "RFC 3416 §4.2.3"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p := newPeer(t, func(_ int, request *pdu.Message) []delivery { return now(respond(request, test.answer...)) })
			list, err := test.do(p.client())
			var wrong *AnswerError
			if errors.As(err, &wrong); (wrong != nil) != (test.clause != "") || wrong != nil && wrong.Clause != test.clause {
				t.Errorf("error %v, want clause %q", err, test.clause)
			}
			if text(list) != text(test.answer) {
				t.Errorf("got %s, want %s", text(list), text(test.answer))
			}
		})
	}
}

// The request-id wraps to 1: a negative one is legal, but some agents get it
// wrong.
func TestRequestIDWraps(t *testing.T) {
	p := newPeer(t, system.answer)
	c := p.client()
	c.lastID = math.MaxInt32 - 1
	for range 2 {
		if _, err := c.Get(t.Context(), oid(sysDescr)); err != nil {
			t.Fatal(err)
		}
	}
	if a, b := p.requests[0].PDU.RequestID, p.requests[1].PDU.RequestID; a != math.MaxInt32 || b != 1 {
		t.Errorf("request-ids %d and %d", a, b)
	}
}

func TestCommunityHasNoText(t *testing.T) {
	c := New(nil, "")
	c.Community = "secret"
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "community", c.Community, "client", *c)
	js, err := json.Marshal(map[string]any{"c": c.Community})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{fmt.Sprint(c.Community), fmt.Sprintf("%q %x %d %#v %+v", c.Community, c.Community, c.Community, c.Community, *c), log.String(), string(js)} {
		if strings.Contains(s, "secret") || strings.Contains(s, "736563") || !strings.Contains(s, redacted) {
			t.Errorf("%s", s)
		}
	}
	if string(c.Community) != "secret" {
		t.Error("the conversion does not give the community")
	}
}

func TestTrace(t *testing.T) {
	p := newPeer(t, func(n int, request *pdu.Message) []delivery {
		garbage := delivery{from: agentAddr, data: []byte("garbage")}
		return []delivery{garbage, later(time.Millisecond, respond(request, bind(sysDescr, 1)))}
	})
	c := p.client()
	var seen []string
	c.Trace = func(sent bool, datagram []byte) {
		kind := "garbage"
		if m, err := pdu.ParseMessage(datagram); err == nil {
			kind = m.PDU.Kind.String()
		}
		seen = append(seen, fmt.Sprint(sent, " ", kind))
	}
	if _, err := c.Get(t.Context(), oid(sysDescr)); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(seen, ", "); got != "true GetRequest, false garbage, false Response" {
		t.Errorf("traced %s", got)
	}
}
