/*
 * transfer.h -- one HTTP exchange over libcurl.
 *
 * libcurl and the dozen libraries behind it are loaded with the first exchange and not before: the
 * daemon is the same program and never has them in its memory.
 */
#ifndef INTEGRATIOND_TRANSFER_H
#define INTEGRATIOND_TRANSFER_H

#include <stdbool.h>
#include <stddef.h>

typedef struct {
    const char *method;
    const char *url; /* http or https; redirects are not followed: they would carry the token away */
    /* Whole lines without their end. */
    const char *const *headers;
    size_t header_count;
    const void *body; /* may be NULL */
    size_t body_size;
    const char *ca_file;    /* certificates to trust instead of the system's; NULL: the system's */
    bool is_direct;         /* past any proxy that the environment names */
    long connect_seconds;   /* for the connection to stand */
    long idle_seconds;      /* ends the exchange when nothing comes for so long; 0: never */
    long total_seconds;     /* for everything; 0: no limit */
    int stop_descriptor;    /* ends the exchange once it is readable; -1: none */
} transfer_request;

/* What comes, in this order, on the thread of the caller.  False ends the exchange. */
typedef struct {
    void *context;
    /* One line of the head without its end: `HTTP/1.1 200 OK` first.  A proxy's head, or an interim
     * one, may come before. */
    bool (*head)(void *context, const char *line, size_t size);
    bool (*body)(void *context, const void *bytes, size_t size);
} transfer_receiver;

typedef enum {
    TRANSFER_DONE,           /* the answer is whole */
    TRANSFER_STOPPED,        /* by the descriptor or by the receiver */
    TRANSFER_UNREACHABLE,    /* no connection: name, address, port, proxy */
    TRANSFER_UNTRUSTED,      /* TLS: no handshake, or a certificate that is not trusted */
    TRANSFER_BROKEN,         /* the connection ended early, or took too long */
    TRANSFER_UNUSABLE,       /* the request cannot be made: the address, a file, no libcurl */
} transfer_outcome;

/* Blocks until it has ended.  `explanation` gets a sentence without a period for every outcome but
 * the first two. */
transfer_outcome transfer_perform(const transfer_request *request, transfer_receiver receiver,
                                  char *explanation, size_t capacity);

#endif
