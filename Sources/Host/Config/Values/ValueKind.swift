import Core

/// A scalar of the file after its substitutions, and how it was written.
struct HostValue {
    enum Origin {
        case plain, quoted
        /// At least a part of it came from a variable or a file, so what it looks like says nothing.
        case variable
    }

    var text: String
    var origin: Origin
}

/// Why a scalar cannot stand where it does; the message goes on after the key's name.
struct InvalidValue: Error {
    var message: String
    var hint: String?
}

/// What a key of the daemon's own takes.
struct ValueKind<Value> {
    /// As in "must be a duration".
    var noun: String
    var read: (HostValue) throws(InvalidValue) -> Value

    /// The same with one more condition.
    func checked(_ check: @escaping (Value) throws(InvalidValue) -> Void) -> ValueKind {
        ValueKind(noun: noun) { value throws(InvalidValue) in
            let result = try read(value)
            try check(result)
            return result
        }
    }

    func map<Other>(_ noun: String, _ change: @escaping (Value) throws(InvalidValue) -> Other)
        -> ValueKind<Other>
    {
        ValueKind<Other>(noun: noun) { value throws(InvalidValue) in try change(try read(value)) }
    }
}

extension ValueKind<String> {
    /// A string that is not empty.
    static var string: ValueKind {
        ValueKind(noun: "a string") { value throws(InvalidValue) in
            if value.origin == .plain, CoreValue(plain: value.text) != .string {
                throw InvalidValue(message: "must be a string", hint: "put it in quotes")
            }
            guard !value.text.isEmpty else { throw InvalidValue(message: "is empty") }
            guard !value.text.utf8.contains(0) else {
                throw InvalidValue(message: "contains a NUL character")
            }
            return value.text
        }
    }

    /// A string in which numbers need no quotes, for what can hardly be meant otherwise: `15`.
    static func text(_ noun: String) -> ValueKind {
        ValueKind(noun: noun) { value throws(InvalidValue) in
            guard !value.text.isEmpty else { throw InvalidValue(message: "is empty") }
            return value.text
        }
    }

    static func path(in folder: String) -> ValueKind {
        string.map("a path") { path throws(InvalidValue) in
            guard !path.hasPrefix("~/") else {
                throw InvalidValue(
                    message: "must be a path without ~",
                    hint: "write it in full, or relative to the folder of this file")
            }
            return absolute(path, in: folder)
        }
    }

    /// The name of an organization, a project or a token.
    static var portableName: ValueKind {
        string.checked { name throws(InvalidValue) in
            guard Tenant.isValidName(name) else {
                throw InvalidValue(
                    message: "must be a name", hint: "1 to 128 letters, digits, dots, _ and -")
            }
        }
    }

    /// A name in a folder, without a way to leave it.
    static var fileName: ValueKind {
        string.checked { name throws(InvalidValue) in
            guard !name.contains("/"), name != ".", name != "..", name.utf8.count <= 255 else {
                throw InvalidValue(
                    message: "must be the name of a file, without its folder",
                    hint: "name the folder in plugins.directories")
            }
        }
    }

    /// A variable that a plugin may see.
    static var variableName: ValueKind {
        string.checked { name throws(InvalidValue) in
            guard isVariableName(name) else {
                throw InvalidValue(
                    message: "must be the name of a variable",
                    hint: "its value comes from the daemon's environment")
            }
            guard !name.hasPrefix("LD_") else {
                throw InvalidValue(
                    message: "cannot be passed on: LD_ variables steer the dynamic linker")
            }
        }
    }

    /// 64 hexadecimal digits, made lower case.
    static var sha256: ValueKind {
        text("a SHA-256 digest").map("a SHA-256 digest") { text throws(InvalidValue) in
            guard text.utf8.count == 64, text.utf8.allSatisfy(isHexDigit) else {
                throw InvalidValue(
                    message: "must be a SHA-256 digest",
                    hint: "64 hexadecimal digits, as sha256sum prints them")
            }
            return text.lowercased()
        }
    }
}

extension ValueKind<Bool> {
    static var bool: ValueKind {
        ValueKind(noun: "true or false") { value throws(InvalidValue) in
            if value.origin != .quoted, case .bool(let bool) = CoreValue(plain: value.text) {
                return bool
            }
            let hint = value.origin == .quoted ? "without quotes" : nil
            throw InvalidValue(message: "must be true or false", hint: hint)
        }
    }
}

extension ValueKind<Int> {
    /// A whole number from 1 to `maximum`.
    static func count(upTo maximum: Int) -> ValueKind {
        ValueKind(noun: "a whole number") { value throws(InvalidValue) in
            guard value.origin != .quoted, case .integer(let number) = CoreValue(plain: value.text)
            else {
                let hint = value.origin == .quoted ? "without quotes" : nil
                throw InvalidValue(message: "must be a whole number", hint: hint)
            }
            guard (1...Int64(maximum)).contains(number) else {
                throw InvalidValue(message: "must be between 1 and \(maximum)")
            }
            return Int(number)
        }
    }
}

extension ValueKind where Value: RawRepresentable<String> & CaseIterable {
    /// One of the names of an enumeration.
    static var name: ValueKind {
        let names = Value.allCases.map(\.rawValue)
        let noun = names.joined(separator: " or ")
        return ValueKind(noun: noun) { value throws(InvalidValue) in
            if let found = Value(rawValue: value.text) { return found }
            throw InvalidValue(
                message: "must be \(noun)", hint: NearestName.hint(for: value.text, among: names))
        }
    }
}

func isHexDigit(_ byte: UInt8) -> Bool {
    isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte | 0x20)
}
