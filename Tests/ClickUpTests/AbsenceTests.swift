import PluginKit
import Testing

@testable import ClickUp

/// What is not shown, and what may be made of that.
@Suite struct AbsenceTests {
    private let clickUp = FakeClickUp()
    private let host = RecordingHost()

    @Test func `places that were chosen and are not there are named in the report`() async throws {
        try await runImport(
            clickUp,
            host.call(#"{"workspace_id":"9","space_ids":["90","s"],"folder_ids":["f"],"list_ids":["600","l"]}"#))
        #expect(
            host.lines("report").filter { $0.hasSuffix("not-found") } == [
                "report note spaces/s upstream-not-found", "report note folders/f upstream-not-found",
                "report note lists/l upstream-not-found",
            ])
    }

    @Test(arguments: ["{}", #"{"spaces":null}"#], [true, false])
    func `without the spaces nothing is stored, since no path would be right`(answer: String, archived: Bool) async {
        clickUp.answer("/api/v2/team/9/space?archived=\(archived)", answer)
        await #expect(throws: PluginError.self) { try await runImport(clickUp, host.call(#"{"workspace_id":"9"}"#)) }
        #expect(host.lines("upsert tasks") == [] && host.lines("complete") == [])
    }

    @Test func `a list that an answer leaves out is not taken for an empty one`() async throws {
        let settings = #"{"workspace_id":"9","collections":["spaces","folders","lists","tasks"]}"#
        clickUp.answer("/api/v2/space/90/folder?archived=false", #"{"surprise":1}"#)
        try await runImport(clickUp, host.call(settings))
        #expect(host.failures == ["report failed folders/- upstream-invalid-answer"])
        #expect(host.lines("complete") == [])
    }

    @Test func `comments and attachments that an answer leaves out are not gone, nor members`() async throws {
        let settings = #"{"workspace_id":"9","task_ids":["t"],"collections":["tasks","comments","attachments"]}"#
        clickUp.answer("/api/v2/task/t", #"{"id":"t","name":"Task","list":{"id":"600"},"space":{"id":"90"}}"#)
        clickUp.answer("/api/v2/task/t/comment", "{}")
        try await runImport(clickUp, host.call(settings))
        #expect(host.failures == ["report failed comments/- upstream-invalid-answer"])
        #expect(host.lines("complete") == [])
        clickUp.answer("/api/v2/team", #"{"teams":[{"id":"9","name":"Nine"}]}"#)
        try await runImport(clickUp, host.call(#"{"workspace_id":"9","collections":["members"]}"#))
        #expect(host.lines("complete") == [])
    }
}
