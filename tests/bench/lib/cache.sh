# Builds the servers that no package holds, each once for every version, into the cache. A build goes to a directory of its own and is
# renamed when it is whole, so what is in the cache is whole.
# shellcheck shell=bash

kubernetes_tools=(
    "etcd go.etcd.io/etcd/server/v3"
    "kube-apiserver k8s.io/kubernetes/cmd/kube-apiserver"
    "kube-controller-manager k8s.io/kubernetes/cmd/kube-controller-manager"
    "kube-scheduler k8s.io/kubernetes/cmd/kube-scheduler"
    "kubectl k8s.io/kubernetes/cmd/kubectl"
)
kwok_tools=("kwok sigs.k8s.io/kwok/cmd/kwok")
vault_tools=("vault github.com/hashicorp/vault")

# The version of a module as a go.mod requires it: module_version FOLDER MODULE
module_version() { awk -v module="$2" '$1 == module { print $2; exit }' "$bench_source/$1/go.mod"; }
kubernetes_version="$(module_version kubernetes k8s.io/kubernetes)"
kwok_version="$(module_version kubernetes sigs.k8s.io/kwok)"
vault_version="$(module_version vault github.com/hashicorp/vault)"
opensearch_version="$(sed -n 's:.*<opensearch.version>\(.*\)</opensearch.version>.*:\1:p' "$bench_source/opensearch/pom.xml")"

# Without these the servers take themselves for v0.0.0, and no client that asks for the version gets on with them.
kubernetes_flags() {
    local package=k8s.io/component-base/version minor="${kubernetes_version#v1.}"
    echo "-s -w -X $package.gitVersion=$kubernetes_version -X $package.gitMajor=1 -X $package.gitMinor=${minor%%.*}"
}

# Without C the tools are the same on every machine, and need no compiler but Go's. A compiler that collects no garbage below a gigabyte, and
# writes nothing for debuggers, takes a sixth less.
go_settings=(CGO_ENABLED=0 GOFLAGS=-mod=readonly GOWORK=off GOGC=off GOMEMLIMIT=1GiB)
go_flags=(-trimpath -buildvcs=false -gcflags=all=-dwarf=false)

# key FILE… reads more from standard input: what the build depends on.
key() { { cat "$@" -; uname -m; } | sha256sum | cut -c1-12; }
go_key() { printf '%s\n' "${go_settings[@]}" "${go_flags[@]}" "${@:2}" | key "$bench_source/$1"/go.{mod,sum}; }
# changed_key FOLDER BUILD OURS "NAME PACKAGE"…: with what is built otherwise than it comes, by which function.
changed_key() { go_key "$1" "${@:4}" "$(declare -f build_changed "$2")" "$(<"$bench_source/$3")"; }

kubernetes_home() {
    echo "$bench_cache/kubernetes-$kubernetes_version-$(go_key kubernetes "$(kubernetes_flags)" "${kubernetes_tools[@]}")"
}
kwok_home() { echo "$bench_cache/kwok-$kwok_version-$(changed_key kubernetes build_kwok kwok/tunnel.go "${kwok_tools[@]}")"; }
vault_home() { echo "$bench_cache/vault-$vault_version-$(changed_key vault build_vault vault/storage.go "${vault_tools[@]}")"; }
opensearch_home() {
    echo "$bench_cache/opensearch-$opensearch_version-$(declare -f gather_opensearch | key "$bench_source"/opensearch/{pom.xml,src/*})"
}

# The last lines of a log, as the reason for what did not work.
reason() { tail -n "${2:-5}" "$1" | sed 's/^/    /'; }

# build_go_tools FOLDER TARGET LINKER-FLAGS "NAME PACKAGE"…
build_go_tools() {
    local folder="$1" target="$2" flags="$3" pair name start
    shift 3
    for pair in "$@"; do
        name="${pair%% *}"
        start=$EPOCHREALTIME
        (cd "$bench_source/$folder" && env "${go_settings[@]}" \
            nice -n 19 go build "${go_flags[@]}" -ldflags "$flags" -o "$target/$name" "${pair#* }") >"$target/$name.log" 2>&1 || {
            complain "$name could not be built:"
            reason "$target/$name.log" >&2
            return 1
        }
        rm "$target/$name.log"
        say "built $name in $(seconds_since "$start") s"
    done
}

build_kubernetes() { build_go_tools kubernetes "$1" "$(kubernetes_flags)" "${kubernetes_tools[@]}"; }

# build_changed TARGET FOLDER MODULE OURS PLACE "NAME PACKAGE"…: of the module that FOLDER asks for, in which OURS is the file PLACE. Go replaces no
# single file of a module, only the whole of it: by a copy.
build_changed() {
    local target="$1" folder="$2" module="$3" source="$1/source" go_flags=("${go_flags[@]}" -modfile="$1/go.mod") original
    original="$(cd "$bench_source/$folder" && env "${go_settings[@]}" go mod download -json "$module" |
        sed -n 's/^\t"Dir": "\(.*\)",$/\1/p')"
    [[ -d "$original" ]] || { complain "$module could not be downloaded"; return 1; }
    cp -r --no-preserve=mode "$original" "$source" &&
        cp "$bench_source/$4" "$source/$5" &&
        cp "$bench_source/$folder"/go.{mod,sum} "$target" &&
        go mod edit -replace "$module=$source" "$target/go.mod" &&
        build_go_tools "$folder" "$target" "-s -w" "${@:6}" &&
        rm -r "$source" "$target"/go.{mod,sum}
}

build_kwok() { build_changed "$1" kubernetes sigs.k8s.io/kwok kwok/tunnel.go pkg/utils/net/tunnel.go "${kwok_tools[@]}"; }

# With what Vault itself calls minimal, and storage in MySQL: the whole takes three times as long to build, for clouds that nobody here has.
build_vault() {
    local go_flags=("${go_flags[@]}" -tags=minimal)
    build_changed "$1" vault github.com/hashicorp/vault vault/storage.go command/commands_min.go "${vault_tools[@]}"
}

# The jars of a node, those of its security plugin, the plugin's default configuration, and the program that starts the node.
build_opensearch() {
    local target="$1" start=$EPOCHREALTIME
    cp -r "$bench_source/opensearch/." "$target/source"
    (gather_opensearch "$target") >"$target/log" 2>&1 || {
        complain "OpenSearch could not be put together:"
        reason "$target/log" 12 >&2
        return 1
    }
    rm -r "$target/source" "$target/log"
    say "built OpenSearch in $(seconds_since "$start") s"
}

gather_opensearch() {
    local source="$1/source"
    nice -n 19 mvn --batch-mode --quiet --file "$source/pom.xml" package &&
        mv "$source/target/jars" "$1/jars" && mkdir "$1/security" && cd "$1/security" &&
        jar --extract --file "$source/target/plugins/opensearch-security-$opensearch_version.zip" &&
        javac --release 17 -d "$1/classes" -classpath "$1/jars/*" "$source"/src/*.java
}

# needs WHAT COMMAND WHERE-FROM: says what cannot be had when the command is not there.
needs() { command -v "$2" >/dev/null || { complain "no $1: '$2' is not on the PATH ($3)"; return 1; }; }

# What a build needs of the machine.
can_build() {
    case "$1" in
        kubernetes | kwok) needs Kubernetes go "Go 1.26 or later" ;;
        vault) needs Vault go "Go 1.26 or later" ;;
        opensearch) needs OpenSearch mvn "Debian: maven" && needs OpenSearch javac "Debian: default-jdk-headless" ;;
    esac
}

# obtain NAME HOME: builds NAME into HOME unless it is there.
obtain() {
    local name="$1" home="$2" scratch
    if [[ -d "$home" ]]; then
        touch "$home"
        return 0
    fi
    can_build "$name" || return 1
    # The lock is held, so a build that lies half done was killed.
    rm -rf "$bench_cache/.$name"
    scratch="$bench_cache/.$name"
    mkdir "$scratch"
    say "building $name; this is done once"
    if "build_$name" "$scratch" && mv -T "$scratch" "$home"; then
        forget_old_builds "$name" "$home"
        return 0
    fi
    rm -rf "$scratch"
    return 1
}

# A version that nothing has asked for within two weeks goes.
forget_old_builds() { find "$bench_cache" -mindepth 1 -maxdepth 1 -name "$1-*" ! -path "$2" -mtime +14 -exec rm -rf {} +; }

# Everything that can be had, one after the other: two builds at once would only take the machine from whoever works on it.
# Returns 1 if something could not be had.
obtain_all() {
    local missing=0
    mkdir -p "$bench_cache"
    exec {cache_lock}>"$bench_cache/.lock"
    flock --nonblock "$cache_lock" || { say "another build is under way; waiting for it"; flock "$cache_lock"; }
    obtain kubernetes "$(kubernetes_home)" && obtain kwok "$(kwok_home)" || missing=1
    obtain vault "$(vault_home)" || missing=1
    obtain opensearch "$(opensearch_home)" || missing=1
    PATH="$PATH:/usr/sbin" needs "MariaDB, so no Vault either" mariadbd "Debian: mariadb-server" || missing=1
    exec {cache_lock}>&-
    return "$missing"
}
