# What tests and people read: one file with addresses and credentials, one kubeconfig.
# shellcheck shell=bash

environment_file="$bench_dir/bench.env"

# Only what is available is in it: a test that misses its server finds no address, and says so.
environment() {
    echo "VAMP_BENCH_DIR=$bench_dir"
    echo "VAMP_BENCH_CA_FILE=$ca"
    if kubernetes_available; then
        echo "VAMP_BENCH_KUBECONFIG=$kubeconfig"
        echo "VAMP_BENCH_KUBECTL=$(kubernetes_home)/kubectl"
        echo "VAMP_BENCH_CLUSTERS='${clusters[*]}'"
    fi
    if mariadb_available; then
        echo "VAMP_BENCH_MYSQL_HOST=127.0.0.1"
        echo "VAMP_BENCH_MYSQL_PORT=$mariadb_port"
        echo "VAMP_BENCH_MYSQL_USER=$mariadb_admin"
        echo "VAMP_BENCH_MYSQL_PASSWORD=$(secret mariadb)"
        echo "VAMP_BENCH_MYSQL_CLIENT_FILE=$mariadb_home/client.cnf"
    fi
    if vault_available; then
        echo "VAMP_BENCH_VAULT_ADDRESSES='$(vault_address 1) $(vault_address 2)'"
        echo "VAMP_BENCH_VAULT_TOKEN=$(<"$secrets/vault-root-token")"
        echo "VAMP_BENCH_VAULT=$(vault_home)/vault"
    fi
    if opensearch_available; then
        echo "VAMP_BENCH_ELASTICSEARCH_ADDRESS=$opensearch_address"
        echo "VAMP_BENCH_ELASTICSEARCH_USER=$opensearch_admin"
        echo "VAMP_BENCH_ELASTICSEARCH_PASSWORD=$(secret opensearch)"
    fi
}

write_environment() {
    environment >"$environment_file.new" && mv "$environment_file.new" "$environment_file"
}

write_client_kubeconfig() { kubeconfig_of admin "${clusters[@]}" >"$kubeconfig.new" && mv "$kubeconfig.new" "$kubeconfig"; }
