// Markdown as elements: what documents of wikis use of it.  Nothing in a text becomes HTML, a script or a request:
// HTML is shown as it stands, pictures are links, and links lead to the web or to mail only.

import { h } from "./dom.js";

/** Lists in lists in quotes: deeper ones are text. */
const DEPTH = 12;

export function markdown(text) {
    return blocks(text.replace(/\r\n?/g, "\n").split("\n"), 0);
}

// ---- blocks

const fence = /^ {0,3}(`{3,}|~{3,})\s*([^`]*)$/;
const heading = /^ {0,3}(#{1,6})(?:\s+(.*?))?(?:\s+#+)?\s*$/;
const rule = /^ {0,3}([-*_])(?:\s*\1){2,}\s*$/;
const quote = /^ {0,3}> ?/;
const item = /^(\s*)([-*+]|\d{1,9}[.)])(?:\s+(.*)|\s*)$/;
const tableRule = /^\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$/;
const indented = /^(?: {4}|\t)/;

function blocks(lines, depth) {
    const nodes = [];
    for (let at = 0; at < lines.length; ) {
        const [end, node] = block(lines, at, depth);
        if (node) nodes.push(node);
        at = end;
    }
    return nodes;
}

/** The block that begins at a line: where the next begins, and an element or nothing. */
function block(lines, at, depth) {
    const line = lines[at];
    if (line.trim() === "") return [at + 1];
    const fenced = fence.exec(line);
    if (fenced) return code(lines, at, fenced[1]);
    const head = heading.exec(line);
    // The page has a first heading, and the document's title is the second.
    if (head) return [at + 1, h(`h${Math.min(6, head[1].length + 2)}`, {}, inline(head[2] ?? ""))];
    if (rule.test(line)) return [at + 1, h("hr")];
    if (quote.test(line) && depth < DEPTH) {
        const end = endOf(lines, at, (each) => quote.test(each) || (each.trim() !== "" && !startsBlock(each)));
        return [end, h("blockquote", {}, blocks(lines.slice(at, end).map((each) => each.replace(quote, "")), depth + 1))];
    }
    if (item.test(line) && depth < DEPTH) return list(lines, at, depth);
    if (line.includes("|") && tableRule.test(lines[at + 1] ?? "") && lines[at + 1].includes("-")) return table(lines, at);
    if (indented.test(line)) {
        const end = endOf(lines, at, (each) => indented.test(each));
        return [end, h("pre", {}, h("code", {}, lines.slice(at, end).map((each) => each.replace(indented, "")).join("\n")))];
    }
    const end = Math.max(at + 1, endOf(lines, at + 1, (each) => each.trim() !== "" && !startsBlock(each)));
    return [end, h("p", {}, inline(lines.slice(at, end).join("\n")))];
}

const startsBlock = (line) => fence.test(line) || heading.test(line) || rule.test(line) || quote.test(line) || item.test(line);

function endOf(lines, at, belongs) {
    while (at < lines.length && belongs(lines[at])) at++;
    return at;
}

function code(lines, at, marks) {
    const closes = (line) => line.trim().startsWith(marks) && line.trim().replaceAll(marks[0], "") === "";
    let end = at + 1;
    while (end < lines.length && !closes(lines[end])) end++;
    return [end + 1, h("pre", { tabindex: 0 }, h("code", {}, lines.slice(at + 1, end).join("\n")))];
}

/** Items of one indent; what stands deeper belongs to the item above it. */
function list(lines, at, depth) {
    const [, indent, mark] = item.exec(lines[at]);
    const isOrdered = /\d/.test(mark);
    const items = [];
    while (at < lines.length) {
        const match = item.exec(lines[at]);
        if (!match || match[1].length !== indent.length || /\d/.test(match[2]) !== isOrdered) break;
        const inner = indent.length + match[2].length + 1;
        const content = [match[3] ?? ""];
        for (at++; at < lines.length; at++) {
            const next = lines[at];
            const isDeeper = next.search(/\S/) > indent.length;
            const isLazy = next.trim() !== "" && lines[at - 1].trim() !== "" && !startsBlock(next);
            const isGap = next.trim() === "" && (lines[at + 1] ?? "").search(/\S/) > indent.length;
            if (!isDeeper && !isLazy && !isGap) break;
            content.push(next.slice(Math.min(inner, Math.max(0, next.search(/\S|$/)))));
        }
        items.push(listItem(content, depth));
        // Items may stand apart.
        if (lines[at]?.trim() === "" && item.exec(lines[at + 1] ?? "")?.[1].length === indent.length) at++;
    }
    const start = isOrdered ? Number.parseInt(mark, 10) : 1;
    return [at, h(isOrdered ? "ol" : "ul", { start: start === 1 ? undefined : start }, items)];
}

function listItem(content, depth) {
    const task = /^\[([ xX])\]\s+/.exec(content[0]);
    if (task) content[0] = content[0].slice(task[0].length);
    const nodes = blocks(content, depth + 1);
    // A lone paragraph is the item's text.
    const children = nodes[0]?.localName === "p" ? [...nodes[0].childNodes, ...nodes.slice(1)] : nodes;
    const box = task && h("input", { type: "checkbox", disabled: true, checked: task[1] !== " ", "aria-label": task[1] === " " ? "to do" : "done" });
    return h(task ? "li.task" : "li", {}, box, children);
}

function table(lines, at) {
    const cells = (line) => line.trim().replace(/^\||\|$/g, "").split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll("\\|", "|"));
    const end = endOf(lines, at + 2, (line) => line.trim() !== "" && line.includes("|"));
    const head = cells(lines[at]);
    const row = (line) => {
        const values = cells(line);
        return h("tr", {}, head.map((_, index) => h("td", {}, inline(values[index] ?? ""))));
    };
    return [end, h("div.scroll", { tabindex: 0 }, h(
        "table.list", {}, h("thead", {}, h("tr", {}, head.map((cell) => h("th", { scope: "col" }, inline(cell))))),
        h("tbody", {}, lines.slice(at + 2, end).map(row))))];
}

// ---- within a line

const spans = new RegExp(
    [
        /\\([!-/:-@[-`{-~])/, // 1: an escaped sign
        /(`+)([^`]|[^`].*?[^`])\2(?!`)/, // 2, 3: code
        /(!?)\[((?:\\.|[^[\]\\]|\[[^[\]]*\])*)\]\(\s*<?([^\s()<>]*(?:\([^\s()<>]*\)[^\s()<>]*)*)>?(?:\s+(?:"[^"]*"|'[^']*'))?\s*\)/, // 4, 5, 6: a link or a picture
        /<(https?:\/\/[^\s<>]+|[^\s<>@]+@[^\s<>@]+)>/, // 7: an address in brackets
        /(https?:\/\/[^\s<>()[\]"'*]+[^\s<>()[\]"'*.,;:!?])/, // 8: one without
        /(\*\*|__)(?=\S)(.+?\S|\S)\9/, // 9, 10: strong
        /(~~)(?=\S)(.+?\S|\S)~~/, // 11, 12: struck out
        /(\*|(?<![\p{L}\p{N}])_)(?=\S)(.+?\S|\S)\13(?![\p{L}\p{N}])/, // 13, 14: emphasis
        /( {2,}|\\)\n/, // 15: a line break
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
    const within = (tag, content) => h(tag, {}, inline(content, depth + 1));
    if (escaped !== undefined) return escaped;
    if (inCode !== undefined) return h("code", {}, inCode.trim() || inCode);
    if (target !== undefined) return link(target, bang ? [label || "picture"] : inline(label, depth + 1), whole);
    if (bracketed !== undefined) return link(bracketed.includes("://") ? bracketed : `mailto:${bracketed}`, [bracketed], whole);
    if (bare !== undefined) return link(bare, [bare], whole);
    if (strong !== undefined) return within("strong", strong);
    if (struck !== undefined) return within("del", struck);
    if (emphasis !== undefined) return within("em", emphasis);
    return isBreak === undefined ? whole : h("br");
}

/** An address of another kind, such as `javascript:`, stays text. */
function link(target, label, whole) {
    if (!/^(https?:\/\/|mailto:)/i.test(target)) return h("span", { title: target }, label.length > 0 ? label : whole);
    return h("a", { href: target, target: "_blank", rel: "noopener noreferrer" }, label);
}
