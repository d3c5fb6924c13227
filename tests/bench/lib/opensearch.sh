# OpenSearch with TLS on both of its ports and its security plugin: an Elasticsearch to the platforms under test.
# shellcheck shell=bash

opensearch_node="$bench_dir/opensearch"
opensearch_address="https://127.0.0.1:$opensearch_port"
opensearch_admin=bench

opensearch_available() { [[ -d "$(opensearch_home)" ]] && command -v java >/dev/null; }
opensearch_ports() { echo "$opensearch_port" "$opensearch_transport_port"; }

opensearch_class_path() { local home; home="$(opensearch_home)"; echo "$home/classes:$home/jars/*:$home/security/*"; }

opensearch_start() {
    certificate opensearch
    opensearch_configure || return 1
    # A small heap, and the quick compiler only: it has to start soon rather than to run fast.
    launch opensearch java -Xms256m -Xmx512m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Djava.io.tmpdir="$opensearch_node/tmp" \
        -Djna.tmpdir="$opensearch_node/tmp" -Dlog4j2.disable.jmx=true -classpath "$(opensearch_class_path)" Bench "$opensearch_node"
}

opensearch_configure() {
    local config="$opensearch_node/config"
    mkdir -p "$config/opensearch-security" "$opensearch_node"/{tmp,plugins,modules,data,logs}
    cp "$bench_source/opensearch/log4j2.properties" "$config/"
    cp "$tls"/opensearch.{crt,key} "$ca" "$config/"
    opensearch_settings >"$config/opensearch.yml"
    # A curl file, so that no password stands in a list of processes.
    echo "user = \"$opensearch_admin:$(secret opensearch)\"" >"$secrets/opensearch.curl"
    [[ ! -s "$config/opensearch-security/internal_users.yml" ]] || return 0
    cp "$(opensearch_home)"/security/config/*.yml "$config/opensearch-security/"
    opensearch_users >"$config/internal_users.new" || return 1
    mv "$config/internal_users.new" "$config/opensearch-security/internal_users.yml"
}

opensearch_settings() {
    local layer
    cat <<END
cluster.name: vamp-bench
node.name: bench
path.data: $opensearch_node/data
path.logs: $opensearch_node/logs
network.host: 127.0.0.1
http.port: $opensearch_port
transport.port: $opensearch_transport_port
discovery.type: single-node
cluster.routing.allocation.disk.threshold_enabled: false
plugins.security.allow_default_init_securityindex: true
plugins.security.authcz.admin_dn: ["CN=opensearch,O=vamp bench"]
plugins.security.nodes_dn: ["CN=opensearch,O=vamp bench"]
plugins.security.restapi.roles_enabled: [all_access, writes_roles]
plugins.security.ssl.http.enabled: true
END
    for layer in http transport; do
        echo "plugins.security.ssl.$layer.pemcert_filepath: opensearch.crt"
        echo "plugins.security.ssl.$layer.pemkey_filepath: opensearch.key"
        echo "plugins.security.ssl.$layer.pemtrustedcas_filepath: ca.crt"
    done
}

# Only the administrator of the bench: none of the plugin's demonstration users with their well-known passwords.
opensearch_users() {
    local hash
    hash="$(PASSWORD="$(secret opensearch)" java -XX:TieredStopAtLevel=1 -classpath "$(opensearch_class_path)" \
        org.opensearch.security.tools.Hasher -env PASSWORD | tail -n 1)"
    [[ "$hash" == \$2* ]] || { complain "OpenSearch's Hasher gave no hash"; return 1; }
    cat <<END
_meta: { type: internalusers, config_version: 2 }
$opensearch_admin: { hash: "$hash", reserved: true, backend_roles: [admin], description: "administrator of the bench" }
END
}

opensearch_ask() { ask --config "$secrets/opensearch.curl" "${@:2}" "$opensearch_address/$1"; }
opensearch_healthy() { opensearch_ask '_cluster/health?timeout=1s' >/dev/null 2>&1; }
opensearch_version() { opensearch_ask '' | sed -n 's/.*"number" : "\([^"]*\)".*/\1/p'; }
