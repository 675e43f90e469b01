// SPDX-License-Identifier: GPL-2.0-or-later
/* All commands: what runs them, help, man page and completion are made from this. */
#include "cli.h"

const struct pv_command pv_command_list[] = {
	{ "status", "[--watch] [--json]", "what is veiled, and how it goes",
	  "One veil a paragraph. The state is `veiled` while sealed frames arrive, `card`\n"
	  "while applications see the placeholder, `rest` outside the schedule's hours,\n"
	  "`idle` while nobody watches. Numbers count from the veil's beginning.\n"
	  "--watch   again every second\n"
	  "--json    for programs; with --watch a line each time\n",
	  "--watch --json", pv_cmd_status },
	{ "devices", "[--json]", "the cameras and views of this machine",
	  "A line a node: its path, what it is, its name, and where it is plugged in.\n"
	  "Rules name a camera by its name or by that place.\n",
	  "--json", pv_cmd_devices },
	{ "up", "[CAMERA]", "veil a camera",
	  "CAMERA is a path such as /dev/video0, or the name or place that `plateveil\n"
	  "devices` has; without it, the first camera found.\n"
	  "Makes a veiled view of it, an ordinary webcam for every application, and keeps\n"
	  "it veiled until `plateveil down`. Needs root and the plateveil module. Where\n"
	  "plateveild runs as a service, cameras are veiled without this.\n",
	  "CAMERA", pv_cmd_up },
	{ "down", "[CAMERA]", "stop veiling",
	  "CAMERA is the camera's path, name or place, or its view's path; without it, all\n"
	  "of them. Applications that have the view open lose it. It stays so until the\n"
	  "camera is plugged in anew, `plateveil up`, or the service starts. Where that is\n"
	  "installed, the camera's own node is still root's then; the rule\n"
	  "`automatic = no` gives it to its users.\n",
	  "CAMERA", pv_cmd_down },
	{ "rules", "[show | set RULE VALUE | unset RULE | check [FILE] | explain [RULE]]",
	  "how plates are veiled",
	  "show             all rules, their values, and the lines that say so (default)\n"
	  "set RULE VALUE   changes one in /etc/plateveil/plateveil.conf; veils follow\n"
	  "unset RULE       takes it back\n"
	  "check [FILE]     says whether a rules file is good, and where it is not\n"
	  "explain [RULE]   what a rule means, and what it may be\n"
	  "--camera CAMERA  with show, set and unset: of this one alone; its name, place or\n"
	  "                 path, as `plateveil devices` has them, or its view's path\n"
	  "--json           with show: for programs\n",
	  "show set unset check explain RULE CAMERA FILE --camera --json", pv_cmd_rules },
	{ "zones", "[list | add NAME SHAPE NUMBERS | remove NAME | draw OUT.jpg]",
	  "places that are always veiled, or never",
	  "list                        all zones, and the line that says so (the default)\n"
	  "add NAME rectangle L T W H  a zone: left, top, width, height in percent\n"
	  "add NAME polygon X Y, ...   a zone: three corners or more, in percent\n"
	  "remove NAME                 takes it away\n"
	  "draw OUT.jpg                a veiled picture with a percent grid to read off\n"
	  "--ignore         with add: plates there are not veiled (else: always veiled)\n"
	  "--burned         with add: the module blackens the rectangle itself\n"
	  "--camera CAMERA  with add: in this camera's picture alone; with draw: of it; its\n"
	  "                 name, place or path, or its view's path\n",
	  "list add remove draw rectangle polygon CAMERA FILE --ignore --burned --camera", pv_cmd_zones },
	{ "snapshot", "[--boxes] [--camera CAMERA] OUT.jpg", "the veiled picture, as a file",
	  "Takes a picture from the view, as any application would.\n"
	  "--boxes          outlines what was veiled, with scores in percent\n"
	  "--camera CAMERA  the camera's name, place or path, or its view's path\n",
	  "--boxes --camera CAMERA FILE", pv_cmd_snapshot },
	{ "redact", "[--rule RULE=VALUE] [--strip] [--overwrite] IN OUT",
	  "veil a photo, a folder of photos, or a stream",
	  "A photo (JPEG): prints a line a region: left top width height in pixels, as the\n"
	  "file has them, whichever way up it is (on standard error if OUT is `-`).\n"
	  "A folder: its .jpg files (.jpeg, .jpe, .jfif), and those in folders in it, to\n"
	  "the same places in OUT. Other pictures and videos are named and count as failed,\n"
	  "as do links to other folders, which are not followed.\n"
	  "A stream, where IN is `-` or no .jpg: JPEGs one after another, or YUV4MPEG2; OUT\n"
	  "may be `-` too. Damaged pictures are left out, and metadata but\n"
	  "for which way is up. A JPEG with nothing behind it is a photo, and so is the\n"
	  "first of more for an OUT.jpg, or where a phone took it. Other video goes through\n"
	  "ffmpeg (and sound past it):\n"
	  "  ffmpeg -i IN.mp4 -f yuv4mpegpipe -pix_fmt yuv420p - |\n"
	  "  plateveil redact --rule lookahead=3 - - | ffmpeg -i - OUT.mp4\n"
	  "(of a file's frames three wait for what later ones say, of a pipe's none do)\n"
	  "Needs no module and no root. What plateveil.conf says of all cameras holds, if\n"
	  "it is about what is veiled and how, but for zones, and in photos for `hold` and\n"
	  "`lookahead`.\n"
	  "--rule RULE=VALUE  sets a rule for this, for example --rule style=fill\n"
	  "--strip            no metadata but the orientation; else Exif data are kept,\n"
	  "                   without thumbnails and other things that show the picture\n"
	  "--overwrite        IN and OUT may be the same photo, or folder; another\n"
	  "                   OUT that is there is replaced without it\n",
	  "--rule --strip --overwrite FILE", pv_cmd_redact },
	{ "gate", "[CAMERA] --deny | --divert [--stop] | [CAMERA] --off | --off --every", "shut the cameras' own nodes",
	  "CAMERA is a path such as /dev/video0, or the name or place that `plateveil\n"
	  "devices` has, and means whatever is plugged in at that place; without it, all\n"
	  "cameras, also those plugged in later.\n"
	  "--deny     applications that open the camera's own node are refused\n"
	  "--divert   they get the veiled view instead, as if it were the camera\n"
	  "--off      takes that gate away\n"
	  "--every    with --off: every gate there is, those of places without a camera too\n"
	  "--stop     sets the gate up although applications have the camera open: whatever\n"
	  "           they have open is dead, and the camera is plugged in anew, which ends\n"
	  "           streams\n"
	  "A gate stands until it is taken away or the machine starts anew, with or without\n"
	  "plateveild, which at each start sets up what the rule `gate` says. Needs root.\n",
	  "CAMERA --deny --divert --off --stop --every", pv_cmd_gate },
	{ "lock", "", "keep the gates until the machine starts anew",
	  "From then on no gate and no veil can be taken away, no burned-in zone be made\n"
	  "smaller, and the module not be unloaded, by root neither. Needs root.\n",
	  "", pv_cmd_lock },
	{ "doors", "", "every way left to the raw picture",
	  "One line a finding: `shut`, `open`, or `root` for what only root can go through.\n"
	  "Status 1 if a door is open to others than root. As root it sees more.\n",
	  "", pv_cmd_doors },
	{ "doctor", "", "what stands in the way, and how to mend it",
	  "Looks at kernel, headers, signing, module, plateveild, rules, cameras and who\n"
	  "holds them, views, every way left to the raw picture, and this machine's speed.\n"
	  "A line is `ok`, a `note`, or says what to MEND; then the exit status is 1.\n",
	  "", pv_cmd_doctor },
	{ "bench", "", "what veiling a frame costs on this machine", "", "", pv_cmd_bench },
	{ "version", "", "the version", "", "", pv_cmd_version },
	{ NULL, NULL, NULL, NULL, NULL, NULL },
};
