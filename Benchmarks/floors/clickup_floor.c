/*
 * The floor under a ClickUp import: the same requests on a bare curl multi handle, and nothing
 * done with the answers but to find what to ask for next.
 *
 *     clickup_floor BASE_URL WORKSPACE TOKEN IN_FLIGHT [FILE]
 *
 * With a file, which holds a path a line, it asks for these instead of finding out what there is.
 * Prints one JSON object: seconds, CPU seconds, requests, bytes of the answers decompressed, and docs.
 */
#include <curl/curl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

enum kind { TEAM, SPACES, TREE, LISTING, PAGES };

struct job {
    enum kind kind;
    bool archived;
    char url[1024];
};

struct transfer {
    struct job job;
    CURL *handle;
    char *body;
    size_t size, capacity;
};

static const char *base, *workspace;
static struct curl_slist *headers;
static CURLM *multi;
static int in_flight_limit, in_flight;
static long requests, bytes, docs;

static void fail(const char *why) {
    fprintf(stderr, "clickup_floor: %s\n", why);
    exit(1);
}

/* ---- what is still to be asked ---- */

static struct job *queue;
static size_t queue_start, queue_end, queue_capacity;

/* The listing goes first: everything else hangs on it. */
static struct job *enqueue(enum kind kind, bool archived) {
    if (queue_end == queue_capacity) {
        queue_capacity = queue_capacity ? queue_capacity * 2 : 256;
        queue = realloc(queue, queue_capacity * sizeof *queue);
        if (!queue) fail("out of memory");
    }
    struct job *job = &queue[queue_end++];
    if (kind == LISTING && queue_start > 0) {
        queue_end--;
        job = &queue[--queue_start];
    }
    job->kind = kind;
    job->archived = archived;
    return job;
}

static void ask(enum kind kind, bool archived, const char *path) {
    struct job *job = enqueue(kind, archived);
    snprintf(job->url, sizeof job->url, "%s%s", base, path);
}

static void ask_spaces(bool archived) {
    char path[256];
    snprintf(path, sizeof path, "/api/v2/team/%s/space?archived=%s", workspace,
             archived ? "true" : "false");
    ask(SPACES, archived, path);
}

static void ask_listing(bool archived, const char *cursor) {
    char *escaped = curl_easy_escape(NULL, cursor, 0);
    char path[900];
    snprintf(path, sizeof path,
             "/api/v3/workspaces/%s/docs?limit=100&archived=%s&deleted=false%s%s", workspace,
             archived ? "true" : "false", *cursor ? "&cursor=" : "", escaped);
    curl_free(escaped);
    ask(LISTING, archived, path);
}

static void ask_tree(const char *space) {
    static const char *const branches[] = {"folder", "list"};
    for (int branch = 0; branch < 2; branch++)
        for (int archived = 0; archived < 2; archived++) {
            char path[256];
            snprintf(path, sizeof path, "/api/v2/space/%s/%s?archived=%s", space, branches[branch],
                     archived ? "true" : "false");
            ask(TREE, archived, path);
        }
}

static void ask_pages(const char *doc) {
    char path[512];
    snprintf(path, sizeof path,
             "/api/v3/workspaces/%s/docs/%s/pages?max_page_depth=-1&content_format=text/md",
             workspace, doc);
    docs++;
    ask(PAGES, false, path);
}

/* ---- what the answers say ---- */

/* The text between `at` and the next quote. */
static void copy_text(const char *at, char *text, size_t capacity) {
    size_t size = strcspn(at, "\"");
    if (size >= capacity) fail("a longer id than expected");
    memcpy(text, at, size);
    text[size] = '\0';
}

/* Ids of an array's objects; a parent's object stands behind a colon. */
static void each_id(const char *body, void (*visit)(const char *id)) {
    static const char mark[] = "{\"id\":\"";
    for (const char *at = body; (at = strstr(at, mark)); at += sizeof mark - 1) {
        if (at == body || at[-1] == ':') continue;
        char id[128];
        copy_text(at + sizeof mark - 1, id, sizeof id);
        visit(id);
    }
}

static void follow_listing(const struct transfer *transfer) {
    static const char mark[] = "\"next_cursor\":\"";
    const char *next = strstr(transfer->body, mark);
    char cursor[512] = "";
    if (next) copy_text(next + sizeof mark - 1, cursor, sizeof cursor);
    if (*cursor) ask_listing(transfer->job.archived, cursor);
    else if (!transfer->job.archived) ask_listing(true, "");
}

static void follow(const struct transfer *transfer) {
    switch (transfer->job.kind) {
    case TEAM:
        ask_listing(false, "");
        ask_spaces(false);
        ask_spaces(true);
        break;
    case SPACES: each_id(transfer->body, ask_tree); break;
    case LISTING:
        follow_listing(transfer);
        each_id(transfer->body, ask_pages);
        break;
    case TREE:
    case PAGES: break;
    }
}

/* ---- transfers ---- */

static size_t receive(char *data, size_t size, size_t count, void *context) {
    struct transfer *transfer = context;
    size *= count;
    if (transfer->size + size + 1 > transfer->capacity) {
        transfer->capacity = (transfer->size + size + 1) * 2;
        transfer->body = realloc(transfer->body, transfer->capacity);
        if (!transfer->body) return 0;
    }
    memcpy(transfer->body + transfer->size, data, size);
    transfer->size += size;
    transfer->body[transfer->size] = '\0';
    return size;
}

static void start_next(void) {
    while (in_flight < in_flight_limit && queue_start < queue_end) {
        struct transfer *transfer = calloc(1, sizeof *transfer);
        if (!transfer || !(transfer->handle = curl_easy_init())) fail("out of memory");
        transfer->job = queue[queue_start++];
        CURL *handle = transfer->handle;
        curl_easy_setopt(handle, CURLOPT_URL, transfer->job.url);
        curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers);
        curl_easy_setopt(handle, CURLOPT_ACCEPT_ENCODING, "gzip");
        curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
        curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, receive);
        curl_easy_setopt(handle, CURLOPT_WRITEDATA, transfer);
        curl_easy_setopt(handle, CURLOPT_PRIVATE, transfer);
        curl_multi_add_handle(multi, handle);
        in_flight++;
        requests++;
    }
}

static void finish(CURL *handle, CURLcode code) {
    struct transfer *transfer;
    long status = 0;
    curl_easy_getinfo(handle, CURLINFO_PRIVATE, &transfer);
    curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
    if (code != CURLE_OK || status != 200 || !transfer->body) fail(transfer->job.url);
    bytes += (long)transfer->size;
    follow(transfer);
    curl_multi_remove_handle(multi, handle);
    curl_easy_cleanup(handle);
    free(transfer->body);
    free(transfer);
    in_flight--;
}

static void ask_all(const char *file) {
    FILE *paths = fopen(file, "r");
    if (!paths) fail(file);
    char path[900];
    while (fgets(path, sizeof path, paths)) {
        path[strcspn(path, "\n")] = '\0';
        ask(PAGES, false, path);
    }
    fclose(paths);
}

static void run(const char *file) {
    if (file) ask_all(file);
    else ask(TEAM, false, "/api/v2/team");
    start_next();
    while (in_flight > 0) {
        int running, left;
        curl_multi_perform(multi, &running);
        for (CURLMsg *message; (message = curl_multi_info_read(multi, &left));)
            if (message->msg == CURLMSG_DONE) finish(message->easy_handle, message->data.result);
        start_next();
        if (in_flight > 0) curl_multi_poll(multi, NULL, 0, 1000, NULL);
    }
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static double cpu(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

int main(int count, char **arguments) {
    if (count != 5 && count != 6) return 2;
    double started = now();
    base = arguments[1];
    workspace = arguments[2];
    in_flight_limit = atoi(arguments[4]);
    char authorization[1024];
    snprintf(authorization, sizeof authorization, "Authorization: %s", arguments[3]);
    curl_global_init(CURL_GLOBAL_DEFAULT);
    headers = curl_slist_append(curl_slist_append(NULL, authorization), "Accept: application/json");
    multi = curl_multi_init();
    curl_multi_setopt(multi, CURLMOPT_MAX_HOST_CONNECTIONS, (long)in_flight_limit);
    curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)in_flight_limit);
    run(count == 6 ? arguments[5] : NULL);
    printf("{\"seconds\":%.4f,\"cpu\":%.4f,\"requests\":%ld,\"bytes\":%ld,\"docs\":%ld}\n",
           now() - started, cpu(), requests, bytes, docs);
    return 0;
}
