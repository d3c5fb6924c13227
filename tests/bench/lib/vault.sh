# Two Vault servers on one storage in MariaDB: one is active, the other stands by. Vault's licence is the BUSL: it is a server to test
# against, never shipped, never linked.
# shellcheck shell=bash

vault_address() { echo "https://127.0.0.1:$(vault_port "$1")"; }

vault_available() { [[ -d "$(vault_home)" ]] && mariadb_available; }
vault_ports() { echo "$(vault_port "$1") $(vault_cluster_port "$1")"; }

vault_start() {
    certificate "vault-$1"
    mkdir -p "$bench_dir/vault"
    vault_configuration "$1" >"$bench_dir/vault/vault-$1.hcl"
    # Without its storage it ends at once.
    launch "vault-$1" "$(vault_home)/vault" server -config="$bench_dir/vault/vault-$1.hcl"
}

vault_configuration() {
    cat <<END
disable_mlock = true
log_level     = "info"
api_addr      = "$(vault_address "$1")"
cluster_addr  = "https://127.0.0.1:$(vault_cluster_port "$1")"

listener "tcp" {
  address         = "127.0.0.1:$(vault_port "$1")"
  cluster_address = "127.0.0.1:$(vault_cluster_port "$1")"
  tls_cert_file   = "$tls/vault-$1.crt"
  tls_key_file    = "$tls/vault-$1.key"
}

storage "mysql" {
  address      = "127.0.0.1:$mariadb_port"
  username     = "vault"
  password     = "$(secret mariadb-vault)"
  database     = "vault"
  table        = "vault"
  tls_ca_file  = "$ca"
  ha_enabled   = "true"
  lock_table   = "vault_lock"
  max_parallel = "32"
}
END
}

# 200 active, 429 standby, 501 not initialised, 503 sealed, 000 no answer.
vault_health() {
    curl --silent --max-time 5 --cacert "$ca" --output /dev/null --write-out '%{http_code}' "$(vault_address "$1")/v1/sys/health" || true
}

# When its storage was away, an active server believes itself active for some seconds while the other takes over, and both answer from a
# memory of their own. One is active, and the lock is somebody's (physical/mysql, `MySQLLock`: `GET_LOCK('core/lock')`).
vault_has_one_head() {
    local server active=0
    [[ "$(mariadb_ask "SELECT IS_USED_LOCK('core/lock')")" != NULL ]] || return 1
    for server in 1 2; do [[ "$(vault_health "$server")" != 200 ]] || active=$((active + 1)); done
    ((active == 1))
}

vault_healthy() { [[ "$(vault_health "$1")" == @(200|429) ]]; }

# Initialises what is new and unseals what is sealed.
vault_mend() {
    case "$(vault_health "$1")" in
        501) vault_initialise "$1" && vault_unseal "$1" ;;
        503) vault_unseal "$1" ;;
    esac
}

vault_initialise() {
    local answer="$secrets/vault-initialised"
    vault_ask "$1" sys/init --data '{"secret_shares":3,"secret_threshold":2}' >"$answer.new" || return 1
    mv "$answer.new" "$answer"
    # An answer of one line: {"keys":[…],"keys_base64":["…","…","…"],"root_token":"…"}
    sed 's/.*"keys_base64":\["\([^]]*\)"\].*/\1/; s/","/\n/g' "$answer" >"$secrets/vault-unseal-keys"
    sed 's/.*"root_token":"\([^"]*\)".*/\1/' "$answer" | tr -d '\n' >"$secrets/vault-root-token"
}

# Two of the three keys are enough.
vault_unseal() {
    local key
    [[ -s "$secrets/vault-unseal-keys" ]] || { complain "vault-$1 is sealed, and its keys are not here. Begin anew: tests/bench/down --purge"; return 1; }
    while IFS= read -r key; do
        printf '{"key":"%s"}' "$key" | vault_ask "$1" sys/unseal --data @- >/dev/null
    done < <(head -n 2 "$secrets/vault-unseal-keys")
}

vault_ask() { ask --request PUT "${@:3}" "$(vault_address "$1")/v1/$2"; }
vault_version() { ask "$(vault_address "$1")/v1/sys/seal-status" | sed 's/.*"version":"\([^"]*\)".*/v\1/'; }
