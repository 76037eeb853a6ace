# What a developer runs; `make check` is what every submission must pass.

GO         ?= go
FUZZTIME   ?= 30s
BENCH      ?= .
BENCHTIME  ?= 1s
BENCHCOUNT ?= 1
COVER      ?= /tmp/snmpstack.cover

# Tools run at a fixed version and stay out of go.mod, which lists no dependency.
STATICCHECK = honnef.co/go/tools/cmd/staticcheck@v0.8.2

# Where the packages must build besides here, and on arm with 32 bits, for which they are tested. Their tests are type-checked by vet.
PLATFORMS = linux/386 linux/arm64 windows/amd64 darwin/arm64

.PHONY: all fmt vet lint test race test32 testarm64 interop fuzz fuzz-targets bench bench-load bench-flood bench-growth cover cross clauses check

all: fmt vet test

fmt:
	gofmt -l -w .

vet:
	$(GO) vet ./...
	CGO_ENABLED=0 GOOS=windows GOARCH=amd64 $(GO) vet ./...
	CGO_ENABLED=0 GOOS=darwin GOARCH=arm64 $(GO) vet ./...
	$(GO) vet -tags purego ./usm/...

# ST1005 is how error strings are written. Some here are Net-SNMP's, as its users know them: with a capital and a full stop.
lint:
	$(GO) run $(STATICCHECK) -checks inherit,-ST1005 ./...

test:
	$(GO) test ./...

# The race detector needs cgo and a C compiler.
race:
	CGO_ENABLED=1 $(GO) test -race $(if $(SKIP),-skip '$(SKIP)') ./...

# A 32-bit int finds lengths that overflow. TestInterop and TestProcess start a daemon, which needs this machine's own.
test32:
	CGO_ENABLED=0 GOARCH=arm $(GO) test -exec qemu-arm-static -skip '^Test(Interop|Process)' ./...

# The assembly and the system calls for arm64. The mutations are of Go code, and have been found here already.
testarm64:
	CGO_ENABLED=0 GOARCH=arm64 $(GO) test -exec qemu-aarch64-static -skip '^Test(Mutations$$|Process)' ./usm/... ./transport/...

# Real clients, with every algorithm they have, and Debian's snmpd, against what is built here; agent/testdata/clients/README.md says what has to be installed.
interop:
	SNMPSTACK_REQUIRE_INTEROP=1 SNMPSTACK_INTEROP_ALL=1 $(GO) test -count=1 -v -run '^TestInterop' ./cmd/snmpagent ./cmd/snmptool

# PACKAGE TARGET, one a line.
fuzz-targets:
	@for package in $$($(GO) list ./...); do \
	    $(GO) test -list '^Fuzz' $$package | sed -n "s|^Fuzz|$$package &|p"; \
	done

# Every target has its turn, whatever the ones before found. An input that is merely interesting is minimized too, and
# nothing else is tried meanwhile: more than a second for that would be most of a target's time.
#
# Now and then go's fuzzer takes the end of the time it was given for a failure (go.dev/issue/75804): it says "context
# deadline exceeded" and writes no input. Such a run found nothing and is repeated; three in a row are not chance.
fuzz:
	@log=$$(mktemp); $(MAKE) -s fuzz-targets | { status=0; while read -r package target; do \
	    echo "fuzz $$package $$target"; \
	    for try in 1 2 3; do \
	        found=0; $(GO) test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 1s $$package >$$log 2>&1 || found=1; \
	        cat $$log; \
	        grep -q '^ *context deadline exceeded$$' $$log && ! grep -q 'Failing input' $$log || break; \
	    done; \
	    [ $$found = 0 ] || status=1; \
	done; rm -f $$log; exit $$status; }

bench:
	$(GO) test -run '^$$' -bench '$(BENCH)' -benchmem -benchtime $(BENCHTIME) -count $(BENCHCOUNT) ./...

# What a request costs the daemon, beside an echo of the same datagrams and, where it is installed, Debian's snmpd: a table,
# a plot and the raw figures in bench/results. It needs Linux and two processors, best with nothing else to do.
LOADRESULT ?= bench/results/$(shell date +%F)-load
LOADFLAGS  ?=
bench-load:
	$(GO) run ./bench/compare -out $(LOADRESULT) $(LOADFLAGS)

# The same for nothing but requests that are more than the agents can answer: bench/results/DATE-flood.md.
FLOODRESULT ?= bench/results/$(shell date +%F)-flood
bench-flood:
	$(GO) run ./bench/compare -flood -out $(FLOODRESULT) $(LOADFLAGS)

# What a request costs the agent, and what memory it takes, as rows, users, objects and contexts become more, without a network
# and over the loopback interface (not with GROWTHFLAGS=-network=false); many agents in one process; how long the
# daemon takes to start. All of it in bench/results/DATE-growth.md, after some minutes.
GROWTHRESULT ?= bench/results/$(shell date +%F)-growth
GROWTHFLAGS  ?=
bench-growth:
	$(GO) run ./bench/growth -out $(GROWTHRESULT) $(GROWTHFLAGS)

cover:
	$(GO) test -coverpkg=./... -coverprofile=$(COVER) ./...
	$(GO) tool cover -func=$(COVER) | tail -n 1

cross:
	@set -e; for platform in $(PLATFORMS); do \
	    echo "build $$platform"; \
	    CGO_ENABLED=0 GOOS=$${platform%/*} GOARCH=$${platform#*/} $(GO) build -o /dev/null ./...; \
	done

# Which function follows which clause of which RFC, and which test would fail without it: cmd/internal/arch/clauses.md.
clauses:
	$(GO) test ./cmd/internal/arch -run '^TestClauses$$' -count 1 -v -update

check:
	.ci/run
