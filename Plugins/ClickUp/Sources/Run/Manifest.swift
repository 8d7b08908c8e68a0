extension ClickUpPlugin {
    package static let manifest: StaticString = #"""
        {
          "id": "org.integrationd.clickup",
          "name": "ClickUp",
          "version": "0.2.0",
          "min_abi": "1.0",
          "description": "Everything in a ClickUp workspace: spaces, folders, lists, tasks, comments, attachments, docs and pages.",
          "homepage": "https://developer.clickup.com",
          "settings_schema": {
            "type": "object",
            "additionalProperties": false,
            "required": ["workspace_id", "api_token"],
            "properties": {
              "workspace_id": {
                "type": "string", "minLength": 1, "maxLength": 64, "pattern": "^[A-Za-z0-9_-]+$",
                "title": "Workspace",
                "description": "The number in the address of the workspace: app.clickup.com/<workspace_id>/..."
              },
              "api_token": {
                "type": "string", "minLength": 1, "maxLength": 4096, "x-secret": true,
                "title": "API token",
                "description": "A personal token (pk_...), or an OAuth access token as \"Bearer <token>\"."
              },
              "webhook_secret": {
                "type": "string", "minLength": 1, "maxLength": 4096, "x-secret": true,
                "title": "Secret of the webhook",
                "description": "What ClickUp gave when the webhook was registered; several are separated by spaces."
              },
              "base_url": {
                "type": "string", "default": "https://api.clickup.com", "pattern": "^https?://",
                "title": "Address of the API"
              },
              "max_concurrent_requests": {
                "type": "integer", "minimum": 1, "maximum": 64, "default": 16,
                "title": "Requests in flight at the same time"
              },
              "collections": {
                "type": "array", "x-run-option": true, "minItems": 1, "maxItems": 13,
                "items": {
                  "enum": [
                    "spaces", "folders", "lists", "tasks", "docs", "pages", "members", "comments", "attachments",
                    "tags", "goals", "views", "time_entries"
                  ]
                },
                "default": [
                  "spaces", "folders", "lists", "tasks", "docs", "pages", "members", "comments", "attachments"
                ],
                "title": "What is imported",
                "description": "Tags, goals, views and time entries are imported when they are named here. Docs and pages come together; with comments or attachments come the tasks that they hang on."
              },
              "space_ids": {
                "type": "array", "x-run-option": true, "maxItems": 1000, "title": "These spaces only",
                "items": {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,64}$"}
              },
              "folder_ids": {
                "type": "array", "x-run-option": true, "maxItems": 1000, "title": "These folders only",
                "items": {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,64}$"}
              },
              "list_ids": {
                "type": "array", "x-run-option": true, "maxItems": 1000, "title": "These lists only",
                "items": {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,64}$"}
              },
              "doc_ids": {
                "type": "array", "x-run-option": true, "maxItems": 1000, "title": "These docs only",
                "items": {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,64}$"}
              },
              "task_ids": {
                "type": "array", "x-run-option": true, "maxItems": 1000, "title": "These tasks only",
                "description": "Without their subtasks, unless these are named too. What a webhook narrows an import to.",
                "items": {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,64}$"}
              },
              "exclude_space_ids": {
                "type": "array", "x-run-option": true, "maxItems": 1000, "title": "Not these spaces",
                "items": {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,64}$"}
              },
              "exclude_folder_ids": {
                "type": "array", "x-run-option": true, "maxItems": 1000, "title": "Not these folders",
                "items": {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,64}$"}
              },
              "exclude_list_ids": {
                "type": "array", "x-run-option": true, "maxItems": 1000, "title": "Not these lists",
                "items": {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,64}$"}
              },
              "exclude_doc_ids": {
                "type": "array", "x-run-option": true, "maxItems": 1000, "title": "Not these docs",
                "items": {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,64}$"}
              },
              "include_archived": {
                "type": "boolean", "default": true, "x-run-option": true,
                "title": "What is archived too"
              },
              "since": {
                "type": "string", "x-run-option": true, "maxLength": 32,
                "pattern": "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])(T[0-9:.]+Z)?$",
                "title": "Only what changed since",
                "description": "A day or a time in UTC, such as 2026-01-31 or 2026-01-31T08:00:00Z."
              },
              "sweep": {
                "type": "string", "default": "every 24h", "x-run-option": true,
                "pattern": "^(never|now|every [0-9]{1,5}[mhd])$",
                "title": "When all tasks are listed again",
                "description": "Finds tasks that were deleted: never, now, or every so many minutes, hours or days."
              }
            }
          },
          "collections": [
            {"name": "spaces", "title": "Spaces"},
            {"name": "folders", "title": "Folders"},
            {"name": "lists", "title": "Lists"},
            {"name": "tasks", "title": "Tasks"},
            {"name": "docs", "title": "Docs"},
            {"name": "pages", "title": "Pages", "part_of": "docs"},
            {"name": "members", "title": "Members"},
            {"name": "comments", "title": "Comments", "part_of": "tasks"},
            {"name": "attachments", "title": "Attachments", "part_of": "tasks"},
            {"name": "tags", "title": "Tags"},
            {"name": "goals", "title": "Goals"},
            {"name": "views", "title": "Views"},
            {"name": "time_entries", "title": "Time entries"}
          ],
          "network": ["api.clickup.com:443"],
          "limits": {"memory_mb": 1024, "timeout_s": 7200}
        }
        """#
}
