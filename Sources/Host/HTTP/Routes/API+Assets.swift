import Crypto
import Dashboard
import HTTPTypes
import Hummingbird
import NIOCore

extension API {
    /// Files for browsers, which are part of the program and the same for everyone.
    var assetRoutes: [Route] {
        Asset.all.map { asset in
            Route(.get, asset.path, nil) { request, _ in asset.response(to: request) }
        }
    }
}

/// One file that is compiled into the program.
struct Asset: Sendable {
    var path: String
    var contentType: String
    var bytes: ByteBuffer
    /// Changes with the content.
    var entityTag: String

    static let all: [Asset] = (0..<dashboard_asset_count()).compactMap { number in
        dashboard_asset_at(number).map { Asset($0.pointee) }
    }

    private init(_ asset: dashboard_asset) {
        path = String(cString: asset.path)
        contentType = String(cString: asset.content_type)
        let content = UnsafeBufferPointer(start: asset.bytes, count: asset.size)
        bytes = ByteBuffer(bytes: content)
        let digest = SHA256.hash(data: content).prefix(12)
        entityTag = "\"\(digest.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined())\""
    }

    func response(to request: Request) -> Response {
        // A browser keeps it and asks each time whether it is still the same.
        let headers: HTTPFields = [.cacheControl: "no-cache", .eTag: entityTag]
        guard request.headers[.ifNoneMatch] != entityTag else {
            return Response(status: .notModified, headers: headers)
        }
        var all = headers
        all[.contentType] = contentType
        return Response(status: .ok, headers: all, body: .init(byteBuffer: bytes))
    }
}
