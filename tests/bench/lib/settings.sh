# Where the bench keeps what, and on which ports: everything that can be set is set here, by an environment variable.
# shellcheck shell=bash
# shellcheck disable=SC2034 # what is set here is read by the others

bench_source="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"

# Servers' state, credentials and logs. Nothing else may lie in it: `down --purge` removes it. However the path is written, it is one
# bench.
bench_dir="$(realpath --canonicalize-missing -- "${VAMP_BENCH_DIR:-${XDG_STATE_HOME:-$HOME/.local/state}/vamp-bench}")"

# What was built, outside of the checkout and keyed by version; shared by all benches of this account.
bench_cache="${XDG_CACHE_HOME:-$HOME/.cache}/vamp-bench"

# A bench keeps the ports and clusters that it was made with; later commands need only the directory.
kept_settings="$bench_dir/settings"
kept_port='' kept_clusters=''
# shellcheck source=/dev/null
[[ ! -r "$kept_settings" ]] || source "$kept_settings"

# The first of the ports. The default lies below the range that Linux hands out to outgoing connections (32768 and up).
port_base="${VAMP_BENCH_PORT:-${kept_port:-27400}}"

# The clusters, separated by spaces: the first is the management cluster.
read -ra clusters <<<"${VAMP_BENCH_CLUSTERS:-${kept_clusters:-bench-management bench-eu-1 bench-de-1}}"
nodes_in_management="${VAMP_BENCH_MANAGEMENT_NODES:-3}"
nodes_in_service="${VAMP_BENCH_SERVICE_NODES:-5}"

etcd_port=$port_base
etcd_peer_port=$((port_base + 1))
mariadb_port=$((port_base + 2))
opensearch_port=$((port_base + 3))
opensearch_transport_port=$((port_base + 4))

# vault_port N, vault_cluster_port N: of the Nth Vault server, 1 or 2.
vault_port() { echo $((port_base + 4 + 2 * $1 - 1)); }
vault_cluster_port() { echo $((port_base + 4 + 2 * $1)); }

# cluster_index CLUSTER: its place in the list, from 0; fails when there is no such cluster.
cluster_index() {
    local i
    for i in "${!clusters[@]}"; do
        [[ "${clusters[i]}" != "$1" ]] || { echo "$i"; return 0; }
    done
    return 1
}

# cluster_port CLUSTER PART: ten ports for each cluster, from base + 10.
cluster_port() {
    local offset
    case "$2" in
        apiserver) offset=0 ;;
        controller-manager) offset=1 ;;
        scheduler) offset=2 ;;
        kwok) offset=3 ;;
        *) return 1 ;;
    esac
    echo $((port_base + 10 + 10 * $(cluster_index "$1") + offset))
}

say() { printf '%s\n' "$*"; }
complain() { printf 'bench: %s\n' "$*" >&2; }
fail() { complain "$@"; exit 1; }

# seconds_since START: with one decimal, from values of EPOCHREALTIME.
seconds_since() { awk -v from="$1" -v to="$EPOCHREALTIME" 'BEGIN { printf "%.1f", to - from }'; }

check_settings() {
    local name
    [[ "$port_base" =~ ^[1-9][0-9]{3,4}$ ]] && ((port_base >= 1024)) && ((port_base + 10 + 10 * ${#clusters[@]} <= 65535)) || {
        fail "VAMP_BENCH_PORT is '$port_base'; wanted is a number from 1024 on that leaves room for the ports above it"
    }
    ((${#clusters[@]})) || fail "VAMP_BENCH_CLUSTERS names no cluster"
    for name in "${clusters[@]}"; do
        [[ "$name" =~ ^[a-z0-9]([-a-z0-9]*[a-z0-9])?$ ]] ||
            fail "VAMP_BENCH_CLUSTERS: '$name' is no name for a cluster; small letters, digits and dashes are"
    done
    [[ "$(printf '%s\n' "${clusters[@]}" | sort | uniq -d)" == "" ]] || fail "VAMP_BENCH_CLUSTERS names a cluster twice"
    # A socket's path must fit into 107 bytes (sockaddr_un, unix(7)).
    ((${#bench_dir} <= 80)) || fail "the path of the bench's directory is longer than 80 characters: $bench_dir. Set VAMP_BENCH_DIR."
    # It is put into configuration files as it is.
    [[ "$bench_dir" =~ ^[-A-Za-z0-9_./]+$ ]] || fail "the path of the bench's directory has letters that need quotes: $bench_dir. Set VAMP_BENCH_DIR."
    [[ -d /proc/self ]] || fail "the bench finds its servers through /proc, so it needs Linux"
}
