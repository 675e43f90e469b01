#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Ordinary applications, with no option to the module, see the view as a plain webcam, and, where a gate
# diverts it, the view in the camera's own place: each has to find the red in the middle of the picture
# that is sealed. Runs in the guest. Arguments: which (all).
cd "$(dirname "$0")/../.." || exit 1
export PATH=$PWD/build:$PATH
# shellcheck source=tests/checks.sh
. tests/checks.sh

red() { # R G B
	[ $# -eq 3 ] && [ "$1" -gt 200 ] && [ "$2" -lt 60 ] && [ "$3" -lt 60 ] ||
		{ echo "the pixel: $*" && return 1; }
}
middle() { # FILE: the pixel in the middle of its first picture, 640x480 RGB
	od -An -tu1 -j $(((240 * 640 + 320) * 3)) -N 3 "$1"
}

modprobe -a videobuf2-v4l2 videobuf2-vmalloc
insmod "build/kmod-$(uname -r)/plateveil.ko" || exit 1
modprobe vivid n_devs=1 node_types=0x1 # a camera, its bars not red in the middle
camera=/dev/video0
read -r id view feed < <(veil create "Red camera" 10000)
gst-launch-1.0 -q videotestsrc pattern=red is-live=true ! \
	video/x-raw,format=YUY2,width=640,height=480,framerate=5/1 ! \
	v4l2sink device="$feed" io-mode=mmap sync=false >/out/seal.txt 2>&1 &
sealer=$!
see_ffmpeg() {
	rm -f /run/ffmpeg.rgb
	ffmpeg -v error -y -f v4l2 -video_size 640x480 -i "$1" -frames:v 3 -pix_fmt rgb24 -f rawvideo /run/ffmpeg.rgb ||
		return 1
	# shellcheck disable=SC2046 # three numbers
	red $(middle /run/ffmpeg.rgb)
}
see_gstreamer() {
	rm -f /run/gst.rgb
	gst-launch-1.0 -q v4l2src device="$1" num-buffers=3 ! videoconvert ! \
		video/x-raw,format=RGB,width=640,height=480 ! filesink location=/run/gst.rgb ||
		return 1
	# shellcheck disable=SC2046 # three numbers
	red $(middle /run/gst.rgb)
}
see_chromium() { # it takes the first camera there is
	local pid what r g b size label log=/out/chromium.txt
	chromium --headless --no-sandbox --disable-gpu --use-fake-ui-for-media-stream --no-first-run \
		--disable-background-networking --disable-component-update --disable-extensions \
		--disable-sync --enable-logging=stderr --user-data-dir=/run/chromium \
		"file://$PWD/tests/apps/page.html" >$log 2>&1 &
	pid=$!
	for _ in $(seq 900); do
		grep -q CONSOLE $log && break
		kill -0 $pid 2>/dev/null || break
		sleep 1
	done
	kill $pid
	IFS=, read -r what r g b size label < <(sed -n 's/.*CONSOLE[^"]*"\([^"]*\)".*/\1/p' $log)
	echo "# chromium: $what $r $g $b $size $label"
	[ "$what" = pixel ] && red "$r" "$g" "$b" && [ "$size" = 640x480 ] && [[ $label == Red* ]]
}

[ $# -gt 0 ] || set -- ffmpeg gstreamer chromium
# It is slow to begin; until then there is the card, which is not red.
wait_for 300 see_ffmpeg "$view" >/dev/null 2>&1
mv $camera /dev/camera
for app; do
	check "$app sees the view as a webcam" "see_$app" "$view"
done
mv /dev/camera $camera
check "the camera itself shows something else" refused see_ffmpeg $camera
check "it is diverted" veil divert "$id" 0
mv "$view" /dev/view
for app; do
	check "$app sees it on the camera's own node" "see_$app" $camera
done
kill $sealer
exit "${failed:-0}"
