# The two virtual environments: .venv runs the product, .venv-tests its component tests.

# The test helper pins a Home Assistant release of its own, hence the second environment.
product_requirements=(homeassistant==2026.11.0 playwright pytest pytest-xdist)
test_requirements=(pytest-homeassistant-custom-component==0.13.375 PyTurboJPEG==1.8.3 home-assistant-frontend==20260930.5 pytest hypothesis ruff mypy types-protobuf types-PyYAML)

# create FOLDER REQUIREMENT...: makes the environment unless it has just these requirements.
create() {
  local folder=$root/$1 wanted
  shift
  wanted="$python $*"
  [ "$(cat "$folder/requirements" 2>/dev/null)" = "$wanted" ] && return
  say "Creating ${folder##*/}: $*"
  quietly "$cache/log/venv.log" uv venv --clear --python "$python" "$folder"
  # Some of Home Assistant's requirements are compiled here, against headers that a private Python
  # does not have in the usual place.
  CFLAGS="-I$(include_folder)" CXXFLAGS="-I$(include_folder)" quietly "$cache/log/${folder##*/}.log" \
    uv pip install --python "$folder/bin/python" "$@"
  echo "$wanted" >"$folder/requirements"
}

include_folder() {
  "$python" -c 'import sysconfig, pathlib; print(pathlib.Path(sysconfig.get_path("include")).parent)'
}
