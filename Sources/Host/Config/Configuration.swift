package import Core

/// What `integrations.yaml` says, checked.  All paths are absolute.
package struct Configuration: Sendable {
    package let server: Server
    /// Nil: no authentication, and then the server listens on a loopback address only.
    package let authentication: Authentication?
    package let store: Store
    package let plugins: Plugins
    package let runs: Runs
    /// In the order of the file.
    package let integrations: [Integration]

    /// The file's name as it was given, for messages.
    package var file: String { places.file }
    /// The folder where the file's relative paths begin.
    package let folder: String

    /// Where everything stands in the file, for errors that are found later.
    let places: ConfigurationPlaces
}

/// Where the server listens.
package struct ListenAddress: Sendable, Hashable, CustomStringConvertible {
    /// A name or an address, IPv6 without brackets.
    package var host: String
    /// 0 lets the kernel choose.
    package var port: Int

    package init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

extension Configuration {
    package struct Server: Sendable, Hashable {
        package var listen = ListenAddress(host: "127.0.0.1", port: 3001)
        /// "" or what the routes are also served below, such as "/api".
        package var basePath = ""
        /// Silence after which a stream gets a comment.
        package var heartbeat = Duration.seconds(15)
        package var limits = Limits()
        package var tls: TLS?
        package var cors: CORS?

        package struct Limits: Sendable, Hashable {
            package var streams = 20_000
            package var streamsPerToken = 1000
            /// Bytes of a request's body.
            package var body = 1 << 20
            /// How long it may take to arrive.
            package var bodyTimeout = Duration.seconds(30)
        }

        package struct TLS: Sendable, Hashable {
            package var certificate: String
            package var privateKey: String
        }

        package struct CORS: Sendable, Hashable {
            /// Such as `https://app.example.com`, in lower case.
            package var allowedOrigins: [String]
        }
    }

    package struct Authentication: Sendable, Hashable {
        /// At least one; names and credentials differ.
        package var tokens: [Token]

        package struct Token: Sendable, Hashable {
            package var name: String
            package var credential: Credential
            package var scopes: Set<String>
            /// Nil: all.
            package var organizations: [String]?
            /// Nil: all.
            package var projects: [String]?
        }

        package enum Credential: Sendable, Hashable {
            case secret(Secret)
            /// The 32 bytes of the token's SHA-256.
            case digest([UInt8])
        }
    }

    package enum Store: Sendable, Hashable {
        /// The path of the database.
        case sqlite(String)
        /// A URL or libpq's `host=… dbname=…`.
        case postgresql(Secret)
    }

    package struct Plugins: Sendable, Hashable {
        /// Where the files of plugins are looked for, in this order.
        package var directories: [String]
        package var isolation = Isolation.process
    }

    package struct Runs: Sendable, Hashable {
        package var maxConcurrent = 4
        /// How long event logs and results are kept.
        package var keep = Duration.seconds(30 * 86_400)
        /// May be zero.
        package var cancelGrace = Duration.seconds(10)
        package var stalledAfter = Duration.seconds(300)
        /// Progress calls per second that a run's plugin makes one by one; of more than that the newest
        /// of each step come through.
        package var progressRate = 200
    }

    /// One entry below `integrations`.
    package struct Integration: Sendable, Equatable {
        /// `[a-z0-9][a-z0-9-]{0,62}`
        package var name: String
        /// The name of a file in one of the plugin directories.
        package var plugin: String
        package var displayName: String
        package var enabled: Bool
        /// Whom it belongs to; nil: any tenant may run it.
        package var tenant: Tenant?
        /// Its own or that of `plugins`.
        package var isolation: Isolation
        /// Names of variables that its worker may see.
        package var environment: [String]
        /// What the plugin's file must hash to: 64 hexadecimal digits in lower case.
        package var sha256: String?
        package var timeout: Duration?
        package var limits: Limits
        package var schedule: Schedule?
        package var scheduling = Scheduling()
        /// Its runs may delete more than a part of a collection.
        package var allowsMassDelete = false
        /// An object.  May hold secrets: only the plugin's schema knows which.
        package var settings: JSONValue
        /// Which of the settings hold text from a variable or a file.  They are strings, whatever
        /// the schema wants.
        package var settingsFromVariables: Set<[JSONPathElement]>

        /// How its schedule is followed.
        package struct Scheduling: Sendable, Hashable {
            /// Nil: what `Timetable` takes for usual.
            package var jitter: Duration?
            package var overlap = Timetable.Overlap.skip
            package var catchesUp = true
        }

        package struct Limits: Sendable, Hashable {
            /// Bytes.
            package var memory = 1 << 30
            /// Time that all threads together may compute; nil: no limit.
            package var cpu: Duration?
            package var openFiles = 1024
            /// Bytes of each file that is written; nil: no limit.
            package var fileSize: Int?
        }
    }
}

/// Settings may hold secrets, so printing or dumping an integration shows its name only.
extension Configuration.Integration: CustomStringConvertible, CustomReflectable {
    package var description: String { "integration \(name)" }
    package var customMirror: Mirror { Mirror(self, children: ["name": name]) }
}
