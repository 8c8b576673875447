# The C and C++ libraries that the core uses, in $native: static, so that the wheel depends on none of
# them, and position independent, which the ones that Debian installs are not. $native/native.cmake tells
# CMake about them:  cmake -S core -B build/core -C "$native/native.cmake"

get_native_libraries() {
  local recipe
  recipe=$(fingerprint "$root/script/lib/native.sh" "$root/script/lib/sources.sh")
  [ "$(cat "$native/recipe" 2>/dev/null)" = "$recipe" ] && return
  have apt-get || need curl curl
  # libjpeg-turbo is three times slower without its assembly, which on x86 is in nasm's language.
  [ "$(uname -m)" != x86_64 ] || need nasm nasm
  say "Getting the C++ libraries into $native"
  rm -rf "$native" "$cache/source"
  mkdir -p "$cache/source" "$native"/{include,lib/cmake,share/cmake}

  say "  headers: ONNX Runtime, protozero, nlohmann-json, doctest"
  if have apt-get; then
    need dpkg-source dpkg-dev
    unpack_headers
  else
    build protozero -DBUILD_TESTING=OFF
    build nlohmann-json -DJSON_BuildTests=OFF
    build doctest -DDOCTEST_WITH_TESTS=OFF
    fetch_source onnxruntime
    cp -r "$cache/source/onnxruntime/include" "$native/include/onnxruntime"
  fi

  say "  static libraries: zlib, libpng, libjpeg-turbo, libwebp, Highway (a minute)"
  fetch_source zlib
  (cd "$cache/source/zlib" && CFLAGS='-O2 -fPIC' quietly "$logs/zlib.log" \
    ./configure --static --prefix="$native" && quietly "$logs/zlib.log" make -j2 install)
  build libpng1.6 -DPNG_SHARED=OFF -DPNG_TESTS=OFF -DPNG_EXECUTABLES=OFF -DPNG_TOOLS=OFF
  build libjpeg-turbo -DENABLE_SHARED=OFF -DWITH_TURBOJPEG=OFF
  # No picture that is worth it has codes for which libwebp would allocate more at once.
  build libwebp -DCMAKE_C_FLAGS=-DWEBP_MAX_ALLOCABLE_MEMORY=64000000 -DWEBP_USE_THREAD=OFF \
    -DWEBP_BUILD_LIBWEBPMUX=OFF -DWEBP_BUILD_ANIM_UTILS=OFF \
    -DWEBP_BUILD_{CWEBP,DWEBP,EXTRAS,GIF2WEBP,IMG2WEBP,VWEBP,WEBPINFO,WEBPMUX}=OFF
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

unpack_headers() {
  local unpacked=$cache/source/debian/usr
  unpack trixie "$cache/source/debian" \
    libonnxruntime-dev libprotozero-dev nlohmann-json3-dev doctest-dev
  cp -r "$unpacked/include/"{onnxruntime,protozero,nlohmann,doctest} "$native/include"
  cp -r "$unpacked/lib/cmake/doctest" "$native/lib/cmake"
  cp -r "$unpacked/share/cmake/nlohmann_json" "$native/share/cmake"
}

# build LIBRARY CMAKE_OPTION...: fetches, builds and installs a library into $native.
build() {
  local library=$1
  shift
  fetch_source "$library"
  quietly "$logs/$library.log" cmake -S "$cache/source/$library" -B "$cache/source/build-$library" \
    -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_POSITION_INDEPENDENT_CODE=ON -DBUILD_SHARED_LIBS=OFF \
    -DCMAKE_INSTALL_PREFIX="$native" -DCMAKE_INSTALL_LIBDIR=lib -DCMAKE_PREFIX_PATH="$native" "$@"
  quietly "$logs/$library.log" cmake --build "$cache/source/build-$library" --target install
}
