# The nodes of a cluster: objects to which KWOK lends life. KWOK is their kubelet as long as they carry the label; without it nobody
# renews their lease, which is what a dead machine looks like from the outside.
# shellcheck shell=bash

node_label=bench.vamp.example/kubelet

node_count() { if [[ "$1" == "${clusters[0]}" ]]; then echo "$nodes_in_management"; else echo "$nodes_in_service"; fi; }

start_kwok() {
    local cluster="$1" index
    index="$(cluster_index "$cluster")"
    write_kubeconfig "$cluster" kwok
    make_forwards "$cluster" || return 1
    launch "$cluster/kwok" env KWOK_WORKDIR="$bench_dir/$cluster/kwok" "$(kwok_home)/kwok" \
        --kubeconfig="$bench_dir/$cluster/kwok.kubeconfig" --config="$bench_source/kubernetes/stages.yaml" \
        --manage-all-nodes=false --manage-nodes-with-label-selector="$node_label=kwok" \
        --node-lease-duration-seconds=40 --server-address="127.0.0.1:$(cluster_port "$cluster" kwok)" \
        --tls-cert-file="$tls/$cluster.crt" --tls-private-key-file="$tls/$cluster.key" --enable-crds=PortForward \
        --node-ip="10.$((64 + index)).255.1" --cidr="10.$((64 + index)).0.0/16"
}

# The kind of the objects that say where a pod's ports lead to. It is there before KWOK starts: what KWOK does not find at once it
# looks for ever more rarely.
make_forwards() {
    kubectl "$1" apply --request-timeout=10s --server-side --field-manager=bench --filename="$bench_source/kubernetes/forwards.yaml" >/dev/null &&
        kubectl "$1" wait --for=condition=Established --timeout=10s crd/portforwards.kwok.x-k8s.io >/dev/null
}

# node_manifest CLUSTER NUMBER: spread over the zones a, b and c of a region that is named as the cluster. KWOK answers as its kubelet on
# loopback; the internal address, which is that of pods on the host's network, leads nowhere.
node_manifest() {
    local zones=(a b c)
    local zone="${zones[($2 - 1) % 3]}"
    cat <<END
---
apiVersion: v1
kind: Node
metadata:
  name: node-$2
  labels:
    $node_label: kwok
    kubernetes.io/hostname: node-$2
    kubernetes.io/os: linux
    kubernetes.io/arch: amd64
    topology.kubernetes.io/region: $1
    topology.kubernetes.io/zone: $1-$zone
status:
  capacity: &size { cpu: "8", memory: 32Gi, ephemeral-storage: 100Gi, pods: "110" }
  allocatable: *size
  addresses: [{ type: ExternalIP, address: 127.0.0.1 }]
  daemonEndpoints: { kubeletEndpoint: { Port: $(cluster_port "$1" kwok) } }
END
}

# Makes the nodes that are missing, heals those that are failed, and waits until all are ready.
make_nodes() {
    local cluster="$1" number
    for ((number = 1; number <= $(node_count "$cluster"); number++)); do node_manifest "$cluster" "$number"; done |
        kubectl "$cluster" apply --server-side --force-conflicts --field-manager=bench --filename=- >/dev/null
    kubectl "$cluster" wait --for=condition=Ready --timeout=60s node --selector "$node_label=kwok" >/dev/null
}

# The controller manager makes it once it is at work; without it no pod is admitted.
default_account_is_there() { api_ask "$1" api/v1/namespaces/default/serviceaccounts/default >/dev/null 2>&1; }

# split_node CLUSTER/NODE: sets cluster and node, or fails.
split_node() {
    cluster="${1%%/*}" node="${1#*/}"
    [[ "$1" == ?*/?* ]] || fail "'$1' names no node; wanted is CLUSTER/NODE, as ${clusters[-1]}/node-1"
    cluster_index "$cluster" >/dev/null || fail "there is no cluster '$cluster'; there are: ${clusters[*]}"
    server healthy "$cluster/apiserver" || fail "$cluster does not answer; see tests/bench/status"
    kubectl "$cluster" get node "$node" >/dev/null 2>&1 ||
        fail "$cluster has no node '$node'; it has: $(kubectl "$cluster" get nodes --output=jsonpath='{.items[*].metadata.name}')"
}
