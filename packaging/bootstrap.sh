#!/bin/sh
# Makes this checkout ready and then does one thing: run, test, test-all, lint, docs, bench or prepare.
#
# It may be called on a bare machine and called again at any time: what is there already is left alone.
# Python packages go into .venv, pinned by constraints.txt; system libraries are only ever installed by
# apt and only as root, otherwise the one line to type is printed.
set -eu

cd "$(dirname "$0")/.."
root=$(pwd -P)
venv="$root/.venv"
python="$venv/bin/python"
stamp="$venv/.tlstudio-installed"
# ldconfig lies where ordinary users do not look.
PATH="$PATH:/usr/sbin:/sbin"
export PATH

say() { printf '%s\n' "$*" >&2; }
fail() {
    say "tlstudio: $*"
    exit 1
}

# ---- system libraries -------------------------------------------------------------------------------

# "file-to-look-for package". Anything that Qt's offscreen platform links to.
qt_libraries="libglib-2.0.so.0 libglib2.0-0
libEGL.so.1 libegl1
libGL.so.1 libgl1
libX11.so.6 libx11-6
libxkbcommon.so.0 libxkbcommon0
libdbus-1.so.3 libdbus-1-3
libfontconfig.so.1 libfontconfig1
libz.so.1 zlib1g"

# What a real window under X11 or Wayland links to on top of that.
window_libraries="libX11-xcb.so.1 libx11-xcb1
libxcb-cursor.so.0 libxcb-cursor0
libxcb-icccm.so.4 libxcb-icccm4
libxcb-image.so.0 libxcb-image0
libxcb-keysyms.so.1 libxcb-keysyms1
libxcb-randr.so.0 libxcb-randr0
libxcb-render-util.so.0 libxcb-render-util0
libxcb-render.so.0 libxcb-render0
libxcb-shape.so.0 libxcb-shape0
libxcb-shm.so.0 libxcb-shm0
libxcb-sync.so.1 libxcb-sync1
libxcb-util.so.1 libxcb-util1
libxcb-xfixes.so.0 libxcb-xfixes0
libxcb-xkb.so.1 libxcb-xkb1
libxkbcommon-x11.so.0 libxkbcommon-x11-0
libwayland-cursor.so.0 libwayland-cursor0"

# Prints the packages of those lines of $1 whose library the dynamic linker does not know.
missing_libraries() {
    command -v ldconfig >/dev/null 2>&1 || return 0
    known=$(ldconfig -p 2>/dev/null) || return 0
    printf '%s\n' "$1" | while read -r library package; do
        case "$known" in
        *"$library "*) ;;
        *) printf '%s ' "$package" ;;
        esac
    done
}

# The screen that the test of the real window draws on.
missing_screen() {
    command -v Xvfb >/dev/null 2>&1 || printf 'xvfb '
}

may_install() { [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null 2>&1; }

apt_install() {
    say "Installing system packages: $*"
    log=$(mktemp)
    if ! { DEBIAN_FRONTEND=noninteractive apt-get update -qq &&
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"; } \
        </dev/null >"$log" 2>&1; then
        tail -n 20 "$log" >&2
        rm -f "$log"
        fail "apt-get could not install: $*"
    fi
    rm -f "$log"
}

# need_packages PACKAGE...: installs them, or stops with the line to type.
need_packages() {
    [ $# -gt 0 ] || return 0
    if may_install; then
        apt_install "$@"
    elif command -v apt-get >/dev/null 2>&1; then
        fail "some system packages are missing. Run this line, then try again:
    sudo apt-get install -y $*"
    else
        fail "some system libraries are missing. Install what your system calls these Debian packages: $*"
    fi
}

# want_packages WHAT PACKAGE...: the same, but goes on without them.
want_packages() {
    what=$1
    shift
    [ $# -gt 0 ] || return 0
    if may_install; then
        apt_install "$@"
    elif command -v apt-get >/dev/null 2>&1; then
        say "$what is left out, because system packages are missing: sudo apt-get install -y $*"
    else
        say "$what is left out: there is no $*"
    fi
}

# ---- Python -----------------------------------------------------------------------------------------

# Prints the first interpreter that is new enough.
find_python() {
    for name in python3 python3.13 python3.12 python3.11 python3.14 python; do
        if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
            command -v "$name"
            return 0
        fi
    done
    return 1
}

make_venv() {
    if ! base=$(find_python); then
        if may_install; then apt_install python3 python3-venv; fi
        base=$(find_python) || fail "Python 3.11 or newer is needed and was not found.
    On Debian or Ubuntu: sudo apt-get install -y python3 python3-venv; elsewhere install it from python.org."
    fi
    if ! "$base" -c 'import ensurepip, venv' >/dev/null 2>&1; then
        need_packages "python$("$base" -c 'import sys; print("%d.%d" % sys.version_info[:2])')-venv"
    fi
    rm -rf "$venv"
    "$base" -m venv "$venv" || fail "the folder .venv could not be made."
}

# What .venv was made from: any change of it means installing again.
fingerprint() { { printf '%s\n' "$root" && cat pyproject.toml constraints.txt; } | cksum; }

pip_install() {
    # A person who waits sees pip's own progress; a log gets errors only.
    if [ -t 2 ]; then quiet=""; else quiet="-qq"; fi
    # shellcheck disable=SC2086
    PIP_ROOT_USER_ACTION=ignore "$python" -m pip install $quiet --disable-pip-version-check --no-input \
        -c constraints.txt "$@" </dev/null
}

need_python_packages() {
    wanted=$(fingerprint)
    if [ -x "$python" ] && [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ]; then return 0; fi
    # The scripts in a venv name its folder: one that was moved, or only half made, is made anew. One that
    # a person made is kept, with the PyTorch that is in it.
    if ! { head -n 3 "$venv/bin/pip" 2>/dev/null | grep -qF "$venv/bin/" &&
        "$python" -m pip --version >/dev/null 2>&1; }; then
        make_venv
    fi
    rm -f "$stamp"
    say "Installing the Python packages into .venv (a few minutes, only now and after an update)…"
    pip_install pip || fail "pip could not be updated. Is the network there?"
    pip_install --group dev -e '.[backbones,clip,formats,words]' ||
        fail "the Python packages could not be installed. Is the network there, and are 7 GB of disk free?"
    printf '%s\n' "$wanted" >"$stamp"
}

# ---- what it is asked for ---------------------------------------------------------------------------

has_screen() { [ "$(uname -s)" = Darwin ] || [ -n "${DISPLAY:-}" ] || [ -n "${WAYLAND_DISPLAY:-}" ]; }

run_app() {
    if has_screen; then
        # shellcheck disable=SC2046
        need_packages $(missing_libraries "$qt_libraries") $(missing_libraries "$window_libraries")
        need_python_packages
        exec "$python" -m tlstudio
    fi
    need_python_packages
    say "There is no screen here, so the app cannot open. Running the demonstration instead: tlstudio demo"
    "$python" -m tlstudio demo --out demo-output
    say "Look into demo-output: a trained run, an exported model and report.html."
}

# One check of the source; says its name only when it fails.
check() {
    title=$1
    shift
    if output=$("$@" 2>&1); then return 0; fi
    say "--- $title"
    printf '%s\n' "$output" >&2
    faults="$faults $title,"
}

lint() {
    faults=""
    check "ruff check" "$python" -m ruff check --quiet .
    check "ruff format" "$python" -m ruff format --check --quiet .
    check "mypy" "$python" -m mypy --no-error-summary
    check "import-linter" "$venv/bin/lint-imports" --no-logo
    [ -z "$faults" ] || fail "faults found by:${faults%,}."
    say "Source checks passed: ruff, mypy, import-linter."
}

# Runs the tests; with the word "all" also the further cases of what others cover.
run_tests() {
    if [ "${1:-}" = all ]; then chosen=""; else chosen="not exhaustive"; fi
    workers=$("$python" -c 'import os; print(max(1, min(4, os.cpu_count() or 1)))')
    # One thread for each worker: more only get into one another's way.
    export OMP_NUM_THREADS=1 QT_QPA_PLATFORM=offscreen
    # The tests start hundreds of processes, each of which would compile the source anew.
    unset PYTHONDONTWRITEBYTECODE
    # Explaining an assertion needs every test compiled anew, so only those that fail are run once more for it.
    "$python" -m pytest -q -n "$workers" --dist worksteal --assert=plain -m "$chosen" && return
    status=$?
    say "--- The tests that failed, once more, with what they compared:"
    "$python" -m pytest -q --last-failed --last-failed-no-failures none || true
    return "$status"
}

# Source checks take one core, so the tests need not wait for them.
lint_and_test() {
    said=$(mktemp)
    lint >"$said" 2>&1 &
    linting=$!
    status=0
    run_tests "$@" || status=$?
    wait "$linting" || status=$?
    cat "$said" >&2
    rm -f "$said"
    exit "$status"
}

# shellcheck disable=SC2046
case "${1:-}" in
run) run_app ;;
prepare | test | test-all)
    need_packages $(missing_libraries "$qt_libraries")
    want_packages "The test of the real window" $(missing_libraries "$window_libraries") $(missing_screen)
    need_python_packages
    case "$1" in
    test) lint_and_test ;;
    test-all) lint_and_test all ;;
    esac
    ;;
lint)
    need_python_packages
    lint
    ;;
docs)
    need_python_packages
    rm -rf docs/_site
    # A warning, such as a link to a page or heading that is not there, is a fault.
    "$python" -m sphinx --fail-on-warning --keep-going --quiet docs docs/_site ||
        fail "the documentation has faults; they are listed above."
    say "The documentation is built: open docs/_site/index.html"
    ;;
bench)
    need_packages $(missing_libraries "$qt_libraries")
    need_python_packages
    export QT_QPA_PLATFORM=offscreen
    "$python" -m tests.benchmarks.speed --out build/bench.json
    exec "$python" -m pytest -q -s -o "python_files=bench_*.py" tests/benchmarks
    ;;
*) fail "usage: sh packaging/bootstrap.sh run|test|test-all|lint|docs|bench|prepare" ;;
esac
