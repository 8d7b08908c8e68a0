// What a run has said, in its order.

import { h, setText } from "./dom.js";
import { number } from "./format.js";

export function activity() {
    const dropped = h("p.note", { hidden: true });
    const list = h("ol.log");
    const element = h("div.scroller", { tabindex: 0, role: "log", "aria-label": "Activity", "aria-live": "off" }, dropped, list);
    const rows = new Map();
    let last;

    return {
        element,
        update(watch) {
            // Who has scrolled back wants to read.
            const isAtEnd = element.scrollTop + element.clientHeight > element.scrollHeight - 40;
            const { lines } = watch;
            const first = lines[0]?.seq;
            for (const [seq, row] of rows) {
                if (seq >= first) break;
                row.element.remove();
                rows.delete(seq);
            }
            // Only the newest of the lines that are there can have changed.
            for (let index = lines.findLastIndex(({ seq }) => seq <= (last ?? -1)); index < lines.length; index++) {
                if (index < 0) continue;
                const line = lines[index];
                if (!rows.has(line.seq)) add(line);
                rows.get(line.seq).update(line);
            }
            last = lines.at(-1)?.seq;
            dropped.hidden = watch.droppedLines === 0;
            setText(dropped, `${number(watch.droppedLines)} earlier lines are not shown.`);
            if (isAtEnd) element.scrollTop = element.scrollHeight;
        },
    };

    function add(line) {
        const message = h("span.what");
        const figures = h("span.figures");
        const item = h("li", { "data-look": looks[line.step] }, h("span.step", {}, line.step), message, figures);
        rows.set(line.seq, {
            element: item,
            update({ event }) {
                setText(message, event.message);
                const { count, total } = event;
                setText(figures, count === undefined ? "" : number(count) + (total === undefined ? "" : ` / ${number(total)}`));
            },
        });
        list.append(item);
    }
}

const looks = { document_failed: "bad", error: "bad", waiting: "pause", resumed: "pause", complete: "good" };
