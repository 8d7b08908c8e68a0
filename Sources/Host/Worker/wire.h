/* wire.h -- puts the fields of a frame together and takes them apart (see frame.h). */
#ifndef INTEGRATIOND_WIRE_H
#define INTEGRATIOND_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Fields are read in order; after the first one that does not fit, `bad` is set and every
 * further one is zero or "". */
struct wire_reader {
    const unsigned char *at;
    size_t left;
    bool bad;
};

struct wire_data {
    const char *bytes; /* followed by a NUL */
    size_t size;
};

uint8_t wire_u8(struct wire_reader *reader);
uint32_t wire_u32(struct wire_reader *reader);
uint64_t wire_u64(struct wire_reader *reader);
int64_t wire_i64(struct wire_reader *reader);
struct wire_data wire_data(struct wire_reader *reader);
const char *wire_text(struct wire_reader *reader);

/* Writes into memory that the caller sized with the WIRE_ macros. */
#define WIRE_HEADER       5u
#define WIRE_U32          4u
#define WIRE_I64          8u
#define WIRE_OPTIONAL     1u
#define WIRE_DATA(SIZE)   (5u + (SIZE))

struct wire_writer {
    unsigned char *at;
};

void wire_put_header(struct wire_writer *writer, unsigned char type, size_t payload);
void wire_put_u8(struct wire_writer *writer, uint8_t value);
void wire_put_u32(struct wire_writer *writer, uint32_t value);
void wire_put_i64(struct wire_writer *writer, int64_t value);
void wire_put_data(struct wire_writer *writer, const void *bytes, size_t size);
/* The size alone: the bytes and their NUL follow from elsewhere. */
void wire_put_data_size(struct wire_writer *writer, size_t size);

/* Reads exactly `size` bytes from a socket: 1, or 0 at its end, or -1. */
int wire_receive(int fd, void *bytes, size_t size);

#endif
