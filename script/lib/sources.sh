# Where the sources of the C and C++ libraries come from: Debian's source packages where there is apt,
# else the projects' own release archives.

declare -A upstream=(
  [zlib]=madler/zlib/archive/refs/tags/v1.3.1.tar.gz
  [libpng1.6]=pnggroup/libpng/archive/refs/tags/v1.6.48.tar.gz
  [libjpeg-turbo]=libjpeg-turbo/libjpeg-turbo/archive/refs/tags/3.1.3.tar.gz
  [highway]=google/highway/archive/refs/tags/1.2.0.tar.gz
  [protozero]=mapbox/protozero/archive/refs/tags/v1.8.1.tar.gz
  [nlohmann-json]=nlohmann/json/archive/refs/tags/v3.11.3.tar.gz
  [doctest]=doctest/doctest/archive/refs/tags/v2.4.11.tar.gz
  [onnxruntime]=microsoft/onnxruntime/releases/download/v1.21.0/onnxruntime-linux-x64-1.21.0.tgz
)

# fetch_source LIBRARY: its source, unpacked in $cache/source/LIBRARY.
fetch_source() {
  if have apt-get; then
    fetch_debian_source "$1"
  else
    fetch_upstream "$1"
  fi
}

# A mirror may list a version that it does not hold (yet, or any more), so several suites are tried.
fetch_debian_source() {
  local from
  for from in trixie forky sid bookworm; do
    (cd "$cache/source" && suite "$from" source "$1/$from" >"$logs/source-$1.log" 2>&1) && break
    rm -rf "$cache/source/$1"[-_]*
  done
  mv "$cache/source/$1"-*/ "$cache/source/$1" ||
    fail "the source of $1 cannot be fetched" "See $logs/source-$1.log."
}

fetch_upstream() {
  mkdir -p "$cache/source/$1"
  quietly "$logs/source-$1.log" curl --fail --location --retry 3 --silent --show-error \
    --output "$cache/source/$1.tar.gz" "https://github.com/${upstream[$1]}"
  tar -xzf "$cache/source/$1.tar.gz" --strip-components=1 -C "$cache/source/$1"
}
