#include "title.h"

#include <stdbool.h>
#include <string.h>

/* Lines as CommonMark sees them, as far as it takes to find a heading at the top level. */
typedef struct line {
    const char *start;
    size_t size; /* without the line break and the white space before it */
    size_t indent;
} line;

typedef struct text {
    const char *at, *end;
} text;

static bool is_space(char byte) {
    return byte == ' ' || byte == '\t' || byte == '\r';
}

static line trimmed(const char *start, const char *end) {
    line line = {start, 0, 0};
    while (line.start < end && is_space(*line.start)) {
        line.indent += *line.start == '\t' ? 4 : 1;
        line.start++;
    }
    while (end > line.start && is_space(end[-1])) end--;
    line.size = (size_t)(end - line.start);
    return line;
}

static bool next_line(text *text, line *line) {
    if (text->at == text->end) return false;
    const char *end = memchr(text->at, '\n', (size_t)(text->end - text->at));
    *line = trimmed(text->at, end ? end : text->end);
    text->at = end ? end + 1 : text->end;
    return true;
}

static size_t run_of(line line, char byte) {
    size_t size = 0;
    while (size < line.size && line.start[size] == byte) size++;
    return size;
}

static bool is_only(line line, char byte) {
    return line.size > 0 && line.indent < 4 && run_of(line, byte) == line.size;
}

/* "## Title ##": one to six marks, a space, the title, perhaps marks again. */
static title marked_heading(line line) {
    size_t marks = line.indent < 4 ? run_of(line, '#') : 0;
    if (marks == 0 || marks > 6 || marks == line.size || !is_space(line.start[marks]))
        return (title){0};
    const char *start = line.start + marks, *end = line.start + line.size;
    const char *closing = end;
    while (closing > start && closing[-1] == '#') closing--;
    if (is_space(closing[-1])) end = closing; /* start is a space: never before the text */
    struct line inner = trimmed(start, end);
    return (title){inner.start, inner.size};
}

/* The fence that this line opens: how many of which byte; 0 if it opens none. */
static size_t fence(line line, char *mark) {
    if (line.indent >= 4 || line.size < 3) return 0;
    *mark = line.start[0];
    size_t run = *mark == '`' || *mark == '~' ? run_of(line, *mark) : 0;
    bool is_inline_code = *mark == '`' && memchr(line.start + run, '`', line.size - run);
    return run >= 3 && !is_inline_code ? run : 0;
}

static void skip_fenced(text *text, char mark, size_t size) {
    line line;
    while (next_line(text, &line))
        if (is_only(line, mark) && line.size >= size) return;
}

/* Front matter starts on the very first line, and is only that if it also ends. */
static void skip_front_matter(text *text) {
    struct text rest = *text;
    line line;
    if (!next_line(&rest, &line) || line.indent > 0 || line.size != 3 || run_of(line, '-') != 3)
        return;
    while (next_line(&rest, &line)) {
        if (line.size != 3 || (run_of(line, '-') != 3 && run_of(line, '.') != 3)) continue;
        *text = rest;
        return;
    }
}

/* Can an underline below this line make it a heading?  Not when it is no paragraph. */
static bool starts_paragraph(line line) {
    bool is_block = line.size > 0 && strchr(">-*+|<=", line.start[0]);
    return line.size > 0 && line.indent < 4 && line.start[0] != '\0' && !is_block;
}

title title_of_markdown(const char *bytes, size_t size) {
    static const char mark_of_order[] = "\xEF\xBB\xBF";
    text text = {bytes, bytes + size};
    if (size >= 3 && memcmp(bytes, mark_of_order, 3) == 0) text.at += 3;
    skip_front_matter(&text);

    line line, above = {0}; /* above: a paragraph of one line so far */
    bool in_paragraph = false;
    while (next_line(&text, &line)) {
        char mark = 0;
        title heading = marked_heading(line);
        if (heading.size > 0) return heading;
        if (above.size > 0 && (is_only(line, '=') || is_only(line, '-')))
            return (title){above.start, above.size};
        size_t opened = fence(line, &mark);
        if (opened > 0) skip_fenced(&text, mark, opened);
        bool is_text = opened == 0 && line.size > 0 && !is_only(line, '-');
        above = is_text && !in_paragraph && starts_paragraph(line) ? line : (struct line){0};
        in_paragraph = is_text;
    }
    return (title){0};
}
