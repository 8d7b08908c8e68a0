import Engine

/// Prometheus' text format, version 0.0.4.
struct PrometheusText {
    private(set) var text = ""

    mutating func counter(_ name: String, _ help: String, by label: String, _ values: [String: Int]) {
        head(name, help, "counter")
        labelled(name, by: label, values)
    }

    mutating func gauge(_ name: String, _ help: String, by label: String, _ values: [String: Int]) {
        head(name, help, "gauge")
        labelled(name, by: label, values)
    }

    mutating func gauge(_ name: String, _ help: String, _ value: Int) {
        head(name, help, "gauge")
        text += "\(name) \(value)\n"
    }

    mutating func histogram(_ name: String, _ help: String, _ reading: Histogram.Reading) {
        head(name, help, "histogram")
        for bucket in reading.buckets { text += "\(name)_bucket{le=\"\(bucket.bound)\"} \(bucket.count)\n" }
        text += "\(name)_bucket{le=\"+Inf\"} \(reading.count)\n"
        text += "\(name)_sum \(reading.sum)\n\(name)_count \(reading.count)\n"
    }

    private mutating func head(_ name: String, _ help: String, _ type: String) {
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
    }

    private mutating func labelled(_ name: String, by label: String, _ values: [String: Int]) {
        for (value, count) in values.sorted(by: { $0.key < $1.key }) {
            text += "\(name){\(label)=\"\(Self.escaped(value))\"} \(count)\n"
        }
    }

    private static func escaped(_ value: String) -> String {
        value.reduce(into: "") { text, character in
            switch character {
            case "\\": text += "\\\\"
            case "\"": text += "\\\""
            case "\n": text += "\\n"
            default: text.append(character)
            }
        }
    }
}
