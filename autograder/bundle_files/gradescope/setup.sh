#!/usr/bin/env bash
# Builds what grading needs: a Python environment of its own with NumPy and pytest, nothing else.
#
# Runs once, as root, when the platform builds the image of the assignment; again does no harm.
# It carries its pins itself, because some local runners execute it before the zip is unpacked.
# The system's Python is used to make the environment and is never changed.
#
#   AUTOGRADER_VENV    where the environment goes; default /opt/autograder/venv
#   AUTOGRADER_PYTHON  the interpreter to build on; default: the first that we have pins for
set -euo pipefail
umask 022  # the environment must be readable by the user whom student code runs as

default_venv=/opt/autograder/venv
venv="${AUTOGRADER_VENV:-$default_venv}"
torch="@TORCH@"  # empty, or the pin of an assignment that needs PyTorch
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"

say() { echo "setup.sh: $*"; }
fail() {
  echo "setup.sh: FAILED: $*" >&2
  exit 1
}

pins_for() {  # prints the pins for one version of Python, nothing if there are none
  case "$1" in
  # @PINS@
  *) ;;
  esac
}

version_of() {  # prints "3.10", nothing if it is no Python
  "$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null || true
}

find_python() {  # prints the first interpreter that has pins
  local name path
  for name in "${AUTOGRADER_PYTHON:-python3}" /usr/bin/python3 \
    python3.10 python3.11 python3.12 python3.13; do
    path="$(command -v "$name" || true)"
    if [ -n "$path" ] && [ -n "$(pins_for "$(version_of "$path")")" ]; then
      echo "$path"
      return
    fi
  done
}

can_make_venv() { "$1" -c 'import ensurepip, venv' 2>/dev/null; }

install_package() {  # only where the platform builds an image, never on somebody's own machine
  if [ "$venv" != "$default_venv" ] || ! command -v apt-get >/dev/null; then
    fail "needs $*; install it and run setup.sh again"
  fi
  say "installing $*"
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends "$@"
}

python="$(find_python)"
if [ -z "$python" ] && [ -z "$(command -v python3 || true)" ]; then
  install_package python3 python3-venv
  python="$(find_python)"
fi
if [ -z "$python" ]; then
  fail "no Python from @FIRST@ to @LAST@ here, python3 is $(version_of python3);" \
    "choose a newer base image, such as Ubuntu 22.04"
fi
version="$(version_of "$python")"
if ! can_make_venv "$python"; then
  install_package "python$version-venv"
  can_make_venv "$python" || fail "$python still cannot make an environment"
fi

stamp="$venv/autograder-pins.txt"  # written last: what it lists is there and works
wanted="$(printf '# %s %s\n%s\n%s' "$python" "$version" "$(pins_for "$version")" "$torch")"
if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ]; then
  say "environment $venv is there already"
else
  if [ -d "$venv" ] && [ -n "$(ls -A "$venv")" ] && [ ! -f "$venv/pyvenv.cfg" ]; then
    fail "$venv is in use by something else"
  fi
  say "building $venv with $python ($version)"
  mkdir -p "$(dirname "$venv")"
  "$python" -m venv --clear "$venv"
  pip() { "$venv/bin/python" -m pip --disable-pip-version-check --quiet "$@"; }
  pins_file="$venv/pins.txt"
  pins_for "$version" >"$pins_file"
  # the pins are the whole closure: nothing is resolved here, and nothing is compiled
  pip install --no-deps --only-binary=:all: -r "$pins_file"
  if [ -n "$torch" ]; then
    pip install --index-url https://download.pytorch.org/whl/cpu -c "$pins_file" "$torch"
  fi
  chmod -R a+rX "$venv"
  "$venv/bin/python" -I -c 'import numpy, pytest' || fail "numpy and pytest do not import"
  echo "$wanted" >"$stamp"
fi

if [ -d "$here/autograder" ] && [ -w "$here/autograder" ]; then
  # each submission gets a fresh container: compile once here, not once per submission
  "$venv/bin/python" -I -m compileall -q "$here" || say "could not compile all of $here"
fi
"$venv/bin/python" -I -c 'import sys, numpy, pytest; print(
    f"setup.sh: ready: Python {sys.version.split()[0]}, numpy {numpy.__version__}, "
    f"pytest {pytest.__version__} in {sys.prefix}")'
