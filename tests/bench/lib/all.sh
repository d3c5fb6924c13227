# What every command of the bench begins with.
# shellcheck shell=bash

lib="$(dirname "${BASH_SOURCE[0]}")"
# shellcheck source=tests/bench/lib/settings.sh
source "$lib/settings.sh"
# shellcheck source=tests/bench/lib/cache.sh
source "$lib/cache.sh"
# shellcheck source=tests/bench/lib/process.sh
source "$lib/process.sh"
# shellcheck source=tests/bench/lib/certificates.sh
source "$lib/certificates.sh"
# shellcheck source=tests/bench/lib/etcd.sh
source "$lib/etcd.sh"
# shellcheck source=tests/bench/lib/kubernetes.sh
source "$lib/kubernetes.sh"
# shellcheck source=tests/bench/lib/nodes.sh
source "$lib/nodes.sh"
# shellcheck source=tests/bench/lib/mariadb.sh
source "$lib/mariadb.sh"
# shellcheck source=tests/bench/lib/vault.sh
source "$lib/vault.sh"
# shellcheck source=tests/bench/lib/opensearch.sh
source "$lib/opensearch.sh"
# shellcheck source=tests/bench/lib/servers.sh
source "$lib/servers.sh"
# shellcheck source=tests/bench/lib/environment.sh
source "$lib/environment.sh"
# shellcheck source=tests/bench/lib/directory.sh
source "$lib/directory.sh"

check_settings
