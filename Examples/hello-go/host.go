package main

/*
#cgo CFLAGS: -Iinclude
#include <stdlib.h>
#include "integration_plugin.h"

// Go cannot call function pointers; C can.
static integration_status host_upsert(const integration_call *call, const char *collection, const char *id,
                                      const void *json, size_t size) {
    return call->host->upsert(call->host, collection, id, json, size);
}
static int32_t host_known(const integration_call *call, const char *collection, const char *id, const char *revision) {
    return call->host->known(call->host, collection, id, revision);
}
static integration_status host_complete(const integration_call *call, const char *collection) {
    return call->host->complete(call->host, collection, NULL);
}
static void host_report_failed(const integration_call *call, const char *collection, const char *id, const char *code,
                               const char *message) {
    call->host->report(call->host, INTEGRATION_REPORT_FAILED, collection, id, code, message);
}
static void host_fail(const integration_call *call, const char *code, const char *message) {
    call->host->fail(call->host, code, message, NULL, 0);
}
static integration_status host_progress(integration_progress_fn progress, void *context, const char *step,
                                        const char *message, int64_t count, int64_t total) {
    return progress(context, step, message, count, total);
}
*/
import "C"

import (
	"encoding/json"
	"errors"
	"unsafe"
)

// errCancelled ends an import that the host wants to end.
var errCancelled = errors.New("cancelled")

// failure ends an import with a status and the reason for it.
type failure struct {
	status        C.integration_status
	code, message string
}

func (f *failure) Error() string { return f.message }

func invalidSettings(message string) error {
	return &failure{C.INTEGRATION_INVALID_SETTINGS, "settings-invalid", message}
}

// host is what the daemon does for one import.
type host struct {
	call     *C.integration_call
	progress C.integration_progress_fn
	context  unsafe.Pointer
}

// settings reads what the YAML says into a struct.
func (h *host) settings(into any) error {
	text := C.GoBytes(unsafe.Pointer(h.call.settings_json), C.int(h.call.settings_size))
	if err := json.Unmarshal(text, into); err != nil {
		return invalidSettings(err.Error())
	}
	return nil
}

// upsert creates or replaces a document; one that the host refuses is reported.
func (h *host) upsert(collection, id string, document any) error {
	text, err := json.Marshal(document)
	if err != nil {
		return err
	}
	name, key := C.CString(collection), C.CString(id)
	defer C.free(unsafe.Pointer(name))
	defer C.free(unsafe.Pointer(key))
	switch C.host_upsert(h.call, name, key, unsafe.Pointer(&text[0]), C.size_t(len(text))) {
	case C.INTEGRATION_OK:
		return nil
	case C.INTEGRATION_REJECTED, C.INTEGRATION_TOO_LARGE:
		code, message := C.CString("refused"), C.CString("The host refused this document.")
		defer C.free(unsafe.Pointer(code))
		defer C.free(unsafe.Pointer(message))
		C.host_report_failed(h.call, name, key, code, message)
		return nil
	default:
		return errCancelled
	}
}

// known tells whether a document is stored with this revision.
func (h *host) known(collection, id, revision string) (bool, error) {
	if h.call.flags&C.INTEGRATION_FLAG_FULL_REFRESH != 0 {
		return false, nil
	}
	name, key, version := C.CString(collection), C.CString(id), C.CString(revision)
	defer C.free(unsafe.Pointer(name))
	defer C.free(unsafe.Pointer(key))
	defer C.free(unsafe.Pointer(version))
	answer := C.host_known(h.call, name, key, version)
	if answer < 0 {
		return false, errCancelled
	}
	return answer == 1, nil
}

func (h *host) complete(collection string) error {
	name := C.CString(collection)
	defer C.free(unsafe.Pointer(name))
	return goOn(C.host_complete(h.call, name))
}

func (h *host) report(step, message string, count, total int) error {
	name, text := C.CString(step), C.CString(message)
	defer C.free(unsafe.Pointer(name))
	defer C.free(unsafe.Pointer(text))
	return goOn(C.host_progress(h.progress, h.context, name, text, C.int64_t(count), C.int64_t(total)))
}

func goOn(status C.integration_status) error {
	if status == C.INTEGRATION_OK {
		return nil
	}
	return errCancelled
}

// end is the status to return for what an import came to.
func (h *host) end(err error) C.integration_status {
	if err == nil {
		return C.INTEGRATION_OK
	}
	if errors.Is(err, errCancelled) {
		return C.INTEGRATION_CANCELLED
	}
	reason := &failure{C.INTEGRATION_INTERNAL, "internal", err.Error()}
	errors.As(err, &reason)
	code, message := C.CString(reason.code), C.CString(reason.message)
	defer C.free(unsafe.Pointer(code))
	defer C.free(unsafe.Pointer(message))
	C.host_fail(h.call, code, message)
	return reason.status
}
