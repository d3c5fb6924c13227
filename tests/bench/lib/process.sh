# Servers as processes. There are no pid files: each server carries its mark in its environment, and /proc is asked who carries it. So
# nothing can be stale, and after a crash everything is still found.
# shellcheck shell=bash

# The mark of a server; the directory is in it, so that two benches on one machine keep apart.
mark() { echo "VAMP_BENCH_SERVER=$bench_dir/$1"; }

# The process of a server, or nothing: process_of NAME
process_of() { processes_with --line-regexp "$(mark "$1")"; }

# The processes of all servers of this bench, also of those that the settings do not name any more.
all_processes() { processes_with "$(mark "")"; }

processes_with() {
    # Processes come and go while we look; that is no failure.
    { grep --files-with-matches --null-data --fixed-strings "$@" /proc/[0-9]*/environ 2>/dev/null || true; } |
        sed -n 's:^/proc/\([0-9]*\)/environ$:\1:p'
}

log_of() { echo "$bench_dir/log/${1//\//.}.log"; }

# launch NAME COMMAND…: a session of its own, no terminal, none of our open files, and a home where it may keep what it likes.
launch() {
    local name="$1" log
    shift
    log="$(log_of "$name")"
    # What a server said before it was started again may be the reason why it had to be.
    [[ ! -s "$log" ]] || mv "$log" "$log.before"
    env "$(mark "$name")" HOME="$bench_dir/home" setsid --fork "$@" </dev/null >"$log" 2>&1 {bench_lock}>&-
}

listens() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

is_free() { ! listens "$1"; }

# ports_are_free NAME PORT…: a process that was killed holds its own for a moment longer than it can be seen.
ports_are_free() {
    local name="$1" port
    shift
    for port in "$@"; do
        patiently 5 is_free "$port" || {
            complain "$name cannot start: something else listens on port $port. End that, or make the bench elsewhere:" \
                "tests/bench/down --purge, then VAMP_BENCH_PORT=NUMBER tests/bench/up (ports count from $port_base now)"
            return 1
        }
    done
}

# patiently SECONDS COMMAND…: until the command succeeds.
patiently() {
    local until=$((SECONDS + $1))
    shift
    until "$@"; do
        ((SECONDS < until)) || return 1
        sleep 0.1
    done
}

is_gone() { [[ -z "$(process_of "$1")" ]]; }

# send SIGNAL PROCESS…: some may have ended meanwhile.
send() {
    (($# == 1)) || kill -"$1" "${@:2}" 2>/dev/null || true
}

# signal NAME SIGNAL: to the server's process, if there is one.
signal() {
    # shellcheck disable=SC2046 # one word for each process
    send "$2" $(process_of "$1")
}

# halt WHO…: ends the processes that the command WHO prints, politely first.
halt() {
    local signal seconds
    # A process that was frozen hears nothing before it goes on. An API server waits for its clients until it hears it a second time.
    while read -r signal seconds; do
        # shellcheck disable=SC2046 # one word for each process
        send "$signal" $("$@")
        patiently "$seconds" prints_nothing "$@" && return
    done <<<$'TERM 0\nCONT 3\nTERM 15\nKILL 5'
    return 1
}
prints_nothing() { [[ -z "$("$@")" ]]; }
