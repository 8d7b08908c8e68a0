/*
 * manners.h -- what a plugin does that it should not, and that harms nobody but itself: it is
 * counted while the call runs and told in the run's report at its end.
 */
#ifndef INTEGRATIOND_MANNERS_H
#define INTEGRATIOND_MANNERS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

struct call;

struct manners {
    atomic_bool has_returned;
    atomic_ulong late_calls;       /* of the host, after the entry returned */
    atomic_ulong mended_documents; /* with bytes that are no UTF-8 */
};

void manners_note_call(struct manners *manners);
void manners_note_document(struct manners *manners, const void *json, size_t size);

/* When the entry has returned, before that is said. */
void manners_tell(struct call *call);
/* Afterwards: threads that the plugin left have a moment to show what they do. */
void manners_tell_late(struct call *call);

#endif
