module snmpstack

go 1.26
