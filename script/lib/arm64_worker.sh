# Runs the tests of the real, confined worker in the Linux for ARM64 that qemu boots: the wheel, built by
# Debian's cross compiler, in Debian's Python.

arm64_python=$cache/arm64-python # Python with its C library and headers, as Debian packages them for ARM64

get_arm64_python() {
  [ -e "$arm64_python/complete" ] && return
  say "Getting Python for ARM64"
  rm -rf "$arm64_python"
  unpack_with_dependencies forky:arm64 "$arm64_python" python3.14 libstdc++6
  unpack forky:arm64 "$arm64_python" libpython3.14-dev
  ln -s ../aarch64-linux-gnu "$arm64_python/usr/include/python3.14"
  touch "$arm64_python/complete"
}

# for_arm64 COMMAND...: with C++ libraries of its own, and all that makes builds cross-compile.
for_arm64() {
  local native=$cache/native-aarch64
  local -x CHOST=aarch64-linux-gnu CMAKE_TOOLCHAIN_FILE=$root/core/cmake/aarch64.cmake
  local -x _PYTHON_HOST_PLATFORM=linux-aarch64 SETUPTOOLS_EXT_SUFFIX=.cpython-314-aarch64-linux-gnu.so
  local -x CMAKE_ARGS="-DPYBIND11_USE_CROSSCOMPILING=ON -DPython_INCLUDE_DIR=$arm64_python/usr/include/python3.14"
  "$@"
}

# confine_worker_in_arm64 WHEEL: the tests of what the worker gives up, the doctor, and a photograph.
confine_worker_in_arm64() {
  local machine=build/cross/arm64-worker disk=build/cross/arm64-worker/disk
  rm -rf "$machine"
  mkdir -p "$disk"/{tmp,camclassify}
  cp -r "$arm64_python/usr" "$disk"
  ln -s usr/bin usr/lib "$disk"
  ln -s busybox "$disk/bin/true" # a program that the worker must not start
  say "  Installing the wheel, NumPy and pytest for it"
  quietly "$logs/arm64-packages.log" uv pip install --python "$python" --link-mode copy \
    --target "$disk/usr/local/lib/python3.14/dist-packages" --python-platform aarch64-manylinux_2_40 --python-version 3.14.2 \
    --only-binary :all: --constraints script/requirements/product.txt "$1" pytest pytest-asyncio hypothesis PyYAML
  cp --parents pyproject.toml tests/photographs/{dog,person}.jpg tests/core/conftest.py tests/core/worker/{probing_worker,test_confinement}.py \
    "$disk/camclassify"
  write_worker_test >"$disk/test-worker"
  boot_arm64 "$machine" 3072 "busybox sh /test-worker"
}

# write_worker_test: what is run in the machine.
write_worker_test() {
  cat <<'END'
set -ex
cd /camclassify
python=/usr/bin/python3.14 camclassify=/usr/local/lib/python3.14/dist-packages/bin/camclassify
$python -c 'from camclassify_core.native import core
holds = core.confine()
print(f"A filter of system calls: {holds.seccomp}, Landlock: {holds.landlock > 0}")'
$python $camclassify doctor
$python $camclassify classify tests/photographs/dog.jpg tests/photographs/person.jpg
$python -m pytest -v --color no tests/core/worker/test_confinement.py
END
}
