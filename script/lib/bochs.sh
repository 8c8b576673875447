# Runs tests in a Linux that the emulator Bochs boots: it executes AVX-512, which qemu does not.

bochs=$cache/bochs # the emulator, a kernel, a boot loader and busybox, as Debian packages them

get_bochs() {
  need xorriso xorriso
  [ -e "$bochs/complete" ] && return
  say "Getting the emulator Bochs and a Linux kernel"
  rm -rf "$bochs"
  unpack_with_dependencies trixie "$bochs" bochs bochs-term bochsbios vgabios \
    linux-image-cloud-amd64 isolinux syslinux-common busybox-static
  touch "$bochs/complete"
}

# run_in_bochs FOLDER SET...: the tests of kernels, ops and runner in a static build, on each instruction set.
run_in_bochs() {
  local programs=$1/tests machine=$1/bochs
  shift
  rm -rf "$machine"
  mkdir -p "$machine"/{disk,root/bin}
  cp "$bochs/usr/bin/busybox" "$programs"/{kernels/test_kernels,ops/test_ops,runner/test_runner} "$machine/root/bin"
  write_init "$@" >"$machine/root/init"
  chmod +x "$machine/root/init"
  write_disk "$machine"
  write_settings "$machine" >"$machine/bochsrc"
  boot "$machine"
  cat "$machine/serial"
  grep -q '^All passed' "$machine/serial" ||
    fail "a test failed, or Linux did not start" "What Linux printed is in $machine/serial, what Bochs did in $machine/log."
}

# write_init SET...: the first program that Linux starts, and the only one.
write_init() {
  cat <<END
#!/bin/busybox sh
failed=
for set in $*; do
  for program in test_kernels test_ops test_runner; do
    echo "\$program on \$set"
    CAMCLASSIFY_TARGET=\$set \$program --no-colors || failed=1
  done
done
[ -n "\$failed" ] || echo 'All passed'
busybox sleep 2 # until the last line is out
busybox poweroff -f
END
}

write_disk() {
  local disk=$1/disk
  (cd "$1/root" && find . | "$bochs/usr/bin/busybox" cpio -o -H newc 2>/dev/null) >"$disk/initrd"
  cp "$bochs"/boot/vmlinuz-* "$disk/vmlinuz"
  cp "$bochs/usr/lib/ISOLINUX/isolinux.bin" "$bochs/usr/lib/syslinux/modules/bios/ldlinux.c32" "$disk"
  # Bochs 3.0 fails at pages in five levels and at the saving of PKU's and AMX's registers.
  cat >"$disk/isolinux.cfg" <<END
default linux
label linux
kernel vmlinuz
append initrd=initrd console=ttyS0 loglevel=1 no5lvl clearcpuid=pku,amx_tile,amx_int8,amx_bf16
END
  quietly "$logs/xorriso.log" xorriso -as mkisofs -o "$1/disk.iso" -b isolinux.bin -c boot.cat \
    -no-emul-boot -boot-load-size 4 -boot-info-table "$disk"
}

# This processor has all of AVX-512, AVX-512 VNNI and AVX-VNNI.
write_settings() {
  cat <<END
cpu: model=sapphire_rapids, ips=50000000, ignore_bad_msrs=1
megs: 1024
romimage: file=$bochs/usr/share/bochs/BIOS-bochs-latest
vgaromimage: file=$bochs/usr/share/bochs/VGABIOS-lgpl-latest
ata0-master: type=cdrom, path=$1/disk.iso, status=inserted
boot: cdrom
com1: enabled=1, mode=file, dev=$1/serial
display_library: rfb, options="timeout=0"
log: $1/log
error: action=ignore
info: action=ignore
panic: action=fatal
END
}

# Debian's Bochs starts in its debugger, which is told to continue, and without its own C library it would not start.
boot() {
  local libraries=$bochs/usr/lib/x86_64-linux-gnu
  echo continue >"$1/debugger"
  LTDL_LIBRARY_PATH=$libraries/bochs/plugins timeout 3600 "$libraries/ld-linux-x86-64.so.2" \
    --library-path "$libraries" "$bochs/usr/bin/bochs-bin" -q -f "$1/bochsrc" -rc "$1/debugger" \
    </dev/null >"$1/screen" 2>&1 || true
}
