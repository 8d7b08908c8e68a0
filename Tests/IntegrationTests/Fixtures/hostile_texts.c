/* Progress messages that would break the framing of a stream if they got into it as they are.  At the end it fails
 * with such a message too. */
#include "fixture.h"

FIXTURE_PLUGIN("hostile-texts", "")

FIXTURE_IMPORT_PROGRESS {
    static const char *const messages[] = {
        "line feed\n\nevent: complete\ndata: {}\n\n",
        "carriage return\r\rid: 1\r\r",
        "both\r\n\r\ndata: x\r\n\r\n",
        "separators \xE2\x80\xA8 \xE2\x80\xA9 \xC2\x85 \x0B \x0C end",
        "invalid \xFF\xC0\x80 \xED\xA0\x80 end",
        "quote \" backslash \\ slash / control \x01\x1B[31m end",
        ":comment",
        "\xEF\xBB\xBF" "byte order mark",
        "emoji \xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x92\xBB end"};
    const int count = sizeof messages / sizeof *messages;
    for (int i = 0; i < count; i++) progress(context, "texts", messages[i], i + 1, count);
    progress(context, "bad\n\nstep", "A step with line feeds", 1, 1);
    call->host->fail(call->host, "bad\n\ncode", "failed\r\n\r\ndata: {}\n\n", NULL, 0);
    return INTEGRATION_PERMANENT;
}
