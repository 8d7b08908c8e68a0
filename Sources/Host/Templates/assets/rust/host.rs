//! The contract of include/integration_plugin.h in Rust: its structs, and a `Host` around them.

use std::ffi::{c_char, c_void, CStr, CString};

pub type Status = i32;
pub const OK: Status = 0;
pub const CANCELLED: Status = 1;
pub const INVALID_SETTINGS: Status = 2;
pub const REJECTED: Status = 9;
pub const TOO_LARGE: Status = 10;

pub const ABI_VERSION: u32 = 0x0001_0000;
const FULL_REFRESH: u32 = 1;
const REPORT_FAILED: i32 = 1;

pub type ProgressFn = unsafe extern "C" fn(*mut c_void, *const c_char, *const c_char, i64, i64) -> Status;

/// `integration_host` of ABI 1.0.  Members are only ever appended.
#[repr(C)]
pub struct HostTable {
    struct_size: u32,
    abi_version: u32,
    impl_: *mut c_void,
    log: unsafe extern "C" fn(*const HostTable, i32, *const c_char, *const c_char),
    upsert: unsafe extern "C" fn(*const HostTable, *const c_char, *const c_char, *const c_void, usize) -> Status,
    known: unsafe extern "C" fn(*const HostTable, *const c_char, *const c_char, *const c_char) -> i32,
    complete: unsafe extern "C" fn(*const HostTable, *const c_char, *const c_char) -> Status,
    report: unsafe extern "C" fn(*const HostTable, i32, *const c_char, *const c_char, *const c_char, *const c_char),
    waiting: unsafe extern "C" fn(*const HostTable, i64, *const c_char),
    remove: unsafe extern "C" fn(*const HostTable, *const c_char, *const c_char) -> Status,
    checkpoint: unsafe extern "C" fn(*const HostTable, *const c_void, usize) -> Status,
    reply: unsafe extern "C" fn(*const HostTable, *const c_char, *const c_void, usize) -> Status,
    fail: unsafe extern "C" fn(*const HostTable, *const c_char, *const c_char, *const c_char, i64),
    is_cancelled: unsafe extern "C" fn(*const HostTable) -> i32,
    cancel_fd: unsafe extern "C" fn(*const HostTable) -> i32,
    secret: unsafe extern "C" fn(*const HostTable, *const c_char, *mut c_void, usize) -> i64,
    extension: unsafe extern "C" fn(*const HostTable, *const c_char) -> *const c_void,
}

/// `integration_call` of ABI 1.0.
#[repr(C)]
pub struct Call {
    struct_size: u32,
    flags: u32,
    host: *const HostTable,
    run_id: *const c_char,
    integration: *const c_char,
    settings_json: *const c_char,
    settings_size: usize,
    checkpoint: *const c_void,
    checkpoint_size: usize,
    collections: *const *const c_char,
    collection_count: usize,
    deadline_unix_ms: i64,
    data_dir: *const c_char,
    temp_dir: *const c_char,
}

const _: () = assert!(std::mem::size_of::<HostTable>() == 128 && std::mem::size_of::<Call>() == 104);

/// Why an import ends early.
pub enum Stop {
    Cancelled,
    Failed(Status, &'static str, String),
}

/// What the host does for one import.
pub struct Host<'a> {
    call: &'a Call,
    progress: ProgressFn,
    context: *mut c_void,
}

impl<'a> Host<'a> {
    /// # Safety
    /// The arguments are those of `integration_import_progress_v1`, while it runs.
    pub unsafe fn new(call: *const Call, progress: ProgressFn, context: *mut c_void) -> Host<'a> {
        Host { call: &*call, progress, context }
    }

    pub fn settings(&self) -> String {
        let text = unsafe { CStr::from_ptr(self.call.settings_json) };
        text.to_string_lossy().into_owned()
    }

    /// False: the host refuses this document, and it has been reported.
    pub fn upsert(&self, collection: &str, id: &str, json: &str) -> Result<bool, Stop> {
        let (name, key) = (text(collection), text(id));
        let host = self.call.host;
        let status =
            unsafe { ((*host).upsert)(host, name.as_ptr(), key.as_ptr(), json.as_ptr().cast(), json.len()) };
        match status {
            OK => Ok(true),
            REJECTED | TOO_LARGE => {
                let (code, message) = (text("refused"), text("The host refused this document."));
                unsafe {
                    ((*host).report)(
                        host, REPORT_FAILED, name.as_ptr(), key.as_ptr(), code.as_ptr(), message.as_ptr())
                };
                Ok(false)
            }
            _ => Err(Stop::Cancelled),
        }
    }

    /// Is it stored with this revision?
    pub fn known(&self, collection: &str, id: &str, revision: &str) -> Result<bool, Stop> {
        if self.call.flags & FULL_REFRESH != 0 {
            return Ok(false);
        }
        let (collection, id, revision) = (text(collection), text(id), text(revision));
        let host = self.call.host;
        match unsafe { ((*host).known)(host, collection.as_ptr(), id.as_ptr(), revision.as_ptr()) } {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(Stop::Cancelled),
        }
    }

    pub fn complete(&self, collection: &str) -> Result<(), Stop> {
        let collection = text(collection);
        let host = self.call.host;
        go_on(unsafe { ((*host).complete)(host, collection.as_ptr(), std::ptr::null()) })
    }

    pub fn progress(&self, step: &str, message: &str, count: i64, total: i64) -> Result<(), Stop> {
        let (step, message) = (text(step), text(message));
        go_on(unsafe { (self.progress)(self.context, step.as_ptr(), message.as_ptr(), count, total) })
    }

    /// The status to return for what an import came to.
    pub fn end(&self, result: Result<(), Stop>) -> Status {
        match result {
            Ok(()) => OK,
            Err(Stop::Cancelled) => CANCELLED,
            Err(Stop::Failed(status, code, message)) => {
                let (code, message) = (text(code), text(&message));
                let host = self.call.host;
                unsafe { ((*host).fail)(host, code.as_ptr(), message.as_ptr(), std::ptr::null(), 0) };
                status
            }
        }
    }
}

fn go_on(status: Status) -> Result<(), Stop> {
    if status == OK { Ok(()) } else { Err(Stop::Cancelled) }
}

/// A text for the host, up to the first NUL.
fn text(text: &str) -> CString {
    CString::new(text.split('\0').next().unwrap_or_default()).unwrap_or_default()
}
