//! The contract of include/integration_plugin.h in Zig: its structs, and a `Host` around them.

const std = @import("std");

pub const Status = i32;
pub const ok: Status = 0;
pub const cancelled: Status = 1;
pub const invalid_settings: Status = 2;
pub const internal: Status = 8;
pub const rejected: Status = 9;
pub const too_large: Status = 10;

pub const abi_version: u32 = 0x0001_0000;
const full_refresh: u32 = 1;
const report_failed: i32 = 1;

pub const Text = [*:0]const u8;
pub const ProgressFn = *const fn (?*anyopaque, Text, ?Text, i64, i64) callconv(.c) Status;

/// `integration_host` of ABI 1.0.  Members are only ever appended.
pub const HostTable = extern struct {
    struct_size: u32,
    abi_version: u32,
    impl: ?*anyopaque,
    log: *const fn (*const HostTable, i32, Text, ?Text) callconv(.c) void,
    upsert: *const fn (*const HostTable, Text, Text, *const anyopaque, usize) callconv(.c) Status,
    known: *const fn (*const HostTable, Text, Text, Text) callconv(.c) i32,
    complete: *const fn (*const HostTable, Text, ?Text) callconv(.c) Status,
    report: *const fn (*const HostTable, i32, ?Text, ?Text, Text, Text) callconv(.c) void,
    waiting: *const fn (*const HostTable, i64, Text) callconv(.c) void,
    remove: *const fn (*const HostTable, Text, Text) callconv(.c) Status,
    checkpoint: *const fn (*const HostTable, ?*const anyopaque, usize) callconv(.c) Status,
    reply: *const fn (*const HostTable, Text, *const anyopaque, usize) callconv(.c) Status,
    fail: *const fn (*const HostTable, Text, Text, ?Text, i64) callconv(.c) void,
    is_cancelled: *const fn (*const HostTable) callconv(.c) i32,
    cancel_fd: *const fn (*const HostTable) callconv(.c) i32,
    secret: *const fn (*const HostTable, Text, ?*anyopaque, usize) callconv(.c) i64,
    extension: *const fn (*const HostTable, Text) callconv(.c) ?*const anyopaque,
};

/// `integration_call` of ABI 1.0.
pub const Call = extern struct {
    struct_size: u32,
    flags: u32,
    host: *const HostTable,
    run_id: Text,
    integration: Text,
    settings_json: Text,
    settings_size: usize,
    checkpoint: ?*const anyopaque,
    checkpoint_size: usize,
    collections: ?[*]const Text,
    collection_count: usize,
    deadline_unix_ms: i64,
    data_dir: Text,
    temp_dir: Text,
};

comptime {
    std.debug.assert(@sizeOf(HostTable) == 128 and @sizeOf(Call) == 104);
}

/// What the host does for one import.
pub const Host = struct {
    call: *const Call,
    progress_fn: ProgressFn,
    context: ?*anyopaque,

    pub fn settings(self: Host) []const u8 {
        return self.call.settings_json[0..self.call.settings_size];
    }

    /// Creates or replaces a document; one that the host refuses is reported.
    pub fn upsert(self: Host, collection: Text, id: Text, json: []const u8) !void {
        const table = self.call.host;
        switch (table.upsert(table, collection, id, json.ptr, json.len)) {
            ok => {},
            rejected, too_large => table.report(
                table,
                report_failed,
                collection,
                id,
                "refused",
                "The host refused this document.",
            ),
            else => return error.Cancelled,
        }
    }

    /// Is it stored with this revision?
    pub fn known(self: Host, collection: Text, id: Text, revision: Text) !bool {
        if (self.call.flags & full_refresh != 0) return false;
        const answer = self.call.host.known(self.call.host, collection, id, revision);
        return if (answer < 0) error.Cancelled else answer == 1;
    }

    pub fn complete(self: Host, collection: Text) !void {
        if (self.call.host.complete(self.call.host, collection, null) != ok) return error.Cancelled;
    }

    pub fn progress(self: Host, step: Text, message: Text, count: i64, total: i64) !void {
        if (self.progress_fn(self.context, step, message, count, total) != ok) return error.Cancelled;
    }

    pub fn fail(self: Host, code: Text, message: Text) void {
        self.call.host.fail(self.call.host, code, message, null, 0);
    }
};
