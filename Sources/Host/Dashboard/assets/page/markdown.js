// Markdown as elements: what documents of wikis use of it.  Nothing in a text becomes HTML, a script or a request:
// HTML is shown as it stands, pictures are links, and links lead to the web or to mail only.

import { h, tableHead } from "./dom.js";

/** Lists in lists in quotes: deeper ones are text. */
const DEPTH = 12;

export const markdown = (text) => blocks(text.split(/\r\n?|\n/), 0);

// ---- blocks

const fence = /^ {0,3}(`{3,}|~{3,})[^`]*$/;
const heading = /^ {0,3}(#{1,6})(?:\s+(.*?))?(?:\s+#+)?\s*$/;
const rule = /^ {0,3}([-*_])(?:\s*\1){2,}\s*$/;
const quote = /^ {0,3}> ?/;
const item = /^(\s*)([-*+]|\d{1,9}[.)])(?:\s+(.*)|\s*)$/;
const tableRule = /^\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$/;
const indented = /^(?: {4}|\t)/;

const isBlank = (line) => !line?.trim();
const startsBlock = (line) => [fence, heading, rule, quote, item].some((each) => each.test(line));
const goesOn = (line) => !isBlank(line) && !startsBlock(line);

/**
 * Lines that are still to be read stand the last one first.
 * @param belongs is given a line and that behind it
 */
function takeWhile(lines, belongs) {
    const taken = [];
    while (lines.length > 0 && belongs(lines.at(-1), lines.at(-2))) taken.push(lines.pop());
    return taken;
}

function blocks(all, depth) {
    const lines = [...all].reverse();
    const nodes = [];
    while (lines.length > 0) nodes.push(isBlank(lines.at(-1)) ? void lines.pop() : block(lines, depth));
    return nodes.filter(Boolean);
}

function block(lines, depth) {
    const line = lines.at(-1);
    if (fence.test(line)) return code(lines);
    const head = heading.exec(line);
    // The page has a first heading, and the document's title is the second.
    if (head) return lines.pop() && h(`h${Math.min(6, head[1].length + 2)}`, inline(head[2] ?? ""));
    if (rule.test(line)) return lines.pop() && h("hr");
    if (quote.test(line) && depth < DEPTH) {
        return h("blockquote", blocks(unmarked(takeWhile(lines, (each) => quote.test(each) || goesOn(each)), quote), depth + 1));
    }
    if (item.test(line) && depth < DEPTH) return list(lines, depth);
    if (line.includes("|") && tableRule.test(lines.at(-2))) return table(lines);
    if (indented.test(line)) return preformatted(unmarked(takeWhile(lines, (each) => indented.test(each)), indented));
    return h("p", inline([lines.pop(), ...takeWhile(lines, goesOn)].join("\n")));
}

const unmarked = (lines, mark) => lines.map((line) => line.replace(mark, ""));
const preformatted = (lines) => h("pre", { tabindex: 0 }, h("code", lines.join("\n")));

function code(lines) {
    const [, marks] = fence.exec(lines.pop());
    const content = takeWhile(lines, (line) => !line.trim().startsWith(marks) || line.trim().replaceAll(marks[0], "") !== "");
    lines.pop();
    return preformatted(content);
}

/** Items of one indent; what stands deeper belongs to the item above it. */
function list(lines, depth) {
    const [, indent, mark] = item.exec(lines.at(-1));
    const isOrdered = /\d/.test(mark);
    const isDeeper = (line = "") => line.search(/\S/) > indent.length;
    const items = [];
    for (let match; (match = item.exec(lines.at(-1) ?? "")) && match[1] === indent && /\d/.test(match[2]) === isOrdered; ) {
        const [, , itsMark, text = ""] = match;
        const width = indent.length + itsMark.length + 1;
        let before = text;
        lines.pop();
        const more = takeWhile(lines, (line, behind) => {
            const belongs = isDeeper(line) || (isBlank(line) ? isDeeper(behind) : !isBlank(before) && !startsBlock(line));
            before = line;
            return belongs;
        });
        items.push(listItem([text, ...more.map((line) => line.slice(Math.min(width, line.search(/\S|$/))))], depth));
        // Items may stand apart.
        if (isBlank(lines.at(-1)) && item.exec(lines.at(-2) ?? "")?.[1] === indent) lines.pop();
    }
    const start = Number.parseInt(mark, 10);
    return h(isOrdered ? "ol" : "ul", { start: isOrdered && start !== 1 && start }, items);
}

function listItem(content, depth) {
    const task = /^\[([ xX])\]\s+/.exec(content[0]);
    if (task) content[0] = content[0].slice(task[0].length);
    const [first, ...more] = blocks(content, depth + 1);
    const isDone = task?.[1] !== " ";
    return h(
        task ? "li.task" : "li", task && h("input", { type: "checkbox", disabled: true, checked: isDone, "aria-label": isDone ? "done" : "to do" }),
        // A lone paragraph is the item's text.
        first?.localName === "p" ? [...first.childNodes] : first, more);
}

function table(lines) {
    const cells = (line) => line.trim().replace(/^\||\|$/g, "").split(/(?<!\\)\|/).map((cell) => inline(cell.trim().replaceAll("\\|", "|")));
    const head = cells(lines.pop());
    lines.pop();
    const rows = takeWhile(lines, (line) => line.includes("|")).map(cells);
    return h("div.scroll", { tabindex: 0 }, h(
        "table.list", tableHead(head), h("tbody", rows.map((row) => h("tr", head.map((_, index) => h("td", row[index])))))));
}

// ---- within a line

const spans = new RegExp(
    [
        // 1: an escaped sign
        /\\([!-/:-@[-`{-~])/,
        // 2, 3: code
        /(`+)([^`]|[^`].*?[^`])\2(?!`)/,
        // 4, 5, 6: a link or a picture
        /(!?)\[((?:\\.|[^[\]\\]|\[[^[\]]*\])*)\]\(\s*<?([^\s()<>]*(?:\([^\s()<>]*\)[^\s()<>]*)*)>?(?:\s+(?:"[^"]*"|'[^']*'))?\s*\)/,
        // 7: an address in brackets
        /<(https?:\/\/[^\s<>]+|[^\s<>@]+@[^\s<>@]+)>/,
        // 8: one without
        /(https?:\/\/[^\s<>()[\]"'*]+[^\s<>()[\]"'*.,;:!?])/,
        // 9, 10: strong
        /(\*\*|__)(?=\S)(.+?\S|\S)\9/,
        // 11, 12: struck out
        /(~~)(?=\S)(.+?\S|\S)~~/,
        // 13, 14: emphasis
        /(\*|(?<![\p{L}\p{N}])_)(?=\S)(.+?\S|\S)\13(?![\p{L}\p{N}])/,
        // 15: a line break
        /( {2,}|\\)\n/,
    ].map(({ source }) => source).join("|"), "gsu");

function inline(text, depth = 0) {
    if (depth > DEPTH) return [text];
    const nodes = [];
    let from = 0;
    for (const match of text.matchAll(spans)) {
        if (match.index > from) nodes.push(text.slice(from, match.index));
        nodes.push(span(match, depth));
        from = match.index + match[0].length;
    }
    if (from < text.length) nodes.push(text.slice(from));
    return nodes;
}

function span(match, depth) {
    const [whole, escaped, , inCode, bang, label, target, bracketed, bare, , strong, , struck, , emphasis, isBreak] = match;
    const within = (tag, content) => h(tag, inline(content, depth + 1));
    if (escaped) return escaped;
    if (inCode) return h("code", inCode.trim() || inCode);
    if (target !== undefined) return link(target, bang ? [label || "picture"] : inline(label, depth + 1), whole);
    if (bracketed) return link(bracketed.includes("://") ? bracketed : `mailto:${bracketed}`, [bracketed], whole);
    if (bare) return link(bare, [bare], whole);
    if (strong) return within("strong", strong);
    if (struck) return within("del", struck);
    if (emphasis) return within("em", emphasis);
    return isBreak ? h("br") : whole;
}

/** An address of another kind, such as `javascript:`, stays text. */
function link(target, label, whole) {
    if (!/^(https?:\/\/|mailto:)/i.test(target)) return h("span", { title: target }, label.length > 0 ? label : whole);
    return h("a", { href: target, target: "_blank", rel: "noopener noreferrer" }, label);
}
