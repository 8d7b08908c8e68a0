import PluginKit
import Synchronization
import Testing

@testable import ClickUp

@Suite struct FailureTests {
    let clickUp = FakeClickUp()
    let host = RecordingHost()
    let time = FakeTime()

    private func failure() async -> PluginError? {
        do {
            try await runImport(clickUp, host.call(), time)
            return nil
        } catch {
            return error as? PluginError
        }
    }

    @Test func `a token that is refused costs one request`() async {
        clickUp.fail(
            "/api/v2/team",
            .success(
                FakeClickUp.response(#"{"err":"Token invalid","ECODE":"OAUTH_025"}"#, status: 401)))
        let error = await failure()
        #expect(error?.status == .authFailed && error?.code == "upstream-unauthorized")
        #expect(clickUp.requests == ["/api/v2/team"])
    }

    @Test func `a workspace that is not there is answered with those that are`() async {
        clickUp.answer(
            "/api/v2/team", #"{"teams":[{"id":"1","name":"One"},{"id":2,"name":"Two"}]}"#)
        let error = await failure()
        #expect(error?.status == .invalidSettings && error?.code == "upstream-not-found")
        #expect(
            error?.message
                == "Workspace 9 is not visible to the API token. It can see 1 (One), 2 (Two).")
    }

    @Test func `a token that is revoked on the way ends the run`() async {
        clickUp.setDocs([#"{"id":"d1"}"#])
        clickUp.fail(
            FakeClickUp.pages("d1"),
            .success(FakeClickUp.response(#"{"ECODE":"OAUTH_077"}"#, status: 401)))
        #expect(await failure()?.status == .authFailed)
        #expect(!host.lines.contains("complete docs *"))
    }

    @Test func `what may pass is tried again`() async {
        clickUp.fail(
            "/api/v2/team", .failure(TransportError(kind: .interrupted, message: "reset")),
            .success(FakeClickUp.response("<html>", status: 502)),
            .success(FakeClickUp.response("{\"teams\":")),
            .success(FakeClickUp.response("not json")))
        #expect(await failure() == nil)
        #expect(clickUp.requests("/api/v2/team") >= 5)
        #expect(
            time.slept.withLock { $0 } == [
                .milliseconds(250), .milliseconds(500), .seconds(1), .seconds(2),
            ])
        #expect(host.lines("waiting") == ["waiting 1003750", "waiting over"])
    }

    @Test func `five tries are enough`() async {
        clickUp.state.withLock {
            $0.alwaysFailing["/api/v2/team"] = FakeClickUp.response("", status: 503)
        }
        let error = await failure()
        #expect(error?.status == .transient && error?.code == "upstream-unavailable")
        #expect(clickUp.requests.count == 5)
    }

    @Test(arguments: [301, 400, 404])
    func `other refusals are not tried again`(status: Int) async {
        clickUp.state.withLock {
            $0.alwaysFailing["/api/v2/team"] = FakeClickUp.response("{}", status: status)
        }
        #expect(await failure()?.status == .permanent)
        #expect(clickUp.requests.count == 1)
    }

    @Test func `a rate limit is waited for, visibly`() async {
        var refusal = FakeClickUp.response(
            #"{"err":"Rate limit reached","ECODE":"APP_002"}"#, status: 429)
        refusal.rateLimit = .init(limit: 100, remaining: 0, reset: 1_030)
        clickUp.fail("/api/v2/team", .success(refusal))
        #expect(await failure() == nil)
        #expect(host.lines("waiting") == ["waiting 1030250", "waiting over"])
    }

    @Test func `a limit that asks for hours is left to the host`() async {
        var refusal = FakeClickUp.response("", status: 429)
        refusal.retryAfter = 7_200
        clickUp.fail("/api/v2/team", .success(refusal))
        let error = await failure()
        #expect(error?.status == .rateLimited && error?.retryAfter == .seconds(7_200))
        #expect(host.lines("waiting").isEmpty)
    }

    @Test func `when every doc is out of reach the run ends early`() async {
        let docs = (0..<60).map { #"{"id":"d\#($0)"}"# }
        clickUp.setDocs(docs)
        clickUp.state.withLock { state in
            for number in 0..<60 {
                state.alwaysFailing[FakeClickUp.pages("d\(number)")] = FakeClickUp.response(
                    "", status: 500)
            }
        }
        #expect(await failure()?.code == "upstream-unavailable")
        #expect(host.lines("report").count < 60)
    }

    @Test func `a space that may not be looked into is a failure, and the rest goes on`() async {
        clickUp.fail(
            "/api/v2/space/90/list",
            .success(
                FakeClickUp.response(
                    #"{"err":"Team not authorized","ECODE":"OAUTH_027"}"#, status: 401)))
        #expect(await failure() == nil)
        #expect(host.failures == ["report failed lists/- upstream-forbidden"])
    }

    @Test func `a space that the host refuses costs nothing but itself`() async {
        clickUp.setDocs([#"{"id":"d1"}"#])
        host.record.withLock { $0.refused["spaces/90"] = .tooLarge }
        #expect(await failure() == nil)
        #expect(host.failures == ["report failed spaces/90 payload-too-large"])
        #expect(host["docs/d1"] != nil)
    }

    @Test func `nothing that is said holds the token`() async {
        let echo = #"{"err":"bad header Authorization: pk_secret"}"#
        clickUp.fail("/api/v2/team", .success(FakeClickUp.response(echo, status: 400)))
        let error = await failure()
        #expect(
            error?.message.contains("pk_secret") == false && error?.message.contains("***") == true)
    }

    @Test func `a cancelled import stops asking`() async {
        clickUp.setDocs((0..<100).map { #"{"id":"d\#($0)"}"# })
        let running = Mutex<Task<Void, any Error>?>(nil)
        clickUp.state.withLock { state in
            state.onRequest = { target in
                if target.hasPrefix(FakeClickUp.pages("d3")) { running.withLock { $0?.cancel() } }
            }
        }
        let task = running.withLock { slot in
            let task = Task { try await runImport(clickUp, host.call(), time) }
            slot = task
            return task
        }
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(!host.lines.contains("complete docs *"))
    }
}
