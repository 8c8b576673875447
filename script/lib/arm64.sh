# Runs tests in a Linux for ARM64 that qemu boots: qemu's emulation of single programs knows neither
# filters of system calls nor Landlock.

arm64=$cache/arm64 # a kernel and busybox, as Debian packages them for ARM64

get_arm64() {
  need qemu-system-aarch64 qemu-system-arm
  need cpio cpio
  [ -e "$arm64/complete" ] && return
  say "Getting a Linux kernel for ARM64"
  rm -rf "$arm64"
  unpack_with_dependencies trixie:arm64 "$arm64" linux-image-cloud-arm64 busybox-static
  touch "$arm64/complete"
}

# confine_in_arm64 FOLDER...: the tests of what a process gives up, of each of these static builds, in
# a kernel with Landlock and in one without.
confine_in_arm64() {
  local machine=build/cross/arm64 options=(panic=-1 quiet console=ttyAMA0) landlock
  write_arm64_disk "$machine" "$@"
  for landlock in true false; do
    [ "$landlock" = true ] || options+=(lsm=yama)
    say "  Linux with Landlock: $landlock"
    timeout 900 qemu-system-aarch64 -M virt -cpu cortex-a76 -smp 2 -m 1024 -nic none -no-reboot -display none \
      -serial "file:$machine/serial" -kernel "$arm64"/boot/vmlinuz-* -initrd "$machine/initrd" \
      -append "${options[*]}" </dev/null || true
    cat "$machine/serial"
    grep -q '^All passed' "$machine/serial" &&
      [ "$(grep -c "filter of system calls: true, Landlock: $landlock" "$machine/serial")" = $# ] ||
      fail "a test failed, or Linux did not start or lacks what is tested" "What it printed is in $machine/serial."
  done
}

# write_arm64_disk MACHINE FOLDER...: all that Linux finds when it starts.
write_arm64_disk() {
  local machine=$1 disk=$1/disk
  shift
  rm -rf "$machine"
  mkdir -p "$disk"/{bin,tmp} "$disk$root/core" # the tests look for networks where they were built
  cp "$arm64/usr/bin/busybox" "$disk/bin"
  cp --parents "${@/%//tests/confinement/test_confinement}" "$disk"
  cp --parents "$root"/bindings/camclassify_core/default_bundle/*.int8.onnx "$disk"
  write_arm64_init "${@/%//tests/confinement/test_confinement}" >"$disk/init"
  chmod +x "$disk/init"
  (cd "$disk" && find . | cpio --quiet -o -H newc) >"$machine/initrd"
}

# write_arm64_init PROGRAM...: the first program that Linux starts, and the only one.
write_arm64_init() {
  cat <<END
#!/bin/busybox sh
busybox mkdir /proc
busybox mount -t proc none /proc
failed=
for program in $*; do
  echo "\$program on \$(busybox uname -rm)"
  /\$program --no-colors || failed=1
done
[ -n "\$failed" ] || echo 'All passed'
busybox poweroff -f
END
}
