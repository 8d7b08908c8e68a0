/* A document in Markdown, with everything in it that could hurt a page that takes it for HTML. */
#include "fixture.h"

FIXTURE_PLUGIN("markdown", "")

static const char document[] =
    "{\"title\":\"<img src=x onerror=hurt=1>\",\"content\":\"# A heading\\n\\nSome **strong**, *emphasized*, ~~struck~~ "
    "text with `code`, <script>hurt=2</script>, <img src=x onerror=hurt=3>, [a trap](javascript:hurt=4), "
    "[a link](https://example.com/a_(b)) and ![a picture](https://example.com/picture.png).\\n\\n"
    "- one\\n  - below one\\n- [x] two\\n\\n1. first\\n2. second\\n\\n"
    "```html\\n<b>bold</b>\\n```\\n\\n> quoted\\n\\n| a | b |\\n|---|---|\\n| 1 | <style>*{display:none}</style> |\\n\\n"
    "---\\n\\n<iframe srcdoc='<script>parent.hurt=5</script>'></iframe>\\n\",\"url\":\"javascript:hurt=6\"}";

FIXTURE_IMPORT { return call->host->upsert(call->host, "items", "1", document, sizeof document - 1); }
