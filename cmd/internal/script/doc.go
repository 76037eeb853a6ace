// Package script runs tests of command-line programs that read like a terminal session. A script is a text file; the commands
// come first, and files for them follow, each under a line -- NAME --:
//
//	# The agent prints where it listens, so the script needs no fixed port.
//	exec snmpagent -f -c agent.conf -C &agent&
//	waitout agent 'listening on udp:([0-9.:]+)' ADDR
//
//	exec snmptool get -v2c -c public $ADDR sysName.0
//	stdout 'example'
//
//	! exec snmptool get -v2c -c wrong -t 0.2 -r 0 $ADDR sysName.0
//	stderr 'timeout'
//
//	kill agent TERM
//	wait agent
//
//	-- agent.conf --
//	agentAddress udp:127.0.0.1:0
//	rocommunity  public
//	sysName      example
//
// The programs are the test binary itself: a package's TestMain calls [Main] with a function for each program, and a [Suite] runs
// the scripts.
//
//	func TestMain(m *testing.M) {
//		script.Main(m, map[string]func() int{"snmptool": run})
//	}
//
//	func TestScripts(t *testing.T) {
//		script.Suite{Files: "testdata/script/*.txt"}.Run(t)
//	}
//
// # Lines
//
// A line is one command. Words are separated by blanks; a # at the start of a word begins a comment. Single quotes
// group: nothing between them is special, and two in a row stand for one. Outside of them $NAME and ${NAME} stand for an
// environment variable, which must be set, and ${NAME@R} for its value quoted for a regular expression. A $ before anything else is
// a $. Regular expressions are those of package regexp, with ^ and $ matching at each line.
//
// # Commands
//
// A command in front of which ! stands must fail, where that is said to be possible.
//
//	[!|?] exec PROGRAM [ARG...] [&NAME&]  run a program to its end; without a sign its exit code must be 0, after ! it must
//	                                      not be, after ? it may be any. With &NAME& run it in the background.
//	stdin FILE                            give FILE to the next exec as its standard input, which is empty otherwise
//	exit N                                the exit code of the last exec or wait; 128 plus the signal's number for a killed one
//	[!] stdout [-count=N] REGEXP          the standard output of the last exec or wait has a match, N of them
//	[!] stderr [-count=N] REGEXP
//	[!] grep [-count=N] REGEXP FILE
//	[!] cmp A B                           two files are equal; stdout and stderr stand for the last outputs
//	[!] exists [-mode=OCTAL] FILE...      each file exists, with these permissions
//	env [NAME=VALUE...]                   set variables
//	waitout NAME REGEXP [VARIABLE...]     wait until a background program has printed a line that matches, and set variables to what
//	                                      the groups matched. A second waitout with the same REGEXP waits for the next such line.
//	kill NAME [SIGNAL]                    send a signal, TERM when none is named
//	wait [NAME]                           wait for the end of a background program, or of all; its sign decides which exit codes do
//	mkdir DIR...   chmod OCTAL FILE...   cp FROM TO   rm FILE...
//	expand FILE...                        replace the variables in a file by their values
//	skip-unless CONDITION...              skip the test unless each condition holds: unix, root, a GOOS, a GOARCH, exec:PROGRAM for
//	                                      one that is installed, one of the suite's, or ! and any of these
//
// Every script runs in a directory of its own, $WORK, which holds its files and is removed afterwards. $HOME and $TMPDIR are
// inside it, so that nobody's own configuration is read. Beside these a program sees $PATH and what the suite or the script sets.
//
// A script has a bounded time; when that ends, whatever runs is killed and the script fails. Background programs that still run
// at the end of the script are killed. A program that panics or in which the race detector finds something fails its script, even where
// a failure is expected. A failing script shows its transcript: every line with its number, and what each program printed.
//
// Suite and Main are for tests only. Scripts run in parallel with each other.
package script
