// SPDX-License-Identifier: GPL-2.0-or-later
/* From a line of the control socket to a request. Whoever may open the socket may send anything. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "control.h"

/* Text from a member, or an empty one if there is none; false if it is no text, or too long. */
static bool take_text(const cJSON *object, const char *member, char *out, size_t size)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, member);

	out[0] = 0;
	if (!item)
		return true;
	if (!cJSON_IsString(item) || strlen(item->valuestring) >= size)
		return false;
	memcpy(out, item->valuestring, strlen(item->valuestring) + 1);
	return true;
}

int pv_request_parse(const char *line, size_t length, struct pv_request *out, char *error,
		     size_t size)
{
	cJSON *object = cJSON_ParseWithLength(line, length);
	const cJSON *version = cJSON_GetObjectItemCaseSensitive(object, "version");
	int err = -1;

	memset(out, 0, sizeof(*out));
	if (!cJSON_IsObject(object))
		snprintf(error, size, "a request is a JSON object on a line of at most %d bytes",
			 PV_MAX_REQUEST);
	else if (!cJSON_IsNumber(version) || version->valueint != PV_PROTOCOL)
		snprintf(error, size, "this plateveild speaks version %d of the protocol; install "
				      "plateveil and plateveild of the same release", PV_PROTOCOL);
	else if (!take_text(object, "request", out->name, sizeof(out->name)) || !*out->name)
		snprintf(error, size, "no such request");
	else if (!take_text(object, "camera", out->camera, sizeof(out->camera)))
		snprintf(error, size, "camera is a path of at most %zu letters",
			 sizeof(out->camera) - 1);
	else
		err = 0;
	cJSON_Delete(object);
	return err;
}
