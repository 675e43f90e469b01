#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The detector built for arm64, run by qemu-user, finds what it finds on this machine. The libraries
# come from Debian's arm64 packages into the cache; nothing of this machine's own apt is changed.
set -u -o pipefail
cd "$(dirname "$0")/.." || exit 1
cache=${PLATEVEIL_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/plateveil}/arm64
xnnpack=$(LC_ALL=C apt-cache depends libxnnpack-dev | sed -n 's/^ *Depends: \(libxnnpack[0-9].*\)$/\1/p')
packages=("$xnnpack" libxnnpack-dev libpthreadpool0 libpthreadpool-dev libcpuinfo0 zlib1g zlib1g-dev)
out=build/arm64
sysroot=$cache/$xnnpack # of another release it is called otherwise
# shellcheck source=tests/checks.sh
. tests/checks.sh

fetch() {
	local tmp lists
	tmp=$(mktemp -d "$(dirname "$cache")/.arm64.XXXXXX") || return 1
	# shellcheck disable=SC2064 # it is known now
	trap "rm -rf '$tmp'" EXIT
	lists=$tmp/lists
	mkdir -p "$lists/partial" "$tmp/root" "$tmp/debs"
	local apt=(apt-get -qq -o "APT::Architectures=amd64,arm64" -o "Dir::State::Lists=$lists"
		-o APT::Sandbox::User=root -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache=)
	"${apt[@]}" update >&2
	(cd "$tmp/debs" && "${apt[@]}" download "${packages[@]/%/:arm64}" >&2) &&
		for deb in "$tmp"/debs/*.deb; do
			dpkg-deb -x "$deb" "$tmp/root" || return 1
		done && mkdir -p "$cache" && mv -T "$tmp/root" "$sysroot"
}

on_arm64() {
	qemu-aarch64-static -L /usr/aarch64-linux-gnu -E LD_LIBRARY_PATH="$lib:$sysroot/lib/aarch64-linux-gnu" \
		$out/finds-arm64 $out/luma 960 384 >$out/arm64.txt
}

mkdir -p "$(dirname "$cache")" $out
[ -d "$sysroot" ] || fetch || {
	echo "not ok - Debian's arm64 libraries can be fetched"
	exit 1
}
sources=(userspace/detect/*.c tests/arm64/finds.c)
flags=(-std=c11 -D_GNU_SOURCE -Iuserspace -Wall -Wextra -Werror -Wshadow -O2)
weights=('-DPV_WEIGHTS="userspace/detect/network.pvn"' '-DPV_SECOND="userspace/detect/second.pvn"')
lib=$sysroot/usr/lib/aarch64-linux-gnu
check "the detector compiles for arm64" aarch64-linux-gnu-gcc "${flags[@]}" -isystem "$sysroot/usr/include" \
	"${weights[@]}" "${sources[@]}" userspace/detect/weights.S -o $out/finds-arm64 -L"$lib" \
	-L"$sysroot/lib/aarch64-linux-gnu" -Wl,-rpath-link,"$lib" -lXNNPACK -lpthreadpool -lz -lm
gcc "${flags[@]}" "${weights[@]}" "${sources[@]}" userspace/detect/weights.S -o $out/finds \
	-lXNNPACK -lpthreadpool -lz -lm || exit 1
ffmpeg -v error -y -i scripts/demo/before-after.jpg -f rawvideo -pix_fmt gray -s 960x384 $out/luma || exit 1
$out/finds $out/luma 960 384 >$out/native.txt || exit 1
check "it runs there" on_arm64
check "there is something to find" test -s $out/native.txt
check "it finds there what it finds here ($(wc -l <$out/native.txt) finds)" cmp $out/native.txt $out/arm64.txt
exit $failed
