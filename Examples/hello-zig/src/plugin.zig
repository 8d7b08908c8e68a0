//! Hello zig: imports a few notes.  include/integration_plugin.h has the contract.

const std = @import("std");
const contract = @import("host.zig");

// A secret is {"type":"string","x-secret":true}: the host's table has secret() for it.
const manifest =
    \\{
    \\    "id": "com.example.hello-zig", "name": "Hello zig", "version": "0.1.0", "min_abi": "1.0",
    \\    "settings_schema": {
    \\        "type": "object", "additionalProperties": false,
    \\        "properties": {
    \\            "greeting": {"type": "string", "default": "Hello", "maxLength": 100},
    \\            "count": {"type": "integer", "minimum": 0, "maximum": 1000, "default": 3}
    \\        }
    \\    },
    \\    "collections": [{"name": "notes", "title": "Notes"}],
    \\    "network": []
    \\}
;

const Settings = struct {
    greeting: []const u8,
    count: u32,
};

fn importNotes(host: contract.Host, settings: Settings) !void {
    // Changes when the notes do; a source has dates or etags for that.
    var revision_buffer: [32]u8 = undefined;
    const revision = try terminated(&revision_buffer, "1-{x}", .{std.hash.Wyhash.hash(0, settings.greeting)});
    var number: u32 = 1;
    while (number <= settings.count) : (number += 1) {
        var id_buffer: [16]u8 = undefined;
        const id = try terminated(&id_buffer, "{d}", .{number}); // the source's own id
        if (!try host.known("notes", id, revision)) {
            var content_buffer: [1024]u8 = undefined;
            var json_buffer: [2048]u8 = undefined;
            const json = try std.fmt.bufPrint(
                &json_buffer,
                \\{{"title":"Note {s}","content":"{s}","contentType":"text/markdown","revision":"{s}"}}
            ,
                .{ id, try escaped(settings.greeting, &content_buffer), revision },
            );
            try host.upsert("notes", id, json);
        }
        try host.progress("storing_note", "Storing notes", number, settings.count);
    }
    try host.complete("notes");
}

/// A text for the host, with its NUL.
fn terminated(buffer: []u8, comptime format: []const u8, values: anytype) ![:0]const u8 {
    const text = try std.fmt.bufPrint(buffer, format ++ "\x00", values);
    return text[0 .. text.len - 1 :0];
}

/// A text as it stands within a JSON string.
fn escaped(text: []const u8, buffer: []u8) ![]const u8 {
    var size: usize = 0;
    for (text) |byte| {
        if (size + 6 > buffer.len) return error.NoSpaceLeft;
        if (byte == '"' or byte == '\\') {
            buffer[size] = '\\';
            buffer[size + 1] = byte;
            size += 2;
        } else if (byte < 0x20) {
            size += (try std.fmt.bufPrint(buffer[size..], "\\u{x:0>4}", .{byte})).len;
        } else {
            buffer[size] = byte;
            size += 1;
        }
    }
    return buffer[0..size];
}

export fn integration_abi_version() u32 {
    return contract.abi_version;
}

export fn integration_manifest() contract.Text {
    return manifest;
}

export fn integration_import_progress_v1(
    call: *const contract.Call,
    progress: contract.ProgressFn,
    progress_context: ?*anyopaque,
) contract.Status {
    const host = contract.Host{ .call = call, .progress_fn = progress, .context = progress_context };
    // The host has checked them against the schema; what only the plugin can know is checked here.
    const settings = std.json.parseFromSlice(Settings, std.heap.page_allocator, host.settings(), .{}) catch {
        host.fail("settings-invalid", "greeting must be a string, count a number.");
        return contract.invalid_settings;
    };
    defer settings.deinit();
    importNotes(host, settings.value) catch |problem| switch (problem) {
        error.Cancelled => return contract.cancelled,
        else => {
            host.fail("internal", @errorName(problem));
            return contract.internal;
        },
    };
    return contract.ok;
}
