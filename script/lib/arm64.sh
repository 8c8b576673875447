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

# confine_in_arm64 FOLDER...: the tests of what a process gives up, of each of these static builds.
confine_in_arm64() {
  local machine=build/cross/arm64 programs=("${@/%//tests/confinement/test_confinement}")
  rm -rf "$machine"
  mkdir -p "$machine"/disk/{bin,tmp} "$machine/disk$root/core" # the tests look for networks where they were built
  cp --parents "${programs[@]}" "$machine/disk"
  cp --parents "$root"/bindings/camclassify_core/default_bundle/*.int8.onnx "$machine/disk"
  boot_arm64 "$machine" 1024 "${programs[@]/%/ --no-colors}"
}

# boot_arm64 MACHINE MEGABYTES COMMAND...: starts Linux on MACHINE/disk, once with Landlock and once
# without. Each command must pass, and say that the kernel has what it tests.
boot_arm64() {
  local machine=$1 memory=$2 options=(panic=-1 quiet console=ttyAMA0) landlock
  shift 2
  write_arm64_disk "$machine" "$@"
  for landlock in true false; do
    [ "$landlock" = true ] || options+=(lsm=yama)
    say "  Linux with Landlock: $landlock"
    timeout 1800 qemu-system-aarch64 -M virt -cpu cortex-a76 -smp 2 -m "$memory" -nic none -no-reboot -display none \
      -serial "file:$machine/serial" -kernel "$arm64"/boot/vmlinuz-* -initrd "$machine/initrd" \
      -append "${options[*]}" </dev/null || true
    cat "$machine/serial"
    grep -q '^All passed' "$machine/serial" &&
      [ "$(grep -ci "filter of system calls: true, Landlock: $landlock" "$machine/serial")" = $# ] ||
      fail "a test failed, or Linux did not start or lacks what is tested" "What it printed is in $machine/serial."
  done
}

# write_arm64_disk MACHINE COMMAND...: makes of MACHINE/disk all that Linux finds when it starts.
write_arm64_disk() {
  local machine=$1
  shift
  cp "$arm64/usr/bin/busybox" "$machine/disk/bin"
  write_arm64_init "$@" >"$machine/disk/init"
  chmod +x "$machine/disk/init"
  (cd "$machine/disk" && find . | cpio --quiet -o -H newc) >"$machine/initrd"
}

# write_arm64_init COMMAND...: the first program that Linux starts, which starts all others.
write_arm64_init() {
  cat <<END
#!/bin/busybox sh
busybox mkdir -p /proc /sys /dev
busybox mount -t proc none /proc
busybox mount -t sysfs none /sys
busybox mount -t devtmpfs none /dev
busybox ip link set lo up # else no connection could be opened anyway
failed=
for command in ${*@Q}; do
  echo "\$command on \$(busybox uname -rm)"
  \$command || failed=1
done
[ -n "\$failed" ] || echo 'All passed'
busybox poweroff -f
END
}
