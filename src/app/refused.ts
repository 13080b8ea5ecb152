// Names of the manual that this program answers with a reason instead of an effect: nothing of it is accepted and
// ignored. The lists hold every name of HAProxy 3.2 (configuration.txt and the management guide) but those of noop.ts;
// the registry drops a name as soon as an entry for it is in the manifest, so nothing is edited here when one lands.
import type { EntryKind, RefusedEntry, SectionKind } from "../config/mod.ts";

const NOT_YET = "not supported yet";

const PROXY = "defaults frontend listen backend";

/** Section 3. */
const GLOBAL = `
  acme.scheduler, anonkey, ca-base, chroot, close-spread-time, cluster-secret, cpu-map, cpu-policy, cpu-set, crt-base,
  daemon, debug.counters, description, dns-accept-family, external-check, fd-hard-limit, gid, grace, group,
  h1-accept-payload-with-any-method, h1-case-adjust, h1-case-adjust-file,
  h1-do-not-close-on-insecure-transfer-encoding, h2-workaround-bogus-websocket-clients, hard-stop-after,
  harden.reject-privileged-ports.quic, harden.reject-privileged-ports.tcp, http-err-codes, http-fail-codes,
  httpclient.resolvers.disabled, httpclient.resolvers.id, httpclient.resolvers.prefer, httpclient.retries,
  httpclient.ssl.ca-file, httpclient.ssl.verify, httpclient.timeout.connect, insecure-fork-wanted,
  insecure-setuid-wanted, issuers-chain-path, key-base, limited-quic, localpeer, log, log-send-hostname, log-tag,
  lua-load, lua-load-per-thread, lua-prepend-path, master-worker, max-spread-checks, maxcompcpuusage, maxcomprate,
  maxconn, maxconnrate, maxsessrate, maxsslconn, maxsslrate, maxzlibmem, mworker-max-reloads, nbthread, no-quic, node,
  noreuseport, numa-cpu-mapping, ocsp-update.disable, ocsp-update.httpproxy, ocsp-update.maxdelay,
  ocsp-update.mindelay, ocsp-update.mode, pidfile, pp2-never-send-local, profiling.memory, profiling.tasks, quiet,
  server-state-base, server-state-file, set-var, set-var-fmt, setcap, spread-checks, ssl-default-bind-ciphers,
  ssl-default-bind-ciphersuites, ssl-default-bind-client-sigalgs, ssl-default-bind-curves, ssl-default-bind-options,
  ssl-default-bind-sigalgs, ssl-default-server-ciphers, ssl-default-server-ciphersuites,
  ssl-default-server-client-sigalgs, ssl-default-server-curves, ssl-default-server-options,
  ssl-default-server-sigalgs, ssl-dh-param-file, ssl-load-extra-del-ext, ssl-load-extra-files, ssl-security-level,
  ssl-server-verify, ssl-skip-self-issued-ca, stats maxconn, stats socket, stats timeout, stats-file, strict-limits,
  thread-group, thread-groups, thread-hard-limit, tune.buffers.limit, tune.bufsize, tune.bufsize.small,
  tune.comp.maxlevel, tune.glitches.kill.cpu-usage, tune.h2.be.glitches-threshold, tune.h2.be.initial-window-size,
  tune.h2.be.max-concurrent-streams, tune.h2.be.rxbuf, tune.h2.fe.glitches-threshold, tune.h2.fe.initial-window-size,
  tune.h2.fe.max-concurrent-streams, tune.h2.fe.max-total-streams, tune.h2.fe.rxbuf, tune.h2.header-table-size,
  tune.h2.initial-window-size, tune.h2.max-concurrent-streams, tune.h2.max-frame-size, tune.http.cookielen,
  tune.http.logurilen, tune.http.maxhdr, tune.idletimer, tune.listener.default-shards,
  tune.lua.bool-sample-conversion, tune.lua.burst-timeout, tune.lua.forced-yield,
  tune.lua.log.loggers, tune.lua.log.stderr, tune.lua.maxmem, tune.lua.service-timeout, tune.lua.session-timeout,
  tune.lua.task-timeout, tune.max-checks-per-thread, tune.max-rules-at-once, tune.maxrewrite,
  tune.notsent-lowat.client, tune.notsent-lowat.server, tune.peers.max-updates-at-once, tune.pool-high-fd-ratio,
  tune.pool-low-fd-ratio, tune.quic.cc-hystart, tune.quic.cc.cubic.min-losses, tune.quic.disable-tx-pacing,
  tune.quic.disable-udp-gso, tune.quic.frontend.default-max-window-size, tune.quic.frontend.glitches-threshold,
  tune.quic.frontend.max-data-size, tune.quic.frontend.max-idle-timeout, tune.quic.frontend.max-streams-bidi,
  tune.quic.frontend.max-tx-mem, tune.quic.frontend.stream-data-ratio, tune.quic.max-frame-loss,
  tune.quic.reorder-ratio, tune.quic.retry-threshold, tune.quic.socket-owner, tune.rcvbuf.client,
  tune.rcvbuf.server, tune.renice.runtime, tune.renice.startup,
  tune.sndbuf.client, tune.sndbuf.server, tune.ssl.cachesize, tune.ssl.capture-buffer-size,
  tune.ssl.capture-cipherlist-size, tune.ssl.default-dh-param, tune.ssl.force-private-cache, tune.ssl.hard-maxrecord,
  tune.ssl.keylog, tune.ssl.lifetime, tune.ssl.maxrecord, tune.ssl.ocsp-update.maxdelay,
  tune.ssl.ocsp-update.mindelay, tune.ssl.ssl-ctx-cache-size, tune.stick-counters,
  tune.vars.global-max-size, tune.vars.proc-max-size, tune.vars.reqres-max-size, tune.vars.sess-max-size,
  tune.vars.txn-max-size, tune.zlib.memlevel, tune.zlib.windowsize, uid, ulimit-n, unix-bind, user,
  warn-blocked-traffic-after, zero-warning
`;

/** Chapter 4: the sections and their keywords. */
const PROXIES: readonly (readonly [string, string])[] = [
  [
    "defaults frontend listen backend",
    `
  acl, compression, compression algo, compression algo-req, compression algo-res, compression direction,
  compression minsize-req, compression minsize-res, compression type, compression type-req, compression type-res,
  disabled, email-alert from, email-alert level, email-alert mailers, email-alert myhostname, email-alert to, enabled,
  errorfile, errorfiles, errorloc, errorloc302, errorloc303, http-after-response, http-error, http-request,
  http-response, log, log-tag, mode, option forwardfor, option http-buffer-request, option http-keep-alive,
  option http-restrict-req-hdr-names, option http-server-close, option httpclose,
  option independent-streams, option nolinger, option originalto, option tcpka, stats auth, stats enable,
  stats hide-version, stats realm, stats refresh, stats scope, stats show-desc, stats show-legends,
  stats show-modules, stats show-node, stats uri, tcp-request content, tcp-request inspect-delay,
  timeout http-keep-alive, timeout http-request, timeout tarpit
`,
  ],
  [
    "defaults frontend listen",
    `
  backlog, clitcpka-cnt, clitcpka-idle, clitcpka-intvl, default_backend, error-log-format, log-format, log-format-sd,
  log-steps, max-session-srv-conns, maxconn, monitor-uri, option accept-invalid-http-request,
  option accept-unsafe-violations-in-http-request, option clitcpka, option contstats, option disable-h2-upgrade,
  option dontlog-normal, option dontlognull, option h1-case-adjust-bogus-client, option http-drop-response-trailers,
  option http-ignore-probes, option http-use-proxy-header, option httplog, option httpslog,
  option idle-close-on-response, option log-separate-errors, option logasap, option socket-stats, option tcplog,
  quic-initial, rate-limit sessions, tcp-request connection, tcp-request session, timeout client, timeout client-fin,
  timeout client-hs, unique-id-format, unique-id-header
`,
  ],
  [
    "defaults listen backend",
    `
  balance, cookie, default-server, dynamic-cookie-key, external-check command, external-check path, fullconn,
  hash-balance-factor, hash-preserve-affinity, hash-type, http-check comment, http-check connect,
  http-check disable-on-404, http-check expect, http-check send, http-check send-state, http-check set-var,
  http-check set-var-fmt, http-check unset-var, http-reuse, http-send-name-header, load-server-state-from-file,
  max-keep-alive-queue, option abortonclose, option accept-invalid-http-response,
  option accept-unsafe-violations-in-http-response, option allbackups, option checkcache, option external-check,
  option forwarded, option h1-case-adjust-bogus-server, option http-pretend-keepalive, option httpchk,
  option ldap-check, option log-health-checks, option mysql-check, option persist, option pgsql-check,
  option prefer-last-server, option redis-check, option redispatch, option smtpchk, option spop-check,
  option srvtcpka, option ssl-hello-chk, option tcp-check, option transparent, persist rdp-cookie, retries, retry-on,
  server-state-file-name, source, srvtcpka-cnt, srvtcpka-idle, srvtcpka-intvl, tcp-check comment, tcp-check connect,
  tcp-check expect, tcp-check send, tcp-check send-binary, tcp-check send-binary-lf, tcp-check send-lf,
  tcp-check set-var, tcp-check set-var-fmt, tcp-check unset-var, tcp-response content, tcp-response inspect-delay,
  timeout check, timeout connect, timeout queue, timeout server, timeout server-fin, timeout tunnel, transparent
`,
  ],
  [
    "frontend listen",
    `
  bind, capture cookie, capture request header, capture response header, declare capture, monitor fail, ssl-f-use,
  use_backend
`,
  ],
  [
    "frontend listen backend",
    `
  compression offload, description, filter, guid, id, redirect, stats admin, stats http-request, stick-table
`,
  ],
  [
    "listen backend",
    `
  dispatch, force-persist, ignore-persist, server, server-template, stick match, stick on, stick store-request,
  stick store-response, use-fcgi-app, use-server
`,
  ],
  [
    "defaults backend",
    `
  option http-drop-request-trailers
`,
  ],
];

/** Chapter 12 and others: sections of their own. */
const SECTIONS: readonly (readonly [string, string])[] = [
  [
    "acme",
    `
  account-key, bits, challenge, contact, curves, directory, keytype, map
`,
  ],
  [
    "cache",
    `
  total-max-size, max-object-size, max-age, process-vary, max-secondary-entries
`,
  ],
  [
    "crt-store",
    `
  crt-base, key-base, load
`,
  ],
  [
    "fcgi-app",
    `
  acl, docroot, index, log-stderr global, log-stderr, pass-header, path-info, option get-values, option keep-conn,
  option max-reqs, option mpxs-conns, set-param
`,
  ],
  [
    "http-errors",
    `
  errorfile
`,
  ],
  [
    "log-forward",
    `
  backlog, bind, dgram-bind, log global, log, maxconn, timeout client, option assume-rfc6587-ntf,
  option dont-parse-log, option host
`,
  ],
  [
    "log-profile",
    `
  log-tag, on
`,
  ],
  [
    "mailers",
    `
  mailer, timeout mail
`,
  ],
  [
    "peers",
    `
  bind, disabled, default-bind, default-server, enabled, log, peer, server, shards, table
`,
  ],
  [
    "program",
    `
  command, user, group, option start-on-reload
`,
  ],
  [
    "resolvers",
    `
  accepted_payload_size, nameserver, parse-resolv-conf, hold, resolve_retries, timeout
`,
  ],
  [
    "ring",
    `
  backing-file, description, format, maxlen, server, size, timeout connect, timeout server
`,
  ],
  [
    "traces",
    `
  trace
`,
  ],
  [
    "userlist",
    `
  group, user
`,
  ],
];

/** Section 5.1. */
const BIND = `
  accept-netscaler-cip, accept-proxy, allow-0rtt, alpn, backlog, ca-file, ca-ignore-err, ca-sign-file, ca-sign-pass,
  ca-verify-file, ciphers, ciphersuites, client-sigalgs, crl-file, crt, crt-ignore-err, crt-list, curves, default-crt,
  defer-accept, ecdhe, force-sslv3, force-tlsv10, force-tlsv11, force-tlsv12, force-tlsv13,
  generate-certificates, gid, group, guid-prefix, id, idle-ping, interface, level, maxconn, mode, mss, name,
  nbconn, no-alpn, no-ca-names, no-sslv3, no-strict-sni, no-tls-tickets, no-tlsv10, no-tlsv11,
  no-tlsv12, no-tlsv13, npn, prefer-client-ciphers, proto, quic-cc-algo, quic-force-retry, quic-socket,
  severity-output, shards, sigalgs, ssl, ssl-max-ver, ssl-min-ver, strict-sni, tcp-ut, tfo, thread, tls-ticket-keys,
  tls-tickets, transparent, uid, user, v4v6, v6only, verify
`;

/** Section 5.2. */
const SERVER = `
  addr, agent-addr, agent-check, agent-inter, agent-port, agent-send, allow-0rtt, alpn, backup, ca-file, check,
  check-alpn, check-pool-conn-name, check-proto, check-reuse-pool, check-send-proxy, check-sni, check-ssl,
  check-via-socks4, ciphers, ciphersuites, client-sigalgs, cookie, crl-file, crt, curves, disabled, downinter,
  enabled, error-limit, fall, fastinter, force-sslv3, force-tlsv10, force-tlsv11, force-tlsv12, force-tlsv13, guid,
  hash-key, id, idle-ping, init-addr, init-state, inter, log-bufsize, log-proto, max-reuse, maxconn, maxqueue,
  minconn, no-agent-check, no-backup, no-check, no-check-reuse-pool, no-check-ssl, no-send-proxy,
  no-send-proxy-v2, no-send-proxy-v2-ssl, no-send-proxy-v2-ssl-cn, no-ssl, no-ssl-reuse, no-sslv3, no-tfo,
  no-tls-tickets, no-tlsv10, no-tlsv11, no-tlsv12, no-tlsv13, no-verifyhost, non-stick, npn, observe, on-error,
  on-marked-down, on-marked-up, pool-conn-name, pool-max-conn, pool-purge-delay, port, proto,
  proxy-v2-options, redir, resolve-net, resolve-opts, resolve-prefer, resolvers, rise, send-proxy, send-proxy-v2,
  send-proxy-v2-ssl, send-proxy-v2-ssl-cn, set-proxy-v2-tlv-fmt, shard, sigalgs, slowstart, sni, socks4, source, ssl,
  ssl-max-ver, ssl-min-ver, ssl-reuse, stick, strict-maxconn, tcp-ut, tfo, tls-tickets, track, verify, verifyhost,
  weight, ws
`;

/** Section 7.3. */
const FETCHES = `
  accept_date, acl, act_conn, always_false, always_true, avg_queue, base, base32, base32+src, baseq, bc.timer.connect,
  bc_be_queue, bc_dst, bc_dst_port, bc_err, bc_err_name, bc_err_str, bc_glitches, bc_http_major, bc_nb_streams,
  bc_reused, bc_settings_streams_limit, bc_src, bc_src_port, bc_srv_queue, be_conn, be_conn_free, be_id, be_name,
  be_server_timeout, be_sess_rate, be_tunnel_timeout, bin, bool, bs.aborted, bs.debug_str, bs.id, bs.rst_code,
  bytes_in, bytes_out, capture.req.hdr, capture.req.method, capture.req.uri, capture.req.ver, capture.res.hdr,
  capture.res.ver, connslots, cook, cook_cnt, cook_val, cookie, cur_client_timeout, cur_server_timeout,
  cur_tunnel_timeout, date, date_us, distcc_body, distcc_param, dst, dst_conn, dst_is_local, dst_port, env,
  fc.timer.handshake, fc.timer.total, fc_dst, fc_dst_is_local, fc_dst_port, fc_err, fc_err_name, fc_err_str,
  fc_glitches, fc_http_major, fc_nb_streams, fc_pp_authority, fc_pp_tlv, fc_pp_unique_id, fc_rcvd_proxy,
  fc_settings_streams_limit, fc_src, fc_src_is_local, fc_src_port, fe_client_timeout, fe_conn, fe_defbe, fe_id,
  fe_name, fe_req_rate, fe_sess_rate, fs.aborted, fs.debug_str, fs.id, fs.rst_code, hdr, hdr_cnt, hdr_ip, hdr_val,
  hostname, http_auth, http_auth_bearer, http_auth_group, http_auth_pass, http_auth_type, http_auth_user,
  http_first_req, int, internal.htx.data, internal.htx.free, internal.htx.free_data, internal.htx.has_eom,
  internal.htx.nbblks, internal.htx.size, internal.htx.used, internal.htx_blk.data, internal.htx_blk.hdrname,
  internal.htx_blk.hdrval, internal.htx_blk.size, internal.htx_blk.start_line, internal.htx_blk.type,
  internal.strm.is_htx, ipv4, ipv6, last_entity, last_rule_file, last_rule_line, meth, method, nbsrv, path, pathq,
  payload, payload_lv, pid, prio_class, prio_offset, proc, query, queue, quic_enabled, rand, rdp_cookie,
  rdp_cookie_cnt, rep_ssl_hello_type, req.body, req.body_len, req.body_param, req.body_size, req.cook, req.cook_cnt,
  req.cook_names, req.cook_val, req.fhdr, req.fhdr_cnt, req.hdr, req.hdr_cnt, req.hdr_ip, req.hdr_names, req.hdr_val,
  req.hdrs, req.hdrs_bin, req.len, req.payload, req.payload_lv, req.proto_http, req.rdp_cookie, req.rdp_cookie_cnt,
  req.ssl_alpn, req.ssl_cipherlist, req.ssl_ec_ext, req.ssl_hello_type, req.ssl_keyshare_groups, req.ssl_sigalgs,
  req.ssl_sni, req.ssl_st_ext, req.ssl_supported_groups, req.ssl_ver, req.timer.hdr, req.timer.idle, req.timer.queue,
  req.timer.tq, req.ver, req_len, req_proto_http, req_ssl_hello_type, req_ssl_sni, req_ssl_ver, req_ver, request_date,
  res.body, res.body_len, res.body_size, res.cache_hit, res.cache_name, res.comp, res.comp_algo, res.cook,
  res.cook_cnt, res.cook_names, res.cook_val, res.fhdr, res.fhdr_cnt, res.hdr, res.hdr_cnt, res.hdr_ip, res.hdr_names,
  res.hdr_val, res.hdrs, res.hdrs_bin, res.len, res.payload, res.payload_lv, res.ssl_hello_type, res.timer.data,
  res.timer.hdr, res.ver, resp_ver, sc0_bytes_in_rate, sc0_bytes_out_rate, sc0_clr_gpc0, sc0_clr_gpc1, sc0_conn_cnt,
  sc0_conn_cur, sc0_conn_rate, sc0_get_gpc0, sc0_get_gpc1, sc0_get_gpt0, sc0_glitch_cnt, sc0_glitch_rate,
  sc0_gpc0_rate, sc0_gpc1_rate, sc0_http_err_cnt, sc0_http_err_rate, sc0_http_fail_cnt, sc0_http_fail_rate,
  sc0_http_req_cnt, sc0_http_req_rate, sc0_inc_gpc0, sc0_inc_gpc1, sc0_kbytes_in, sc0_kbytes_out, sc0_key,
  sc0_sess_cnt, sc0_sess_rate, sc0_tracked, sc0_trackers, sc1_bytes_in_rate, sc1_bytes_out_rate, sc1_clr_gpc0,
  sc1_clr_gpc1, sc1_conn_cnt, sc1_conn_cur, sc1_conn_rate, sc1_get_gpc0, sc1_get_gpc1, sc1_get_gpt0, sc1_glitch_cnt,
  sc1_glitch_rate, sc1_gpc0_rate, sc1_gpc1_rate, sc1_http_err_cnt, sc1_http_err_rate, sc1_http_fail_cnt,
  sc1_http_fail_rate, sc1_http_req_cnt, sc1_http_req_rate, sc1_inc_gpc0, sc1_inc_gpc1, sc1_kbytes_in, sc1_kbytes_out,
  sc1_key, sc1_sess_cnt, sc1_sess_rate, sc1_tracked, sc1_trackers, sc2_bytes_in_rate, sc2_bytes_out_rate, sc2_clr_gpc0,
  sc2_clr_gpc1, sc2_conn_cnt, sc2_conn_cur, sc2_conn_rate, sc2_get_gpc0, sc2_get_gpc1, sc2_get_gpt0, sc2_glitch_cnt,
  sc2_glitch_rate, sc2_gpc0_rate, sc2_gpc1_rate, sc2_http_err_cnt, sc2_http_err_rate, sc2_http_fail_cnt,
  sc2_http_fail_rate, sc2_http_req_cnt, sc2_http_req_rate, sc2_inc_gpc0, sc2_inc_gpc1, sc2_kbytes_in, sc2_kbytes_out,
  sc2_key, sc2_sess_cnt, sc2_sess_rate, sc2_tracked, sc2_trackers, sc_bytes_in_rate, sc_bytes_out_rate, sc_clr_gpc,
  sc_clr_gpc0, sc_clr_gpc1, sc_conn_cnt, sc_conn_cur, sc_conn_rate, sc_get_gpc, sc_get_gpc0, sc_get_gpc1, sc_get_gpt,
  sc_get_gpt0, sc_glitch_cnt, sc_glitch_rate, sc_gpc0_rate, sc_gpc1_rate, sc_gpc_rate, sc_http_err_cnt,
  sc_http_err_rate, sc_http_fail_cnt, sc_http_fail_rate, sc_http_req_cnt, sc_http_req_rate, sc_inc_gpc, sc_inc_gpc0,
  sc_inc_gpc1, sc_kbytes_in, sc_kbytes_out, sc_key, sc_sess_cnt, sc_sess_rate, sc_tracked, sc_trackers, scook,
  scook_cnt, scook_val, server_status, set-cookie, shdr, shdr_cnt, shdr_ip, shdr_val, so_id, so_name, src,
  src_bytes_in_rate, src_bytes_out_rate, src_clr_gpc, src_clr_gpc0, src_clr_gpc1, src_conn_cnt, src_conn_cur,
  src_conn_rate, src_get_gpc, src_get_gpc0, src_get_gpc1, src_get_gpt, src_get_gpt0, src_glitch_cnt, src_glitch_rate,
  src_gpc0_rate, src_gpc1_rate, src_gpc_rate, src_http_err_cnt, src_http_err_rate, src_http_fail_cnt,
  src_http_fail_rate, src_http_req_cnt, src_http_req_rate, src_inc_gpc, src_inc_gpc0, src_inc_gpc1, src_is_local,
  src_kbytes_in, src_kbytes_out, src_port, src_sess_cnt, src_sess_rate, src_updt_conn_cnt, srv_conn, srv_conn_free,
  srv_id, srv_is_up, srv_iweight, srv_name, srv_queue, srv_sess_rate, srv_uweight, srv_weight, ssl_bc,
  ssl_bc_alg_keysize, ssl_bc_alpn, ssl_bc_cipher, ssl_bc_client_early_traffic_secret,
  ssl_bc_client_handshake_traffic_secret, ssl_bc_client_random, ssl_bc_client_traffic_secret_0, ssl_bc_curve,
  ssl_bc_early_exporter_secret, ssl_bc_err, ssl_bc_err_str, ssl_bc_exporter_secret, ssl_bc_is_resumed, ssl_bc_npn,
  ssl_bc_protocol, ssl_bc_server_handshake_traffic_secret, ssl_bc_server_random, ssl_bc_server_traffic_secret_0,
  ssl_bc_session_id, ssl_bc_session_key, ssl_bc_unique_id, ssl_bc_use_keysize, ssl_c_ca_err, ssl_c_ca_err_depth,
  ssl_c_chain_der, ssl_c_der, ssl_c_err, ssl_c_i_dn, ssl_c_key_alg, ssl_c_notafter, ssl_c_notbefore, ssl_c_r_dn,
  ssl_c_s_dn, ssl_c_san, ssl_c_serial, ssl_c_sha1, ssl_c_sig_alg, ssl_c_used, ssl_c_verify, ssl_c_version, ssl_f_der,
  ssl_f_i_dn, ssl_f_key_alg, ssl_f_notafter, ssl_f_notbefore, ssl_f_s_dn, ssl_f_serial, ssl_f_sha1, ssl_f_sig_alg,
  ssl_f_version, ssl_fc, ssl_fc_alg_keysize, ssl_fc_alpn, ssl_fc_cipher, ssl_fc_cipherlist_bin, ssl_fc_cipherlist_hex,
  ssl_fc_cipherlist_str, ssl_fc_cipherlist_xxh, ssl_fc_client_early_traffic_secret,
  ssl_fc_client_handshake_traffic_secret, ssl_fc_client_random, ssl_fc_client_traffic_secret_0, ssl_fc_curve,
  ssl_fc_early_exporter_secret, ssl_fc_ecformats_bin, ssl_fc_eclist_bin, ssl_fc_err, ssl_fc_err_str,
  ssl_fc_exporter_secret, ssl_fc_extlist_bin, ssl_fc_has_crt, ssl_fc_has_early, ssl_fc_has_sni, ssl_fc_is_resumed,
  ssl_fc_npn, ssl_fc_protocol, ssl_fc_protocol_hello_id, ssl_fc_server_handshake_traffic_secret, ssl_fc_server_random,
  ssl_fc_server_traffic_secret_0, ssl_fc_session_id, ssl_fc_session_key, ssl_fc_sigalgs_bin, ssl_fc_sni,
  ssl_fc_supported_versions_bin, ssl_fc_unique_id, ssl_fc_use_keysize, ssl_s_chain_der, ssl_s_der, ssl_s_i_dn,
  ssl_s_key_alg, ssl_s_notafter, ssl_s_notbefore, ssl_s_s_dn, ssl_s_serial, ssl_s_sha1, ssl_s_sig_alg, ssl_s_version,
  status, stopping, str, table_avl, table_cnt, term_events, thread, txn.conn_retries, txn.id32, txn.redispatched,
  txn.sess_term_state, txn.status, txn.timer.total, txn.timer.user, unique-id, uptime, url, url32, url32+src, url_ip,
  url_param, url_port, urlp, urlp_val, uuid, var, wait_end, waiting_entity
`;

/** Fetches of what only the runtime or a library could tell. */
const NEVER_FETCHED: readonly (readonly [reason: string, names: string])[] = [
  [
    "the runtime does not tell the CPU time of a single stream",
    `
  cpu_calls, cpu_ns_avg, cpu_ns_tot, lat_ns_avg, lat_ns_tot
`,
  ],
  [
    "device detection libraries are no part of this program",
    `
  51d.all
`,
  ],
];

/** Section 7.3.1. */
const CONVERTERS = `
  add, add_item, aes_gcm_dec, aes_gcm_enc, and, b64dec, base64, be2dec, be2hex, bool, bytes, capture-req, capture-res,
  concat, cpl, crc32, crc32c, cut_crlf, date, debug, digest, div, djb2, even, field, fix_is_valid, fix_tag_value, hex,
  hex2i, hmac, host_only, htonl, http_date, iif, in_table, ipmask, json, json_query, jwt_header_query,
  jwt_payload_query, jwt_verify, language, length, lower, ltime, ltrim, map, mod, mqtt_field_value, mqtt_is_valid,
  ms_ltime, ms_utime, mul, nbsrv, neg, not, odd, or, param, port_only, protobuf, regsub, rfc7239_field,
  rfc7239_is_valid, rfc7239_n2nn, rfc7239_n2np, rfc7239_nn, rfc7239_np, rtrim, sdbm, secure_memcmp, set-var, sha1, sha2,
  srv_queue, strcmp, sub, table_bytes_in_rate, table_bytes_out_rate, table_clr_gpc, table_clr_gpc0, table_clr_gpc1,
  table_conn_cnt, table_conn_cur, table_conn_rate, table_expire, table_glitch_cnt, table_glitch_rate, table_gpc,
  table_gpc0, table_gpc0_rate, table_gpc1, table_gpc1_rate, table_gpc_rate, table_gpt, table_gpt0, table_http_err_cnt,
  table_http_err_rate, table_http_fail_cnt, table_http_fail_rate, table_http_req_cnt, table_http_req_rate, table_idle,
  table_inc_gpc, table_inc_gpc0, table_inc_gpc1, table_kbytes_in, table_kbytes_out, table_server_id, table_sess_cnt,
  table_sess_rate, table_trackers, ub64dec, ub64enc, ungrpc, unset-var, upper, url_dec, url_enc, us_ltime, us_utime,
  utime, when, word, x509_v_err_str, xor, xxh3, xxh32, xxh64, map_beg, map_beg_int, map_beg_ip, map_beg_key, map_dir,
  map_dir_int, map_dir_ip, map_dir_key, map_dom, map_dom_int, map_dom_ip, map_dom_key, map_end, map_end_int, map_end_ip,
  map_end_key, map_int, map_int_int, map_int_ip, map_int_key, map_ip, map_ip_int, map_ip_ip, map_ip_key, map_reg,
  map_reg_int, map_reg_ip, map_reg_key, map_regm, map_str, map_str_int, map_str_ip, map_str_key, map_sub, map_sub_int,
  map_sub_ip, map_sub_key
`;

/** Converters of what is no part of this program. */
const NEVER_CONVERTED: readonly (readonly [reason: string, names: string])[] = [
  ["device detection libraries are no part of this program", "51d.single, da-csv-conv"],
  ["the WT6 hash is defined nowhere but in HAProxy's own sources", "wt6"],
];

/** Section 4.4. */
const ACTIONS = `
  accept, add-acl, add-header, allow, attach-srv, auth, cache-store, cache-use, capture, close, del-acl, del-header,
  del-map, deny, dgram-drop, disable-l7-retry, do-log, do-resolve, early-hint, expect-netscaler-cip, expect-proxy,
  normalize-uri, pause, redirect, reject, replace-header, replace-path, replace-pathq, replace-uri, replace-value,
  return, sc-add-gpc, sc-inc-gpc, sc-inc-gpc0, sc-inc-gpc1, sc-set-gpt, sc-set-gpt0, send-retry, send-spoe-group,
  set-bandwidth-limit, set-bc-mark, set-bc-tos, set-dst, set-dst-port, set-fc-mark, set-fc-tos, set-header,
  set-log-level, set-map, set-mark, set-method, set-path, set-pathq, set-priority-class,
  set-priority-offset, set-query, set-retries, set-src, set-src-port, set-status, set-timeout, set-tos, set-uri,
  set-var, set-var-fmt, silent-drop, strict-mode, switch-mode, tarpit, track-sc0, track-sc1, track-sc2, unset-var,
  use-service, wait-for-body
`;

/** Algorithms of "balance". */
const BALANCE = `
  roundrobin, static-rr, leastconn, first, hash, source, uri, url_param, hdr, random, rdp-cookie, log-hash, sticky
`;

/** Section 8.2.6, without the percent sign. */
const LOGFORMAT = `
  o, T, Tl, Ts, t, ms, tr, trg, trl, Ta, Tc, Td, Th, Ti, Tq, TR, Tr, Tt, Tu, Tw, B, CC, CS, H, HM, HP, HPO, HQ, HU,
  HV, ID, ST, U, ac, b, bc, bi, bp, bq, ci, cp, f, fc, fi, fp, ft, lc, hr, hrl, hs, hsl, OG, pid, r, rc, rt, s, sc,
  si, sp, sq, sslc, sslv, ts, tsc
`;

/** Management guide, 9.3 and 9.4. */
const COMMANDS = `
  abort ssl ca-file, abort ssl cert, abort ssl crl-file, acme renew, acme status, add acl, add map, add server,
  add server help, add ssl ca-file, add ssl crt-list, clear acl, clear counters, clear map,
  clear table, commit acl, commit map, commit ssl ca-file, commit ssl cert, commit ssl crl-file, debug counters,
  debug dev, del acl, del map, del server, del ssl ca-file, del ssl cert, del ssl crl-file, del ssl crt-list,
  disable agent, disable dynamic-cookie backend, disable frontend, disable health, disable server, dump ssl cert,
  dump stats-file, echo, enable agent, enable dynamic-cookie backend, enable frontend, enable health, enable server,
  experimental-mode, expert-mode, get acl, get map, get var, get weight, help, httpclient, new ssl ca-file,
  new ssl cert, new ssl crl-file, operator, prepare acl, prepare map, prompt, quit, set anon, set anon global-key,
  set dynamic-cookie-key backend, set map, set maxconn frontend, set maxconn global, set maxconn server,
  set profiling, set rate-limit http-compression global, set rate-limit ssl-sessions global, set server agent,
  set server agent-addr, set server agent-port, set server agent-send,
  set server fqdn, set server ssl, set severity-output,
  set ssl ca-file, set ssl cert, set ssl crl-file, set ssl ocsp-response, set ssl tls-key, set table,
  set var, set weight, show acl, show activity, show anon, show backend, show cache, show cli level, show cli sockets,
  show dev, show env, show errors, show events, show fd, show info, show libs, show map, show peers, show pools,
  show profiling, show quic, show resolvers, show schema json, show servers conn, show servers state, show sess,
  show ssl ca-file, show ssl cert, show ssl crl-file, show ssl crt-list, show ssl ocsp-response,
  show ssl ocsp-updates, show ssl providers, show ssl sni, show stat, show table, show tasks, show threads,
  show tls-keys, show trace, show version, shutdown frontend, shutdown session, shutdown sessions server, trace,
  trace 0, update ssl ocsp-response, user, wait, show startup-logs
`;

/** 9.4.1: those of the master. */
const MASTER_COMMANDS = "@<pid>, @@<pid>, hard-reload, mcli-debug-mode, reload, show proc";

/** Chapter 9. */
const FILTERS = `
  trace, compression, spoe, cache, fcgi-app, opentracing, bwlim-in, bwlim-out
`;

/** Names that need data or libraries which are no part of this program, or hooks that only HAProxy's code has. */
const NEVER: readonly (readonly [reason: string, names: string])[] = [
  [
    "it is of datagram sockets, whose options the runtime gives no access to",
    `
  tune.rcvbuf.backend, tune.rcvbuf.frontend, tune.sndbuf.backend, tune.sndbuf.frontend
`,
  ],
  [
    "device detection libraries are no part of this program",
    `
  51degrees-allow-unmatched, 51degrees-cache-size, 51degrees-data-file, 51degrees-difference, 51degrees-drift,
  51degrees-property-name-list, 51degrees-property-separator, 51degrees-use-performance-graph,
  51degrees-use-predictive-graph, deviceatlas-cache-size, deviceatlas-json-file, deviceatlas-log-level,
  deviceatlas-properties-cookie, deviceatlas-property-separator, deviceatlas-separator, wurfl-cache-size,
  wurfl-data-file, wurfl-engine-mode, wurfl-information-list, wurfl-information-list-separator, wurfl-patch-file,
  wurfl-useragent-priority
`,
  ],
  [
    "the TLS library of the runtime takes no engines and no providers",
    `
  ssl-engine, ssl-propquery, ssl-provider, ssl-provider-path
`,
  ],
  [
    "it drives test code of HAProxy that has no counterpart here",
    `
  force-cfg-parser-pause, stress-level, tune.fail-alloc
`,
  ],
];

/** Keywords of old versions: what to write instead. */
const REMOVED: readonly (readonly [sections: string, reason: string, names: string])[] = [
  ["global", "not supported any more: tune.bufsize is used instead", "tune.chksize"],
  ["global", "not supported any more: threads are used automatically, see 'nbthread'", "nbproc"],
  [PROXY, "not supported any more: use 'thread' on 'bind' lines instead", "bind-process"],
  [PROXY, "not supported any more: use 'option redispatch'", "redisp, redispatch"],
  [PROXY, "not supported any more: use 'timeout connect'", "contimeout"],
  [PROXY, "not supported any more: use 'timeout client'", "clitimeout, timeout clitimeout"],
  [PROXY, "not supported any more: use 'timeout server'", "srvtimeout, timeout srvtimeout"],
  [PROXY, "not supported any more: use 'timeout connect'", "timeout contimeout"],
  [PROXY, "not supported any more: use 'cookie' or a stick table", "appsession"],
  [PROXY, "not supported any more: use 'http-request deny', the syntax is the same", "block"],
  [PROXY, "not supported any more: use 'http-request return status 200 if { src <net> }'", "monitor-net"],
  [PROXY, "not supported any more in a proxy: use 'grace' in the global section", "grace"],
  [PROXY, "not supported any more: use 'option httpclose' if closing is needed", "option forceclose"],
  [PROXY, "not supported any more: it can be removed", "option http-tunnel"],
  [PROXY, "not supported any more: use 'http-request set-dst' and 'http-request set-uri'", "option http_proxy"],
  [PROXY, "not supported any more: use 'http-request add-header'", "reqadd"],
  [PROXY, "not supported any more: use 'http-request del-header'", "reqdel, reqidel"],
  [PROXY, "not supported any more: use 'http-request allow'", "reqallow, reqiallow, reqipass, reqpass"],
  [PROXY, "not supported any more: use 'http-request deny'", "reqdeny, reqideny"],
  [PROXY, "not supported any more: use 'http-request tarpit'", "reqitarpit, reqtarpit"],
  [
    PROXY,
    "not supported any more: use 'http-request replace-header', 'replace-path' or 'replace-uri'",
    "cliexp, reqirep, reqrep",
  ],
  [PROXY, "not supported any more: use 'http-response add-header'", "rspadd"],
  [PROXY, "not supported any more: use 'http-response del-header'", "rspdel, rspidel"],
  [PROXY, "not supported any more: use 'http-response deny'", "rspdeny, rspideny"],
  [PROXY, "not supported any more: use 'http-response replace-header'", "rspirep, rsprep, srvexp"],
];

/** Options of `bind` and `server` lines that the runtime has no way for. */
const NEVER_OPTIONS: readonly (readonly [kind: "bind" | "server", reason: string, names: string])[] = [
  ["bind", "a thread of the runtime cannot enter another network namespace: run a process in it", "namespace"],
  ["server", "a thread of the runtime cannot enter another network namespace: run a process in it", "namespace"],
];

/** Every refused name, with its reason. */
export const refused: readonly RefusedEntry[] = [
  ...NEVER_OPTIONS.flatMap(([kind, reason, names]) => others(kind, names, reason)),
  ...REMOVED.flatMap(([sections, reason, names]) => keywords(sections, names, reason)),
  { kind: "bind", name: "process", reason: "not supported any more: use 'thread' instead" },
  ...NEVER.flatMap(([reason, names]) => keywords("global", names, reason)),
  ...keywords("global", GLOBAL, NOT_YET),
  ...PROXIES.flatMap(([sections, names]) => keywords(sections, names, NOT_YET)),
  ...SECTIONS.flatMap(([section, names]) => keywords(section, names, NOT_YET)),
  ...others("bind", BIND),
  ...others("server", SERVER),
  ...NEVER_FETCHED.flatMap(([reason, names]) => others("fetch", names, reason)),
  ...others("fetch", FETCHES),
  ...NEVER_CONVERTED.flatMap(([reason, names]) => others("converter", names, reason)),
  ...others("converter", CONVERTERS),
  ...others("action", ACTIONS),
  ...others("balance", BALANCE),
  ...others("logformat", LOGFORMAT),
  ...others("command", COMMANDS),
  ...others("command", MASTER_COMMANDS, "it is a command of the master, whose socket is given by -S"),
  ...others("filter", FILTERS),
];

function split(names: string): string[] {
  return names.split(",").map((name) => name.trim().replace(/\s+/g, " "));
}

function keywords(sections: string, names: string, reason: string): RefusedEntry[] {
  const kinds = sections.split(" ") as SectionKind[];
  return split(names).map((name) => ({ kind: "keyword", name, sections: kinds, reason }));
}

function others(kind: EntryKind, names: string, reason: string = NOT_YET): RefusedEntry[] {
  return split(names).map((name) => ({ kind, name, reason }));
}
