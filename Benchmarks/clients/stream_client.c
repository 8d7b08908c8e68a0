/*
 * Starts or joins one import and times its stream.
 *
 *     stream_client PORT PATH [HEADER]...
 *
 * Prints one JSON object: the status, milliseconds from connect() to the first `data:` line and
 * to the end of the terminal event, how many events came, and the terminal event's name and data.
 * Exits 1 if the stream ends without a terminal event.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* Longer lines are cut; only a terminal event's data is ever shown. */
#define LINE_LIMIT 65536

static double now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

/* ---- the stream, line by line ---- */

static struct {
    double started, first_data, terminal;
    long events;
    int status;
    char name[64];
    char data[LINE_LIMIT];
} stream;

static bool is_terminal(void) {
    return strcmp(stream.name, "complete") == 0 || strcmp(stream.name, "error") == 0;
}

static void take_line(const char *line) {
    if (strncmp(line, "event: ", 7) == 0) {
        snprintf(stream.name, sizeof stream.name, "%.63s", line + 7);
    } else if (strncmp(line, "data: ", 6) == 0) {
        if (stream.first_data == 0) stream.first_data = now_ms();
        stream.events++;
        if (is_terminal()) snprintf(stream.data, sizeof stream.data, "%s", line + 6);
    } else if (line[0] == '\0' && is_terminal()) {
        stream.terminal = now_ms();
    }
}

/* ---- the body: chunks taken apart, lines put together ---- */

static void take_body(char byte) {
    static char line[LINE_LIMIT];
    static size_t size;
    if (byte != '\n') {
        if (size < sizeof line - 1) line[size++] = byte;
        return;
    }
    line[size] = '\0';
    size = 0;
    take_line(line);
}

/* One byte of the answer: head, then chunks of a size in hex, bytes and CRLF. */
static void take_byte(char byte) {
    static enum { HEAD, SIZE, BYTES, END } part = HEAD;
    static char line[1024];
    static size_t size, left;
    if (part == BYTES) {
        take_body(byte);
        if (--left == 0) part = END;
        return;
    }
    if (byte != '\n') {
        if (size < sizeof line - 1) line[size++] = byte;
        return;
    }
    while (size > 0 && line[size - 1] == '\r') size--;
    line[size] = '\0';
    size = 0;
    if (part == HEAD) {
        if (strncmp(line, "HTTP/1.1 ", 9) == 0) stream.status = atoi(line + 9);
        if (line[0] == '\0') part = SIZE;
    } else if (part == END) {
        part = SIZE;
    } else {
        left = strtoul(line, NULL, 16);
        part = left > 0 ? BYTES : END;
    }
}

/* ---- the connection ---- */

static int open_connection(int port) {
    int connection = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int on = 1;
    setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(connection, (struct sockaddr *)&address, sizeof address) == 0) return connection;
    perror("connect");
    exit(2);
}

static void send_request(int connection, int port, char **arguments, int count) {
    char request[8192];
    int size = snprintf(request, sizeof request,
                        "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nAccept: text/event-stream\r\n",
                        arguments[0], port);
    for (int i = 1; i < count && (size_t)size < sizeof request; i++)
        size += snprintf(request + size, sizeof request - (size_t)size, "%s\r\n", arguments[i]);
    if ((size_t)size + 3 > sizeof request) exit(2);
    memcpy(request + size, "\r\n", 2);
    if (write(connection, request, (size_t)size + 2) != size + 2) exit(2);
}

int main(int count, char **arguments) {
    if (count < 3) return 2;
    int port = atoi(arguments[1]);
    stream.started = now_ms();
    int connection = open_connection(port);
    send_request(connection, port, arguments + 2, count - 2);
    static char buffer[65536];
    ssize_t size;
    while (stream.terminal == 0 && (size = read(connection, buffer, sizeof buffer)) > 0)
        for (ssize_t i = 0; i < size; i++) take_byte(buffer[i]);
    printf("{\"status\":%d,\"first_ms\":%.3f,\"total_ms\":%.3f,\"events\":%ld,"
           "\"event\":\"%s\",\"data\":%s}\n",
           stream.status, stream.first_data - stream.started, stream.terminal - stream.started,
           stream.events, stream.name, stream.data[0] ? stream.data : "null");
    return stream.terminal == 0;
}
