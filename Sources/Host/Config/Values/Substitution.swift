import Core

/// Replaces `${NAME}`, `${NAME:-default}`, `${file:/path}` and `$$` in a scalar.
struct Substitution {
    /// Bytes of a file that a value may come from.
    static let maximumFileSize = 64 * 1024

    let environment: [String: String]
    /// Where relative paths begin.
    let folder: String

    struct Result {
        var text = ""
        /// Whether anything but `$$` was replaced.
        var usesVariables = false
        var failures: [Failure] = []
        /// Dollars in the scalar.
        var dollars = 0
    }

    struct Failure: Error {
        var message: String
        var hint: String?
        /// Which dollar of the scalar it is about, counted from 0.
        var dollar = 0
    }

    func callAsFunction(_ scalar: String) -> Result {
        var result = Result()
        var rest = scalar.unicodeScalars[...]
        var output = String.UnicodeScalarView()
        while let next = rest.popFirst() {
            guard next == "$" else {
                output.append(next)
                continue
            }
            let dollar = result.dollars
            result.dollars += 1
            do throws(Failure) {
                let value = try replacement(&rest, &result)
                output.append(contentsOf: value.unicodeScalars)
            } catch {
                result.failures.append(
                    Failure(message: error.message, hint: error.hint, dollar: dollar))
            }
        }
        result.text = String(output)
        return result
    }

    /// What stands for the dollar just read; takes the rest of the form from `rest`.
    private func replacement(
        _ rest: inout Substring.UnicodeScalarView, _ result: inout Result
    ) throws(Failure) -> String {
        if rest.first == "$" {
            rest.removeFirst()
            result.dollars += 1
            return "$"
        }
        let forms = "write ${NAME}, ${NAME:-default} or ${file:/path}, and $$ for a dollar"
        guard rest.first == "{" else {
            throw Failure(message: "a lone $", hint: forms)
        }
        guard let end = rest.firstIndex(of: "}") else {
            result.dollars += rest.count { $0 == "$" }
            rest = rest[rest.endIndex...]
            throw Failure(message: "${ without its }", hint: forms)
        }
        let body = String(rest[..<end].dropFirst())
        rest = rest[rest.index(after: end)...]
        result.dollars += body.unicodeScalars.count { $0 == "$" }
        result.usesVariables = true
        guard !body.contains("${") else {
            throw Failure(message: "a substitution inside another", hint: forms)
        }
        if body.hasPrefix("file:") { return try content(ofFile: String(body.dropFirst(5))) }
        return try variable(body, forms: forms)
    }

    private func variable(_ body: String, forms: String) throws(Failure) -> String {
        var name = body[...]
        var fallback: Substring?
        if let colon = body.firstIndex(of: ":"), body[colon...].hasPrefix(":-") {
            name = body[..<colon]
            fallback = body[colon...].dropFirst(2)
        }
        guard isVariableName(name) else {
            // Not quoted: it may be a default, and so a secret.
            throw Failure(message: "not the name of a variable after ${", hint: forms)
        }
        let value = environment[String(name)]
        // As in a shell, a default also stands in for an empty value.
        if let fallback, value?.isEmpty ?? true { return String(fallback) }
        if let value { return value }
        throw Failure(
            message: "the variable \(name) is not set in the daemon's environment",
            hint: NearestName.hint(for: String(name), among: environment.keys)
                ?? "set \(name), or write ${\(name):-default}")
    }

    private func content(ofFile path: String) throws(Failure) -> String {
        guard !path.isEmpty else {
            throw Failure(
                message: "${file:} names no file", hint: "write ${file:/run/secrets/name}")
        }
        let path = absolute(path, in: folder)
        var bytes: [UInt8]
        do throws(FileReadingError) {
            bytes = try readFile(path, limit: Self.maximumFileSize, onlyRegular: true)
        } catch {
            throw Failure(message: "cannot read \(path): \(error.reason)")
        }
        guard firstBinaryByte(in: bytes) == nil else {
            throw Failure(message: "\(path) is not a text in UTF-8")
        }
        if bytes.last == UInt8(ascii: "\n") {
            bytes.removeLast()
            if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// `[A-Za-z_][A-Za-z0-9_]*`
func isVariableName(_ name: some StringProtocol) -> Bool {
    guard let first = name.utf8.first, !isDigit(first) else { return false }
    return name.utf8.allSatisfy { isLetter($0) || isDigit($0) || $0 == UInt8(ascii: "_") }
}

func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

func isLetter(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
}

/// A path as it stands in the file, made absolute.  `..` stays: with symbolic links only the
/// kernel knows what it means.
func absolute(_ path: String, in folder: String) -> String {
    if path.hasPrefix("/") { return path }
    let relative = path.split(separator: "/").filter { $0 != "." }.joined(separator: "/")
    if relative.isEmpty { return folder }
    return folder.hasSuffix("/") ? folder + relative : "\(folder)/\(relative)"
}
