# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The tests of the service and of the command line, for tests/vm/guest.sh.
# shellcheck disable=SC2154,SC2034 # what guest.sh sets and uses

saw_since() { # NAME KIND SECONDS: has it seen such a frame since then?
	awk -v t="$3" -v kind="$2" '$1 > t && $2 == kind { seen = 1 } END { exit !seen }' "/run/$1"
}
# Whatever was run before.
veiled_camera() {
	[ -n "${webcam_pid:-}" ] || plug
	plateveil status | grep -q '^Emulated Webcam' || veil_up
}

# How many frames of the old rules an application still gets after the command has ended: one may be
# in the veiler's hands, one sealed. Milliseconds are the emulated processor's, which may stand still: three tries.
rules_reach() { # NAME
	local try forth back
	for try in 1 2 3; do
		forth=1 back=1
		rule_reaches "$1" whole plateveil rules set deadline 1 || forth=
		rule_reaches "$1" veiled plateveil rules set deadline 20000 || back=
		[ -z "$forth" ] || [ -z "$back" ] || return 0
	done
	return 1
}
rule_reaches() { # NAME KIND COMMAND...: the kind of frames that the command brings about
	local name=$1 kind=$2 ended
	shift 2
	"$@" >/dev/null || return 1
	ended=$(cut -d' ' -f1 /proc/uptime)
	wait_for 60 saw_since "$name" "$kind" "$ended" || return 1
	awk -v t="$ended" -v kind="$kind" '$1 > t && $2 == kind { ms = ($1 - t) * 1000; exit }
		$1 > t { old++ }
		END { printf "# %d frames and %d ms after the command: %s\n", old, ms, kind; exit old > 2 }' "/run/$name"
}

fits() { # COMMAND...: its output, in 80 columns
	"$@" >/run/page || return 1
	awk 'length > 80 { bad = 1 } END { exit bad }' /run/page
}
ask() { # JSON [UID GID]: what plateveild answers
	setpriv --reuid "${2:-0}" --regid "${3:-0}" --clear-groups perl -MSocket -e '
		socket(S, AF_UNIX, SOCK_STREAM, 0);
		connect(S, sockaddr_un("/run/plateveil/control")) or die "no\n";
		syswrite(S, "$ARGV[0]\n"); print scalar <S>' "$1" 2>&1
}
answers() { # PATTERN JSON [UID GID]
	local pattern=$1
	shift
	ask "$@" | grep -q -- "$pattern"
}
dark() { # FILE: its top left corner
	ffmpeg -v error -i "$1" -vf crop=32:32:8:8 -pix_fmt gray -f rawvideo - | od -An -v -tu1 -w1 |
		awk '{ n += $1 } END { exit !(NR && n / NR < 24) }'
}
reddish() { # FILE: its top left corner
	ffmpeg -v error -i "$1" -vf crop=32:32:8:8 -pix_fmt rgb24 -f rawvideo - | od -An -v -tu1 -w3 |
		awk '{ r += $1; g += $2; b += $3 } END { exit !(NR && r / NR > 150 && g + b < r) }'
}

is_json() {
	local command
	for command in status devices "rules show"; do
		plateveil $command --json | perl -MJSON::PP -e 'local $/; exit !ref JSON::PP->new->decode(<STDIN>)' ||
			return 1
	done
}
status_goes_on() { [ "$(timeout 60 plateveil status --watch | grep -m 2 -c '^Emulated Webcam')" = 2 ]; }
terminal() { # COMMAND PATTERN: does it print that to a terminal?
	timeout 8 script -qec "TERM=xterm $1" /dev/null </dev/null | tr -d '\n' | grep -q -- "$2"
}

# The command line and the socket, while a camera is veiled.
test_control() {
	local group
	veiled_camera
	watch control -e
	wait_for 40 saw_last control veiled
	check "the status page fits 80 columns" fits plateveil
	cat /run/page
	check "it names the viewer, pace and gate" sh -c \
		"grep -q 'viewer (process $viewer_pid)' /run/page && grep -q 'frames/s, latency' /run/page &&
		 grep -q 'gate off' /run/page"
	check "status --json" wait_for 20 sh -c 'plateveil status --json | grep -q "\"state\":.*\"veiled\""'
	check "and whatever else says --json is JSON" is_json
	check "status --watch says it again and again" status_goes_on
	check "on a terminal with colours, a page at a time" terminal 'plateveil status --watch' '\[H.*\[1m'
	check "with NO_COLOR without them" refused env NO_COLOR=1 bash -c "$(declare -f terminal)
		terminal 'plateveil status' '\[1m'"
	check "devices" sh -c 'plateveil devices | grep -q "camera  Emulated Webcam"'
	check "a rule reaches the next frames, and back" rules_reach control
	check "rules says where" sh -c 'plateveil rules | grep -q "^deadline .*plateveil.conf:3"'
	check "a rule of one camera" plateveil rules set --camera "Emulated Webcam" margin 44
	check "shows for it" sh -c 'plateveil rules show --camera "Emulated Webcam" | grep -q "^margin *44"'
	check "and not for all" sh -c 'plateveil rules | grep -q "^margin *10"'
	mkdir -p /etc/plateveil/plateveil.conf.d
	printf '[veil "Emulated Webcam"]\nmargin = 5\n' >/etc/plateveil/plateveil.conf.d/its.conf
	check "what another file says goes before, and set says so" sh -c "
		plateveil rules set --camera 'Emulated Webcam' margin 45 2>&1 | grep -q 'its.conf:2 says that margin is 5, and goes before'"
	check "unset, too" sh -c "plateveil rules unset --camera 'Emulated Webcam' margin 2>&1 |
		grep -q 'its.conf:2 says that margin is 5'"
	plateveil rules set --camera 'Emulated Webcam' margin 44 >/dev/null 2>&1
	rm /etc/plateveil/plateveil.conf.d/its.conf
	check "unset, by its path" plateveil rules unset --camera "$camera" margin
	check "shows for it no more" sh -c 'plateveil rules show --camera "Emulated Webcam" | grep -q "^margin *10"'
	check "a zone of one camera" plateveil zones add place rectangle 1 1 2 2 --camera "$camera"
	check "is listed with it" sh -c "plateveil zones | grep -q '^place .*of \"Emulated Webcam\"'"
	plateveil zones remove place >/dev/null
	check "snapshot" plateveil snapshot --camera "$view" /run/snapshot.jpg
	check "is a JPEG of the view's size" test "$(ffprobe -v error -show_entries stream=width,height \
		-of csv=p=0 /run/snapshot.jpg)" = 640,480
	check "snapshot --boxes" plateveil snapshot --boxes --camera "$camera" /out/boxes.jpg
	check "zones draw" plateveil zones draw /out/grid.jpg
	check "a zone that the module burns" plateveil zones add --burned corner rectangle 0 0 20 20
	wait_for 40 saw_last control veiled
	check "another snapshot" plateveil snapshot /run/burned.jpg
	check "is dark there" dark /run/burned.jpg
	check "zones lists it" sh -c 'plateveil zones | grep -q "^corner .*burned"'
	check "a zone goes" plateveil zones remove corner
	check "rubbish on the socket" answers '"ok":false' '{"version": 1'
	check "another version" answers 'speaks version 1' '{"version": 9, "request": "status"}'
	check "an unknown request" answers 'no such request' '{"version": 1, "request": "unveil"}'
	check "others may not open the socket" answers '^no' '{"version": 1, "request": "status"}' 65534 65534
	group=$(getent group plateveil | cut -d: -f3)
	check "the group may read" answers '"ok":true' '{"version": 1, "request": "status"}' 65534 "$group"
	check "and no more" answers 'needs root' '{"version": 1, "request": "down", "camera": "all"}' 65534 "$group"
	plateveil doctor >/run/doctor
	check "doctor looked" test $? -le 1
	cat /run/doctor
	check "and saw who holds the camera" grep -q "^ok *camera.*held by plateveil-veil" /run/doctor
	end_watch control "control"
}

veiled_by_itself() { plateveil status | grep -q "^Emulated Webcam (veiled)"; }
no_view() { ! plateveil devices | grep -q "^/dev/.* view "; }
service() {
	NOTIFY_SOCKET=/run/notify.sock plateveild >>/run/service.log 2>&1 &
	service_pid=$!
}

kill_service() {
	kill -9 $service_pid
	wait $service_pid 2>/dev/null
}
# Saves the rules as vim does: away with the old file, and the new one is empty for a moment. Is the schedule in
# force then? plateveild takes after two seconds what there is for whole, so that one that took longer says nothing.
edited() {
	local rules=/etc/plateveil/plateveil.conf try began took
	for try in 1 2 3; do
		began=$(cut -d' ' -f1 /proc/uptime)
		mv $rules $rules~
		exec 7>$rules
		sleep 0.3
		plateveil status >/run/page
		took=$(awk -v began="$began" '{ print int(1000 * ($1 - began)) }' /proc/uptime)
		cat $rules~ >&7
		exec 7>&-
		rm $rules~
		[ "$took" -ge 1900 ] || break
		sleep 2.5
	done
	grep -q schedule /run/page
}

# plateveild as a service: what it does without being asked.
test_service() {
	local pid old vivid
	veiled_camera
	plateveil down >/dev/null 2>&1
	wait_for 10 refused pgrep -x plateveild
	perl -MSocket -e '$| = 1; socket(S, AF_UNIX, SOCK_DGRAM, 0); bind(S, sockaddr_un("/run/notify.sock"));
		while (defined recv(S, $m, 99, 0)) { print "$m\n" }' >/run/notified &
	local notify_pid=$!
	wait_for 20 test -S /run/notify.sock
	service
	check "a camera is veiled by itself" wait_for 30 veiled_by_itself
	check "systemd is told that it is ready" wait_for 5 grep -qx READY=1 /run/notified
	view=$(plateveil devices | sed -n 's/ *view .*//p')
	old=$view
	watch service
	check "live" wait_for 60 saw_last service veiled
	plateveil rules set schedule "$(date -d '2 hours' +%H:%M)-$(date -d '3 hours' +%H:%M)" >/dev/null
	check "outside the schedule: the card" wait_for 30 saw_last service card
	check "and the camera is closed" wait_for 10 light 0
	check "status says so" sh -c 'plateveil status | grep -q schedule'
	plateveil rules set card-colour '#c02010' >/dev/null
	plateveil rules set card-text "Back at eight" >/dev/null
	rm -f /out/card.jpg
	plateveil snapshot /out/card.jpg >/dev/null 2>&1
	check "the card has the rules' colour" reddish /out/card.jpg
	plateveil rules unset card-colour >/dev/null
	plateveil rules unset card-text >/dev/null
	check "while an editor saves them the rules stay in force" edited
	check "and when it has" sh -c 'sleep 2.5; plateveil status | grep -q schedule'
	plateveil rules unset schedule >/dev/null
	check "within it: live" wait_for 60 saw_last service veiled
	mkdir -p /etc/plateveil/plateveil.conf.d
	sleep 1
	printf '[veil]\nstyle = glass\n' >/etc/plateveil/plateveil.conf.d/bad.conf
	check "a bad drop-in is told of" wait_for 10 sh -c 'plateveil status | grep -q "bad.conf:2:9"'
	rm /etc/plateveil/plateveil.conf.d/bad.conf
	check "and mended is not" wait_for 10 refused sh -c 'plateveil status | grep -q "bad.conf"'
	plateveil rules set deadline 1 >/dev/null
	pid=$(veiler)
	kill -STOP "$pid"
	check "a veiler that hangs is ended" wait_for 90 refused kill -0 "$pid"
	plateveil rules set deadline 20000 >/dev/null
	check "and another one veils" wait_for 60 saw_last service veiled
	kill_service
	check "plateveild killed with -9: the card" wait_for 15 saw_last service card
	service
	check "it takes over its veil" wait_for 60 saw_last service veiled
	check "the view is the same" test "$(plateveil devices | sed -n 's/ *view .*//p')" = "$old"
	unplug
	check "unplugged while watched: the card" wait_for 15 saw_last service card
	modprobe vivid n_devs=1 node_types=0x1
	check "another camera with its number is veiled too" wait_for 30 sh -c \
		'[ -e /dev/video0 ] && plateveil status | grep -q "^vivid (veiled)"'
	vivid=$(plateveil devices | sed -n 's/ *view .*vivid.*//p')
	controls_of_use "$vivid"
	wait_for 10 rmmod vivid # plateveild looks at all nodes now and then
	check "and goes" wait_for 40 refused sh -c 'plateveil status | grep -q "^vivid"'
	plug
	check "plugged in again: live" wait_for 60 saw_last service veiled
	end_watch service "service"
	unplug
	check "unplugged and not watched: the view goes" wait_for 40 refused veiled_by_itself
	plateveil rules set --camera "Emulated Webcam" automatic no >/dev/null
	plug
	sleep 3
	check "not veiled where the rules say so" refused veiled_by_itself
	plateveil rules unset --camera "Emulated Webcam" automatic >/dev/null
	check "veiled once they do not" wait_for 30 veiled_by_itself
	plateveil down >/dev/null
	sleep 3
	check "down lasts" refused veiled_by_itself
	unplug
	sleep 3
	plug
	check "until it is plugged in again" wait_for 30 veiled_by_itself
	kill_service
	unplug
	service
	check "a view whose camera went while plateveild was away goes, too" wait_for 40 no_view
	plug
	check "and is there again with it" wait_for 30 veiled_by_itself
	twins
	kill $service_pid
	wait $service_pid
	check "it ends well" test $? = 0
	check "and tells systemd" wait_for 5 grep -qx STOPPING=1 /run/notified
	check "no veil is left" refused veiled_by_itself
	check "nor the socket" test ! -e /run/plateveil/control
	kill $notify_pid
	sed 's/^/# service: /' /run/service.log
	veil_up
}

# Names of the two, their views, and every camera there is.
whose_view() { plateveil status | grep -oE '^vivid.* /dev/video[0-9]+|^  camera +[^,]*' | tr -s ' '; }
sees_the_same() { [ -n "$1" ] && [ "$(whose_view)" = "$1" ]; }
twins() {
	local before
	modprobe vivid n_devs=2 node_types=0x1,0x1
	check "two cameras of one name have views of two names" wait_for 40 sh -c \
		'plateveil status | grep -q "^vivid (veiled)" && plateveil status | grep -q "^vivid 2 (veiled)"'
	before=$(whose_view)
	kill_service
	service
	check "after a crash each has its own again" wait_for 30 sees_the_same "$before"
	wait_for 10 rmmod vivid
	check "and both go" wait_for 40 refused sh -c 'plateveil status | grep -q "^vivid"'
}

# Vivid's gain is of no use while it is automatic.
controls_of_use() { # VIEW
	local view=$1
	gain() { v4l2-ctl -d "$view" -L | grep -E '^ *gain 0x' | grep -q inactive; }
	check "a control that is of no use on the camera is none on the view" gain
	v4l2-ctl -d "$view" -c gain_automatic=0
	check "and is of use where the camera says so" wait_for 20 refused gain
	v4l2-ctl -d "$view" -c gain_automatic=1
	check "and is not again" wait_for 20 gain
}

# The commands of the man page's examples and of the README, as they stand there.
documented() {
	sed -n '/^\.EX/,/^\.EE/p' "$build/man/plateveil.1" | sed -n 's/\\-/-/g; /plateveil/p'
	sed -n 's/ *#.*//; s/^    \(.*\)/\1/p' README.md | grep -E '^(sudo )?plateveil( |$)'
}
# What they say may stand in the rules: from the first [section] of an example to its end.
documented_rules() {
	sed -n '/^\.EX/,/^\.EE/{/^\.E/d; s/\\-/-/g; p}' "$build/man/plateveil.conf.5" >/run/documented/man.conf
	sed -n '/^    \[veil\]/,/^[^ ]/s/^    //p' README.md >/run/documented/readme.conf
}
# And what one may ask plateveild: requests are the lines that have one.
documented_requests() { sed -n 's/\\-/-/g; s/\\//g; /^{.*"request"/p' "$build/man/plateveild.8"; }
test_documented() {
	local line n=0
	veiled_camera
	plateveil down >/dev/null 2>&1
	wait_for 10 refused pgrep -x plateveild
	rm -rf /run/documented && mkdir -p /run/documented/photos && cd /run/documented || return
	sudo() { "$@"; } # root already
	ffmpeg -v error -f lavfi -i testsrc=size=320x240 -frames:v 1 -pix_fmt yuvj420p in.jpg
	ffmpeg -v error -f lavfi -i testsrc=size=160x120:rate=5 -frames:v 3 -pix_fmt yuvj420p in.mjpeg
	ffmpeg -v error -f lavfi -i testsrc=size=160x120:rate=5 -frames:v 3 -pix_fmt yuv420p in.y4m
	cp in.jpg photos/
	while read -r line; do
		case $line in
		"plateveil bench") continue ;; # takes the emulated processor minutes
		"sudo plateveil lock") continue ;; # cannot be undone: test_lock has it
		"plateveil doors") continue ;; # some are open, and its status says so: gate_doors has it
		esac
		check "documented: $line" eval "{ $line ; } >>/run/documented/log 2>&1 </dev/null"
		n=$((n + 1))
		[ "$line" = "sudo plateveil up" ] || continue
		view=$(plateveil devices | sed -n 's/ *view .*//p')
		watch shown
		wait_for 60 saw_last shown veiled
	done < <(cd "$OLDPWD" && documented)
	check "these were many" test $n -gt 25
	cd "$OLDPWD" || exit 1
	documented_rules
	for line in man readme; do
		check "documented: the rules of $line" sh -c \
			"[ \$(wc -l </run/documented/$line.conf) -gt 6 ] && plateveil rules check /run/documented/$line.conf"
	done
	n=0
	veil_up
	while read -r line; do
		check "documented: $line" answers '"version":1,"ok":' "$line"
		n=$((n + 1))
	done < <(documented_requests)
	check "these were some" test $n -ge 2
	unset -f sudo
	end_watch shown "documented"
	plateveil gate --off >/dev/null 2>&1
	write_rules
}
