#include <stdio.h>
#include <string.h>

#include "libcurl.h"
#include "transfer.h"

typedef struct {
    transfer_receiver receiver;
    bool is_refused;
} receiving;

static size_t take_head(char *bytes, size_t size, size_t count, void *context) {
    receiving *state = context;
    size_t length = size * count;
    while (length > 0 && (bytes[length - 1] == '\n' || bytes[length - 1] == '\r')) length--;
    if (length == 0 || state->receiver.head(state->receiver.context, bytes, length))
        return size * count;
    state->is_refused = true;
    return 0;
}

static size_t take_body(char *bytes, size_t size, size_t count, void *context) {
    receiving *state = context;
    if (state->receiver.body(state->receiver.context, bytes, size * count)) return size * count;
    state->is_refused = true;
    return 0;
}

static void set_request(const libcurl *curl, CURL *easy, const transfer_request *request) {
    curl->easy_setopt(easy, CURLOPT_URL, request->url);
    curl->easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl->easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl->easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl->easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    curl->easy_setopt(easy, CURLOPT_CONNECTTIMEOUT, request->connect_seconds);
    curl->easy_setopt(easy, CURLOPT_TIMEOUT, request->total_seconds);
    if (request->idle_seconds > 0) {
        curl->easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
        curl->easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, request->idle_seconds);
    }
    if (request->ca_file) curl->easy_setopt(easy, CURLOPT_CAINFO, request->ca_file);
    if (request->is_direct) curl->easy_setopt(easy, CURLOPT_PROXY, "");
    if (strcmp(request->method, "HEAD") == 0) {
        curl->easy_setopt(easy, CURLOPT_NOBODY, 1L);
    } else if (strcmp(request->method, "GET") != 0) {
        curl->easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long)request->body_size);
        curl->easy_setopt(easy, CURLOPT_POSTFIELDS, request->body ? request->body : "");
        curl->easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method);
    }
}

static struct curl_slist *make_headers(const libcurl *curl, const transfer_request *request) {
    /* What libcurl would add by itself is taken away again. */
    struct curl_slist *list = curl->slist_append(NULL, "Expect:");
    for (size_t i = 0; list && i < request->header_count; i++) {
        struct curl_slist *longer = curl->slist_append(list, request->headers[i]);
        if (!longer) curl->slist_free_all(list);
        list = longer;
    }
    return list;
}

/* Until the exchange has ended or is to end; false: it is to end. */
static bool drive(const libcurl *curl, CURLM *multi, int stop_descriptor, CURLcode *result) {
    struct curl_waitfd stop = {.fd = stop_descriptor, .events = CURL_WAIT_POLLIN};
    for (;;) {
        int running = 0, left = 0;
        if (curl->multi_perform(multi, &running) != CURLM_OK) return true;
        const CURLMsg *message = curl->multi_info_read(multi, &left);
        if (message && message->msg == CURLMSG_DONE) {
            *result = message->data.result;
            return true;
        }
        if (running == 0) return true;
        stop.revents = 0;
        /* Until a socket, the descriptor or a time-out of libcurl's own; the bound is a guard. */
        curl->multi_poll(multi, &stop, stop_descriptor < 0 ? 0 : 1, 10000, NULL);
        if (stop.revents) return false;
    }
}

static transfer_outcome outcome_of(CURLcode code) {
    switch (code) {
    case CURLE_OK: return TRANSFER_DONE;
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
    case CURLE_PROXY: return TRANSFER_UNREACHABLE;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS: return TRANSFER_UNTRUSTED;
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_OUT_OF_MEMORY:
    case CURLE_FAILED_INIT: return TRANSFER_UNUSABLE;
    default: return TRANSFER_BROKEN;
    }
}

static transfer_outcome exchange(const libcurl *curl, CURLM *multi, CURL *easy, receiving *state,
                                 int stop_descriptor, char *explanation, size_t capacity) {
    char text[CURL_ERROR_SIZE] = "";
    curl->easy_setopt(easy, CURLOPT_ERRORBUFFER, text);
    curl->easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_head);
    curl->easy_setopt(easy, CURLOPT_HEADERDATA, state);
    curl->easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
    curl->easy_setopt(easy, CURLOPT_WRITEDATA, state);
    CURLcode code = CURLE_FAILED_INIT;
    bool has_ended = true;
    if (curl->multi_add_handle(multi, easy) == CURLM_OK) {
        has_ended = drive(curl, multi, stop_descriptor, &code);
        curl->multi_remove_handle(multi, easy);
    }
    if (!has_ended || state->is_refused) return TRANSFER_STOPPED;
    snprintf(explanation, capacity, "%s", text[0] ? text : curl->easy_strerror(code));
    return outcome_of(code);
}

transfer_outcome transfer_perform(const transfer_request *request, transfer_receiver receiver,
                                  char *explanation, size_t capacity) {
    const char *reason;
    const libcurl *curl = libcurl_load(&reason);
    if (!curl) {
        snprintf(explanation, capacity, "%s", reason);
        return TRANSFER_UNUSABLE;
    }
    CURLM *multi = curl->multi_init();
    CURL *easy = curl->easy_init();
    struct curl_slist *headers = make_headers(curl, request);
    transfer_outcome outcome = TRANSFER_UNUSABLE;
    if (multi && easy && headers) {
        receiving state = {.receiver = receiver};
        set_request(curl, easy, request);
        curl->easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
        outcome = exchange(curl, multi, easy, &state, request->stop_descriptor, explanation, capacity);
    } else {
        snprintf(explanation, capacity, "libcurl has no memory");
    }
    curl->slist_free_all(headers);
    if (easy) curl->easy_cleanup(easy);
    if (multi) curl->multi_cleanup(multi);
    return outcome;
}
