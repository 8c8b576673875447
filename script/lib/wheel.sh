# Builds the project's wheel and installs it in the virtual environments, when its sources have changed.

wheel_sources() {
  (cd "$root" && git ls-files --cached --others --exclude-standard -- \
    pyproject.toml core/CMakeLists.txt core/cmake core/include core/src bindings README.md |
    while read -r file; do [ -f "$file" ] && echo "$root/$file"; done)
}

wheel_fingerprint() { wheel_sources | xargs cat "$native/recipe" | sha256sum | cut -c1-16; }

# install_wheel ENVIRONMENT EXTRAS
install_wheel() {
  local environment=$root/$1 extras=$2 wanted wheel
  [ -f "$root/pyproject.toml" ] && grep -q '^\[build-system\]' "$root/pyproject.toml" || return 0
  wanted=$(wheel_fingerprint)
  [ "$(cat "$environment/wheel" 2>/dev/null)" = "$wanted" ] && return
  build_wheel build/wheel
  say "Installing the wheel in $1"
  wheel=$(echo "$root"/build/wheel/*.whl)
  quietly "$logs/install-wheel.log" uv pip install --python "$environment/bin/python" \
    --link-mode copy --reinstall-package camclassify "$wheel$extras"
  echo "$wanted" >"$environment/wheel"
}

# build_wheel FOLDER
build_wheel() {
  local folder=$root/$1 wanted
  wanted=$(wheel_fingerprint)
  [ "$(cat "$folder/sources" 2>/dev/null)" = "$wanted" ] && return
  say "Building the wheel (output in $logs/wheel.log)"
  rm -rf "$folder"
  # scikit-build-core sets CMAKE_PREFIX_PATH itself, so the libraries come through the environment. The compiler
  # that it takes from Python has another name than CMake's own, and ccache would take it for another one.
  CC=${CC:-cc} CXX=${CXX:-c++} CMAKE_PREFIX_PATH=$native CMAKE_ARGS="-C $native/native.cmake ${CMAKE_ARGS:-}" \
    quietly "$logs/wheel.log" uv build --wheel --python "$python" -o "$folder" "$root"
  echo "$wanted" >"$folder/sources"
}
