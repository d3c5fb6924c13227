# One etcd keeps all clusters, each below a prefix of its own.
# shellcheck shell=bash

etcd_address="https://127.0.0.1:$etcd_port"

etcd_available() { [[ -d "$(kubernetes_home)" ]]; }
etcd_ports() { echo "$etcd_port" "$etcd_peer_port"; }

etcd_start() {
    certificate etcd
    # A killed process loses nothing without fsync, only a machine that loses its power does.
    launch etcd "$(kubernetes_home)/etcd" --data-dir "$bench_dir/etcd" --unsafe-no-fsync --quota-backend-bytes=4294967296 \
        --listen-client-urls "$etcd_address" --advertise-client-urls "$etcd_address" \
        --listen-peer-urls "https://127.0.0.1:$etcd_peer_port" --initial-advertise-peer-urls "https://127.0.0.1:$etcd_peer_port" \
        --initial-cluster "default=https://127.0.0.1:$etcd_peer_port" --log-level=warn \
        --cert-file "$tls/etcd.crt" --key-file "$tls/etcd.key" --client-cert-auth --trusted-ca-file "$ca" \
        --peer-cert-file "$tls/etcd.crt" --peer-key-file "$tls/etcd.key" --peer-client-cert-auth --peer-trusted-ca-file "$ca"
}

# etcd_ask PATH [CURL-ARGUMENTS]
etcd_ask() { ask --cert "$tls/etcd.crt" --key "$tls/etcd.key" "${@:2}" "$etcd_address/$1"; }
etcd_healthy() { etcd_ask health >/dev/null 2>&1; }
etcd_version() { etcd_ask version | sed 's/.*"etcdserver":"\([^"]*\)".*/v\1/'; }

# Everything that was before now is forgotten, of all clusters, as an API server has it done every few minutes.
etcd_forget() {
    local revision
    revision="$(etcd_ask v3/kv/range --data '{"key":"AA==","limit":1,"keys_only":true}' | sed 's/.*"revision":"\([0-9]*\)".*/\1/')" || return 1
    etcd_ask v3/kv/compaction --data "{\"revision\":\"$revision\",\"physical\":true}" >/dev/null
}
