# The two virtual environments: .venv runs the product, .venv-tests its component tests (their helper
# pins a Home Assistant release of its own). script/requirements/ says what is in them.

# create FOLDER REQUIREMENTS: makes the environment unless it was made with this Python and this list.
create() {
  local folder=$root/$1 requirements=$root/script/requirements/$2.txt wanted
  wanted="$python $(fingerprint "$requirements")"
  [ "$(cat "$folder/requirements" 2>/dev/null)" = "$wanted" ] && return
  say "Creating $1 from script/requirements/$2.txt"
  quietly "$logs/venv.log" uv venv --clear --python "$python" "$folder"
  # Some of Home Assistant's requirements are compiled here, against headers that a private Python
  # does not have in the usual place.
  CFLAGS="-I$(include_folder)" CXXFLAGS="-I$(include_folder)" quietly "$logs/$1.log" \
    uv pip install --python "$folder/bin/python" -r "$requirements"
  echo "$wanted" >"$folder/requirements"
}

include_folder() {
  "$python" -c 'import sysconfig, pathlib; print(pathlib.Path(sysconfig.get_path("include")).parent)'
}
