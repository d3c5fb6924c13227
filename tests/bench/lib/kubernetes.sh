# A Kubernetes cluster: API server, controller manager, scheduler, and KWOK for its nodes. A part is named CLUSTER/PART.
# shellcheck shell=bash

cluster_parts=(apiserver controller-manager scheduler kwok)
kubeconfig="$bench_dir/kubeconfig"

api_address() { echo "https://127.0.0.1:$(cluster_port "$1" apiserver)"; }

kubernetes_available() { [[ -d "$(kubernetes_home)" && -d "$(kwok_home)" ]]; }
kubernetes_ports() { cluster_port "$1" "$2"; }

kubernetes_start() {
    certificate "$1" DNS:kubernetes.default.svc,IP:10.96.0.1
    mkdir -p "$bench_dir/$1"
    case "$2" in
        apiserver) start_apiserver "$1" ;;
        controller-manager) start_controller_manager "$1" ;;
        scheduler) start_scheduler "$1" ;;
        kwok) start_kwok "$1" ;;
    esac
}

start_apiserver() {
    local cluster="$1" home="$bench_dir/$1"
    write_tokens "$cluster"
    make_account_key "$home"
    launch "$cluster/apiserver" "$(kubernetes_home)/kube-apiserver" --bind-address=127.0.0.1 --advertise-address=127.0.0.1 \
        --secure-port="$(cluster_port "$cluster" apiserver)" --tls-cert-file="$tls/$cluster.crt" --tls-private-key-file="$tls/$cluster.key" \
        --etcd-servers="$etcd_address" --etcd-prefix="/$cluster" \
        --etcd-cafile="$ca" --etcd-certfile="$tls/$cluster.crt" --etcd-keyfile="$tls/$cluster.key" \
        --client-ca-file="$ca" --token-auth-file="$home/tokens.csv" --anonymous-auth=false --authorization-mode=Node,RBAC \
        --service-account-issuer="$(api_address "$cluster")" \
        --service-account-key-file="$home/accounts.pub" --service-account-signing-key-file="$home/accounts.key" \
        --service-cluster-ip-range=10.96.0.0/16 --endpoint-reconciler-type=none --allow-privileged=true \
        --kubelet-preferred-address-types=ExternalIP --kubelet-certificate-authority="$ca"
}

# Each cluster signs its service accounts' tokens with its own key: what one issues, another refuses.
make_account_key() {
    [[ ! -s "$1/accounts.pub" ]] || return 0
    new_key "$1/accounts.key"
    openssl pkey -in "$1/accounts.key" -pubout -out "$1/accounts.pub"
}

# flags of the two that share them: controller_flags CLUSTER PART
controller_flags() {
    printf '%s\n' --kubeconfig="$bench_dir/$1/$2.kubeconfig" --leader-elect=false --bind-address=127.0.0.1 \
        --secure-port="$(cluster_port "$1" "$2")" --tls-cert-file="$tls/$1.crt" --tls-private-key-file="$tls/$1.key"
}

start_controller_manager() {
    local flags
    write_kubeconfig "$1" controller-manager
    mapfile -t flags < <(controller_flags "$1" controller-manager)
    launch "$1/controller-manager" "$(kubernetes_home)/kube-controller-manager" "${flags[@]}" --use-service-account-credentials \
        --service-account-private-key-file="$bench_dir/$1/accounts.key" --root-ca-file="$ca"
}

start_scheduler() {
    local flags
    write_kubeconfig "$1" scheduler
    mapfile -t flags < <(controller_flags "$1" scheduler)
    launch "$1/scheduler" "$(kubernetes_home)/kube-scheduler" "${flags[@]}"
}

# Who may do what: the static tokens of the administrator and of the parts.
write_tokens() {
    cat >"$bench_dir/$1/tokens.csv" <<END
$(secret "$1.admin"),admin,admin,system:masters
$(secret "$1.controller-manager"),system:kube-controller-manager,controller-manager
$(secret "$1.scheduler"),system:kube-scheduler,scheduler
$(secret "$1.kwok"),kwok,kwok,system:masters
END
    # curl reads it from here, so that no token stands in a list of processes.
    echo "Authorization: Bearer $(secret "$1.admin")" >"$secrets/$1.header"
}

write_kubeconfig() { kubeconfig_of "$2" "$1" >"$bench_dir/$1/$2.kubeconfig"; }

# kubeconfig_of USER CLUSTER…: one context for each cluster, the first is the current one.
kubeconfig_of() {
    local user="$1" cluster
    shift
    printf '%s\n' 'apiVersion: v1' 'kind: Config' "current-context: $1" 'clusters:'
    for cluster in "$@"; do
        echo "- { name: $cluster, cluster: { server: '$(api_address "$cluster")', certificate-authority: $ca } }"
    done
    echo 'contexts:'
    for cluster in "$@"; do echo "- { name: $cluster, context: { cluster: $cluster, user: $cluster } }"; done
    echo 'users:'
    for cluster in "$@"; do echo "- { name: $cluster, user: { token: $(secret "$cluster.$user") } }"; done
}

# api_ask CLUSTER PATH, as its administrator.
api_ask() { ask --header "@$secrets/$1.header" "$(api_address "$1")/$2"; }

kubernetes_healthy() {
    case "$2" in
        apiserver) api_ask "$1" readyz ;;
        *) ask "https://127.0.0.1:$(cluster_port "$1" "$2")/healthz" ;;
    esac >/dev/null 2>&1
}

kubernetes_version() {
    case "$2" in
        apiserver) api_ask "$1" version | sed -n 's/.*"gitVersion": "\([^"]*\)".*/\1/p' ;;
        kwok) echo "$kwok_version" ;;
        *) echo "$kubernetes_version" ;;
    esac
}

kubectl() { "$(kubernetes_home)/kubectl" --kubeconfig "$kubeconfig" --context "$@"; }
