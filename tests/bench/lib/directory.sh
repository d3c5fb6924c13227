# The bench's directory: made by `up`, removed by `down --purge`, and never taken for something else.
# shellcheck shell=bash

is_a_bench() { [[ -f "$kept_settings" ]] && head -n 1 "$kept_settings" | grep -qx '# a bench of vamp'; }

# Makes it, or takes the one that is there; refuses what is not a bench, and settings that do not fit it.
take_directory() {
    umask 077
    if [[ -d "$bench_dir" && -n "$(ls -A "$bench_dir")" ]]; then
        is_a_bench || fail "$bench_dir is not empty and was not made by the bench. Set VAMP_BENCH_DIR to another path."
        [[ "$kept_port" == "$port_base" && "$kept_clusters" == "${clusters[*]}" ]] ||
            fail "the bench in $bench_dir was made with port $kept_port and the clusters $kept_clusters. Leave VAMP_BENCH_PORT and VAMP_BENCH_CLUSTERS" \
                "as they were, set another VAMP_BENCH_DIR, or remove it: tests/bench/down --purge"
    else
        mkdir -p "$bench_dir"
        chmod 700 "$bench_dir"
        printf '%s\n' '# a bench of vamp' "kept_port=$port_base" "kept_clusters='${clusters[*]}'" >"$kept_settings.new"
        mv "$kept_settings.new" "$kept_settings"
    fi
    mkdir -p "$bench_dir"/{home,log,tls,secrets}
    take_lock
}

enter_directory() {
    is_a_bench || fail "there is no bench in $bench_dir; tests/bench/up makes one"
    umask 077
    take_lock
}
