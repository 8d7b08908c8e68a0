/* request.h -- the request of a webhook, as it stands at the end of a frame. */
#ifndef INTEGRATIOND_REQUEST_H
#define INTEGRATIOND_REQUEST_H

#include "integration_plugin.h"
#include "wire.h"

/* Texts and body stay in the frame; returns the headers, which the caller frees, or NULL. */
integration_header *request_read(integration_webhook_request *request, struct wire_reader *reader);

#endif
