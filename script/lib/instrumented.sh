# The core with sanitizers, built by clang: it has libFuzzer, and takes less time than gcc over what they add.

sanitized=$root/build/clang-sanitizers # for addresses and undefined behaviour: the tests, and the fuzzers

# Else clang 14 takes what lies before thread-local memory of a library for its size, where that begins a page: now and
# then the search for leaks at the end of a program crashes.
export ASAN_OPTIONS=intercept_tls_get_addr=0

# configure FOLDER CMAKE_OPTION...: prepares a build of the core. In a folder only one does anything at a time.
configure() {
  local folder=$1
  shift
  mkdir -p "$folder"
  quietly "$logs/cmake-$(basename "$folder").log" \
    flock "$folder" cmake -S core -B "$folder" -G Ninja -C "$native/native.cmake" "$@"
}

# compile FOLDER OPTION...
compile() { flock "$1" cmake --build "$@"; }

get_clang() {
  need clang++ clang
  [ -e "$(clang++ -print-file-name="libclang_rt.fuzzer-$(uname -m).a")" ] || install_packages libclang-rt-dev
}

# configure_instrumented FOLDER SANITIZERS CMAKE_OPTION...: eight files are compiled as one, since sanitizers add most
# to what each has of the standard library.
configure_instrumented() {
  get_clang
  configure "$1" -DCMAKE_C_COMPILER=clang -DCMAKE_CXX_COMPILER=clang++ -DCMAKE_BUILD_TYPE=RelWithDebInfo \
    -DCMAKE_UNITY_BUILD=ON "-DCAMCLASSIFY_SANITIZE=$2" -DCAMCLASSIFY_BENCHMARKS=OFF "${@:3}"
}

configure_sanitized() {
  configure_instrumented "$sanitized" address,undefined,float-cast-overflow -DCAMCLASSIFY_FUZZERS=ON
}
