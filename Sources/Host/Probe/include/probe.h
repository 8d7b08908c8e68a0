/*
 * probe.h -- loads one plugin, makes one call, and tells all that it saw: the host that
 * `integrationd plugin check` runs plugins in.  Unlike the worker it can be an odd host, one that
 * is older or newer, refuses, cancels, or has no network, and it looks at the process afterwards.
 */
#ifndef INTEGRATIOND_PROBE_H
#define INTEGRATIOND_PROBE_H

/*
 * Frames as in the worker's frame.h: u32 length | u8 type | payload, little-endian, texts and data
 * with their size before and a NUL behind them.
 */
enum probe_frame {
    /* To the probe, once: u32 entry (enum probe_entry), u32 options (enum probe_option), text
     * plugin path, u32 ABI version and u32 minimum table size of the host (0: today's), u32 call
     * flags, text run id, text integration, text settings, optional data checkpoint, u32 n + n *
     * text collections (0: all), text data dir, text temp dir, u32 n + n * (text name, text value)
     * secrets, u32 n + n * (text collection, text id, text revision) documents that are known, u32
     * function + u32 at + i32 status: the at-th call of this function is answered so (0: none is),
     * u32 cancel at: 0 never, 1 before the entry, n + 2 at the n-th call that says something, u32
     * milliseconds to stay after the return; for PROBE_WEBHOOK the request as in FRAME_START. */
    PROBE_PLAN = 1,

    /* From the probe. */
    PROBE_LOAD_FAILED = 32,  /* text */
    PROBE_DESCRIPTION = 33,  /* u32 symbols, then twice: u32 ABI version, optional data manifest */
    PROBE_SURROUNDINGS = 34, /* u32 stage, u32 threads, i64 ms of CPU, text descriptors, text state */
    PROBE_CANCELLED = 35,    /* i64 ms */
    PROBE_RETURNED = 36,     /* i64 ms, i32 status */
    /* u32 function, u8 whether it came when none may, i32 answer, i64, i64: its numbers, u32 n +
     * n * optional data: its texts. */
    PROBE_CALL = 37
};

enum probe_entry {
    PROBE_DESCRIBE = 0,
    PROBE_IMPORT_PROGRESS = 1,
    PROBE_IMPORT = 2,
    PROBE_TEST = 3,
    PROBE_STRUCTURE = 4,
    PROBE_WEBHOOK = 5
};

enum probe_option {
    /* Host table and call end where memory ends. */
    PROBE_GUARDED = 1 << 0,
    /* What the host hands over cannot be written. */
    PROBE_READ_ONLY = 1 << 1,
    /* Members that no header has yet are set, and end the process when they are called. */
    PROBE_NEWER_MEMBERS = 1 << 2,
    PROBE_NO_CANCEL_FD = 1 << 3,
    /* Nothing can be connected to. */
    PROBE_NO_NETWORK = 1 << 4
};

enum probe_stage { PROBE_BEFORE_LOAD, PROBE_LOADED, PROBE_BEFORE_ENTRY, PROBE_AFTER_RETURN, PROBE_AT_END };

enum probe_function {
    PROBE_NONE,
    PROBE_LOG,      /* level; message, fields */
    PROBE_UPSERT,   /* collection, id, json */
    PROBE_KNOWN,    /* collection, id, revision */
    PROBE_COMPLETE, /* collection, scope */
    PROBE_REPORT,   /* kind; collection, id, code, message */
    PROBE_WAITING,  /* until; reason */
    PROBE_REMOVE,   /* collection, id */
    PROBE_CHECKPOINT, /* data */
    PROBE_REPLY,    /* content type, data */
    PROBE_FAIL,     /* retry after; code, message, details */
    PROBE_SECRET,   /* name */
    PROBE_EXTENSION, /* id */
    PROBE_PROGRESS, /* count, total; step, message */
    PROBE_FUNCTIONS
};

/* Reads PROBE_PLAN from the socket and does what it says, on a thread that is not the main one. */
int probe_serve(int fd);

#endif
