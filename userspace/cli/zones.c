// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "codec/jpeg.h"
#include "draw.h"
#include "rules/rules.h"

static int list(void)
{
	struct pv_ruleset *set;
	struct pv_rules r;
	char why[800], shape[400], place[600] = "";

	set = pv_ruleset_read(PV_RULES_FILE, why, sizeof(why));
	if (!set)
		return pv_fail("%s", why);
	pv_ruleset_zones(set, &r);
	for (int k = 0; k < r.zone_count; k++) {
		const struct pv_zone *z = &r.zones[k];
		pv_zone_shape(z, shape, sizeof(shape));
		pv_ruleset_zone_place(set, z->name, place, sizeof(place));
		printf("%-16s %s%s", z->name, z->kind == PV_ZONE_IGNORE ? "ignore" : "mask",
		       z->burned ? ", burned" : "");
		if (*pv_ruleset_zone_camera(set, k))
			printf(", of \"%s\"", pv_ruleset_zone_camera(set, k));
		printf("   %s%s%s\n%17s", pv_look(PV_FAINT), place, pv_look(PV_PLAIN), "");
		pv_print_wrapped(stdout, NULL, 17, shape);
	}
	if (!r.zone_count)
		puts("No zones. `plateveil zones draw OUT.jpg` makes a picture to read places off,\n"
		     "`sudo plateveil zones add NAME rectangle 40 60 20 15` adds one.");
	pv_ruleset_free(set);
	return PV_DONE;
}

static bool has_zone(const struct pv_rules *r, const char *name)
{
	for (int i = 0; i < r->zone_count; i++)
		if (!strcmp(r->zones[i].name, name))
			return true;
	return false;
}

/* Those of one camera too, for no two may have the same name. False with the reason. */
static bool all_zones(struct pv_rules *r, char *why, size_t size)
{
	struct pv_ruleset *set = pv_ruleset_read(PV_RULES_FILE, why, size);

	if (set)
		pv_ruleset_zones(set, r);
	pv_ruleset_free(set);
	return set;
}

static bool save(const char *name, const char *rule, const char *value, char *why, size_t size)
{
	char section[80];

	snprintf(section, sizeof(section), "zone \"%s\"", name);
	return pv_rules_save(PV_RULES_FILE, section, rule, value, why, size);
}

/* add NAME rectangle|polygon NUMBERS...: the rest of the command line is the shape. */
static int add(int argc, char **argv, bool ignore, bool burned, const struct pv_meant *camera)
{
	const char *name = argv[0], *shape = argv[1];
	struct pv_zone z = { .kind = ignore, .burned = burned };
	struct pv_rules r;
	char why[800], value[200] = "", done[100];
	size_t n = 0;

	for (int i = 2; i < argc && n < sizeof(value); i++)
		n += (size_t)snprintf(value + n, sizeof(value) - n, "%s%s", i > 2 ? " " : "", argv[i]);
	if (strlen(name) >= PV_NAME_LEN || strpbrk(name, "\"];\n") || !*name)
		return pv_fail("a zone's name has at most %d letters, and no quotes, brackets or "
			       "semicolons", PV_NAME_LEN - 1);
	if (strcmp(shape, "rectangle") && strcmp(shape, "polygon"))
		return pv_usage("zones");
	if (n >= sizeof(value))
		return pv_fail("these numbers are too long for a line of %s: round them", PV_RULES_FILE);
	if (!pv_zone_set(&z, shape, value, why, sizeof(why)) ||
	    !all_zones(&r, why, sizeof(why)))
		return pv_fail("%s", why);
	if (burned && (z.points || ignore))
		return pv_fail("only a mask with a rectangle can be burned");
	if (has_zone(&r, name))
		return pv_fail("there is a zone \"%s\" already; `plateveil zones remove %s` first", name,
			       name);
	if (r.zone_count == PV_MAX_ZONES)
		return pv_fail("there are %d zones already, and no more can be", PV_MAX_ZONES);
	/* In this order, should the disk fill up: what is veiled too much is no harm. */
	if (!save(name, shape, value, why, sizeof(why)) ||
	    (camera && !save(name, "camera", camera->word, why, sizeof(why))) ||
	    (ignore && !save(name, "kind", "ignore", why, sizeof(why))) ||
	    (burned && !save(name, "burned", "yes", why, sizeof(why))))
		return pv_fail("%s", why);
	snprintf(done, sizeof(done), "zone \"%s\" is added%s%s%s", name, camera ? " for \"" : "",
		 camera ? camera->word : "", camera ? "\"" : "");
	return pv_follow_rules(done, camera);
}

static int remove_zone(const char *name)
{
	struct pv_rules r;
	char why[800], done[100];

	if (!all_zones(&r, why, sizeof(why)))
		return pv_fail("%s", why);
	if (!has_zone(&r, name))
		return pv_fail("no zone is called \"%s\"; `plateveil zones` lists them", name);
	if (!save(name, NULL, NULL, why, sizeof(why)))
		return pv_fail("%s", why);
	if (!all_zones(&r, why, sizeof(why)))
		return pv_fail("%s", why);
	if (has_zone(&r, name))
		return pv_fail("zone \"%s\" is in a file of %s.d: take it out there", name,
			       PV_RULES_FILE);
	snprintf(done, sizeof(done), "zone \"%s\" is removed", name);
	return pv_follow_rules(done, NULL);
}

static int draw(const char *out, const char *camera)
{
	struct pv_view_picture picture = { .card = false };
	char view[32];

	if (!pv_view_find(camera, view, sizeof(view)) || pv_view_take(view, 10, &picture))
		return PV_FAILED;
	pv_draw_grid(&picture.frame);
	int err = pv_draw_save(&picture.frame, out);
	pv_frame_free(&picture.frame);
	if (!err && picture.card)
		err = pv_fail("%s shows the card, or a frame veiled whole; see `plateveil status`", out);
	else if (!err)
		fprintf(pv_file_tell(out), "%s has a line every 10 %% of the picture; numbers are percent.\n"
			"sudo plateveil zones add NAME rectangle LEFT TOP WIDTH HEIGHT\n",
			strcmp(out, "-") ? out : "The picture");
	return err;
}

int pv_cmd_zones(int argc, char **argv)
{
	const char *camera = pv_option_value(&argc, argv, "--camera");
	bool ignore = pv_option(&argc, argv, "--ignore"), burned = pv_option(&argc, argv, "--burned");
	const char *verb = argc > 1 ? argv[1] : "list";
	struct pv_meant meant;

	if (argc >= 5 && !strcmp(verb, "add"))
		return camera && pv_camera_meant(camera, &meant) ? PV_FAILED :
		       add(argc - 2, argv + 2, ignore, burned, camera ? &meant : NULL);
	if (ignore || burned)
		return pv_usage("zones");
	if (argc <= 2 && !strcmp(verb, "list") && !camera)
		return list();
	if (argc == 3 && !strcmp(verb, "remove") && !camera)
		return remove_zone(argv[2]);
	if (argc == 3 && !strcmp(verb, "draw") && !pv_is_option(argv[2]))
		return draw(argv[2], camera);
	return pv_usage("zones");
}
