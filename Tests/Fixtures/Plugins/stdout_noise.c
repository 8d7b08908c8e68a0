/* Prints to stdout and stderr while it imports: `lines` short ones each, then a line of 100 kB,
 * bytes that are no text, and a last line without its end.  None of it may get into a frame or
 * block the run. */
#include "fixture.h"

FIXTURE_PLUGIN("stdout-noise", FIXTURE_INTEGER("lines", "10"))

FIXTURE_IMPORT {
    const int64_t lines = fixture_number(call, "lines", 10);
    for (int64_t line = 1; line <= lines; line++) {
        printf("noise on stdout %lld\n", (long long)line);
        fprintf(stderr, "noise on stderr %lld\n", (long long)line);
    }
    for (int i = 0; i < 100000; i++) putchar('n');
    printf("\nbytes \xFF\xFE\xC0 and \x1B[31mcolour\x1B[0m\nthe last line has no end");
    fflush(stdout);
    fprintf(stderr, "the last line has no end");
    return fixture_documents(call, 3);
}
