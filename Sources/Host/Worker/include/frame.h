/*
 * frame.h -- what host and worker say to each other.  Both sides include this file.
 *
 * A frame is  u32 length | u8 type | payload  with length counting type and payload, everything
 * little-endian.  In the notation below
 *     u32, u64, i64   integers
 *     text, data      u32 size, the bytes, and one NUL that size does not count, so that the
 *                     worker can hand a pointer into the frame to a plugin
 *     optional        u8 0 or 1, then the field itself if 1
 * A receiver checks every field against what is left of the frame, and a frame with an unknown
 * type or left-over bytes is a fault of the sender.
 */
#ifndef INTEGRATIOND_FRAME_H
#define INTEGRATIOND_FRAME_H

/* The first field of FRAME_START; a worker of another version refuses to go on. */
#define FRAME_PROTOCOL_VERSION 2

/* The longest frame either side accepts: a document of 16 MiB with its ids, and room. */
#define FRAME_MAX_SIZE 17825792

enum frame_type {
    /* host -> worker */

    /* u32 version, u32 entry (enum frame_entry), text plugin path, u32 flags, text run id,
     * text integration, text settings, optional data checkpoint, u32 n + n * text collections
     * (0 = all), i64 deadline in Unix ms, text data dir, text temp dir, four u64 limits (0 =
     * none): bytes of memory, seconds of CPU, open files, bytes of a written file; u32 n + n *
     * text path that may be read, u32 progress calls per second that go through one by one, u32
     * n + n * (text name, text value) secrets; and for FRAME_ENTRY_WEBHOOK text method, text path,
     * text query, u32 n + n * (text name, text value) headers, data body. */
    FRAME_START = 1,
    /* Empty.  Raises the flag and the descriptor, and calls integration_cancel_v1. */
    FRAME_CANCEL = 2,
    /* u32 request id, i64 value: the answer to FRAME_KNOWN (0, 1) and FRAME_RESERVE (ms). */
    FRAME_ANSWER = 3,

    /* worker -> host */

    /* u32 ABI version, u32 exported symbols (enum frame_symbol), text manifest. */
    FRAME_DESCRIPTION = 32,
    /* u32 one enum frame_symbol: this entry is about to be called. */
    FRAME_ENTERED = 33,
    /* text what the dynamic linker or the worker says. */
    FRAME_LOAD_FAILED = 34,
    /* u32 status: the entry returned.  Only reports about how it left things may follow. */
    FRAME_RETURNED = 35,
    /* text step, optional text message, i64 count, i64 total. */
    FRAME_PROGRESS = 36,
    /* u32 level, text message, optional text fields. */
    FRAME_LOG = 37,
    /* text collection, text id, data json: one valid JSON object. */
    FRAME_UPSERT = 38,
    /* u32 request id, text collection, text id, text revision. */
    FRAME_KNOWN = 39,
    /* text collection, optional text scope. */
    FRAME_COMPLETE = 40,
    /* u32 kind, optional text collection, optional text id, text code, text message. */
    FRAME_REPORT = 41,
    /* i64 until in Unix ms, text reason. */
    FRAME_WAITING = 42,
    /* text collection, text id. */
    FRAME_REMOVE = 43,
    /* data; empty clears it. */
    FRAME_CHECKPOINT = 44,
    /* text content type, data body. */
    FRAME_REPLY = 45,
    /* text code, text message, optional text details, i64 retry after in ms. */
    FRAME_FAIL = 46,
    /* u64 log lines, u64 reports that a full buffer made the worker drop since the last time. */
    FRAME_LOST = 47,
    /* u32 enum frame_containment: what the worker has taken from itself; before any of the
     * plugin's code. */
    FRAME_CONTAINED = 48,
    /* u32 status (REJECTED or TOO_LARGE), i64 bytes, optional text collection, optional text id:
     * an upsert that failed; without a name where that was the mistake. */
    FRAME_REFUSED = 49,
    /* u32 request id, text account, i64 cost. */
    FRAME_RESERVE = 50,
    /* text account, i64 cost. */
    FRAME_RELEASE = 51,
    /* text account, i64 limit, i64 remaining, i64 reset in Unix ms; -1 where unknown. */
    FRAME_OBSERVE = 52
};

enum frame_containment {
    FRAME_CONTAINMENT_PRIVILEGES = 1 << 0,   /* no new ones by any exec */
    FRAME_CONTAINMENT_CAPABILITIES = 1 << 1, /* none left, but to read */
    FRAME_CONTAINMENT_FILES = 1 << 2,        /* Landlock */
    FRAME_CONTAINMENT_PORTS = 1 << 3,        /* Landlock: no listening on TCP */
    FRAME_CONTAINMENT_SIGNALS = 1 << 4,      /* Landlock: none to other processes */
    FRAME_CONTAINMENT_SYSTEM_CALLS = 1 << 5  /* seccomp */
};

enum frame_entry {
    FRAME_ENTRY_DESCRIBE = 0,
    FRAME_ENTRY_IMPORT = 1,
    FRAME_ENTRY_TEST = 2,
    FRAME_ENTRY_STRUCTURE = 3,
    FRAME_ENTRY_WEBHOOK = 4
};

enum frame_symbol {
    FRAME_SYMBOL_ABI_VERSION = 1 << 0,
    FRAME_SYMBOL_MANIFEST = 1 << 1,
    FRAME_SYMBOL_IMPORT_PROGRESS = 1 << 2,
    FRAME_SYMBOL_IMPORT = 1 << 3,
    FRAME_SYMBOL_TEST = 1 << 4,
    FRAME_SYMBOL_STRUCTURE = 1 << 5,
    FRAME_SYMBOL_WEBHOOK = 1 << 6,
    FRAME_SYMBOL_CANCEL = 1 << 7
};

#endif
