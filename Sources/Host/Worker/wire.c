#include "wire.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>

/* The formats are little-endian, and so is every machine that the ABI is for. */

static bool take(struct wire_reader *reader, void *out, size_t size) {
    if (reader->bad || reader->left < size) {
        reader->bad = true;
        memset(out, 0, size);
        return false;
    }
    memcpy(out, reader->at, size);
    reader->at += size;
    reader->left -= size;
    return true;
}

uint8_t wire_u8(struct wire_reader *reader) {
    uint8_t value;
    take(reader, &value, sizeof value);
    return value;
}

uint32_t wire_u32(struct wire_reader *reader) {
    uint32_t value;
    take(reader, &value, sizeof value);
    return value;
}

uint64_t wire_u64(struct wire_reader *reader) {
    uint64_t value;
    take(reader, &value, sizeof value);
    return value;
}

int64_t wire_i64(struct wire_reader *reader) { return (int64_t)wire_u64(reader); }

struct wire_data wire_data(struct wire_reader *reader) {
    size_t size = wire_u32(reader);
    if (reader->bad || reader->left <= size || reader->at[size] != 0) {
        reader->bad = true;
        return (struct wire_data){"", 0};
    }
    struct wire_data data = {(const char *)reader->at, size};
    reader->at += size + 1;
    reader->left -= size + 1;
    return data;
}

const char *wire_text(struct wire_reader *reader) { return wire_data(reader).bytes; }

static void put(struct wire_writer *writer, const void *bytes, size_t size) {
    if (size > 0) memcpy(writer->at, bytes, size);
    writer->at += size;
}

void wire_put_header(struct wire_writer *writer, unsigned char type, size_t payload) {
    wire_put_u32(writer, (uint32_t)(payload + 1));
    wire_put_u8(writer, type);
}

void wire_put_u8(struct wire_writer *writer, uint8_t value) { put(writer, &value, 1); }
void wire_put_u32(struct wire_writer *writer, uint32_t value) { put(writer, &value, 4); }
void wire_put_i64(struct wire_writer *writer, int64_t value) { put(writer, &value, 8); }

void wire_put_data_size(struct wire_writer *writer, size_t size) {
    wire_put_u32(writer, (uint32_t)size);
}

void wire_put_data(struct wire_writer *writer, const void *bytes, size_t size) {
    wire_put_data_size(writer, size);
    put(writer, bytes, size);
    wire_put_u8(writer, 0);
}

int wire_receive(int fd, void *bytes, size_t size) {
    unsigned char *at = bytes;
    while (size > 0) {
        ssize_t count = recv(fd, at, size, 0);
        if (count == 0) return 0;
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return -1;
        at += count;
        size -= (size_t)count;
    }
    return 1;
}
