#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The command line, as far as it needs no module; BUILD is the folder
# that holds the programs (build). A line a check; exit status 1 if any failed.
set -u
unset NO_COLOR
export SHELL=/bin/sh # which script(1) starts

PROGRAM=$(realpath "${BUILD:-build}")/plateveil
street=$(realpath scripts/demo/before-after.jpg)
DIR=$(mktemp -d)
trap 'rm -rf "$DIR"' EXIT
cd "$DIR" || exit 1
failed=0

# check WHAT STATUS: says how the last command, whose exit status it is given, went
check() {
	if [ "$2" -eq 0 ]; then
		echo "ok - $1"
	else
		echo "not ok - $1"
		failed=1
	fi
}

# run ARGUMENTS...: leaves output in out and err, the exit status in status
run() {
	status=0
	timeout 60 "$PROGRAM" "$@" >out 2>err </dev/null || status=$?
}

# gives WHAT STATUS PATTERN ARGUMENTS...: runs it; the exit status must be STATUS, and the extended
# regular expression PATTERN must be in what it printed, to stderr unless the status is 0; an empty
# one fits all
gives() {
	local what=$1 want=$2 pattern=$3 in=err
	shift 3
	run "$@"
	[ "$want" -eq 0 ] && in=out
	if [ "$status" -eq "$want" ] && { [ -z "$pattern" ] || grep -Eq -- "$pattern" "$in"; }; then
		check "$what" 0
	else
		check "$what (exit $status: $(cat out err | head -c 200 | tr '\n' ' '))" 1
	fi
}

same() { cmp -s "$1" "$2"; }
size_of() { stat -c %s "$1"; }
is_jpeg() { [ "$(head -c 3 "$1" | od -An -tx1 | tr -d ' \n')" = ffd8ff ]; }

# --- help and the command line itself -----------------------------------------

help() {
	local command
	gives "--help lists the commands" 0 'plateveil redact ' --help
	gives "-h does too" 0 'plateveil redact ' -h
	gives "help redact is of that" 0 '^usage: plateveil redact ' help redact
	gives "--help redact too" 0 '^usage: plateveil redact ' --help redact
	gives "help of no command says so" 2 "no command is called 'vail'" help vail
	gives "help does too" 0 'plateveil redact ' help
	for command in $(sed -n 's/^  plateveil \([a-z]*\) .*/\1/p' out); do
		gives "$command --help" 0 "^usage: plateveil $command" "$command" --help
		[ ! -s err ] && awk 'length > 80 { exit 1 }' out
		check "$command --help fits 80 columns, and prints no error" $?
		run "$command" a b c d e f
		[ "$status" -eq 2 ] && grep -q "^usage: plateveil $command" err
		check "$command with too many arguments exits 2 with its usage" $?
	done
	gives "bench" 0 '^1920x1080 ' bench
	gives "version" 0 '^plateveil [0-9]' version
	gives "--version" 0 '^plateveil [0-9]' --version
	"$PROGRAM" rules >/dev/full 2>err
	[ $? -eq 1 ] && grep -q '^plateveil: standard output cannot be written' err
	check "rules to a full disk says so" $?
	gives "redact with an option misspelt behind IN" 2 '^usage: ' redact in.jpg --overwite
	gives "snapshot with an option it has not" 2 '^usage: ' snapshot --box
	gives "zones draw with none for a value" 2 '^usage: ' zones draw --camera
	gives "up with an option it has not" 2 '^usage: ' up --all
	gives "down with an option it has not" 2 '^usage: ' down --all
	[ ! -e --box ] && [ ! -e --camera ] && [ ! -e --overwite ]
	check "and no file is called so" $?
	gives "an unknown command is named" 2 "no command is called 'vail'" vail
	gives "and the commands are listed" 2 'plateveil redact ' vail
}

no_module() {
	local command
	if [ -e /dev/plateveil ]; then
		echo "skipped - without the module: it is loaded"
		return
	fi
	for command in up down status 'snapshot x.jpg' 'zones draw x.jpg'; do
		# shellcheck disable=SC2086
		gives "$command without the module names the mend" 1 \
			'^plateveil: the plateveil module is not loaded; .*modprobe' $command
		[ ! -s out ]
		check "$command without the module prints nothing else" $?
	done
	run
	[ "$status" -eq 1 ] && grep -q 'not loaded' err
	check "plateveil alone is status" $?
	gives "doctor says what to mend" 1 '' doctor
	case $(uname -r) in
	6.1[.-]* | 6.12[.-]* | 7.2[.-]*) grep -q '^MEND  module' out ;;
	*) grep -q '^MEND  kernel' out && ! grep -q '^MEND  module' out ;;
	esac
	check "and names the module, or the kernel that there is none for" $?
	run devices
	[ "$status" -le 1 ] && { [ -s out ] || [ -s err ]; }
	check "devices needs no module" $?
}

# --- rules --------------------------------------------------------------------

# refused NAME TEXT LINE PATTERN: `rules check` of a file that says TEXT
refused() {
	printf "$2" >bad.conf
	gives "rules check: $1" 1 "bad\.conf:$3:[0-9]+: .*$4" rules check bad.conf
}

rules() {
	printf '# mine\n[veil]\nstyle = fill\nmargin = 20\n\n[zone "gate"]\nrectangle = 1 2 3 4\n' >good.conf
	gives "rules check of a good file" 0 'good.conf is good' rules check good.conf
	: >empty.conf
	gives "rules check of an empty file" 0 'is good' rules check empty.conf
	printf '[veil]\n  style = fill\n  margin = 20\n' >indented.conf
	gives "rules check of an indented file" 0 'is good' rules check indented.conf
	refused "unknown rule" '[veil]\n\nmargni = 3\n' 3 "margni"
	refused "value out of range" '[veil]\nhold = 5\nmargin = 101\n' 3 'margin .*100.*101'
	refused "unknown section" '[vile]\nmargin = 1\n' 1 '\[vile\]'
	refused "no section" 'margin = 1\n' 1 'section'
	refused "neither section nor rule" '[veil]\nmargin = 3\nhello\n' 3 'rule = value'
	refused "zone without numbers" '[zone "a"]\nrectangle = here\n' 2 'percent'
	gives "rules check of a file that is not there" 1 'none.conf' rules check none.conf
	gives "rules check of a folder" 1 'cannot be read' rules check .
	gives "rules check of two files" 2 '^usage: plateveil rules' rules check a b
	gives "rules set without a value" 2 '^usage: plateveil rules' rules set margin
	gives "rules check names the column" 1 'bad.conf:2:13: ' rules check bad.conf
	refused "a near name" '[veil "Cam"]\nholt = 3\n' 2 "did you mean 'hold'"
	mkdir -p good.conf.d
	printf '[veil]\nhold = 5x\n' >good.conf.d/a.conf
	gives "rules check of a bad drop-in" 1 'good.conf.d/a.conf:2:8: ' rules check good.conf
	rm good.conf.d/a.conf
	ln -s nowhere good.conf.d/a.conf
	gives "rules check of a drop-in that is a link to nothing" 1 'good.conf.d/a.conf: a link to what is not there' \
		rules check good.conf
	rm -r good.conf.d
	refused "a rule behind its section" '[veil] gate = deny\n' 1 'a line of its own'
	refused "a camera in quotes" '[zone "a"]\nrectangle = 1 1 1 1\ncamera = "HD"\n' 3 'without quotes'
	refused "heights of one camera" '[veil "Cam"]\nminimum-height = 90\nmaximum-height = 80\n' 3 'no plate would be veiled'
	refused "heights that no plate has" '[veil]\nminimum-height = 90\nmaximum-height = 80\n' 3 'no plate would be veiled'
	gives "rules explain" 0 'default: off' rules explain gate
	gives "rules explain all" 0 'polygon' rules explain
	gives "rules explain of an unknown rule" 1 "did you mean 'margin'" rules explain margni
	gives "rules explain of a zone's rule nearly" 1 "did you mean 'rectangle'" rules explain rectangl
	gives "rules set of a zone's rule" 1 "'rectangle' is a zone's" rules set rectangle 1
	gives "rules --json" 0 '"margin":' rules show --json
	gives "rules --json has the zones" 0 '"zones":' rules show --json
	gives "rules of one camera" 0 '^margin' rules show --camera "HD Webcam"
	gives "rules set for a camera that is not there" 1 'video250 is no camera that is plugged in' \
		rules set --camera /dev/video250 margin 3
	gives "zones add for one" 1 'video250 is no camera' zones add a rectangle 1 2 3 4 --camera /dev/video250
	gives "zones remove takes no option of add" 2 '^usage: ' zones remove a --burned
	gives "rules set for no camera's name" 1 "no camera's name" rules set --camera 'a"b' margin 3
	if [ -e /etc/plateveil/plateveil.conf ]; then
		echo "skipped - zones without any: this machine has rules"
	else
		gives "zones without any" 0 'No zones' zones
	fi
	gives "zones add of a bad shape" 1 'percent' zones add a rectangle 1 2 3
	gives "zones remove of an unknown one" 1 'no zone is called' zones remove nowhere
	gives "rules set of an unknown rule changes nothing" 1 'margni.*margin' rules set margni 3
	gives "rules set of a bad value changes nothing" 1 'margin .*many' rules set margin many
	gives "rules shows every rule with its unit" 0 '^margin +[0-9]+ %' rules
	grep -q '/etc/plateveil/plateveil.conf' out
	check "rules says where they are kept" $?
}

# --- redact -------------------------------------------------------------------

photo() {	# FILE WIDTHxHEIGHT PIXELFORMAT
	ffmpeg -v error -f lavfi -i testsrc=size=$2 -frames:v 1 -pix_fmt $3 -y "$1"
}

# Puts Exif with a thumbnail's telltale, a comment and bytes behind the end into FILE.
add_metadata() {
	{
		head -c 2 "$1"
		printf '\377\341\000\032Exif\000\000PLATE-IN-EXIF-4711'
		printf '\377\376\000\022PLATE-IN-COMMENT'
		tail -c +3 "$1"
		printf 'PLATE-BEHIND-THE-END'
	} >"$2"
}

redact_good() {
	local format
	for format in yuvj420p yuvj422p yuvj444p; do
		photo in.jpg 320x240 $format
		gives "redact $format" 0 '' redact in.jpg "$format.jpg"
		is_jpeg $format.jpg
		check "redact $format writes a JPEG" $?
		[ "$(ffprobe -v error -show_entries stream=width,height,pix_fmt -of csv=p=0 $format.jpg)" \
			= "320,240,$format" ]
		check "redact $format keeps size and sampling" $?
	done
	photo odd.jpg 323x241 yuvj420p
	gives "redact odd sizes" 0 '' redact odd.jpg odd-out.jpg
	cp odd.jpg before.jpg
	gives "redact onto itself is refused" 1 'would be overwritten' redact odd.jpg odd.jpg
	same odd.jpg before.jpg
	check "and the original stays" $?
	gives "redact onto itself when asked" 0 '' redact --overwrite odd.jpg odd.jpg
	is_jpeg odd.jpg
	check "redact onto itself leaves a JPEG" $?
	photo kept.jpg 320x240 yuvj420p
	cp kept.jpg before.jpg
	chmod 600 kept.jpg
	ln -sf kept.jpg link.jpg
	gives "redact a link onto itself" 0 '' redact --overwrite link.jpg link.jpg
	[ -L link.jpg ] && is_jpeg kept.jpg && ! same kept.jpg before.jpg
	check "what it leads to is overwritten, and the link stays" $?
	[ "$(stat -c %a kept.jpg)" = 600 ]
	check "who may read it is as before" $?
	gives "redact is repeatable" 0 '' redact in.jpg again.jpg
	same again.jpg yuvj444p.jpg
	check "the same photo gives the same file" $?
	[ -z "$(compgen -G '*.jpg.??????')" ]
	check "redact leaves nothing beside its output" $?
}

redact_metadata() {
	photo in.jpg 320x240 yuvj420p
	add_metadata in.jpg tagged.jpg
	grep -qa PLATE-IN-EXIF tagged.jpg
	check "the photo to redact has metadata" $?
	gives "redact a photo with metadata" 0 '' redact tagged.jpg clean.jpg
	[ -s clean.jpg ] && ! grep -Eqa 'PLATE-IN-EXIF|PLATE-BEHIND|4711' clean.jpg
	check "Exif that is none and what follows the picture are gone" $?
	grep -qa PLATE-IN-COMMENT clean.jpg
	check "the comment is kept" $?
}

# Exif with an orientation, and a thumbnail whose bytes are a telltale.
add_thumbnail() {
	{
		head -c 2 "$1"
		printf '\377\341\000\135Exif\000\000II*\000\010\000\000\000'
		printf '\002\000\022\001\003\000\001\000\000\000\006\000\000\000'
		printf '\061\001\002\000\004\000\000\000Cam\000\046\000\000\000'
		printf '\002\000\001\002\004\000\001\000\000\000\104\000\000\000'
		printf '\002\002\004\000\001\000\000\000\021\000\000\000\000\000\000\000'
		printf 'PLATE-IN-THUMBNAI'
		tail -c +3 "$1"
	} >"$2"
}

redact_exif() {
	photo in.jpg 320x240 yuvj420p
	add_thumbnail in.jpg thumb.jpg
	gives "redact a photo with a thumbnail" 0 '' redact thumb.jpg kept-exif.jpg
	grep -qa 'Exif' kept-exif.jpg && grep -qa Cam kept-exif.jpg && ! grep -qa PLATE kept-exif.jpg
	check "Exif data are kept, the thumbnail is not" $?
	gives "redact --strip" 0 '' redact --strip thumb.jpg stripped.jpg
	grep -qa 'Exif' stripped.jpg && ! grep -Eqa 'PLATE|Cam' stripped.jpg
	check "--strip leaves the orientation alone" $?
	"$PROGRAM" redact - - <thumb.jpg 2>err | cmp -s - kept-exif.jpg
	check "and a photo through pipes is veiled as one in a file" $?
	ffprobe -v error stripped.jpg && ffprobe -v error kept-exif.jpg
	check "they are readable" $?
}

redact_folders() {
	rm -rf photos veiled
	mkdir -p photos/sub
	photo photos/a.jpg 160x120 yuvj420p
	photo photos/sub/b.JPG 160x120 yuvj422p
	mkdir -p endings
	for ending in jpeg JPE jfif; do
		cp photos/a.jpg endings/a.$ending
	done
	gives "redact a folder: every ending of JPEG files" 0 '^3 photos, [0-9]+ regions? veiled$' redact endings ended
	echo text >photos/notes.txt
	gives "redact a folder" 0 '^2 photos.*; not veiled, .*: 1$' redact photos veiled
	cp photos/a.jpg endings/b.mkv
	gives "redact a folder: names other footage" 1 'endings/b.mkv: no .jpg' redact endings ended
	cat photos/a.jpg photos/a.jpg >two
	"$PROGRAM" redact two both.mjpeg 2>&1 | grep -q '^frames: 2, '
	check "redact two pictures, whatever the name" $?
	gives "redact to a name of another kind" 1 'x.png: what is written is .jpg' redact photos/a.jpg x.png
	printf '\211PNG\r\n\032\n\0\0\0\rIHDR' >a.png
	gives "redact what is no JPEG" 1 'a.png: not a JPEG; make it one first: ffmpeg' redact a.png x.jpg
	gives "redact an option that there is not" 2 'redact has no option --overwite' redact --overwite a.jpg b.jpg
	gives "redact a folder to standard output" 1 'photos is a folder' redact photos -
	is_jpeg veiled/a.jpg && is_jpeg veiled/sub/b.JPG && [ ! -e veiled/notes.txt ]
	check "its photos, and those below" $?
	ln -sfn photos linked
	rm -rf slashed
	gives "redact a folder by a link, with a slash" 0 '^2 photos' redact linked/ slashed
	is_jpeg slashed/a.jpg && is_jpeg slashed/sub/b.JPG
	check "its photos lie in the folder that was named" $?
	ln -sf ../kept.jpg photos/link.jpg
	gives "a link in it is a photo, too" 0 '^3 photos' redact photos veiled
	cp -r photos placed
	gives "in place it is not" 1 'is a link' redact --overwrite placed placed
	rm -r photos/link.jpg veiled/link.jpg placed
	gives "redact a folder onto itself" 1 'would be overwritten' redact photos photos
	echo rubbish >photos/c.jpg
	gives "redact a folder with a damaged photo" 1 'c.jpg: not a JPEG' redact photos veiled
	grep -q '^2 photos.* 1 failed' out
	check "which is counted, and the others done" $?
}

# What is found is veiled; the picture is one of a street.
redact_plates() {
	gives "redact prints the regions" 0 '^[0-9]+ [0-9]+ [0-9]+ [0-9]+$' redact "$street" plates.jpg
	! same "$street" plates.jpg
	check "and veils them" $?
	"$PROGRAM" redact - - <"$street" 2>err | cmp -s - plates.jpg && [ "$(grep -c . err)" = "$(grep -c . out)" ]
	check "through pipes as well" $?
	# As phones store it: on its side, to be turned clockwise. What is doubtful hangs on how it is compressed.
	local n
	local size
	for size in 2x2 16x16 20x50 64x3; do
		photo tiny.jpg $size yuvj420p
		gives "redact a photo of $size" 0 '' redact tiny.jpg tiny-out.jpg
	done
	run redact --rule minimum-score=0.8 "$street" sure.jpg
	n=$(grep -c . out)
	ffmpeg -v error -i "$street" -vf transpose=cclock -q:v 2 -pix_fmt yuvj420p -y side.jpg
	add_thumbnail side.jpg phone.jpg
	gives "redact a photo that is stored on its side" 0 '' redact --rule minimum-score=0.8 phone.jpg phone-out.jpg
	[ "$n" -gt 0 ] && [ "$(grep -c . out)" = "$n" ]
	check "as many plates are veiled" $?
	{ head -c 3000 phone.jpg; cat phone.jpg phone.jpg; } >phones.mjpeg
	gives "redact a stream of such pictures" 0 '' redact phones.mjpeg turned.mjpeg
	{ cat "$street" "$street"; } >streets.mjpeg
	run redact --rule minimum-score=0.8 streets.mjpeg veiled.mjpeg
	grep -c -a Exif turned.mjpeg | grep -qx 2 && grep -q 'frames: 2, ' err
	check "each says which way is up" $?
	n=$(sed -n 's/.*regions veiled: \([0-9]*\).*/\1/p' err)
	run redact --rule minimum-score=0.8 phones.mjpeg turned.mjpeg
	[ "$n" -gt 0 ] && grep -q "regions veiled: $n," err
	check "and has as many plates veiled as if it were stored upright" $?
	add_thumbnail "$street" wide.jpg
	cat "$street" wide.jpg phone.jpg wide.jpg wide.jpg "$street" >ways.mjpeg
	gives "redact a stream whose way up changes" 0 '' redact --rule lookahead=2 ways.mjpeg turned.mjpeg
	grep -q 'frames: 6, .*whole: 0' err
	check "loses no picture" $?
	run redact phone.jpg phone-out.jpg
	{ cat phone.jpg; echo; } | "$PROGRAM" redact - - 2>/dev/null | cmp -s - phone-out.jpg
	check "a photo is one with something behind it, too" $?
	# As phones put a smaller picture behind the photo.
	{ head -c 2 "$street"; printf '\377\342\0\6MPF\0'; tail -c +3 "$street"; } >phone.mpf
	"$PROGRAM" redact - - <phone.mpf 2>/dev/null >single
	is_jpeg single && cat phone.mpf phone.jpg | "$PROGRAM" redact - - 2>err | cmp -s - single && grep -q 'left out' err
	check "of two pictures in one photo the second goes, which is said" $?
	{ printf '\377\330\377\342\0\6MPF\0\377\331'; cat phone.jpg; } >hollow.mpf
	gives "redact a photo of which the second picture alone is good" 1 'no picture' redact - - <hollow.mpf
	gives "redact a photo by heights that none has" 1 'no plate would be veiled' \
		redact --rule minimum-height=90 --rule maximum-height=80 "$street" none.jpg
	cat "$street" phone.jpg | "$PROGRAM" redact - single.jpg >/dev/null 2>&1
	cmp -s single.jpg plates.jpg
	check "and where a photo is asked for" $?
}

redact_streams() {
	ffmpeg -v error -f lavfi -i testsrc=size=320x240:rate=10 -frames:v 12 -pix_fmt yuvj420p -c:v mjpeg -f mjpeg -y in.mjpeg
	ffmpeg -v error -f lavfi -i testsrc=size=322x242:rate=10 -frames:v 12 -pix_fmt yuv420p -y in.y4m
	gives "redact an MJPEG stream" 0 '' redact in.mjpeg out.mjpeg
	[ "$(ffprobe -v error -f mjpeg -count_frames -show_entries stream=nb_read_frames -of csv=p=0 out.mjpeg)" = 12 ]
	check "has as many frames" $?
	"$PROGRAM" redact --rule lookahead=3 - - <in.mjpeg 2>err | cat >piped.mjpeg
	[ "$(ffprobe -v error -f mjpeg -count_frames -show_entries stream=nb_read_frames -of csv=p=0 piped.mjpeg)" = 12 ]
	check "through pipes and with lookahead too" $?
	gives "redact a YUV4MPEG2 stream" 0 '' redact in.y4m out.y4m
	[ "$(size_of out.y4m)" = "$(size_of in.y4m)" ]
	check "is as long as before" $?
	{ head -c 3000 in.mjpeg; cat in.mjpeg; } >torn.mjpeg
	gives "redact a torn stream" 0 '' redact torn.mjpeg out.mjpeg
	grep -q '^frames: 12,' err
	check "of which the torn picture alone is missing" $?
	head -c $(($(size_of in.mjpeg) - 2)) in.mjpeg >endless.mjpeg
	gives "redact a stream without its last end" 0 '' redact endless.mjpeg out.mjpeg
	grep -q '^frames: 12,' err
	check "is as long" $?
	cp out.y4m before.y4m
	: >empty.mjpeg
	gives "redact an empty stream" 1 'no picture' redact empty.mjpeg out.y4m
	printf 'YUV4MPEG2 W16 H16 C420p10\nFRAME\n' >deep.y4m
	gives "redact a stream of 10 bits" 1 '8 bits' redact deep.y4m out.y4m
	same out.y4m before.y4m
	check "none of which touched OUT" $?
	{ cat in.y4m; echo rubbish; tail -n +2 in.y4m; } >rubbish.y4m
	gives "redact a stream with rubbish in it" 1 'no frame, after 12 pictures' redact rubbish.y4m out.y4m
	printf 'YUV4MPEG2 W16 H16 F0:0 Cmono\nFRAME\n%0256d' 0 >rateless.y4m
	gives "redact a stream of an unknown rate" 0 '' redact rateless.y4m out.y4m
	ffmpeg -v error -f lavfi -i testsrc=size=64x48:rate=10 -frames:v 3 -pix_fmt yuvj420p -c:v mjpeg -f mjpeg -y small.mjpeg
	cat in.mjpeg small.mjpeg >sizes.mjpeg
	gives "redact a stream whose size changes" 0 '' redact --rule lookahead=3 sizes.mjpeg out.mjpeg
	grep -q '^frames: 15,' err && [ "$(LC_ALL=C grep -aoP '\xff\xd8\xff' out.mjpeg | wc -l)" = 15 ]
	check "loses no frame" $?
	head -c $(($(size_of small.mjpeg) / 3)) small.mjpeg >single.mjpeg
	gives "redact a single picture of a stream without its end" 0 '' redact single.mjpeg out.mjpeg
	rm -f first live
	{ cat in.mjpeg; timeout 60 sh -c 'until [ -e first ]; do sleep 0.1; done' && touch live; } |
		"$PROGRAM" redact - - 2>/dev/null |
		{ head -c 1000 >/dev/null; touch first; cat >/dev/null; }
	[ -e live ]
	check "redact a live stream: a picture does not wait for those to come" $?
	perl -e 'use Fcntl; fcntl(STDIN, F_SETFL, O_NONBLOCK) or die; exec @ARGV' "$PROGRAM" redact - - \
		2>err < <(sleep 0.5; cat in.mjpeg) >nonblocking.mjpeg && grep -q '^frames: 12,' err
	check "redact a stream from a pipe that does not wait" $?
	echo precious >log
	"$PROGRAM" redact in.mjpeg /dev/stdout >>log 2>err &&
		[ "$(head -n 1 log)" = precious ] && [ "$(size_of log)" -gt 1000 ]
	check "redact a stream to /dev/stdout adds to the file it is" $?
	"$PROGRAM" redact in.y4m closed.y4m >&- 2>&- && ! tail -c 200 closed.y4m | grep -aq 'frames:'
	check "redact without standard output and errors puts nothing of theirs into OUT" $?
	gives "redact a stream onto itself" 1 'would be overwritten' redact --overwrite in.y4m in.y4m
}

redact_rules() {
	photo in.jpg 320x240 yuvj420p
	gives "redact --rule" 0 '' redact --rule style=fill --rule 'colour=#ff0000' in.jpg out.jpg
	gives "redact --rule with an unknown rule" 1 "margni.*margin" redact --rule margni=1 in.jpg r.jpg
	gives "redact --rule out of range" 1 'margin .*101' redact --rule margin=101 in.jpg r.jpg
	gives "redact --rule without =" 2 '^usage' redact --rule margin in.jpg r.jpg
	gives "redact --rule without more" 2 '^usage' redact --rule
	gives "redact --rule with an endless name" 2 '^usage' \
		redact --rule "$(printf 'a%.0s' {1..200})=1" in.jpg r.jpg
	gives "redact without arguments" 2 '^usage' redact
	gives "redact without OUT" 2 '^usage' redact in.jpg
	[ ! -e r.jpg ]
	check "none of these wrote anything" $?
}

# keeps WHAT PATTERN IN OUT: redact must fail and OUT stay as it was
keeps() {
	cp old.jpg kept.jpg
	gives "redact $1" 1 "$2" redact "$3" kept.jpg
	same old.jpg kept.jpg && [ -z "$(compgen -G 'kept.jpg.??????')" ]
	check "redact $1 leaves the old OUT and nothing beside it" $?
}

redact_broken_input() {
	photo old.jpg 64x48 yuvj420p
	photo in.jpg 320x240 yuvj420p
	head -c $(($(size_of in.jpg) / 2)) in.jpg >half.jpg
	: >empty.jpg
	echo "this is not a photo" >text.jpg
	printf '\377\330\377\340' >stub.jpg
	mkdir -p folder.jpg
	ffmpeg -v error -f lavfi -i testsrc=size=64x48 -frames:v 1 -c:v png -f image2 -y picture.png
	keeps "of half a photo" 'half.jpg: ' half.jpg
	keeps "of an empty file" 'not a JPEG' empty.jpg
	keeps "of text" 'not a JPEG' text.jpg
	keeps "of a stub" 'stub.jpg: ' stub.jpg
	keeps "of a PNG" 'not a JPEG' picture.png
	keeps "of a file that is not there" 'none.jpg cannot be read: No such file' none.jpg
	keeps "of an empty folder" 'no photos' folder.jpg
}

redact_bad_output() {
	photo in.jpg 320x240 yuvj420p
	photo old.jpg 64x48 yuvj420p
	gives "redact to where nothing can be written" 1 '/proc/x.jpg cannot be written' \
		redact in.jpg /proc/x.jpg
	gives "redact to a folder that is not there" 1 'No such file' redact in.jpg no/such.jpg
	mkdir -p folder
	gives "redact to a folder" 1 'folder cannot be written' redact in.jpg folder
	[ -d folder ] && [ -z "$(compgen -G 'folder.??????')" ]
	check "redact to a folder leaves nothing beside it" $?
	gives "redact to a name that is too long" 1 'x' redact in.jpg "$(printf 'x%.0s' {1..5000})"
	cp old.jpg kept.jpg
	status=0	# a full disk, played by a limit on a file's size
	(trap '' XFSZ; ulimit -f 1; exec "$PROGRAM" redact in.jpg kept.jpg) >out 2>err || status=$?
	[ "$status" -eq 1 ] && grep -q 'kept.jpg cannot be written' err
	check "redact to a full disk says so" $?
	same old.jpg kept.jpg && [ -z "$(compgen -G 'kept.jpg.??????')" ]
	check "redact to a full disk leaves the old OUT and nothing beside it" $?
	mkfifo pipe
	timeout 20 cat pipe >piped.jpg &
	local reader=$!
	gives "redact into a pipe" 0 '' redact in.jpg pipe
	[ -p pipe ]
	check "the pipe is still a pipe" $?
	[ -p pipe ] || kill $reader
	wait $reader 2>/dev/null
	is_jpeg piped.jpg
	check "the pipe's reader got the photo" $?
}

# --- how it looks, and what a shell completes -----------------------------------

colours() {
	script -qec "TERM=xterm '$PROGRAM' rules" /dev/null </dev/null | grep -q $'\033\[1m'
	check "rules on a terminal has colours" $?
	! script -qec "NO_COLOR=1 TERM=xterm '$PROGRAM' rules" /dev/null </dev/null | grep -q $'\033'
	check "and with NO_COLOR none" $?
	! "$PROGRAM" rules | grep -q $'\033'
	check "nor in a pipe" $?
}

completes() { # WORDS... WANTED: what follows the words, the last of which may be begun
	local wanted=${*: -1}
	COMP_WORDS=("${@:1:$#-1}") COMP_CWORD=$(($# - 2)) COMPREPLY=()
	_plateveil
	[ "${COMPREPLY[*]}" = "$wanted" ]
	check "completes ${COMP_WORDS[*]}: $wanted" $?
}
fish_completes() { # BEGUN WANTED
	local got
	got=$(HOME=$PWD fish --no-config -c "source '$folder/plateveil.fish'; complete -C 'plateveil $1'" |
		cut -f1 | sort | paste -sd' ')
	[ "$got" = "$2" ]
	check "fish completes plateveil $1: $2 ($got)" $?
}
completion() {
	local folder=${PROGRAM%/*}/completion command
	# shellcheck source=/dev/null
	. "$folder/plateveil"
	completes plateveil ru rules
	completes plateveil rules set sty style
	completes plateveil rules set style "" "blur pixelate fill"
	completes plateveil rules un unset
	completes plateveil gate --d "--deny --divert"
	completes plateveil snapshot --b --boxes
	"$PROGRAM" help | sed -n 's/^  plateveil \([a-z]*\) .*/\1/p' >commands
	while read -r command; do
		completes plateveil "$command" "$command"
	done <commands
	[ "$(grep -c "^	[a-z]*:'" "$folder/_plateveil")" = "$(grep -c . commands)" ]
	check "and zsh has as many commands" $?
	if command -v zsh >/dev/null; then
		zsh -n "$folder/_plateveil"
		check "zsh reads it" $?
	else
		echo "skipped - zsh reads it: there is none here"
	fi
	if command -v fish >/dev/null; then
		fish_completes "gate --d" "--deny --divert"
		fish_completes "rules set style bl" "blur"
		fish_completes "doo" "doors"
	else
		echo "skipped - fish completes: there is none here"
	fi
}

help
colours
completion
no_module
rules
redact_good
redact_metadata
redact_exif
redact_folders
redact_plates
redact_streams
redact_rules
redact_broken_input
redact_bad_output
exit $failed
