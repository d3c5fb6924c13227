# The bench's own certificate authority, one certificate for each server, and the secrets that are drawn once for each bench.
# shellcheck shell=bash

tls="$bench_dir/tls"
secrets="$bench_dir/secrets"
ca="$tls/ca.crt"

# secret NAME: 48 hexadecimal digits, drawn the first time that someone asks.
secret() {
    [[ -s "$secrets/$1" ]] || { openssl rand -hex 24 >"$secrets/$1.new" && mv "$secrets/$1.new" "$secrets/$1"; }
    cat "$secrets/$1"
}

new_key() { openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1" 2>/dev/null; }

make_authority() {
    [[ ! -s "$ca" ]] || return 0
    new_key "$tls/ca.key"
    openssl req -x509 -new -key "$tls/ca.key" -subj "/O=vamp bench/CN=vamp bench CA" -days 3650 \
        -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign -out "$ca.new"
    mv "$ca.new" "$ca"
}

# certificate NAME [EXTRA-NAMES]: NAME.crt and NAME.key (PKCS#8), for a server on loopback that is also a client of its like.
certificate() {
    local name="$1" names="DNS:localhost,IP:127.0.0.1,IP:::1${2:+,$2}"
    [[ ! -s "$tls/$name.crt" ]] || return 0
    new_key "$tls/$name.key"
    openssl req -new -key "$tls/$name.key" -subj "/O=vamp bench/CN=$name" |
        openssl x509 -req -CA "$ca" -CAkey "$tls/ca.key" -set_serial "0x$(openssl rand -hex 16)" -days 825 -out "$tls/$name.crt.new" \
            -extfile <(printf '%s\n' basicConstraints=critical,CA:FALSE keyUsage=critical,digitalSignature \
                extendedKeyUsage=serverAuth,clientAuth "subjectAltName=$names") 2>/dev/null
    mv "$tls/$name.crt.new" "$tls/$name.crt"
}

# ask ARGUMENTS…: curl, with our authority; prints the body, fails on any status from 400 on.
ask() { curl --silent --show-error --fail --max-time 5 --cacert "$ca" "$@"; }
