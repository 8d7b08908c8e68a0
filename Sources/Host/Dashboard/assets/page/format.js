// Figures and times as people read them.

export const number = (value) => value.toLocaleString("en");
export const count = (value, noun) => `${number(value)} ${noun}${value === 1 ? "" : "s"}`;
export const date = (time) => new Date(time).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short" });
/** `14:03:09` */
export const timeOfDay = (time) => new Date(time).toTimeString().slice(0, 8);

/** `12 of 65` */
export const countOf = ({ count: done, total }) => done !== undefined && (total ? `${number(done)} of ${number(total)}` : number(done));

/** What there is to say. */
const inOneLine = (mark) => (...parts) => parts.filter(Boolean).join(mark);
export const sentences = inOneLine(" ");
export const facts = inOneLine(" · ");

/** In whole seconds: `38 s`, `2 min 5 s`, `3 h 20 min`, `2 d 4 h` */
export function span(seconds) {
    const s = Math.max(0, Math.round(seconds));
    const parts = [[s / 86_400, "d"], [(s / 3600) % 24, "h"], [(s / 60) % 60, "min"], [s % 60, "s"]];
    const first = parts.findIndex(([value]) => value >= 1);
    const said = parts.slice(first).slice(0, 2).filter(([value]) => value >= 1);
    return said.map(([value, unit]) => `${Math.floor(value)} ${unit}`).join(" ") || "0 s";
}

/** `278 ms`, `4.1 s`, `3 min 12 s`; nothing while it goes on */
export function took({ startedAt, endedAt }) {
    const ms = Date.parse(endedAt) - Date.parse(startedAt);
    if (Number.isNaN(ms)) return undefined;
    if (ms < 1000) return `${Math.max(0, ms)} ms`;
    return ms < 10_000 ? `${(ms / 1000).toFixed(1)} s` : span(ms / 1000);
}

/** `just now`, `3 min ago`, and after a day the date */
export function ago(time) {
    const seconds = (Date.now() - Date.parse(time)) / 1000;
    if (seconds < 10) return "just now";
    return seconds < 86_400 ? `${span(seconds).split(" ", 2).join(" ")} ago` : date(time);
}

/** `38 s`, from now */
export const until = (time) => span(Math.ceil((new Date(time) - Date.now()) / 1000));

export const waitingFor = (name, resumeAt) => `Waiting for ${name}, resumes in ${until(resumeAt)}`;

/** What a state is called, and how it looks. */
const states = {
    queued: ["Queued", "busy"], running: ["Running", "busy"], waiting: ["Waiting", "pause"], cancelling: ["Cancelling", "pause"],
    succeeded: ["Succeeded", "good"], completed_with_errors: ["Succeeded in part", "pause"], failed: ["Failed", "bad"],
    cancelled: ["Cancelled", "idle"], interrupted: ["Interrupted", "bad"],
};

export const runState = (status) => states[status] ?? [status, "idle"];

export const isActive = (run) => Boolean(run) && run.endedAt === undefined && /ing$|^queued$/.test(run.status);

/** What is to be said of the integration itself, whatever its runs did. */
export function trouble({ enabled, quarantine, pluginError }) {
    if (!enabled) return ["Switched off", "idle"];
    if (quarantine) return ["In quarantine", "bad"];
    return pluginError && ["Cannot be loaded", "bad"];
}

/** `65 documents, 2 failed` */
export function outcome({ counts: { imported, updated, unchanged, deleted, failed } }) {
    const parts = Object.entries({ new: imported, updated, deleted, failed }).filter(([, value]) => value > 0);
    return [count(imported + updated + unchanged, "document"), ...parts.map(([word, value]) => `${number(value)} ${word}`)].join(", ");
}
