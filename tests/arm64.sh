#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The programs build for arm64, and run by qemu-user find and draw what they do on this machine; the module builds for
# Debian's arm64 kernel, which is then booted in a machine of its own to veil a camera (tests/arm64/init). `all` has
# the module's own tests run there, too. Libraries, kernel and headers come from Debian's arm64 packages into the
# cache; nothing of this machine's own apt is changed.
set -u -o pipefail
cd "$(dirname "$0")/.." || exit 1
PATH=$PATH:/usr/sbin:/sbin
cache=${PLATEVEIL_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/plateveil}/arm64
packages=(libxnnpack-dev libpthreadpool-dev zlib1g-dev libjpeg62-turbo-dev libturbojpeg0-dev libv4l-dev libinih-dev
	libcjson-dev libudev-dev libseccomp-dev)
# With the libraries behind them, which other releases call otherwise, and what a machine needs to run them.
mapfile -t libraries < <(LC_ALL=C apt-cache depends "${packages[@]}" |
	sed -n 's/^ *Depends: \(lib[a-z0-9.-]*\|zlib1g\)$/\1/p' | grep -v '^libc6' | sort -u)
packages+=("${libraries[@]}" libcpuinfo0 libc6 libgcc-s1 busybox-static)
out=build/arm64
sysroot=$cache/libraries-$(printf '%s\n' "${packages[@]}" | cksum | cut -d' ' -f1)
release=$(scripts/vm/kernel) && release=${release%-*}-arm64 || exit 1
headers=$cache/linux-headers-$release kernel=$cache/linux-image-$release
programs=(plateveil plateveild veil viewer pattern webcam breakout)
[ "${1:-}" != all ] || programs+=(module-tests)
# shellcheck source=tests/checks.sh
. tests/checks.sh

fetch() { # FOLDER PACKAGE...
	local to=$1 tmp lists deb part
	shift
	[ ! -d "$to" ] || return 0
	tmp=$(mktemp -d "$(dirname "$cache")/.arm64.XXXXXX") || return 1
	# shellcheck disable=SC2064 # it is known now
	trap "rm -rf '$tmp'" EXIT
	lists=$tmp/lists
	mkdir -p "$lists/partial" "$tmp/root" "$tmp/debs"
	local apt=(apt-get -qq -o "APT::Architectures=amd64,arm64" -o "Dir::State::Lists=$lists"
		-o APT::Sandbox::User=root -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache=)
	"${apt[@]}" update >&2
	(cd "$tmp/debs" && "${apt[@]}" download "${@/%/:arm64}" >&2) || return 1
	for deb in "$tmp"/debs/*.deb; do
		dpkg-deb -x "$deb" "$tmp/root" || return 1
	done
	# As modprobe and others expect it of releases that have all of it in /usr.
	for part in bin lib; do
		[ -e "$tmp/root/$part" ] || ln -s "usr/$part" "$tmp/root/$part"
	done
	mkdir -p "$cache" && mv -T "$tmp/root" "$to"
	rm -rf "$tmp"
}

# Kbuild's programs come for arm64; those of this machine's headers do the same.
module_builds() {
	local tree=$headers/usr/src/linux-headers-$release part
	for part in scripts tools; do
		ln -sfn "/usr/lib/$(basename "$(dirname "$(readlink "$tree/$part")")")/$part" "$tree/$part"
	done
	rm -rf $out/kmod && mkdir -p $out/kmod && cp -r Kbuild kmod $out/kmod/
	if ! make -C "$tree" M="$PWD/$out/kmod" CC=aarch64-linux-gnu-gcc ARCH=arm64 \
		CROSS_COMPILE=aarch64-linux-gnu- W=1 modules >$out/module.log 2>&1; then
		tail -n 5 $out/module.log
		return 1
	fi
	! grep -E 'warning|WARNING' $out/module.log
}

libs=("$sysroot/usr/lib/aarch64-linux-gnu" "$sysroot/lib/aarch64-linux-gnu")
link="-L${libs[0]} -L${libs[1]} -Wl,-rpath-link,${libs[0]}:${libs[1]}"
programs_build() {
	local include="-isystem $sysroot/usr/include -isystem $sysroot/usr/include/aarch64-linux-gnu"
	make -j"$(nproc)" BUILD=$out/tree CC="aarch64-linux-gnu-gcc $include $link" \
		"${programs[@]/#/$out/tree/}" >$out/make.log 2>&1 ||
		{ grep -E '(error|warning):|undefined' $out/make.log; return 1; }
}
on_arm64() { # COMMAND...
	qemu-aarch64-static -L /usr/aarch64-linux-gnu -E LD_LIBRARY_PATH="${libs[0]}:${libs[1]}" "$@"
}

# --- a machine ----------------------------------------------------------------

make_initrd() {
	local tree=$out/initrd file
	rm -rf $tree && mkdir -p $tree/{bin,etc,new,modules} $tree/usr/lib/aarch64-linux-gnu
	depmod -b "$kernel" "$release" &&
		modprobe -d "$kernel" -S "$release" --show-depends --ignore-install -a vivid uvcvideo vhci-hcd |
		sed -nE 's/^insmod (.*\.ko(\.[a-z0-9]+)?)( .*)?$/\1/p' | awk '!seen[$0]++' >$out/modules || return 1
	while read -r file; do
		cp "$file" $tree/modules/ && echo "${file##*/}" >>$tree/modules/order || return 1
	done <$out/modules
	cp -L "${libs[0]}"/*.so.* $tree/usr/lib/aarch64-linux-gnu/ &&
		{ [ "${libs[1]}" -ef "${libs[0]}" ] || cp -L "${libs[1]}"/*.so.* $tree/usr/lib/aarch64-linux-gnu/; } &&
		ln -s usr/lib $tree/lib && cp -L "$sysroot"/lib/ld-linux-aarch64.so.1 $tree/usr/lib/ &&
		cp "$sysroot/bin/busybox" "${programs[@]/#/$out/tree/}" $tree/bin/ &&
		cp $out/kmod/plateveil.ko $tree/modules/ && cp tests/arm64/init tests/checks.sh $tree/ &&
		printf '%s\n' root:x:0:0::/:/bin/sh nobody:x:65534:65534::/:/bin/sh >$tree/etc/passwd &&
		printf '%s\n' root:x:0: nogroup:x:65534: >$tree/etc/group || return 1
	# As tests/vm has them.
	mkdir -p $tree/etc/plateveil
	printf '%s\n' '[veil]' 'search = 320' 'deadline = 20000' 'lease = 3000' '[zone "code"]' \
		'rectangle = 40 40 25 20' >$tree/etc/plateveil/plateveil.conf
	(cd $tree && find . | cpio -o -H newc -R 0:0 --quiet | gzip -1) >$out/initrd.gz
}
machine() {
	timeout --foreground -k 5 1800 qemu-system-aarch64 -nodefaults -no-user-config -nographic -no-reboot -nic none -M virt -cpu max \
		-accel tcg,thread=multi -m 2048 -smp 2 -kernel "$kernel/boot/vmlinuz-$release" -initrd $out/initrd.gz \
		-serial stdio -append "console=ttyAMA0 rdinit=/init quiet panic=-1" </dev/null 2>&1 | sed -u 's,\r$,,' |
		tee $out/console.log
	grep -qx END $out/console.log || not_ok "the machine comes to its end"
	! grep -q '^not ok' $out/console.log || failed=1
}

mkdir -p "$(dirname "$cache")" $out
if ! { fetch "$sysroot" "${packages[@]}" && fetch "$headers" "linux-headers-$release" &&
	fetch "$kernel" "linux-image-$release"; }; then
	not_ok "Debian's arm64 packages can be fetched"
	exit 1
fi
check "the module builds for $release without a warning" module_builds
check "the programs build for arm64" programs_build
check "and run there" test "$(on_arm64 $out/tree/plateveil --version)" = "$(build/plateveil --version)"
check "a photo is redacted there" on_arm64 $out/tree/plateveil redact scripts/demo/before-after.jpg $out/arm64.jpg
build/plateveil redact scripts/demo/before-after.jpg $out/native.jpg || exit 1
check "to the byte as it is here" cmp $out/native.jpg $out/arm64.jpg

# What is found, with scores, to the last digit.
sources=(userspace/detect/*.c userspace/detect/weights.S tests/arm64/finds.c)
flags=(-std=c11 -D_GNU_SOURCE -Iuserspace -O2 '-DPV_WEIGHTS="userspace/detect/network.pvn"'
	'-DPV_SECOND="userspace/detect/second.pvn"')
# shellcheck disable=SC2086 # words
aarch64-linux-gnu-gcc "${flags[@]}" -isystem "$sysroot/usr/include" "${sources[@]}" -o $out/finds-arm64 $link \
	-lXNNPACK -lpthreadpool -lz -lm &&
	gcc "${flags[@]}" "${sources[@]}" -o $out/finds -lXNNPACK -lpthreadpool -lz -lm &&
	ffmpeg -v error -y -i scripts/demo/before-after.jpg -f rawvideo -pix_fmt gray -s 960x384 $out/luma &&
	$out/finds $out/luma 960 384 >$out/native.txt || exit 1
on_arm64 $out/finds-arm64 $out/luma 960 384 >$out/arm64.txt
check "there is something to find" test -s $out/native.txt
check "it finds there what it finds here ($(wc -l <$out/native.txt) finds)" cmp $out/native.txt $out/arm64.txt

check "a machine to boot" make_initrd
[ $failed -ne 0 ] || machine
exit $failed
