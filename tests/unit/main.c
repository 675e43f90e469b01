// SPDX-License-Identifier: GPL-2.0-or-later
/* All unit tests, each in a process of its own: one that crashes is one failure. */
#include <stdlib.h>

#include "unit.h"

int main(void)
{
	SRunner *r = srunner_create(frame_suite());

	srunner_add_suite(r, jpeg_suite());
	srunner_add_suite(r, coefs_suite());
	srunner_add_suite(r, scan_suite());
	srunner_add_suite(r, metadata_suite());
	srunner_add_suite(r, detect_suite());
	srunner_add_suite(r, change_suite());
	srunner_add_suite(r, contrast_suite());
	srunner_add_suite(r, network_suite());
	srunner_add_suite(r, motion_suite());
	srunner_add_suite(r, second_suite());
	srunner_add_suite(r, doubt_suite());
	srunner_add_suite(r, track_suite());
	srunner_add_suite(r, regions_suite());
	srunner_add_suite(r, redact_suite());
	srunner_add_suite(r, mask_suite());
	srunner_add_suite(r, rules_suite());
	srunner_add_suite(r, save_suite());
	srunner_add_suite(r, sieve_suite());
	srunner_add_suite(r, request_suite());
	srunner_add_suite(r, pipeline_suite());
	srunner_add_suite(r, verdict_suite());
	srunner_add_suite(r, flow_suite());
	srunner_add_suite(r, link_suite());
	srunner_add_suite(r, mirror_suite());
	srunner_add_suite(r, offer_suite());
	srunner_set_fork_status(r, CK_FORK);
	srunner_run_all(r, CK_NORMAL);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
