/*
 * integration_plugin.h -- the integrationd plugin ABI, version 1.0
 *
 * A plugin is an ELF shared object that exports some of the C functions declared in
 * section 6.  integrationd never links against a plugin and a plugin never links against
 * integrationd: the plugin finds the host only through the pointers it is handed, so the
 * .so has no undefined integrationd symbols and can be loaded by any host, by a validator,
 * or by a unit test.
 *
 * HOW A PLUGIN IS RUN.  By default every call is made in a fresh worker process that loads
 * exactly one plugin, makes exactly one call and exits.  Host functions then travel over a
 * socketpair to the daemon.  `isolation: in-process`, for trusted plugins, makes the same
 * calls on a thread of the daemon over the same socketpair, without the protection.
 * A plugin must not depend on which: nothing here shares memory with the daemon beyond the
 * bytes passed to a call.
 *
 * The tags used below; every function has one of each group.
 * Who calls it, on which thread:
 *   [describe]     called by the host before any [entry] call, on one thread; maybe again.
 *   [entry]        called by the host, at most one at a time per process, on one thread that
 *                  is not the process's main thread (so a main-queue / main-actor can run).
 *   [other-thread] called by the host beside a running [entry] call, on a thread of its own.
 *   [any-thread]   called by the plugin from any thread, concurrently.
 * When an [any-thread] function may be called:
 *   [in-call]      while any [entry] call is running.
 *   [in-import]    while integration_import_v1 or integration_import_progress_v1 is running.
 *                  At any other time, after the entry returned above all, it is a contract
 *                  violation: the host reports it and otherwise ignores the call.
 * How long it takes:
 *   [may-block]    may wait for the daemon (back-pressure).  Never call it holding a lock that
 *                  another [any-thread] caller needs.
 *   [quick]        never waits for the daemon: writes at most into a bounded buffer that
 *                  another thread sends.
 * No host function may be called from a signal handler or from a child after fork().
 *
 * MEMORY.  Whoever passes a pointer keeps owning it.  What the host passes to a plugin is
 * valid and unchanging until that entry call returns, unless said otherwise.  What a plugin
 * passes to a host function is copied: it may be freed or reused as soon as that function
 * returns.  Nothing allocated on one side is ever freed on the other; there is deliberately no
 * alloc/free pair in this ABI.  Where a comment below says nothing of ownership, this holds.
 *
 * Structs that start with struct_size are read member by member through the pointer and never
 * copied whole: the peer's may be shorter.  (Hosts pad theirs to 512 zero bytes all the same.)
 *
 * LIMITS.  step [a-z0-9_]{1,64}, at most 128 different ones a run; message 1 KiB; collection
 * [a-z0-9_-]{1,64}; document id 1 KiB; document 16 MiB; checkpoint 1 MiB; reply 4 MiB.  Longer
 * text is cut, longer data is INTEGRATION_TOO_LARGE.  Entry calls have at least 8 MiB of stack.
 *
 * TEXT is NUL-terminated UTF-8.  DATA is pointer + size, may hold any bytes, needs no NUL.
 * JSON is RFC 8259 in UTF-8.  Invalid UTF-8 from a plugin is replaced by U+FFFD and counted.
 *
 * ERRORS.  Functions return integration_status.  The explanation is pushed with host->fail()
 * before returning; it is never a returned string.  No C++ exception, Rust panic, Go panic,
 * longjmp or Swift error may leave an entry point.
 *
 * EVOLUTION (what may change without a new MAJOR):
 *   - members are only appended to the structs that start with struct_size, and every member
 *     appended after 1.0 is INTEGRATION_NULLABLE (a shorter or zero-padded peer has NULL there);
 *   - an exported name never changes meaning or signature: a new shape is a new name with a
 *     higher suffix (integration_import_v2), and a plugin may export both;
 *   - new optional entry points, extension ids, status codes, log levels, flags, JSON keys.
 *     Receivers treat an unknown status as INTEGRATION_INTERNAL and ignore whatever else they
 *     do not know.
 *   A host loads any plugin of the same MAJOR whose manifest "min_abi" it satisfies.  A new
 *   MAJOR is served beside the old one for at least two MINOR releases of the daemon.
 */
#ifndef INTEGRATION_PLUGIN_H
#define INTEGRATION_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

/* ------------------------------------------------------------------ 1. plumbing */

#define INTEGRATION_ABI_MAJOR   1
#define INTEGRATION_ABI_MINOR   0
#define INTEGRATION_ABI_VERSION ((uint32_t)0x00010000) /* MAJOR << 16 | MINOR */

#if defined(__GNUC__) || defined(__clang__)
#define INTEGRATION_EXPORT __attribute__((visibility("default")))
#else
#define INTEGRATION_EXPORT
#endif

/* In C++ a throw out of an entry point must end in std::terminate, inside the plugin. */
#if defined(__cplusplus)
#define INTEGRATION_NOEXCEPT noexcept
#define INTEGRATION_C_BEGIN  extern "C" {
#define INTEGRATION_C_END    }
#else
#define INTEGRATION_NOEXCEPT
#define INTEGRATION_C_BEGIN
#define INTEGRATION_C_END
#endif

/* Nullability is part of the contract; Swift and clang read it, other compilers skip it. */
#if defined(__clang__)
#define INTEGRATION_NONNULL_BEGIN                                                          \
    _Pragma("clang diagnostic push")                                                       \
    _Pragma("clang diagnostic ignored \"-Wnullability-extension\"")                        \
    _Pragma("clang diagnostic ignored \"-Wnullability-completeness\"")                     \
    _Pragma("clang assume_nonnull begin")
#define INTEGRATION_NONNULL_END                                                            \
    _Pragma("clang assume_nonnull end") _Pragma("clang diagnostic pop")
#define INTEGRATION_NULLABLE      _Nullable
#else
#define INTEGRATION_NONNULL_BEGIN
#define INTEGRATION_NONNULL_END
#define INTEGRATION_NULLABLE
#endif

/* True when the struct at P was filled by a peer new enough to have MEMBER, and it is set. */
#define INTEGRATION_HAS(P, TYPE, MEMBER)                                                   \
    ((P)->struct_size >= offsetof(TYPE, MEMBER) + sizeof((P)->MEMBER) && (P)->MEMBER)

INTEGRATION_C_BEGIN
INTEGRATION_NONNULL_BEGIN

/* ------------------------------------------------------------------ 2. status, levels */

/* Returned by entry points (how the call ended) and by host functions (go on, or stop). */
typedef int32_t integration_status;
#define INTEGRATION_OK                 ((int32_t)0)
#define INTEGRATION_CANCELLED          ((int32_t)1)  /* stop asked for; not an error            */
#define INTEGRATION_INVALID_SETTINGS   ((int32_t)2)  /* a person must edit the YAML; no retry   */
#define INTEGRATION_AUTH_FAILED        ((int32_t)3)  /* a person must renew access; no retry    */
#define INTEGRATION_TRANSIENT          ((int32_t)4)  /* network, 5xx, lock: retry with back-off */
#define INTEGRATION_RATE_LIMITED       ((int32_t)5)  /* retry after fail(retry_after_ms)        */
#define INTEGRATION_PERMANENT          ((int32_t)6)  /* the source will keep refusing; no retry */
#define INTEGRATION_UNSUPPORTED        ((int32_t)7)  /* this plugin cannot do that              */
#define INTEGRATION_INTERNAL           ((int32_t)8)  /* a bug; also: any unknown value          */
#define INTEGRATION_REJECTED           ((int32_t)9)  /* host: this one record was refused       */
#define INTEGRATION_TOO_LARGE          ((int32_t)10) /* host: over the configured limit         */
#define INTEGRATION_CHECKPOINT_INVALID ((int32_t)11) /* plugin: checkpoint unusable; the host
                                                        starts again with a full refresh        */

typedef int32_t integration_log_level;
#define INTEGRATION_LOG_TRACE ((int32_t)0)
#define INTEGRATION_LOG_DEBUG ((int32_t)1)
#define INTEGRATION_LOG_INFO  ((int32_t)2)
#define INTEGRATION_LOG_WARN  ((int32_t)3)
#define INTEGRATION_LOG_ERROR ((int32_t)4)

typedef int32_t integration_report_kind;
#define INTEGRATION_REPORT_FAILED  ((int32_t)1) /* should have been imported and was not    */
#define INTEGRATION_REPORT_SKIPPED ((int32_t)2) /* left out by a setting or a permission    */
#define INTEGRATION_REPORT_NOTE    ((int32_t)3)

#define INTEGRATION_UNKNOWN ((int64_t)-1) /* a count or total that is not known */

/* ------------------------------------------------------------------ 3. the progress callback */

/*
 * Handed to integration_import_progress_v1.  Each call becomes one `progress` server-sent
 * event.  When a run makes more than the host can usefully show, newer calls of a step replace
 * older ones that nobody has seen yet; the first and the last call of every step always count.
 *
 *   step     short stable identifier of the current phase: "users", "storing_doc".  Groups
 *            events and labels metrics, so do not put counts or names into it.  Reserved for
 *            the host: starting queued waiting resumed importing complete error.
 *   message  one line for a person, or NULL.
 *   count    how many units of this step are finished, or INTEGRATION_UNKNOWN.
 *   total    how many there will be, or INTEGRATION_UNKNOWN.  May grow while running; `count`
 *            may go back when the plugin retries.  The host never derives success from them.
 *
 *   context  the progress_context that came with the callback; owned by the host.
 *
 * Returns INTEGRATION_OK to go on, INTEGRATION_CANCELLED when the plugin should return soon.
 * The callback and its context are valid until the entry returns.
 * [any-thread] [in-import] [quick]
 */
typedef integration_status (*integration_progress_fn)(void *INTEGRATION_NULLABLE context,
                                                      const char *step,
                                                      const char *INTEGRATION_NULLABLE message,
                                                      int64_t count, int64_t total);

/* ------------------------------------------------------------------ 4. host services */

/* Owned by the host, constant, valid until the entry returns.  Every function takes it first. */
typedef struct integration_host integration_host;
struct integration_host {
    uint32_t struct_size; /* sizeof(integration_host) as the host was compiled */
    uint32_t abi_version; /* INTEGRATION_ABI_VERSION as the host was compiled */
    void *INTEGRATION_NULLABLE impl; /* the host's own; pass the struct on unchanged */

    /* One log line.  fields_json: a flat JSON object, or NULL.  Values of configured secrets
     * are masked.  stdout and stderr are captured too, line by line, at INFO and WARN.
     * [any-thread] [in-call] [quick] */
    void (*log)(const integration_host *host, integration_log_level level, const char *message,
                const char *INTEGRATION_NULLABLE fields_json);

    /* Create or replace one document.  (collection, id) is the identity; json is one JSON
     * object.  REJECTED / TOO_LARGE are judged on the spot (ids, JSON syntax, size), concern
     * this document only, and the run may go on; CANCELLED means stop.  A store that fails
     * fails the run.  Emitting the same document twice is harmless, and is what a retry does.
     * [any-thread] [in-import] [may-block] */
    integration_status (*upsert)(const integration_host *host, const char *collection,
                                 const char *id, const void *json, size_t json_size);

    /* Is this document stored with this revision (the document's "revision" key)?  1: yes, and
     * it counts as seen and unchanged, so it need not be fetched; 0: no; -1: stop.
     * [any-thread] [in-import] [may-block] */
    int32_t (*known)(const integration_host *host, const char *collection, const char *id,
                     const char *revision);

    /* The enumeration of a collection, or of the part of it that `scope` names (the documents'
     * "scope" key; NULL = all), is complete: what this run has neither emitted nor known()-ed
     * there is gone from the source, and the host marks it deleted.  Never call it after an
     * enumeration that failed or skipped.  [any-thread] [in-import] [may-block] */
    integration_status (*complete)(const integration_host *host, const char *collection,
                                   const char *INTEGRATION_NULLABLE scope);

    /* Something a person should read in the run's report: one document failed or was left out,
     * or a note about what was not imported.  collection and id may be NULL for a note.  A
     * failed document keeps what is stored of it and is never marked deleted by complete().
     * A failure without an id is of no document, such as a listing that broke off: nothing in the
     * collection is taken for deleted then but in a scope that complete() names.
     * code: stable and machine readable; message: for a person.
     * [any-thread] [in-import] [quick] */
    void (*report)(const integration_host *host, integration_report_kind kind,
                   const char *INTEGRATION_NULLABLE collection,
                   const char *INTEGRATION_NULLABLE id, const char *code, const char *message);

    /* The plugin is about to wait (a rate limit, a slow export) until this time; 0 = goes on.
     * Shown as state `waiting`; the watchdog for silence does not fire meanwhile.
     * [any-thread] [in-call] [quick] */
    void (*waiting)(const integration_host *host, int64_t until_unix_ms, const char *reason);

    /* A document is gone from the source: the host marks it deleted, and with it all that hangs
     * on it by `parent`, at any depth, but what this run has emitted or known()-ed.  Of an absent
     * one it is INTEGRATION_OK.  [any-thread] [in-import] [may-block] */
    integration_status (*remove)(const integration_host *host, const char *collection,
                                 const char *id);

    /* Offer a resume point.  The host makes it current once every document of this call that
     * was emitted before it is stored, also when the run fails or is killed afterwards; the
     * next import receives the last one that became current.  Opaque bytes, JSON recommended.
     * A size of 0 clears it; data may be NULL then.  [any-thread] [in-import] [may-block] */
    integration_status (*checkpoint)(const integration_host *host,
                                     const void *INTEGRATION_NULLABLE data, size_t size);

    /* The one result of test / structure / webhook calls (section 6 gives each shape).  Later
     * calls replace earlier ones.  An import has no reply.  [any-thread] [in-call] [quick] */
    integration_status (*reply)(const integration_host *host, const char *content_type,
                                const void *data, size_t size);

    /* Why the call is about to return a status other than OK.  code: stable and machine
     * readable ("rate-limited"); message: for the person who runs the daemon;
     * details_json: object or NULL; retry_after_ms: 0 = the host chooses.  The last call wins.
     * Without effect when the call returns INTEGRATION_OK.  [any-thread] [in-call] [quick] */
    void (*fail)(const integration_host *host, const char *code, const char *message,
                 const char *INTEGRATION_NULLABLE details_json, int64_t retry_after_ms);

    /* Non-zero once the host wants the call to end: a client asked, the deadline passed, the
     * daemon stops.  Never goes back to zero.  After a grace period the worker is killed.
     * [any-thread] [in-call] [quick] */
    int32_t (*is_cancelled)(const integration_host *host);

    /* A file descriptor that becomes readable at cancellation, to put beside sockets in poll,
     * epoll, a DispatchSource or a runtime's reactor; -1 if there is none.  The host's: the same
     * one at each call, do not read it, do not close it, do not use it after the entry returned.
     * [any-thread] [in-call] [quick] */
    int32_t (*cancel_fd)(const integration_host *host);

    /* Copies a secret that the YAML grants this integration, without NUL; returns its size, or
     * -1 if there is none by that name.  A result > capacity means nothing was copied.  buffer is
     * the plugin's, may be NULL when capacity is 0, and the plugin wipes its copy.
     * [any-thread] [in-call] [may-block] */
    int64_t (*secret)(const integration_host *host, const char *name,
                      void *INTEGRATION_NULLABLE buffer, size_t capacity);

    /* An optional group of host functions by id, e.g. "integrationd.http/1": a pointer to a
     * constant struct that its own header declares (struct_size first), or NULL.  The struct is
     * the host's and valid until the entry returns.  Ids from other parties start with a reverse
     * domain name.  [any-thread] [in-call] [quick] */
    const void *INTEGRATION_NULLABLE (*extension)(const integration_host *host, const char *id);

    /* ---- appended in 1.1 and later; test with INTEGRATION_HAS ---- */
};

/* ------------------------------------------------------------------ 5. what a call is given */

#define INTEGRATION_FLAG_FULL_REFRESH ((uint32_t)1) /* checkpoint is absent on purpose */
#define INTEGRATION_FLAG_NARROWED     ((uint32_t)2) /* this run's own options leave something out:
                                                       what is not seen is gone within a scope only */

/* All of it is the host's and valid until the entry returns.  `call` itself is one pointer for
 * the whole call: integration_cancel_v1 gets the same. */
typedef struct integration_call {
    uint32_t struct_size;
    uint32_t flags; /* INTEGRATION_FLAG_*; ignore unknown ones */
    const integration_host *host;
    const char *run_id;      /* also in the event ids; an attempt keeps its run's id */
    const char *integration; /* the entry's name in the YAML */
    const char *settings_json; /* its `settings:` as a JSON object, checked against the manifest's
                                  settings_schema, defaults and run options filled in, secrets
                                  left out */
    size_t settings_size;      /* without the NUL that follows */
    const void *INTEGRATION_NULLABLE checkpoint; /* the last current one, or NULL */
    size_t checkpoint_size;
    const char *const *INTEGRATION_NULLABLE collections; /* names to import, NULL = all */
    size_t collection_count;
    int64_t deadline_unix_ms; /* 0 = none */
    const char *data_dir;     /* private to (org, project, integration), kept between runs */
    const char *temp_dir;     /* private, writable, removed after the call; also $TMPDIR */
    /* ---- appended in 1.1 and later ---- */
} integration_call;

typedef struct integration_header {
    const char *name; /* lower case */
    const char *value;
} integration_header;

/* An inbound HTTP request routed to integration_webhook_v1. */
typedef struct integration_webhook_request {
    uint32_t struct_size;
    uint32_t header_count;
    const char *method;
    const char *path;  /* below the integration's webhook prefix, starts with '/' */
    const char *query; /* without '?', "" if none */
    const integration_header *INTEGRATION_NULLABLE headers;
    const void *INTEGRATION_NULLABLE body;
    size_t body_size;
} integration_webhook_request;

/* ------------------------------------------------------------------ 6. what a plugin exports */

/* MANDATORY.  The ABI this object was compiled against: INTEGRATION_ABI_VERSION.  Touches
 * nothing else; the first call made, and the only one made when MAJOR does not match.
 * [describe] */
INTEGRATION_EXPORT uint32_t integration_abi_version(void) INTEGRATION_NOEXCEPT;

/*
 * MANDATORY.  Static JSON text, owned by the plugin, valid until the process exits.  Runs no
 * I/O and starts no thread.  Unknown keys are ignored, so this is where description grows.
 * [describe]
 *   {
 *     "id": "com.example.github",      unique, reverse domain, [a-z0-9.-]
 *     "name": "GitHub", "version": "2.1.0",
 *     "min_abi": "1.0",                lowest host ABI it can run with
 *     "description": "...", "homepage": "...", "license": "MIT",
 *     "settings_schema": { JSON Schema (the subset in configuration.md); "x-secret": true marks
 *                        top-level strings that are secrets, "x-run-option": true what one
 *                        run may override, "x-path": "read" what the sandbox must open },
 *     "collections": [{"name": "issues", "title": "Issues"}],    "part_of": "issues" in another
 *                        one: a run that asks for one of the two may bring both
 *     "network": ["api.github.com:443"],     what it will contact
 *     "limits": {"memory_mb": 256, "timeout_s": 900}
 *   }
 */
INTEGRATION_EXPORT const char *integration_manifest(void) INTEGRATION_NOEXCEPT;

/* ONE OF THE NEXT TWO IS MANDATORY.  The plain import: read the source, emit documents,
 * return.  Used when the plugin does not export integration_import_progress_v1; the host then
 * makes progress by itself from what it sees (step "importing", documents so far).  Returns
 * once no thread of the plugin will call the host any more.  [entry] */
INTEGRATION_EXPORT integration_status integration_import_v1(const integration_call *call)
    INTEGRATION_NOEXCEPT;

/* Preferred when present: the same, with a progress callback, which is never NULL.  [entry] */
INTEGRATION_EXPORT integration_status
integration_import_progress_v1(const integration_call *call, integration_progress_fn progress,
                               void *INTEGRATION_NULLABLE progress_context) INTEGRATION_NOEXCEPT;

/* OPTIONAL.  Can the source be reached with these settings?  Cheap, reads only, emits nothing.
 * May reply {"account": "...", "details": {...}}.  [entry] */
INTEGRATION_EXPORT integration_status integration_test_v1(const integration_call *call)
    INTEGRATION_NOEXCEPT;

/* OPTIONAL.  What is there to import with these settings?  Replies a JSON tree for a selection
 * screen: {"nodes": [{"id", "name", "kind", "count"?, "nodes"?: [...]}]}.  [entry] */
INTEGRATION_EXPORT integration_status integration_structure_v1(const integration_call *call)
    INTEGRATION_NOEXCEPT;

/* OPTIONAL.  An HTTP request came in for this integration.  Verify its signature, reply, and
 * return quickly; do not import here.  The reply is the HTTP response body; a JSON reply with
 * {"import": {settings}} has the host run a narrowed import soon, several such merged into one;
 * {"ids": ["..."]} beside it names the changes, and a request whose ids were all seen before is
 * a replay, which imports nothing.
 * INTEGRATION_OK is 200 (204 without reply), AUTH_FAILED 401, INVALID_SETTINGS 400, anything
 * else 500.  [entry] */
INTEGRATION_EXPORT integration_status
integration_webhook_v1(const integration_call *call,
                       const integration_webhook_request *request) INTEGRATION_NOEXCEPT;

/* OPTIONAL.  Called at most once, at cancellation, for plugins that block where neither
 * is_cancelled nor cancel_fd can reach.  call: the very one the [entry] call was given.  Must
 * only make that call return early; the host waits for it to return before it ends the worker.
 * [other-thread] */
INTEGRATION_EXPORT void integration_cancel_v1(const integration_call *call) INTEGRATION_NOEXCEPT;

/* ------------------------------------------------------------------ 7. host extensions */

/*
 * host->extension(host, INTEGRATION_EXT_RATE_LIMIT): plugins of all runs that use one account
 * share its limit.  `account` names it within this plugin (a hash of the token, never the token
 * itself).  Nothing here waits: a plugin with one event loop stays in charge of its time.
 */
#define INTEGRATION_EXT_RATE_LIMIT "integrationd.rate_limit/1"
typedef struct integration_rate_limit {
    uint32_t struct_size;
    /* Reserve `cost` requests.  Returns 0: go now; > 0: milliseconds to wait before they may
     * start (they are reserved); -1: stop, the call is being cancelled.
     * [any-thread] [in-call] [may-block] */
    int64_t (*reserve)(const integration_host *host, const char *account, int64_t cost);
    /* Give back what was reserved and not used.  [any-thread] [in-call] [quick] */
    void (*release)(const integration_host *host, const char *account, int64_t cost);
    /* What the answer's headers said; INTEGRATION_UNKNOWN where they said nothing. A refusal
     * (429) is remaining = 0 with the time of the reset.  [any-thread] [in-call] [quick] */
    void (*observe)(const integration_host *host, const char *account, int64_t limit,
                    int64_t remaining, int64_t reset_unix_ms);
} integration_rate_limit;

/* The layout is frozen (layout.c checks every member): 64-bit little-endian ELF targets only. */
#if defined(__cplusplus)
#define INTEGRATION_ASSERT_(C, N) static_assert(C, N)
#else
#define INTEGRATION_ASSERT_(C, N) _Static_assert(C, N)
#endif
INTEGRATION_ASSERT_(sizeof(void *) == 8 && sizeof(size_t) == 8, "64-bit only");
INTEGRATION_ASSERT_(offsetof(integration_host, log) == 16, "host layout");
INTEGRATION_ASSERT_(sizeof(integration_host) == 128, "host 1.0 is 128 bytes; append, never edit");
INTEGRATION_ASSERT_(sizeof(integration_call) == 104, "call 1.0 is 104 bytes; append, never edit");
INTEGRATION_ASSERT_(sizeof(integration_webhook_request) == 56, "webhook request layout");
#undef INTEGRATION_ASSERT_

INTEGRATION_NONNULL_END
INTEGRATION_C_END

#endif /* INTEGRATION_PLUGIN_H */
