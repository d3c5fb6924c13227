# MariaDB, as a package of the distribution brings it: it keeps Vault's storage and the schemas of the platforms under test.
# shellcheck shell=bash

mariadb_home="$bench_dir/mariadb"
# Its own: each MariaDB that begins takes away the temporary tables of all others in the one it has.
mariadb_temporary="$mariadb_home/tmp"
mariadb_admin=bench

mariadb_available() { PATH="$PATH:/usr/sbin" command -v mariadbd >/dev/null; }
mariadb_ports() { echo "$mariadb_port"; }

# mariadbd takes no orders from root unless it is told that root it is.
mariadb_user() { ((EUID != 0)) || echo --user=root; }

mariadb_start() {
    local user
    mapfile -t user < <(mariadb_user)
    certificate mariadb
    mkdir -p "$mariadb_temporary"
    mariadb_install "${user[@]}" || return 1
    mariadb_users >"$mariadb_home/users.sql"
    mariadb_client_settings >"$mariadb_home/client.cnf"
    PATH="$PATH:/usr/sbin" launch mariadb mariadbd --no-defaults "${user[@]}" --datadir="$mariadb_home/data" --tmpdir="$mariadb_temporary" \
        --bind-address=127.0.0.1 --port="$mariadb_port" --socket="$mariadb_home/socket" --skip-name-resolve --skip-log-bin \
        --init-file="$mariadb_home/users.sql" --require-secure-transport=ON --tls-version=TLSv1.2,TLSv1.3 \
        --ssl-ca="$ca" --ssl-cert="$tls/mariadb.crt" --ssl-key="$tls/mariadb.key" \
        --max-connections=300 --innodb-buffer-pool-size=64M --innodb-flush-log-at-trx-commit=2
}

mariadb_install() {
    [[ ! -d "$mariadb_home/data" ]] || return 0
    rm -rf "$mariadb_home/new"
    mkdir "$mariadb_home/new"
    TMPDIR="$mariadb_temporary" mariadb-install-db --no-defaults "$@" --auth-root-authentication-method=normal --skip-test-db \
        --datadir="$mariadb_home/new" >"$(log_of mariadb-install)" 2>&1 || { reason "$(log_of mariadb-install)" >&2; return 1; }
    mv "$mariadb_home/new" "$mariadb_home/data"
}

# Carried out at every start, before the first client is let in; so the administrator gets in whatever a test did to it.
mariadb_users() {
    cat <<END
DELETE FROM mysql.global_priv WHERE User = '' OR (User = 'root' AND Host <> 'localhost');
FLUSH PRIVILEGES;
ALTER USER root@localhost IDENTIFIED BY '$(secret mariadb)';
CREATE USER IF NOT EXISTS '$mariadb_admin'@'%';
ALTER USER '$mariadb_admin'@'%' IDENTIFIED BY '$(secret mariadb)';
GRANT ALL ON *.* TO '$mariadb_admin'@'%' WITH GRANT OPTION;
CREATE DATABASE IF NOT EXISTS vault;
CREATE USER IF NOT EXISTS 'vault'@'%';
ALTER USER 'vault'@'%' IDENTIFIED BY '$(secret mariadb-vault)';
GRANT ALL ON vault.* TO 'vault'@'%';
END
}

mariadb_client_settings() {
    cat <<END
[client]
protocol=TCP
host=127.0.0.1
port=$mariadb_port
user=$mariadb_admin
password=$(secret mariadb)
ssl-ca=$ca
ssl-verify-server-cert
connect-timeout=5
END
}

mariadb_ask() { mariadb --defaults-file="$mariadb_home/client.cnf" --batch --skip-column-names --execute "$1"; }
mariadb_healthy() { mariadb_ask 'SELECT 1' >/dev/null 2>&1; }
mariadb_version() { mariadb_ask "SELECT SUBSTRING_INDEX(VERSION(), '-', 2)"; }
