#!/usr/bin/env bash
# Run once, as root, when Gradescope makes the image of this autograder. Wheels that lie here are
# installed from here; what does not (see bplab gradescope build --no-wheels) comes from the network.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
there=${1:-/opt/bplab-autograder}
least=$(cat "$here/python-version") # of the packages, such as 3.11.5
version=${least%.*}

# A wall for students' code: without it there are Landlock, or the user that it runs as.
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq || true
apt-get install -y -qq --no-install-recommends bubblewrap libseccomp2 || true

# The Python that the wheels are for: of the image, of its packages, else a build of its own.
is_new_enough() {
  "python$version" -c "import sys; sys.exit(sys.version_info < (${least//./, }))" 2>/dev/null
}
if ! is_new_enough; then
  apt-get install -y -qq --no-install-recommends "python$version" || true
fi
if is_new_enough; then
  python=$(command -v "python$version")
else
  apt-get install -y -qq --no-install-recommends python3-venv
  python3 -m venv /opt/uv
  /opt/uv/bin/pip install --quiet uv
  export UV_PYTHON_INSTALL_DIR=/opt/python # others than root must be able to run it
  export UV_PYTHON_PREFERENCE=only-managed # not the one that is too old
  /opt/uv/bin/uv python install "$version"
  python=$(/opt/uv/bin/uv python find "$version")
fi

"$python" -m venv --without-pip "$there"
packed=$(echo "$here"/wheels/pip-*.whl)
install() { "$there/bin/python" "$packed/pip" --disable-pip-version-check install --quiet "$@"; }
if ls "$here"/wheels/numpy-*.whl >/dev/null 2>&1; then
  install --no-index --find-links "$here/wheels" --requirement "$here/requirements.txt"
else
  install --requirement "$here/requirements.txt"
fi
install --no-index --no-deps "$here"/wheels/bplab-*.whl

# The library holds the answers: nobody but root reads it, nor what was uploaded.
chmod -R go-rwx "$here" "$("$there/bin/python" -Ic 'import bplab; print(bplab.__path__[0])')"
