// Package bench holds the benchmarks, from a codec alone to an agent that answers
// real datagrams:
//
//	go test -bench . ./bench
//
// Codec benchmarks decode and encode one message. Agent benchmarks run datagrams
// through a whole agent, from the socket's side and back, without a network: the
// cost of the agent itself. Loopback benchmarks do the same over UDP, with 32
// requests outstanding, beside an echo of the same datagrams: what the kernel and
// the generator cost. BenchmarkUSM is SNMPv3's security alone, and BenchmarkLeak
// looks for secrets in how long its cryptography takes. BenchmarkAccess is the agent
// again, by how many rows its access policy has.
//
// The processor's time, cpu-ns/op, hardly depends on what else the machine does; the
// clock's does. Of both, only the ratio of two figures of one run means much:
//
//	go test -run '^$' -bench . -count 10 ./bench >new.txt
//	go run golang.org/x/perf/cmd/benchstat@latest -filter .name:Loopback -col /by new.txt
//	go run golang.org/x/perf/cmd/benchstat@latest -filter .name:BulkWalk -col /rows new.txt
//
// What a request costs the daemon, in a process of its own and on a processor of
// its own, is measured by three commands: load asks, echo is the yardstick, and
// compare starts both beside the daemon and whoever else is there, has them asked in
// turns and writes down what each takes of the processor's time. On Linux,
//
//	make bench-load
//
// is all of it. What a request costs when there is ever more to look for, and what
// that takes of memory, is measured by the command growth:
//
//	make bench-growth
//
// There is nothing to import here.
package bench
