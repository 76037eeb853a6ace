// Package snmpdconf reads the configuration dialect of Net-SNMP's snmpd.conf: it turns files into a list of directives,
// each with its place, its section, its name and its arguments. It knows the dialect and no directive but the ones that
// read other files; what a directive means is its caller's business.
//
// The rules are those of Net-SNMP's reader, because the files are written for it:
//
//   - A line ends at a line feed. There are no continuation lines. White space is the six characters of C's isspace, so the
//     carriage return of a CRLF file is white space at the end of a line and vanishes, and a carriage return alone does not
//     end a line.
//   - A # at the start of a line, or where an argument would start, begins a comment. Inside a word it is a character.
//   - A word ends at white space. A word that begins with " or ' ends at the next such quote, which may leave it open to the
//     end of the line; a quote inside a word is a character. A backslash takes the character after it as it stands, inside
//     quotes and outside.
//   - The first word is the directive's name, compared without regard to case. A directive needs something after its name:
//     a name alone is an error.
//   - Some directives do not take words but the rest of the line: sysLocation "Room 5" # west keeps its quotes and its
//     comment. So a [Directive] holds the rest of the line as written, and splits it into words when asked.
//   - [token] alone on a line switches the section of the lines below it up to the end of the file and in the files it
//     includes from there on; [token] in front of a directive switches it for that line. A file included by another starts
//     in the section the other was in, and leaves that one unchanged.
//   - includeFile NAME reads a file, taken relative to the directory of the file that names it. includeDir DIR reads DIR/*.conf,
//     taken relative to the working directory, without names that begin with a dot. includeSearch NAME reads NAME.conf and
//     NAME.local.conf in the directories of the search path. None of the three works behind a [token] on the same line.
//
// # Sections
//
// A section is the kind of file a line belongs to: snmpd.conf holds section "snmpd", snmp.conf "snmp", agentx.conf "agentx".
// An agent has directives in these three, and every directive belongs to one of them: rocommunity in section snmp is as unknown as
// persistentDir in section snmpd, where it must be written [snmp] persistentDir /var/lib/snmp. The interpreter therefore looks a
// directive up by section and name together. A section outside the three ([snmptrapd]) is an error, the line is not
// read, and the section before it stays in force. Section names are compared with regard to case.
//
// # Errors
//
// Reading never stops at a bad line. Whatever is wrong becomes an [Error], FILE:LINE: what is wrong, and reading goes on with the
// next line; an interpreter makes its own errors with [Directive.Errorf], in the same form. Communities, pass phrases and keys are
// secrets: no error of this package shows the arguments of any directive but the including ones, printing a Directive shows its
// name only, and [Directive.Show] says how an interpreter may quote an argument in a message.
//
// # Deviations from Net-SNMP
//
// Deviation: the files of includeDir are read in the order of their names, not in that of the directory; Include in any case is
// recognized where Net-SNMP wants a lower-case i; the name after an include may be quoted and may be followed by white space and
// a comment, so that a file with CRLF line ends can include another; a UTF-8 byte order mark is skipped; a NUL octet makes its
// line an error instead of joining it with the next; a file that includes itself is an error at the first turn, not the
// seventeenth; words are not cut at 1023 characters; a file of the search path that is there and cannot be read is reported, not
// passed over. Beside these the two read alike, which a test holds against a recording of Net-SNMP's reader.
//
// Limits: a file may have 16 MiB, includes may nest 16 deep, one load reads at most 4096 files and directives of 64 MiB
// together. Beyond each the rest is left out with an error that says so.
//
// Values are not safe for use by several goroutines while one of them writes; a Directive is never written after it was read.
package snmpdconf
