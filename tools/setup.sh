#!/bin/sh
# Bring this checkout to the point where it runs (`setup.sh run`), can be worked on (`setup.sh dev`) or can be tested whole
# (`setup.sh test`). Says nothing and touches nothing that is already right: each finished step leaves a stamp of the files
# it was made from. PYTHON names the Python that the virtual environment is made with, where it is not there yet.
set -eu
cd "$(dirname "$0")/.."
mode="${1:?usage: tools/setup.sh run|dev|test}"
venv=.venv

# apt_install COMMAND-THAT-SUCCEEDS-WHEN-PRESENT PACKAGE…
apt_install() {
    probe="$1"
    shift
    if sh -c "$probe" >/dev/null 2>&1; then return; fi
    if ! command -v apt-get >/dev/null; then
        echo "Varco needs $*; install it with your system's package manager and run this again." >&2
        exit 1
    fi
    sudo=""
    if [ "$(id -u)" != 0 ]; then sudo="sudo"; fi
    echo "Installing from Debian: $*"
    if [ -z "${apt_fresh:-}" ]; then apt_update; apt_fresh=1; fi
    $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq -o DPkg::Lock::Timeout="$apt_patience" --no-install-recommends "$@" >/dev/null
}

# A fresh machine may be at its own upgrades: wait for them. What `apt-get update` locks knows no timeout of apt's own.
apt_patience=300
apt_update() {
    waited=0
    until said="$($sudo env LC_ALL=C apt-get update -qq 2>&1)"; do
        case "$said" in
        *"Could not get lock"*) if [ "$waited" -ge "$apt_patience" ]; then echo "$said" >&2; exit 1; fi ;;
        *) echo "$said" >&2; exit 1 ;;
        esac
        sleep 5
        waited=$((waited + 5))
    done
}

# apt_install_quiet COMMAND-THAT-SUCCEEDS-WHEN-PRESENT PACKAGE…: of packages that bring a service, without the service. The tests
# start servers of their own; Debian would start this one at once, on port 80, and again at each start of the machine.
apt_install_quiet() {
    if sh -c "$1" >/dev/null 2>&1; then return; fi
    sudo=""
    if [ "$(id -u)" != 0 ]; then sudo="sudo"; fi
    policy=/usr/sbin/policy-rc.d # invoke-rc.d(8) asks it whether to start what was installed
    made=""
    if command -v apt-get >/dev/null && [ ! -e "$policy" ]; then
        made=1
        trap '$sudo rm -f "$policy"' EXIT
        printf '#!/bin/sh\nexit 101\n' | $sudo tee "$policy" >/dev/null
        $sudo chmod 755 "$policy"
    fi
    apt_install "$@"
    shift
    if command -v systemctl >/dev/null; then $sudo systemctl disable --quiet "$@" 2>/dev/null || true; fi
    if [ -n "$made" ]; then
        $sudo rm -f "$policy"
        trap - EXIT
    fi
}

# debian_program PACKAGE PROGRAM: one program of a package that would start a service, without installing it: unpacked into .cache/debian.
debian_program() {
    if [ -x ".cache/debian/usr/bin/$2" ]; then return; fi
    sudo=""
    if [ "$(id -u)" != 0 ]; then sudo="sudo"; fi
    echo "Fetching from Debian: $2 of $1"
    if [ -z "${apt_fresh:-}" ]; then apt_update; apt_fresh=1; fi
    mkdir -p .cache/debian
    (cd .cache/debian && apt-get -o APT::Sandbox::User=root -qq download "$1" && dpkg-deb --fsys-tarfile "$1"_*.deb | tar -x "./usr/bin/$2" && rm "$1"_*.deb)
}

stamp_of() { cat "$@" | sha256sum | cut -c1-64; }

# make_venv: with PYTHON; else with Debian's own 3.11, since the locks are made with it; else with what there is.
make_venv() {
    python="${PYTHON:-}"
    for candidate in /usr/bin/python3.11 python3.11 python3.12 python3.13; do
        if [ -z "$python" ] && "$candidate" -c '' 2>/dev/null; then python="$candidate"; fi
    done
    if [ "$mode" = dev ]; then
        python="${python:-python3}"
        if ! "$python" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "Varco needs Python 3.11 or later with venv. Where there is one: make dev PYTHON=/path/to/python" >&2
            exit 1
        fi
    else
        apt_install "command -v ${python:=python3.11}" python3.11
        apt_install "$python -c 'import ensurepip, venv'" python3.11-venv
    fi
    "$python" -m venv "$venv"
}

# install_python LOCK: the virtual environment holds exactly what the lock says, and Varco itself from this checkout.
install_python() {
    stamp="$(stamp_of "$1" pyproject.toml tools/setup.sh)"
    if [ -x "$venv/bin/varco" ] && grep -qs "$stamp" "$venv/stamp-$1"; then return; fi
    if [ ! -x "$venv/bin/python" ]; then make_venv; fi
    echo "Installing Python packages from $1"
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r "$1"
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
    echo "$stamp" >"$venv/stamp-$1"
}

install_node() {
    stamp="$(stamp_of tests/journeys/node/package-lock.json)"
    if grep -qs "$stamp" tests/journeys/node/node_modules/.stamp; then return; fi
    echo "Installing the OpenID clients of the Node journeys"
    (cd tests/journeys/node && npm ci --silent --no-audit --no-fund --ignore-scripts)
    echo "$stamp" >tests/journeys/node/node_modules/.stamp
}

case "$mode" in
run)
    # Everything of the test lock is newer or equal to the run lock, so a developer's environment serves as well.
    if [ -x "$venv/bin/varco" ] && grep -qs "$(stamp_of requirements-dev.lock pyproject.toml tools/setup.sh)" "$venv/stamp-requirements-dev.lock"; then exit 0; fi
    install_python requirements.lock
    ;;
dev)
    install_python requirements-dev.lock
    ;;
test)
    apt_install "test -x /usr/lib/postgresql/15/bin/postgres" postgresql-15
    apt_install_quiet "test -x /usr/sbin/pgbouncer" pgbouncer
    apt_install "test -x /usr/bin/chromium-headless-shell" chromium-headless-shell
    # What drives the browser brings a Node.js of its own, which wants this library; a small Debian has none.
    apt_install "/sbin/ldconfig -p | grep -q libatomic.so.1" libatomic1
    apt_install "command -v node && command -v npm" nodejs npm
    apt_install "command -v php" php-cli
    # apache2-bin alone brings no service that would start; the tests start an Apache of their own.
    apt_install "test -x /usr/sbin/apache2 && test -e /usr/lib/apache2/modules/mod_auth_openidc.so" apache2-bin libapache2-mod-auth-openidc
    apt_install_quiet "test -x /usr/sbin/nginx" nginx
    apt_install_quiet "test -x /usr/sbin/haproxy" haproxy
    apt_install_quiet "test -x /usr/bin/caddy" caddy
    apt_install_quiet "test -x /usr/bin/redis-server" redis-server
    apt_install "command -v systemd-analyze" systemd
    apt_install "test -x /usr/sbin/logrotate" logrotate
    apt_install "command -v oidc-agent && command -v oidc-gen && command -v oidc-token" oidc-agent-cli
    debian_program prometheus promtool
    install_python requirements-dev.lock
    install_node
    ;;
*)
    echo "usage: tools/setup.sh run|dev|test" >&2
    exit 2
    ;;
esac
