import Core
import Crypto
import Dashboard
import HTTPTypes
import Hummingbird
import NIOCore

extension API {
    /// Files for browsers, which are part of the program and the same for everyone.
    var assetRoutes: [Route] {
        [
            Route(.get, "/", nil, showPage),
            Route(.get, "/page/{file}", nil, showPartOfPage),
            Route(.get, "/integrationd.js", nil) { request, _ in
                try Asset.named("/integrationd.js").response(to: request)
            },
            Route(.get, "/integrationd.d.ts", nil) { request, _ in
                try Asset.named("/integrationd.d.ts").response(to: request)
            },
        ]
    }

    /// The page's addresses are relative, so that it works below any path that a proxy gives it.
    @Sendable private func showPage(_ request: Request, _ context: APIContext) async throws -> Response {
        let path = request.uri.path
        if let name = path.split(separator: "/").last, !path.hasSuffix("/") {
            return Response(status: .permanentRedirect, headers: [.location: "\(name)/"])
        }
        var response = try Asset.named("/").response(to: request)
        response.headers.append(contentsOf: Self.pageHeaders)
        return response
    }

    /// Nothing runs or is loaded but what the daemon itself serves; nothing becomes HTML that is not
    /// in the file; and no other page shows this one in a frame, where a click could be stolen.
    private static let pageHeaders: HTTPFields = [
        .contentSecurityPolicy: """
        default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
        base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'
        """,
        .referrerPolicy: "same-origin",
        .crossOriginOpenerPolicy: "same-origin",
    ]

    @Sendable private func showPartOfPage(_ request: Request, _ context: APIContext) async throws -> Response {
        try Asset.named("/page/\(context.parameters.require("file"))").response(to: request)
    }
}

/// One file that is compiled into the program.
struct Asset: Sendable {
    private var contentType: String
    private var bytes: ByteBuffer
    /// Changes with the content.
    private var entityTag: String

    private static let all: [String: Asset] = Dictionary(
        uniqueKeysWithValues: (0..<dashboard_asset_count()).compactMap { number in
            dashboard_asset_at(number).map { (String(cString: $0.pointee.path), Asset($0.pointee)) }
        })

    static func named(_ path: String) throws(Problem) -> Asset {
        guard let asset = all[path] else { throw Problem(.notFound, "There is nothing at \(path).") }
        return asset
    }

    private init(_ asset: dashboard_asset) {
        contentType = String(cString: asset.content_type)
        let file = UnsafeBufferPointer(start: asset.bytes, count: asset.size)
        let isPartOfPage = String(cString: asset.path).hasPrefix("/page/")
        let content = isPartOfPage ? Self.withoutNotes(file, isStyle: contentType.hasPrefix("text/css")) : Array(file)
        bytes = ByteBuffer(bytes: content)
        let digest = SHA256.hash(data: content).prefix(12)
        entityTag = "\"\(digest.hexadecimal)\""
    }

    /// Modules and styles without what only those need who write them, which is a fourth: comments on lines of
    /// their own, indentation, the end of a line behind a sign that goes on, and in styles the blanks beside signs.
    /// No text in them goes over several lines.
    private static func withoutNotes(_ file: UnsafeBufferPointer<UInt8>, isStyle: Bool) -> [UInt8] {
        var content = ""
        var isComment = false
        for line in String(decoding: file, as: UTF8.self).split(separator: "\n") {
            let text = line.drop { $0 == " " }
            if text.hasPrefix("/*") { isComment = true }
            if !isComment, let last = text.last, !text.hasPrefix("//") {
                content += text
                if !",;{}([".contains(last) { content += "\n" }
            }
            if text.hasSuffix("*/") { isComment = false }
        }
        for sign in isStyle ? [" {", "{ ", ": ", "; ", ", ", " }", ";}"] : [] {
            content.replace(sign, with: sign == ";}" ? "}" : sign.filter { $0 != " " })
        }
        return Array(content.utf8)
    }

    func response(to request: Request) -> Response {
        // A browser keeps it and asks each time whether it is still the same.
        var headers: HTTPFields = [.cacheControl: "no-cache", .eTag: entityTag, .xContentTypeOptions: "nosniff"]
        guard request.headers[.ifNoneMatch] != entityTag else {
            return Response(status: .notModified, headers: headers)
        }
        headers[.contentType] = contentType
        return Response(status: .ok, headers: headers, body: .init(byteBuffer: bytes))
    }
}

extension HTTPField.Name {
    fileprivate static let referrerPolicy = Self("Referrer-Policy")!
    fileprivate static let crossOriginOpenerPolicy = Self("Cross-Origin-Opener-Policy")!
}
