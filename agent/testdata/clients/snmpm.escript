#!/usr/bin/env escript
%% Erlang's manager, snmpm, against an agent. README.md beside this file says what is asked and how a script is told where.
-module(snmpm_client).
-behaviour(snmpm_user).
-mode(compile).
-export([main/1, handle_error/3, handle_agent/5, handle_pdu/4, handle_trap/3, handle_inform/3, handle_report/3, handle_invalid_result/2]).

-include_lib("snmp/include/snmp_types.hrl").

-define(DESCR, [1,3,6,1,2,1,1,1,0]).
-define(UPTIME, [1,3,6,1,2,1,1,3,0]).
-define(LOCATION, [1,3,6,1,2,1,1,6,0]).
-define(INTERFACES, [1,3,6,1,2,1,2]).
-define(ENGINE_ID, [1,3,6,1,6,3,10,2,1,1,0]).

main(_) ->
    Scratch = string:trim(os:cmd("mktemp -d")),
    try start(Scratch), case os:getenv("SNMP_RESTARTS") of false -> users(); _ -> restarts() end
    after os:cmd("rm -rf " ++ Scratch)
    end,
    io:format("1..~b~n", [get(count)]),
    halt(case get(failed) of 0 -> 0; _ -> 1 end).

check(Name, Good, Got) ->
    put(count, get(count) + 1),
    case Good of
        true -> io:format("ok ~b - ~s~n", [get(count), Name]);
        false ->
            put(failed, get(failed) + 1),
            io:format("not ok ~b - ~s: got ~0p~n", [get(count), Name, Got])
    end,
    Good.

env(Name, Otherwise) -> os:getenv(Name, Otherwise).
secret(Name) -> os:getenv(Name).

%% The manager wants its directories, and a file of its own configuration, before it starts.
start(Scratch) ->
    put(count, 0), put(failed, 0),
    Conf = filename:join(Scratch, "conf"), Db = filename:join(Scratch, "db"),
    ok = file:make_dir(Conf), ok = file:make_dir(Db),
    ok = file:write_file(filename:join(Conf, "manager.conf"),
        "{transports, [{transportDomainUdpIpv4, {{127,0,0,1}, 0}}]}.\n"
        "{engine_id, \"snmpm-client\"}.\n{max_message_size, 65507}.\n"),
    {ok, _} = application:ensure_all_started(crypto),
    ok = snmpm:start([
        {versions, [v2, v3]},
        {config, [{dir, Conf}, {db_dir, Db}, {verbosity, silence}]},
        {server, [{timeout, 30000}, {verbosity, silence}]},
        {net_if, [{verbosity, silence}]}, {note_store, [{verbosity, silence}]}]),
    ok = snmpm:register_user(interop, ?MODULE, undefined).

%% The names of agents are a matter of the manager alone: each user of the agent has one.
agent(Name, Config) ->
    {ok, Address} = inet:getaddr(env("SNMP_HOST", "127.0.0.1"), inet),
    Port = list_to_integer(secret("SNMP_PORT")),
    ok = snmpm:register_agent(interop, Name, [{taddress, {Address, Port}}, {timeout, 2000}, {max_message_size, 65507} | Config]).

%% snmpm cannot discover an engine. It asks for its ID in SNMPv2c, whose messages have none.
engine_id() ->
    agent("v2c", [{engine_id, "unknown"}, {version, v2}, {sec_model, v2c}, {community, env("SNMP_READ", "public")}]),
    {ok, {noError, 0, [#varbind{value = ID}]}, _} = snmpm:sync_get2(interop, "v2c", [?ENGINE_ID]),
    ID.

%% register: a user of the agent, with the level to ask at. That makes snmpm forget the engine's clock.
register(Engine, {Name, Auth, Priv}, Level) ->
    PrivKey = case Priv of
        '-' -> [];
        _ -> [{priv, Priv}, {priv_key, priv_key(Engine, Auth, secret("SNMP_PRIV_PASS"))}]
    end,
    AuthKey = [{auth, Auth}, {auth_key, auth_key(Engine, Auth, secret("SNMP_AUTH_PASS"))}],
    ok = snmpm:register_usm_user(Engine, Name, [{sec_name, Name}] ++ AuthKey ++ PrivKey),
    agent(Name, [{engine_id, Engine}, {version, v3}, {sec_model, usm}, {sec_name, Name}, {sec_level, Level}]).

auth_key(Engine, Auth, Password) -> snmp:passwd2localized_key(hash(Auth), Password, Engine).
priv_key(Engine, Auth, Password) -> lists:sublist(auth_key(Engine, Auth, Password), 16).

hash(usmHMACMD5AuthProtocol) -> md5;
hash(usmHMACSHAAuthProtocol) -> sha;
hash(usmHMAC128SHA224AuthProtocol) -> sha224;
hash(usmHMAC192SHA256AuthProtocol) -> sha256;
hash(usmHMAC256SHA384AuthProtocol) -> sha384;
hash(usmHMAC384SHA512AuthProtocol) -> sha512.

level('-') -> authNoPriv;
level(_) -> authPriv.

get(Agent, Oids, Timeout) -> snmpm:sync_get2(interop, Agent, Oids, [{timeout, Timeout}]).

listed() ->
    {ok, List} = file:read_file(secret("SNMP_USERS")),
    Lines = string:lexemes(binary_to_list(List), "\n"),
    [{Name, list_to_atom(Auth), list_to_atom(Priv)} || Line <- Lines, [Name, Auth, Priv] <- [string:lexemes(Line, " ")]].

%% restarts keeps what it knows of the agent's clock while that is started anew. snmpm loses the request that tells it so.
restarts() ->
    {Name, _, _} = User = lists:last([User || {_, _, Priv} = User <- listed(), Priv =/= '-']),
    register(engine_id(), User, authPriv),
    restarts(Name, 1).
restarts(Name, Life) ->
    get(Name, [?DESCR], 1000),
    Got = get(Name, [?DESCR], 2500),
    check(io_lib:format("life ~b: get", [Life]), case Got of {ok, {noError, 0, _}, _} -> true; _ -> false end, Got),
    io:format("# ready~n"),
    case io:get_line("") of
        eof -> ok;
        _ -> restarts(Name, Life + 1)
    end.

users() ->
    Engine = engine_id(),
    Users = listed(),
    [register(Engine, User, level(Priv)) || {_, _, Priv} = User <- Users],
    synchronize(hd(Users)),
    [as_user(Engine, User) || User <- Users],
    {Shut, _, _} = lists:last([User || {_, _, Priv} = User <- Users, Priv =/= '-']),
    {Open, Auth, _} = lists:last([User || {_, _, '-'} = User <- Users]),
    walk("authPriv: bulk walk of .1.3", Shut, 50, [1,3]),
    [begin
        ok = snmpm:update_agent_info(interop, Shut, sec_level, Level),
        Low = get(Shut, [?DESCR], 2500),
        check(io_lib:format("level too low, ~s: authorizationError", [Level]), case Low of {ok, {authorizationError, 0, _}, _} -> true; _ -> false end, Low)
    end || Level <- [authNoPriv, noAuthNoPriv]],
    ok = snmpm:update_agent_info(interop, Open, sec_level, authPriv),
    ok = snmpm:update_usm_user_info(Engine, Open, priv, usmAesCfb128Protocol),
    ok = snmpm:update_usm_user_info(Engine, Open, priv_key, priv_key(Engine, Auth, secret("SNMP_PRIV_PASS"))),
    reported("a user without a privacy key, with privacy: usmStatsUnsupportedSecLevels", Open, 1),
    register(Engine, {"nobody", Auth, '-'}, authNoPriv),
    reported("unknown user: usmStatsUnknownUserNames", "nobody", 3).

%% From the first authenticated request snmpm learns the engine's clock, by the report to it; it does not send it again.
synchronize({Name, _, _}) ->
    Lost = get(Name, [?DESCR], 1000),
    check("the first request synchronizes the clock and is lost", element(1, Lost) =:= error, Lost).

as_user(Engine, {Name, Auth, Priv}) ->
    Got = get(Name, [?DESCR, ?UPTIME], 2500),
    check(Name ++ ": get", case Got of
        {ok, {noError, 0, [#varbind{value = [_ | _]}, #varbind{variabletype = 'TimeTicks'}]}, _} -> true;
        _ -> false
    end, Got),
    walk(Name ++ ": bulk walk of interfaces", Name, 20, ?INTERFACES),
    Set = snmpm:sync_set2(interop, Name, [{?LOCATION, s, "as " ++ Name}]),
    check(Name ++ ": set", case Set of {ok, {noError, 0, _}, _} -> true; _ -> false end, Set),
    Back = get(Name, [?LOCATION], 2500),
    check(Name ++ ": set, read back", case Back of
        {ok, {noError, 0, [#varbind{value = Place}]}, _} -> Place =:= "as " ++ Name;
        _ -> false
    end, Back),

    ok = snmpm:update_usm_user_info(Engine, Name, auth_key, auth_key(Engine, Auth, "wrong-passphrase")),
    reported(Name ++ ": wrong authentication password: usmStatsWrongDigests", Name, 5),
    ok = snmpm:update_usm_user_info(Engine, Name, auth_key, auth_key(Engine, Auth, secret("SNMP_AUTH_PASS"))),
    Priv =:= '-' orelse wrong_privacy(Engine, Name, Auth).

wrong_privacy(Engine, Name, Auth) ->
    ok = snmpm:update_usm_user_info(Engine, Name, priv_key, priv_key(Engine, Auth, "wrong-passphrase")),
    case os:getenv("SNMP_SNMPD") of
        false -> reported(Name ++ ": wrong privacy password: usmStatsDecryptionErrors", Name, 6);
        _ ->
            Mute = get(Name, [?DESCR], 1000),
            check(Name ++ ": wrong privacy password, no answer", case Mute of {error, {timeout, _}} -> true; _ -> false end, Mute)
    end,
    ok = snmpm:update_usm_user_info(Engine, Name, priv_key, priv_key(Engine, Auth, secret("SNMP_PRIV_PASS"))).

%% reported: the answer to a get is the report of this row of usmStats. To snmpm a report is an error of what was said of security.
reported(Name, Agent, Row) ->
    Answer = get(Agent, [?DESCR], 2500),
    check(Name, case Answer of
        {error, {invalid_sec_info, _, {noError, _, [#varbind{oid = [1,3,6,1,6,3,15,1,1,Row,0]}]}}} -> true;
        _ -> false
    end, Answer).

%% walk asks for several objects at a time until the end, or until it leaves the subtree; the names must strictly increase.
walk(Name, Agent, Repetitions, Subtree) -> walk(Name, Agent, Repetitions, Subtree, Subtree, 0).
walk(Name, Agent, Repetitions, Subtree, Last, Objects) ->
    case snmpm:sync_get_bulk2(interop, Agent, 0, Repetitions, [Last], [{timeout, 5000}]) of
        {ok, {noError, 0, [_ | _] = Binds}, _} ->
            case follow(Binds, Subtree, Last, Objects) of
                {more, Next, N} -> walk(Name, Agent, Repetitions, Subtree, Next, N);
                {done, N} -> check(io_lib:format("~s: ~b objects", [Name, N]), N > 0, nothing);
                {wrong, Oid} -> check(Name ++ ": strictly increasing", false, {Oid, 'after', Last})
            end;
        Other -> check(Name, false, Other)
    end.

follow([], _, Last, N) -> {more, Last, N};
follow([#varbind{value = endOfMibView} | _], _, _, N) -> {done, N};
follow([#varbind{oid = Oid} | Rest], Subtree, Last, N) ->
    case lists:prefix(Subtree, Oid) of
        false -> {done, N};
        true when Oid > Last -> follow(Rest, Subtree, Oid, N + 1);
        true -> {wrong, Oid}
    end.

%% What snmpm tells its user besides the answers.
handle_error(_, _, _) -> ignore.
handle_agent(_, _, _, _, _) -> ignore.
handle_pdu(_, _, _, _) -> ignore.
handle_trap(_, _, _) -> ignore.
handle_inform(_, _, _) -> ignore.
handle_report(_, _, _) -> ignore.
handle_invalid_result(_, _) -> ignore.
