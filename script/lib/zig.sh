# The C and C++ compiler of PyPI's ziglang: on any Linux it builds for Alpine's C library, musl.

# get_zig: leaves musl-PROCESSOR-cc and -c++ in the tools. Names of one word, because libpng's CMake calls no others.
get_zig() {
  local zig=$tools/zig processor language
  if [ ! -x "$zig" ]; then
    say "Getting the compiler zig from PyPI"
    quietly "$logs/zig.log" uv pip install --python "$tools/bin/python" ziglang
    ln -sf "$("$tools/bin/python" -c 'import ziglang; print(ziglang.__path__[0])')/zig" "$zig"
  fi
  for processor in x86_64 aarch64; do
    for language in cc c++; do
      write_compiler "$processor" "$language" >"$tools/compiler"
      # An old one that is the same stays, with its date, by which ccache tells whether it changed.
      cmp -s "$tools/compiler" "$tools/bin/musl-$processor-$language" ||
        install -m 755 "$tools/compiler" "$tools/bin/musl-$processor-$language"
    done
  done
}

# Unlike other compilers, zig makes undefined behaviour a trap when it does not optimise, which is a
# linker's error where a C++ library was built like that and its user was not.
write_compiler() {
  printf '#!/bin/sh\nexec %q %s -target %s-linux-musl -fno-sanitize=undefined "$@"\n' "$tools/zig" "$2" "$1"
}
