# The C and C++ libraries that the core uses, in $native: static, so that the wheel depends on none of
# them, and position independent, which the ones that Debian installs are not. $native/native.cmake tells
# CMake about them:  cmake -S core -B build/core -C "$native/native.cmake"

get_native_libraries() {
  local recipe
  recipe=$(fingerprint "$root/script/lib/native.sh")
  [ "$(cat "$native/recipe" 2>/dev/null)" = "$recipe" ] && return
  have apt-get || fail "the C++ libraries cannot be fetched automatically here" \
    "docs/development.md lists what to install and which CMake variables to set."
  need dpkg-source dpkg-dev
  need nasm nasm # libjpeg-turbo is three times slower without its assembly
  say "Getting the C++ libraries into $native"
  rm -rf "$native" "$cache/source"
  mkdir -p "$cache/source"

  say "  headers: ONNX Runtime, protozero, nlohmann-json, doctest"
  unpack trixie "$cache/source/debian" \
    libonnxruntime-dev libprotozero-dev nlohmann-json3-dev doctest-dev
  mkdir -p "$native"/{include,lib/cmake,share/cmake}
  cp -r "$cache/source/debian/usr/include/"{onnxruntime,protozero,nlohmann,doctest} "$native/include"
  cp -r "$cache/source/debian/usr/lib/cmake/doctest" "$native/lib/cmake"
  cp -r "$cache/source/debian/usr/share/cmake/nlohmann_json" "$native/share/cmake"

  say "  static libraries: zlib, libpng, libjpeg-turbo, Highway (half a minute)"
  fetch_source zlib
  (cd "$cache/source/zlib" && CFLAGS='-O2 -fPIC' quietly "$cache/log/zlib.log" \
    ./configure --static --prefix="$native" && quietly "$cache/log/zlib.log" make -j2 install)
  build libpng1.6 -DPNG_SHARED=OFF -DPNG_TESTS=OFF -DPNG_EXECUTABLES=OFF -DPNG_TOOLS=OFF
  build libjpeg-turbo -DENABLE_SHARED=OFF -DWITH_TURBOJPEG=OFF
  build highway -DHWY_ENABLE_TESTS=OFF -DHWY_ENABLE_EXAMPLES=OFF -DHWY_ENABLE_CONTRIB=OFF

  cat >"$native/native.cmake" <<END
list(PREPEND CMAKE_PREFIX_PATH "$native")
set(CMAKE_PREFIX_PATH "\${CMAKE_PREFIX_PATH}" CACHE STRING "")
set(ONNXRUNTIME_INCLUDE_DIR "$native/include/onnxruntime" CACHE PATH "")
set(ZLIB_USE_STATIC_LIBS ON CACHE BOOL "")
END
  rm -rf "$cache/source"
  echo "$recipe" >"$native/recipe"
}

# fetch_source PACKAGE: the source of a Debian package, unpacked in $cache/source/PACKAGE.
fetch_source() {
  local from
  for from in trixie forky; do
    (cd "$cache/source" && suite "$from" source "$1/$from" >"$cache/log/source-$1.log" 2>&1) && break
    rm -rf "$cache/source/$1"[-_]*
  done
  mv "$cache/source/$1"-*/ "$cache/source/$1" ||
    fail "the source of $1 cannot be fetched" "See $cache/log/source-$1.log."
}

# build PACKAGE CMAKE_OPTION...: fetches, builds and installs a library into $native.
build() {
  local package=$1
  shift
  fetch_source "$package"
  quietly "$cache/log/$package.log" cmake -S "$cache/source/$package" -B "$cache/source/build-$package" \
    -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_POSITION_INDEPENDENT_CODE=ON -DBUILD_SHARED_LIBS=OFF \
    -DCMAKE_INSTALL_PREFIX="$native" -DCMAKE_INSTALL_LIBDIR=lib -DCMAKE_PREFIX_PATH="$native" "$@"
  quietly "$cache/log/$package.log" cmake --build "$cache/source/build-$package" --target install
}
