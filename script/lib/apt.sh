# Debian packages: installed where we are root, or unpacked privately where they must not touch the system.

can_install() { have apt-get && [ "$(id -u)" = 0 ]; }

# need COMMAND PACKAGE...: installs the Debian packages unless the command is there already.
need() {
  local command=$1
  shift
  have "$command" && return
  can_install || fail "$command is missing" "Install it, on Debian or Ubuntu with: sudo apt-get install $*"
  install_packages "$@"
}

# need_library SONAME PACKAGE...: the same for a shared library.
need_library() {
  [[ $(/sbin/ldconfig -p 2>/dev/null) == *"$1"* ]] && return
  can_install || fail "$1 is missing" "Install it, on Debian or Ubuntu with: sudo apt-get install ${*:2}"
  install_packages "${@:2}"
}

install_packages() {
  local wait=(-o DPkg::Lock::Timeout=600) # seconds, for another program that installs something
  say "Installing Debian packages: $*"
  quietly "$logs/apt-update.log" apt-get "${wait[@]}" update
  DEBIAN_FRONTEND=noninteractive quietly "$logs/apt-install.log" \
    apt-get "${wait[@]}" install -y --no-install-recommends "$@"
}

# suite NAME[:ARCHITECTURE] COMMAND...: runs apt-get with the lists of another Debian suite, or of
# another processor's packages, and nothing else, so that packages can be fetched from it while the
# system's own configuration stays as it is.
suite() {
  local name=$1
  shift
  local options=(
    -q -o "Dir::Etc::sourcelist=$cache/apt/$name.sources" -o Dir::Etc::sourceparts=-
    -o "Dir::State::Lists=$cache/apt/$name" -o APT::Sandbox::User=root
  )
  [[ $name != *:* ]] || options+=(-o "APT::Architecture=${name#*:}" -o "APT::Architectures=${name#*:}")
  if [ -z "$(find "$cache/apt/$name" -name '*Packages*' -mmin -600 2>/dev/null)" ]; then
    mkdir -p "$cache/apt/$name/partial"
    debian_source "${name%:*}" >"$cache/apt/$name.sources"
    quietly "$logs/apt-$name.log" apt-get "${options[@]}" update
  fi
  apt-get "${options[@]}" "$@"
}

# debian_source SUITE: a source of that suite at the mirror, and with the key, that the system uses.
debian_source() {
  local uri key=/usr/share/keyrings/debian-archive-keyring.gpg
  uri=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' |
    awk '/\/debian\/?$/ && !found { print; found = 1 }')
  [ -n "$uri" ] || fail "no Debian mirror is configured on this machine" \
    "docs/development.md lists what to install by other means."
  [ -e "$key" ] || fail "Debian's archive keys are missing" "Run: sudo apt-get install debian-archive-keyring"
  printf 'Types: deb deb-src\nURIs: %s\nSuites: %s\nComponents: main\nSigned-By: %s\n' "$uri" "$1" "$key"
}

# unpack SUITE[:ARCHITECTURE] PREFIX PACKAGE...: unpacks the packages below PREFIX without installing them.
unpack() {
  local from=$1 prefix=$2 folder
  shift 2
  folder=$(mktemp -d "$cache/apt/unpack.XXXXXX")
  (cd "$folder" && quietly "$logs/download.log" suite "$from" download "${@/%//${from%:*}}")
  unpack_all "$folder" "$prefix"
}

# unpack_with_dependencies SUITE[:ARCHITECTURE] PREFIX PACKAGE...: the same with everything that they depend on.
unpack_with_dependencies() {
  local from=$1 prefix=$2 folder
  shift 2
  folder=$(mktemp -d "$cache/apt/unpack.XXXXXX")
  mkdir "$folder/partial"
  quietly "$logs/download.log" suite "$from" -o Dir::State::status=/dev/null -o "Dir::Cache::archives=$folder" \
    -o Debug::NoLocking=1 install --download-only --no-install-recommends -y "$@"
  unpack_all "$folder" "$prefix"
}

# unpack_all FOLDER PREFIX: unpacks the folder's packages below PREFIX, and removes the folder.
unpack_all() {
  mkdir -p "$2"
  local package
  for package in "$1"/*.deb; do dpkg-deb -x "$package" "$2"; done
  rm -rf "$1"
}
