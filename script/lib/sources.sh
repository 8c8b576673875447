# Where the sources of the C and C++ libraries come from: Debian's source packages where there is apt,
# whose signatures apt checks, else the projects' own release archives, whose checksums are here.

declare -A upstream=(
  [zlib]=madler/zlib/archive/refs/tags/v1.3.1.tar.gz
  [libpng1.6]=pnggroup/libpng/archive/refs/tags/v1.6.58.tar.gz
  [libjpeg-turbo]=libjpeg-turbo/libjpeg-turbo/archive/refs/tags/3.1.3.tar.gz
  [libwebp]=webmproject/libwebp/archive/refs/tags/v1.5.0.tar.gz
  [highway]=google/highway/archive/refs/tags/1.2.0.tar.gz
  [protozero]=mapbox/protozero/archive/refs/tags/v1.8.1.tar.gz
  [nlohmann-json]=nlohmann/json/archive/refs/tags/v3.11.3.tar.gz
  [doctest]=doctest/doctest/archive/refs/tags/v2.4.11.tar.gz
  [onnxruntime]=microsoft/onnxruntime/releases/download/v1.23.2/onnxruntime-linux-x64-1.23.2.tgz
)
declare -A sha256=(
  [zlib]=17e88863f3600672ab49182f217281b6fc4d3c762bde361935e436a95214d05c
  [libpng1.6]=a9d4df463d36a6e5f9c29bd6f4967312d17e996c1854f3511f833924eb1993cf
  [libjpeg-turbo]=3a13a5ba767dc8264bc40b185e41368a80d5d5f945944d1dbaa4b2fb0099f4e5
  [libwebp]=668c9aba45565e24c27e17f7aaf7060a399f7f31dba6c97a044e1feacb930f37
  [highway]=7e0be78b8318e8bdbf6fa545d2ecb4c90f947df03f7aadc42c1967f019e63343
  [protozero]=6c7a896f1dc08435e8cd4f3780ff688cd0bfce6890599b755f6f3cb36398dc25
  [nlohmann-json]=0d8ef5af7f9794e3263480193c491549b2ba6cc74bb018906202ada498a79406
  [doctest]=632ed2c05a7f53fa961381497bf8069093f0d6628c5f26286161fbd32a560186
  [onnxruntime]=1fa4dcaef22f6f7d5cd81b28c2800414350c10116f5fdd46a2160082551c5f9b
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
  sha256sum --status --check <<<"${sha256[$1]}  $cache/source/$1.tar.gz" ||
    fail "the source of $1 is not what it was when it was chosen" \
      "Its SHA-256 differs from the one in script/lib/sources.sh: $cache/source/$1.tar.gz."
  tar -xzf "$cache/source/$1.tar.gz" --strip-components=1 -C "$cache/source/$1"
}
