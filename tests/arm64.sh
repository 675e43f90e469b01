#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The programs build for arm64, and run by qemu-user find and draw what they do on this machine; the module builds for
# Debian's arm64 kernel. Libraries and kernel headers come from Debian's arm64 packages into the cache; nothing of
# this machine's own apt is changed.
set -u -o pipefail
cd "$(dirname "$0")/.." || exit 1
cache=${PLATEVEIL_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/plateveil}/arm64
packages=(libxnnpack-dev libpthreadpool-dev zlib1g-dev libjpeg62-turbo-dev libv4l-dev libinih-dev libcjson-dev
	libudev-dev libseccomp-dev)
# With the libraries behind them, which other releases call otherwise.
mapfile -t libraries < <(LC_ALL=C apt-cache depends "${packages[@]}" |
	sed -n 's/^ *Depends: \(lib[a-z0-9.-]*\|zlib1g\)$/\1/p' | grep -v '^libc6' | sort -u)
packages=("${packages[@]}" "${libraries[@]}" libcpuinfo0)
out=build/arm64
sysroot=$cache/$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
kernel=$(scripts/vm/kernel) && kernel=${kernel%-*}-arm64 || exit 1
headers=$cache/linux-headers-$kernel
# shellcheck source=tests/checks.sh
. tests/checks.sh

fetch() { # FOLDER PACKAGE...
	local to=$1 tmp lists
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
	(cd "$tmp/debs" && "${apt[@]}" download "${@/%/:arm64}" >&2) &&
		for deb in "$tmp"/debs/*.deb; do
			dpkg-deb -x "$deb" "$tmp/root" || return 1
		done && mkdir -p "$cache" && mv -T "$tmp/root" "$to"
	rm -rf "$tmp"
}

# Which come with programs for arm64; those of this machine's headers do the same.
module_builds() {
	local tree=$headers/usr/src/linux-headers-$kernel part
	for part in scripts tools; do
		ln -sfn "/usr/lib/$(basename "$(dirname "$(readlink "$tree/$part")")")/$part" "$tree/$part"
	done
	rm -rf $out/kmod && mkdir -p $out/kmod && cp -r Kbuild kmod $out/kmod/ &&
		make -C "$tree" M="$PWD/$out/kmod" CC=aarch64-linux-gnu-gcc ARCH=arm64 \
			CROSS_COMPILE=aarch64-linux-gnu- W=1 modules >$out/module.log 2>&1 &&
		! grep -E 'warning|WARNING' $out/module.log || { tail -n 5 $out/module.log; return 1; }
}

on_arm64() { # COMMAND...
	qemu-aarch64-static -L /usr/aarch64-linux-gnu -E LD_LIBRARY_PATH="$lib:$sysroot/lib/aarch64-linux-gnu" "$@"
}

mkdir -p "$(dirname "$cache")" $out
fetch "$sysroot" "${packages[@]}" && fetch "$headers" "linux-headers-$kernel" || {
	echo "not ok - Debian's arm64 packages can be fetched"
	exit 1
}
check "the module builds for $kernel without a warning" module_builds
lib=$sysroot/usr/lib/aarch64-linux-gnu
link="-L$lib -L$sysroot/lib/aarch64-linux-gnu -Wl,-rpath-link,$lib:$sysroot/lib/aarch64-linux-gnu"
programs_build() {
	make -j"$(nproc)" BUILD=$out/tree LDFLAGS="$link" CC="aarch64-linux-gnu-gcc -isystem $sysroot/usr/include \
		-isystem $sysroot/usr/include/aarch64-linux-gnu" $out/tree/plateveil $out/tree/plateveild >$out/make.log 2>&1 ||
		{ grep -E '(error|warning):' $out/make.log; return 1; }
}
check "plateveil and plateveild build for arm64" programs_build
check "and run there" test "$(on_arm64 $out/tree/plateveil --version)" = "$(build/plateveil --version)"
check "a photo is redacted there" on_arm64 $out/tree/plateveil redact scripts/demo/before-after.jpg $out/arm64.jpg
build/plateveil redact scripts/demo/before-after.jpg $out/native.jpg || exit 1
check "to the byte as it is here" cmp $out/native.jpg $out/arm64.jpg

sources=(userspace/detect/*.c tests/arm64/finds.c)
flags=(-std=c11 -D_GNU_SOURCE -Iuserspace -Wall -Wextra -Werror -Wshadow -O2)
weights=('-DPV_WEIGHTS="userspace/detect/network.pvn"' '-DPV_SECOND="userspace/detect/second.pvn"')
# shellcheck disable=SC2086 # words
check "the detector compiles for arm64" aarch64-linux-gnu-gcc "${flags[@]}" -isystem "$sysroot/usr/include" \
	"${weights[@]}" "${sources[@]}" userspace/detect/weights.S -o $out/finds-arm64 $link \
	-lXNNPACK -lpthreadpool -lz -lm
gcc "${flags[@]}" "${weights[@]}" "${sources[@]}" userspace/detect/weights.S -o $out/finds \
	-lXNNPACK -lpthreadpool -lz -lm || exit 1
ffmpeg -v error -y -i scripts/demo/before-after.jpg -f rawvideo -pix_fmt gray -s 960x384 $out/luma || exit 1
$out/finds $out/luma 960 384 >$out/native.txt || exit 1
on_arm64 $out/finds-arm64 $out/luma 960 384 >$out/arm64.txt || not_ok "it runs there"
check "there is something to find" test -s $out/native.txt
check "it finds there what it finds here ($(wc -l <$out/native.txt) finds)" cmp $out/native.txt $out/arm64.txt
exit $failed
