//! __TITLE__: imports a few notes.  include/integration_plugin.h has the contract.

mod host;
mod json;

use host::{Call, Host, ProgressFn, Status, Stop, INVALID_SETTINGS};
use std::ffi::{c_char, c_void, CStr};

// A secret is {"type":"string","x-secret":true}: the host's table has secret() for it.
const MANIFEST: &CStr = cr#"{
    "id": "com.example.__NAME__", "name": "__TITLE__", "version": "0.1.0", "min_abi": "1.0",
    "settings_schema": {
        "type": "object", "additionalProperties": false,
        "properties": {
            "greeting": {"type": "string", "default": "Hello", "maxLength": 100},
            "count": {"type": "integer", "minimum": 0, "maximum": 1000, "default": 3}
        }
    },
    "collections": [{"name": "notes", "title": "Notes"}],
    "network": []
}"#;

struct Settings {
    /// With its quotes.
    greeting: String,
    count: i64,
}

impl Settings {
    /// The host has checked them against the schema; what only the plugin can know is checked here.
    fn read(text: &str) -> Result<Settings, Stop> {
        let greeting = json::quoted_string(json::member(text, "greeting"));
        match (greeting, json::integer(json::member(text, "count"))) {
            (Some(greeting), Some(count)) => Ok(Settings { greeting: greeting.to_owned(), count }),
            _ => Err(Stop::Failed(
                INVALID_SETTINGS, "settings-invalid", "greeting must be a string, count a number.".to_owned())),
        }
    }
}

fn import(host: &Host) -> Result<(), Stop> {
    let settings = Settings::read(&host.settings())?;
    let revision = revision(&settings.greeting);
    for number in 1..=settings.count {
        let id = number.to_string(); // the source's own id
        if !host.known("notes", &id, &revision)? {
            let note = format!(
                r#"{{"title":"Note {id}","content":{},"contentType":"text/markdown","revision":"{revision}"}}"#,
                settings.greeting);
            host.upsert("notes", &id, &note)?;
        }
        host.progress("storing_note", "Storing notes", number, settings.count)?;
    }
    host.complete("notes")
}

/// Changes when the notes do; a source has dates or etags for that.
fn revision(text: &str) -> String {
    let hash = text.bytes().fold(2166136261u32, |hash, byte| (hash ^ byte as u32).wrapping_mul(16777619));
    format!("1-{hash:08x}")
}

#[no_mangle]
pub extern "C" fn integration_abi_version() -> u32 {
    host::ABI_VERSION
}

#[no_mangle]
pub extern "C" fn integration_manifest() -> *const c_char {
    MANIFEST.as_ptr()
}

/// # Safety
/// Called by the host, with what the contract says.
#[no_mangle]
pub unsafe extern "C" fn integration_import_progress_v1(
    call: *const Call, progress: ProgressFn, progress_context: *mut c_void,
) -> Status {
    let host = Host::new(call, progress, progress_context);
    host.end(import(&host))
}
