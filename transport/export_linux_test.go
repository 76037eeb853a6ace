package transport

// SysSendmmsg is for tests from outside.
const SysSendmmsg = sysSendmmsg
