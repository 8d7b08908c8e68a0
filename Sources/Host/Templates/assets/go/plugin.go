// __TITLE__: imports a few notes.  include/integration_plugin.h has the contract.
package main

/*
#cgo CFLAGS: -Iinclude
#include "integration_plugin.h"
*/
import "C"

import (
	"strconv"
	"unsafe"
)

// A secret is {"type":"string","x-secret":true}: the host's table has secret() for it.
var manifest = C.CString(`{
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
}`)

type settings struct {
	Greeting *string `json:"greeting"`
	Count    *int    `json:"count"`
}

type note struct {
	Title       string `json:"title"`
	Content     string `json:"content"`
	ContentType string `json:"contentType"`
	Revision    string `json:"revision"`
}

func importNotes(h *host) error {
	var given settings
	if err := h.settings(&given); err != nil {
		return err
	}
	// The host has checked them against the schema; what only the plugin can know is checked here.
	if given.Greeting == nil || given.Count == nil {
		return invalidSettings("greeting and count are needed.")
	}
	for number := 1; number <= *given.Count; number++ {
		if err := storeNote(h, strconv.Itoa(number), *given.Greeting); err != nil {
			return err
		}
		if err := h.report("storing_note", "Storing notes", number, *given.Count); err != nil {
			return err
		}
	}
	return h.complete("notes")
}

// storeNote stores one document by the source's own id; not again if it is stored with this revision.
func storeNote(h *host, id, greeting string) error {
	// Changes when the note does; a source has dates or etags for that.
	revision := "1-" + greeting
	known, err := h.known("notes", id, revision)
	if known || err != nil {
		return err
	}
	return h.upsert("notes", id, note{"Note " + id, greeting, "text/markdown", revision})
}

//export goManifest
func goManifest() *C.char { return manifest }

//export goImport
func goImport(call *C.integration_call, progress C.integration_progress_fn, context unsafe.Pointer) C.integration_status {
	h := &host{call, progress, context}
	return h.end(importNotes(h))
}

func main() {} // a c-shared library needs one
