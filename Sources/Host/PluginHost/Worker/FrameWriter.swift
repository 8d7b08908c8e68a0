import Worker

/// Puts a frame for the worker together; frame.h has the formats.
package struct FrameWriter {
    private var bytes: [UInt8]

    init(_ type: frame_type) { self.init(type: UInt8(type.rawValue)) }

    package init(type: UInt8) { bytes = [0, 0, 0, 0, type] }

    package mutating func put(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    package mutating func put(_ text: String) { put(Array(text.utf8)) }

    package mutating func put(_ data: [UInt8]) {
        put(UInt32(data.count))
        bytes.append(contentsOf: data)
        bytes.append(0)
    }

    /// The frame with its length in front.
    package consuming func frame() -> [UInt8] {
        let length = UInt32(bytes.count - 4).littleEndian
        withUnsafeBytes(of: length) { bytes.replaceSubrange(0..<4, with: $0) }
        return bytes
    }
}
