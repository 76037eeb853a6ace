// # The specification's names
//
// For programs that know it by its own names: what each of them is in Go, and the
// tests that show it. Every setting is read and set by Agent.Config too, by its name.
//
//	properties               Go                                           tests
//
//	accept_data              Agent.AcceptData Agent.SetAcceptData         TestAcceptData
//	active                   Agent.Active                                 TestActivate
//	local_engine_id          Agent.EngineID Agent.Engine                  TestDerivedEngineIDs TestEngineOutlivesActivation TestEngineID
//	local_host               Agent.LocalHost Agent.LocalAddr              TestActivate TestSettingsWhileActive
//	local_port               Agent.LocalPort Agent.LocalAddr              TestActivate TestSettingsWhileActive
//	obj_count                Objects                                      TestObjects
//	obj_id                   pdu.VarBind.Name                             TestObjects
//	obj_type                 pdu.Value.Syntax pdu.Syntax                  TestParseValue TestNewObject
//	obj_type_string          pdu.Syntax.String                            TestObjects
//	obj_value                pdu.Value.Text pdu.ParseValue                TestParseValue TestObjects
//	request_id               Agent.RequestID Agent.SetRequestID           TestSendTrapCounts
//	snmp_version             TrapSettings.Version                         TestSendTrapV1 TestSendTrapV2c
//	sys_up_time              Agent.SysUpTime Agent.SetSysUpTime           TestSysUpTime
//
//	methods                  Go                                           tests
//
//	activate                 Agent.Activate Agent.ListenAndServe          TestActivate TestSendTrapActivates
//	add_user                 Agent.AddUser Agent.AddUserKeys              TestUserCache
//	clear_cache              Agent.ClearCache                             TestUserCache
//	config                   Agent.Config Settings                        TestSettings TestSettingValues
//	deactivate               Agent.Deactivate                             TestActivate TestListenAndServeEnds
//	do_events                Agent.DoEvents                               TestDoEvents TestDoEventsWaits
//	hash_passwords           Agent.HashPasswords                          TestHashPassword
//	remove_user              Agent.RemoveUser                             TestUserCache
//	reset                    Agent.Reset                                  TestReset
//	send_response            Agent.SendResponse RequestEvent.Defer        TestDefer
//	send_secure_response     Agent.SendSecureResponse                     TestSendSecureResponse TestSendSecureResponseWeakensNobody
//	send_secure_trap         Agent.SendSecureTrap                         TestSendSecureTrap TestSendingWeakensNobody
//	send_trap                Agent.SendTrap Agent.Notify                  TestSendTrapV1 TestSendTrapV2c
//	show_cache               Agent.ShowCache                              TestShowCache
//	value                    Objects.Value Agent.Text                     TestObjects TestCodePage
//
//	events                   Go                                           tests
//
//	on_bad_packet            Agent.OnBadPacket BadPacketEvent             TestBadMessages TestV3BadPackets
//	on_cache_entry           Agent.OnCacheEntry CacheEntryEvent           TestShowCache
//	on_discovery_request     Agent.OnDiscoveryRequest DiscoveryRequestEvent  TestDiscovery
//	on_error                 Agent.OnError ErrorEvent                     TestReadErrors TestPanic
//	on_get_bulk_request      Agent.OnGetBulkRequest RequestEvent          TestRequestEvent
//	on_get_next_request      Agent.OnGetNextRequest RequestEvent          TestRequestEvent
//	on_get_request           Agent.OnGetRequest RequestEvent              TestRequestEvent
//	on_get_user_password     Agent.OnGetUserPassword GetUserPasswordEvent  TestGetUserPassword
//	on_get_user_security_level  Agent.OnGetUserSecurityLevel GetUserSecurityLevelEvent  TestGetUserSecurityLevel
//	on_hash_password         Agent.OnHashPassword HashPasswordEvent       TestHashPassword
//	on_packet_trace          Agent.OnPacketTrace PacketTraceEvent         TestPacketTrace TestDecryptLogPackets
//	on_ready_to_send         Agent.OnReadyToSend                          TestOnReadyToSend
//	on_report                Agent.OnReport ReportEvent                   TestOnReport
//	on_set_request           Agent.OnSetRequest RequestEvent              TestHookSet
//
//	settings                 Go                                           tests
//
//	AuthenticationKey        TrapSettings.AuthenticationKey               TestSendSecureTrapKeys
//	CompatibilityMode        Agent.CompatibilityMode                      TestCompatibilityMode
//	ContextEngineId          TrapSettings.ContextEngineID                 TestSendSecureTrap
//	ContextName              TrapSettings.ContextName                     TestSendSecureTrap
//	DataToSend               Agent.SendData                               TestSendData
//	DecryptLogPackets        Agent.DecryptLogPackets                      TestDecryptLogPackets
//	EncryptionKey            TrapSettings.EncryptionKey                   TestSendSecureTrapKeys
//	ForceLocalPort           Agent.ForceLocalPort                         TestPortInUse
//	IgnoreDiscoveryRequestType  Agent.IgnoreDiscoveryRequestType          TestV3Settings
//	IncomingContextEngineId  RequestEvent.ContextEngineID                 TestLastPacket
//	IncomingContextName      RequestEvent.ContextName                     TestLastPacket
//	MsgMaxSize               Agent.MsgMaxSize                             TestTooBig TestV3Sizes
//	RespondFromDestIP        transport.Options.ReplyFromDestination       TestCaptureIPPacketInfo
//	SourceAddress            RequestEvent.Source                          TestLastPacket
//	SourcePort               RequestEvent.Source                          TestLastPacket
//	TimeWindow               Agent.TimeWindow                             TestV3Settings
//	TrapAgentAddress         TrapSettings.TrapAgentAddress                TestSendTrapV1
//	TrapCommunity            TrapSettings.TrapCommunity                   TestSendTrapV1
//	TrapEnterprise           TrapSettings.TrapEnterprise                  TestSendTrapV1
//	TrapPort                 TrapSettings.TrapPort DefaultTrapPort        TestSendTrapWays
//	CaptureIPPacketInfo      Agent.CaptureIPPacketInfo                    TestCaptureIPPacketInfo
//	DelayHostResolution      RemoteSettings.DelayHostResolution           TestDelayHostResolution
//	DestinationAddress       RequestEvent.Destination                     TestCaptureIPPacketInfo
//	DontFragment             transport.Options.DontFragment               TestOptionsReachTheKernel
//	LocalHost                Agent.LocalHost                              TestSettingsWhileActive
//	LocalPort                Agent.LocalPort                              TestSettingsWhileActive
//	MaxPacketSize            Agent.MaxPacketSize                          TestPacketSizes
//	QOSDSCPValue             transport.Options.DSCP                       TestSettingValues TestOptionsReachTheKernel
//	QOSTrafficType           transport.Options.DSCP                       TestSettingValues
//	ShareLocalPort           transport.Options.ShareLocalPort             TestShareLocalPort
//	SourceIPAddress          RemoteSettings.SourceIPAddress               TestSourceIPAddress
//	SourceMacAddress         (none: error 10045, the system's sockets have no such thing)  TestSettingValues
//	UseConnection            RemoteSettings.UseConnection                 TestUseConnection
//	UseIPv6                  Agent.UseIPv6                                TestSettingValues
//	AbsoluteTimeout          (none: error 10045, not valid for UDP)       TestSettingValues
//	FirewallData             (none: error 10045, UDP goes through no proxy)  TestSettingValues
//	InBufferSize             transport.Options.InBufferSize               TestBufferSizes
//	OutBufferSize            transport.Options.OutBufferSize              TestBufferSizes
//	BuildInfo                BuildInfo                                    TestSettings
//	CodePage                 Agent.CodePage CodePage                      TestCodePage
//	LicenseInfo              Agent.Config                                 TestSettingValues
//	MaskSensitive            (always True: False is error 10022)          TestV3Settings
//	ProcessIdleEvents        Agent.ProcessIdleEvents                      TestDoEvents
//	SelectWaitMillis         Agent.SelectWaitMillis                       TestDoEventsWaits
//	UseInternalSecurityAPI   Agent.SecurityProvider                       TestV3Settings
//
//	errors                   Go                                           tests
//
//	104                      CodeActive                                   TestActivate
//	106                      CodeLocalPortActive                          TestSettingsWhileActive
//	107                      CodeLocalHostActive                          TestSettingsWhileActive
//	109                      CodeNotActive                                TestDoEventsWaits
//	112                      CodePacketSizeActive                         TestSettingsWhileActive
//	113                      CodeSharePortActive                          TestSettingsWhileActive
//	114                      CodeRemoteHostActive                         TestUseConnection
//	115                      CodeRemotePortActive                         TestUseConnection
//	116                      CodeRemotePortZero                           TestUseConnection
//	117                      CodeUseConnectionActive                      TestUseConnection
//	118                      CodeMessageTooLong                           TestSendData TestTrapMaxPacketSize
//	119                      CodeMessageTooShort                          TestSettingValues
//	201                      CodeTimeout                                  TestInformEnds
//	270 271 272 273 274 275 276 280 281 282 283 284  (never: there is no TLS)  TestCodes
//	301                      CodeBadIndex                                 TestObjects
//	302                      (never: a slice has no greatest length)      TestCodes
//	303                      CodeBadIPAddress                             TestNewObject
//	305                      CodeBadVersion                               TestBadMessages
//	306                      CodeUnknownPDU                               TestBadMessages TestV3BadPackets
//	307                      CodeBusy                                     TestDoEventsWithin
//	308                      CodeWrongMAC                                 TestV3BadPackets
//	309                      CodeNoVerification                           TestGetUserPassword
//	310                      CodeNoMAC                                    TestV3BadPackets
//	311 312                  (never: the time is always there, and so is a timeout)  TestCodes
//	313                      CodeDecryption                               TestV3BadPackets
//	314                      CodeNoDecryption                             TestGetUserPassword
//	315                      CodeNotEncrypted                             TestV3BadPackets
//	316                      CodeSecurityModel                            TestV3BadPackets
//	317                      CodeDefectivePacket                          TestBadMessages
//	318                      CodeNotFromBound                             TestUseConnection
//	319                      CodeNotPermitted                             TestDefer
//	320                      CodeBadPacket                                TestBadMessages
//	321                      CodeNotAuthenticated                         TestBadMessages
//	322                      CodeNoSuchOID                                TestObjects
//	323                      CodeSalt                                     TestV3BadPackets
//	324                      CodeEngineID                                 TestDiscovery
//	325                      CodeTimeFrame                                TestV3BadPackets
//	326                      CodeUserName                                 TestV3BadPackets
//	327                      CodeSecurityLevel                            TestV3BadPackets
//	328                      CodeDiscovery                                TestInformEngines
//	329                      CodeKeyLength                                TestSendSecureTrapKeys
//	330                      CodeNoPassword                               TestGetUserSecurityLevel TestSendSecureTrap
//	434                      CodeCodePage                                 TestCodePage
//	10004 10009 10013 10014 10022 10024 10035 10036 10037 10038 10039 10040 10041 10042 10043 10044 10045 10046 10047 10048 10049 10050 10051 10052 10053 10054 10055 10056 10057 10058 10059 10060 10061 10062 10063 10064 10065 10066 10068 10069 10070 10071  Code Error  TestSystemErrors
//	10067 10091 10092 10093  (never but on Windows: other systems have no such error)  TestCodes
//	11001                    CodeHostNotFound                             TestSystemErrors
//	11002                    CodeTryAgain                                 TestSystemErrors
//	11003                    CodeNoRecovery                               TestSystemErrors
//	11004                    CodeNoData                                   TestNameWithoutAddress
//
// The parameters of events are fields of the event's struct, with the names that they have
// there, but for these. An address and its port are one netip.AddrPort: Source, or Peer in
// PacketTraceEvent, and Destination. An error's code and description are ErrorEvent.Code
// and ErrorEvent.Description. An SNMP version of 1, 2 or 3 is pdu.V1, pdu.V2c or pdu.V3,
// whose numbers are those in messages: 0, 1 and 3. A password is a usm.Secret, an engine ID
// a usm.EngineID. What a request or Report is about are its Objects, each a pdu.VarBind.
//
// # Deviations
//
// Where this package leaves the specification or an RFC on purpose, the documentation
// of what does so says Deviation, and why:
//
//   - agent/agent.go: Agent.MsgMaxSize is for SNMPv1 and SNMPv2c too
//   - agent/config.go: Agent.Config, RespondFromDestIP is on by default
//   - agent/defer.go: Agent.SendSecureResponse adds nobody to the cache
//   - agent/notify/select.go: an address that is selected twice for one type is told once
//   - agent/requestid.go: Agent.RequestID begins with a random number
//   - agent/trap.go: Agent.SendTrap puts sysUpTime.0 and snmpTrapOID.0 in front of objects
//   - agent/trap.go: Agent.SendTrap, an object without a value is an error
//   - agent/trap.go: Agent.SendSecureTrap adds a user who can do nothing but send
//   - agent/userhooks.go: GetUserPasswordEvent.EncryptionAlgorithm is AES on entry
//   - agent/usmmib/doc.go: usmUserAuthProtocol of a user with any protocol is 0.0
//   - agent/usmmib/doc.go: who changes his own key has to prove who he is
//   - agent/usmmib/doc.go: rows that are not active stay
//   - agent/usmmib/table.go: CloneAndGo makes a user with the template's keys
//   - mib/host/doc.go: counters without a source are 0
//   - mib/host/doc.go: ifSpeed of the loopback interface is 10 Mbit/s
//   - usm/engine.go: EpochClock has snmpEngineBoots begin with 0
//   - usm/model.go: SetTimeWindow
//   - usm/model.go: what decrypts to no ScopedPDU is a decryption error
//   - usm/salt.go: salts that count from a random start
//   - cmd/snmpagent/notifyaccess.go: sinks hear what the notify views do not have
//   - cmd/snmpagent/notifyqueue.go: informs on their way to a target that is changed are given up
//   - cmd/internal/accessconf/doc.go: access lines that differ in exact and prefix
//   - cmd/internal/accessconf/doc.go: lines that are wrong hide more, not less
//   - cmd/internal/accessconf/doc.go: comments behind view lines, and long masks
//   - cmd/internal/snmpdconf/doc.go: how files are included
package agent
