#!/usr/bin/perl
# Perl's Net::SNMP against an agent. README.md beside this file says what is asked and how a script is told where.
use strict;
use warnings;
use Net::SNMP qw(:asn1 :snmp oid_lex_cmp);

my $host       = $ENV{SNMP_HOST}  // '127.0.0.1';
my $port       = $ENV{SNMP_PORT}  // die "SNMP_PORT: the port of the agent\n";
my $read_only  = $ENV{SNMP_READ}  // 'public';
my $read_write = $ENV{SNMP_WRITE} // 'private';

my ($descr, $uptime, $location) = map { "1.3.6.1.2.1.1.$_.0" } 1, 3, 6;
my $missing      = '1.3.6.1.2.1.1.1.9';
my $hc_in_octets = '1.3.6.1.2.1.31.1.1.1.6';

my ($count, $failed) = (0, 0);

sub check {
    my ($name, $good, $got) = @_;
    $count++;
    $failed++ unless $good;
    print $good ? "ok $count - $name\n" : "not ok $count - $name: got " . ($got // 'nothing') . "\n";
    return $good;
}

sub session {
    my (%more) = @_;
    my ($session, $error) = Net::SNMP->session(
        -hostname => $host, -port => $port, -timeout => 2, -retries => 2, -translate => 0, %more);
    check('a session', 0, $error) unless $session;
    return $session;
}

sub v2c { session(-version => 'snmpv2c', -community => $_[0] // $read_only) }
sub v1  { session(-version => 'snmpv1',  -community => $_[0] // $read_only) }

# refused: the last request ended with error-status $status at $index.
sub refused {
    my ($name, $session, $answer, $status, $index) = @_;
    my $got = defined $answer ? 'an answer' : $session->error . ' index ' . ($session->error_index // '?');
    check($name, !defined $answer && $session->error_status == $status && $session->error_index == $index, $got);
}

# walk asks until endOfMibView (v1: noSuchName), or until it leaves a subtree, and checks that the names strictly increase.
sub walk {
    my ($name, $session, $next, $within) = @_;
    my ($last, $objects) = ($within // '1', 0);
    while (1) {
        my $answer = $next->($last);
        if (!defined $answer) {
            my $end = $session->version == SNMP_VERSION_1 && $session->error_status == 2 && $session->error_index == 1;
            return check("$name: $objects objects", $end && $objects > 0, $session->error);
        }
        my $types = $session->var_bind_types;
        for my $oid ($session->var_bind_names) {
            return check("$name: $objects objects", $objects > 0, 'nothing but the end') if $types->{$oid} == ENDOFMIBVIEW;
            return check("$name: $objects objects", $objects > 0, 'nothing') if defined $within && index("$oid.", "$within.") != 0;
            return check("$name: strictly increasing", 0, "$oid after $last") if oid_lex_cmp($oid, $last) <= 0;
            ($last, $objects) = ($oid, $objects + 1);
        }
    }
}

# tries: what an attempt at a session with these parameters, and a get, ends with. Net::SNMP synchronizes its clock when it
# makes the session, with a request of its own, and insists on an authenticated notInTimeWindows report to it.
sub tries {
    my (%with) = @_;
    my ($session, $error) = Net::SNMP->session(
        -version => 'snmpv3', -hostname => $host, -port => $port, -timeout => 2, -retries => 2, -translate => 0, %with);
    return $error if !$session;
    my $got = $session->get_request(-varbindlist => [$descr]);
    return defined $got ? 'an answer' : $session->error;
}

# as_user asks as a user with the algorithms that are named; for privacy that may be a dash.
sub as_user {
    my ($name, $auth, $priv) = @_;
    my @as = (-username => $name, -authprotocol => $auth, -authpassword => $ENV{SNMP_AUTH_PASS});
    my @private = $priv eq '-' ? () : (-privprotocol => $priv, -privpassword => $ENV{SNMP_PRIV_PASS});
    my $v3 = session(-version => 'snmpv3', @as, @private) or return;
    my $got = $v3->get_request(-varbindlist => [$descr, $uptime]);
    check("$name: get", defined $got && $got->{$descr} ne '' && $v3->var_bind_types->{$uptime} == TIMETICKS, $v3->error);
    walk("$name: bulk walk of interfaces", $v3, sub { $v3->get_bulk_request(-maxrepetitions => 20, -varbindlist => [$_[0]]) }, '1.3.6.1.2.1.2');
    $got = $v3->set_request(-varbindlist => [$location, OCTET_STRING, "as $name"]);
    check("$name: set", defined $got && $got->{$location} eq "as $name", $v3->error);
    $got = $v3->get_request(-varbindlist => [$location]);
    check("$name: set, read back", defined $got && $got->{$location} eq "as $name", $v3->error);

    my $error = tries(@as, @private, -authpassword => 'wrong-passphrase');
    check("$name: wrong authentication password: usmStatsWrongDigests", $error =~ /usmStatsWrongDigests/, $error);
    return (\@as, \@private) if !@private;
    if ($ENV{SNMP_SNMPD}) {
        $error = tries(@as, @private, -privpassword => 'wrong-passphrase', -timeout => 1, -retries => 0);
        check("$name: wrong privacy password, no answer", $error =~ /^No response/, $error);
    } else {
        $error = tries(@as, @private, -privpassword => 'wrong-passphrase');
        check("$name: wrong privacy password: usmStatsDecryptionErrors", $error =~ /usmStatsDecryptionErrors/, $error);
    }
    return (\@as, \@private);
}

sub users {
    my ($open, $shut, $private);
    open my $list, '<', $ENV{SNMP_USERS} or die "$ENV{SNMP_USERS}: $!\n";
    while (<$list>) {
        my ($as, $with) = as_user(split);
        if   (!$as)   { }
        elsif (@$with) { ($shut, $private) = ($as, $with) }
        else           { $open = $as }
    }
    my $v3 = session(-version => 'snmpv3', @$shut, @$private);
    # It announces a msgMaxSize of 1472, above which snmpd says genError instead of less.
    my $rows = $ENV{SNMP_SNMPD} ? 5 : 50;
    walk('authPriv: bulk walk of .1', $v3, sub { $v3->get_bulk_request(-maxrepetitions => $rows, -varbindlist => [$_[0]]) }) if $v3;
    for my $way (['authNoPriv', @$shut], ['noAuthNoPriv', @$shut[0, 1]]) {
        my ($level, @as) = @$way;
        my $low = session(-version => 'snmpv3', @as) or next;
        my $got = $low->get_request(-varbindlist => [$descr]);
        check("level too low, $level: authorizationError", !defined $got && $low->error_status == 16 && $low->error_index == 0, $low->error);
    }
    my $error = tries(@$open, @$private);
    check('a user without a privacy key, with privacy: usmStatsUnsupportedSecLevels', $error =~ /usmStatsUnsupportedSecLevels/, $error);
    $error = tries(-username => 'nobody');
    check('unknown user: usmStatsUnknownUserNames', $error =~ /usmStatsUnknownUserNames/, $error);
}

# restarts keeps one session while the agent is started anew. Net::SNMP loses the request that tells it so.
sub restarts {
    my $private;
    open my $list, '<', $ENV{SNMP_USERS} or die "$ENV{SNMP_USERS}: $!\n";
    while (<$list>) { my @user = split; $private = \@user if $user[2] ne '-' }
    my $v3 = session(-version => 'snmpv3', -username => $private->[0], -authprotocol => $private->[1], -authpassword => $ENV{SNMP_AUTH_PASS},
        -privprotocol => $private->[2], -privpassword => $ENV{SNMP_PRIV_PASS}) or return;
    $| = 1;
    for (my $life = 1; ; $life++) {
        my $got = $v3->get_request(-varbindlist => [$descr]) // $v3->get_request(-varbindlist => [$descr]);
        check("life $life: get", defined $got, $v3->error);
        print "# ready\n";
        last if !defined <STDIN>;
    }
}

if ($ENV{SNMP_USERS}) {
    $ENV{SNMP_RESTARTS} ? restarts() : users();
    print "1..$count\n";
    exit($failed ? 1 : 0);
}

my $v2 = v2c();
my $answer = $v2->get_request(-varbindlist => [$descr, $uptime]);
if (!check('v2c get', defined $answer && $answer->{$descr} ne '', $v2->error)) { print "1..1\n"; exit 1 }
check('v2c get: types', $v2->var_bind_types->{$descr} == OCTET_STRING && $v2->var_bind_types->{$uptime} == TIMETICKS, $v2->error);

$answer = $v2->get_next_request(-varbindlist => ['1.3.6.1.2.1.1', $descr]);
check('v2c getnext', defined $answer && join(' ', $v2->var_bind_names) eq "$descr 1.3.6.1.2.1.1.2.0", join ' ', $v2->var_bind_names);

$answer = $v2->get_bulk_request(-nonrepeaters => 1, -maxrepetitions => 2,
    -varbindlist => ['1.3.6.1.2.1.1.1', '1.3.6.1.2.1.1.5', '1.3.6.1.2.1.1.6']);
check('v2c bulk', defined $answer && join(' ', $v2->var_bind_names) =~ /^\Q$descr\E 1\.3\.6\.1\.2\.1\.1\.5\.0 \Q$location\E /,
    join ' ', $v2->var_bind_names);

# One varbind at a time takes Net::SNMP a millisecond each: the whole of .1 is walked that way once, by SNMPv1.
# Net::SNMP refuses a message above 1472 octets until it is told otherwise, and SNMPv2c has no field to tell the agent.
if (!$ENV{SNMP_SNMPD}) {
    walk('v2c bulk walk of .1, messages within 1472 octets', $v2, sub { $v2->get_bulk_request(-maxrepetitions => 50, -varbindlist => [$_[0]]) });
} else {
    my $large = session(-version => 'snmpv2c', -community => $read_only, -maxmsgsize => 65535);
    walk('v2c bulk walk of .1', $large, sub { $large->get_bulk_request(-maxrepetitions => 50, -varbindlist => [$_[0]]) });
}

my $place = 'interop ' . int rand 100000;
my $w2 = v2c($read_write);
$answer = $w2->set_request(-varbindlist => [$location, OCTET_STRING, $place]);
check('v2c set', defined $answer && $answer->{$location} eq $place, $w2->error);
$answer = $v2->get_request(-varbindlist => [$location]);
check('v2c set, read back', defined $answer && $answer->{$location} eq $place, $v2->error);
refused('v2c set with the read-only community: noAccess', $v2, scalar $v2->set_request(-varbindlist => [$location, OCTET_STRING, 'refused']), 6, 1);
refused('v2c set of a wrong type: wrongType', $w2, scalar $w2->set_request(-varbindlist => [$location, INTEGER, 4]), 7, 1);
refused('v2c set with a bad second varbind: notWritable', $w2,
    scalar $w2->set_request(-varbindlist => [$location, OCTET_STRING, 'changed', $descr, OCTET_STRING, 'refused']), 17, 2);
$answer = $v2->get_request(-varbindlist => [$location]);
check('v2c a refused set changed nothing', defined $answer && $answer->{$location} eq $place, $answer && $answer->{$location});

$answer = $v2->get_request(-varbindlist => [$descr, $missing]);
check('v2c missing instance: noSuchInstance', defined $answer && $v2->var_bind_types->{$missing} == NOSUCHINSTANCE, $v2->error);
$answer = $v2->get_request(-varbindlist => ['1.3.6.1.2.1.99999.1.0']);
check('v2c missing object: noSuchObject', defined $answer && $v2->var_bind_types->{'1.3.6.1.2.1.99999.1.0'} == NOSUCHOBJECT, $v2->error);

$answer = $v2->get_next_request(-varbindlist => [$hc_in_octets]);
my ($counter64) = $v2->var_bind_names;
check('v2c Counter64', defined $answer && $v2->var_bind_types->{$counter64} == COUNTER64, $counter64);

my $v1 = v1();
$answer = $v1->get_request(-varbindlist => [$descr, $uptime]);
check('v1 get', defined $answer && $answer->{$descr} ne '', $v1->error);
refused('v1 get with a bad second varbind: noSuchName, its index', $v1, scalar $v1->get_request(-varbindlist => [$descr, $missing, $uptime]), 2, 2);
refused('v1 get of a Counter64: noSuchName, its index', $v1, scalar $v1->get_request(-varbindlist => [$descr, $counter64 // $missing]), 2, 2);
$answer = $v1->get_next_request(-varbindlist => [$hc_in_octets]);
my ($after) = $v1->var_bind_names;
check('v1 getnext steps over Counter64', defined $answer && index($after, "$hc_in_octets.") != 0, $after);
walk('v1 walk of .1', $v1, sub { $v1->get_next_request(-varbindlist => [$_[0]]) });
refused('v1 set with the read-only community: noSuchName', $v1, scalar $v1->set_request(-varbindlist => [$location, OCTET_STRING, 'refused']), 2, 1);
my $w1 = v1($read_write);
$answer = $w1->set_request(-varbindlist => [$location, OCTET_STRING, "$place v1"]);
check('v1 set', defined $answer && $answer->{$location} eq "$place v1", $w1->error);
refused('v1 set of a wrong type: badValue', $w1, scalar $w1->set_request(-varbindlist => [$location, INTEGER, 4]), 3, 1);

my $stranger = session(-version => 'snmpv2c', -community => 'wrong', -timeout => 1, -retries => 0);
$answer = $stranger->get_request(-varbindlist => [$descr]);
check('v2c wrong community: no answer', !defined $answer && $stranger->error =~ /^No response/, $stranger->error);

print "1..$count\n";
exit($failed ? 1 : 0);
