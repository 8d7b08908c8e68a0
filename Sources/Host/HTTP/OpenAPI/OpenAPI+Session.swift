import Core
import HTTPTypes

extension OpenAPI {
    static var sessionOperations: [Operation] { [openSession, closeSession] }

    private static var openSession: Operation {
        Operation(
            method: .post, path: "/session", id: "openSession", tag: "server",
            summary: "Lets pages of the server's own origin ask without a token in a header",
            description: """
                Sets an HttpOnly, SameSite=Strict cookie that stands for the token, for a native EventSource. It ends with \
                the browser's session, after twelve hours, or with its token.
                """,
            answers: [
                .json("The cookie is set.", object(["expiresAt": time])),
                Answer(status: 204, description: "No token is needed here, and so no session."),
            ])
    }

    private static var closeSession: Operation {
        Operation(
            method: .delete, path: "/session", id: "closeSession", tag: "server", summary: "Clears the cookie",
            answers: [Answer(status: 204, description: "It is cleared, if there was one.")])
    }
}
