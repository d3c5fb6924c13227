# All servers by name, and what can be done with each: available, ports, start, healthy, mend, version.
# shellcheck shell=bash

# Each chain in its order: what stands later needs what stands before. The chains need nothing of each other.
server_chains() {
    echo mariadb vault-1 vault-2
    echo opensearch
    echo etcd
}
cluster_chain() { printf "$1/%s\n" "${cluster_parts[@]}"; }

all_servers() {
    local cluster
    server_chains | tr ' ' '\n'
    for cluster in "${clusters[@]}"; do cluster_chain "$cluster"; done
}

# server VERB NAME
server() {
    case "$2" in
        */*) "kubernetes_$1" "${2%/*}" "${2#*/}" ;;
        vault-*) "vault_$1" "${2#vault-}" ;;
        *) "$2_$1" ;;
    esac
}

# Most servers need nothing done to them before they are healthy.
etcd_mend() { :; }
mariadb_mend() { :; }
opensearch_mend() { :; }
kubernetes_mend() { :; }

is_well() { server mend "$1" && server healthy "$1"; }

# start_server NAME: leaves it when it is well, starts it when it is not there, and starts it anew when it does not answer.
start_server() {
    local name="$1" start=$EPOCHREALTIME ports log
    read -ra ports <<<"$(server ports "$name")"
    if ! is_gone "$name"; then
        # Somebody may have frozen it.
        signal "$name" CONT
        if patiently 15 is_well "$name"; then
            say "$name was up"
            return 0
        fi
        complain "$name runs, but does not answer; it is killed and started again"
        signal "$name" KILL
        patiently 5 is_gone "$name"
    fi
    server available "$name" || { complain "$name could not be had; tests/bench/build says why"; return 1; }
    ports_are_free "$name" "${ports[@]}" || return 1
    server start "$name" || { complain "$name could not be started"; return 1; }
    if patiently 90 is_well_or_gone "$name" && ! has_ended "$name"; then
        say "$name is up on port ${ports[0]} after $(seconds_since "$start") s"
        return 0
    fi
    log="$(log_of "$name")"
    if has_ended "$name"; then complain "$name ended at once. Its log, $log:"; else complain "$name does not answer. Its log, $log:"; fi
    reason "$log" >&2
    return 1
}
is_well_or_gone() { has_ended "$1" || is_well "$1"; }
# A process that is just becoming another program shows no environment for a moment, and is not known by its mark then.
has_ended() { is_gone "$1" && sleep 1 && is_gone "$1"; }

# start_all NAME…: one after the other, until one fails.
start_all() {
    local name
    for name in "$@"; do start_server "$name" || return 1; done
}

start_cluster() {
    local cluster="$1" start=$EPOCHREALTIME parts
    mapfile -t parts < <(cluster_chain "$cluster")
    start_all "${parts[@]}" || return 1
    make_nodes "$cluster" || { complain "the nodes of $cluster did not become ready"; return 1; }
    patiently 60 default_account_is_there "$cluster" || { complain "$cluster has no service account after 60 s"; return 1; }
    say "$cluster is usable after $(seconds_since "$start") s"
}

# An exclusive hold on the bench's directory, as long as the command runs.
take_lock() {
    exec {bench_lock}>"$bench_dir/lock"
    flock --nonblock "$bench_lock" || { say "another command is at work on this bench; waiting for it"; flock "$bench_lock"; }
}
