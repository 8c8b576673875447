# Builds the wheel for Alpine's C library, musl.

# for_musl PROCESSOR COMMAND...: with C++ libraries of its own, and all that makes builds cross-compile.
for_musl() {
  local native=$cache/native-musl-$1
  local -x CAMCLASSIFY_MUSL_PROCESSOR=$1 CMAKE_TOOLCHAIN_FILE=$root/core/cmake/musl.cmake
  local -x CC=musl-$1-cc CXX=musl-$1-c++
  local -x _PYTHON_HOST_PLATFORM=linux-$1 SETUPTOOLS_EXT_SUFFIX=.cpython-314-$1-linux-musl.so
  local -x SKBUILD_BUILD_DIR=$root/build/musl/$1/cmake
  local -x CMAKE_ARGS="-DPYBIND11_USE_CROSSCOMPILING=ON -DPython_INCLUDE_DIR=$(alpine "$1")/debian/usr/include/python3.14"
  shift
  "$@"
}

# build_musl_wheel PROCESSOR: in build/musl/PROCESSOR/wheel, as the workflow makes it: built, then made a wheel for
# musl by auditwheel, which checks that it needs nothing that an Alpine may not have.
build_musl_wheel() {
  local folder=build/musl/$1
  for_musl "$1" build_wheel "$folder/built"
  rm -rf "$folder/wheel"
  quietly "$logs/auditwheel.log" uvx --python "$python" auditwheel repair --plat auto \
    -w "$folder/wheel" "$folder"/built/*.whl
  [[ $(echo "$folder"/wheel/*.whl) == *-musllinux_1_2_$1.whl ]] ||
    fail "the wheel is not for musllinux_1_2" "See $logs/auditwheel.log."
}
