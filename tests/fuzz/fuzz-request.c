// SPDX-License-Identifier: GPL-2.0-or-later
/* libFuzzer on the control socket's lines: each is a request with texts that end, or is refused. */
#include <stdlib.h>
#include <string.h>

#include "veild/control.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pv_request request;
	char why[200] = "";
	/* Without an end, as it lies in a client's buffer. */
	char *line = malloc(size ? size : 1);

	if (!line)
		return 0;
	if (size)
		memcpy(line, data, size);
	if (pv_request_parse(line, size, &request, why, sizeof(why))) {
		if (!*why)
			abort();
	} else if (!*request.name || !memchr(request.name, 0, sizeof(request.name)) ||
		   !memchr(request.camera, 0, sizeof(request.camera))) {
		abort();
	}
	free(line);
	return 0;
}
