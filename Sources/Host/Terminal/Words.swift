import Core

/// Numbers and times as people read them.
package enum Words {
    /// `0:42`, `12:07`, `3:05:00`
    package static func clock(_ duration: Duration) -> String {
        let seconds = max(0, duration.components.seconds)
        let (hours, minutes) = (seconds / 3600, seconds / 60 % 60)
        let tail = "\(padded(seconds % 60))"
        return hours > 0 ? "\(hours):\(padded(minutes)):\(tail)" : "\(minutes):\(tail)"
    }

    /// `8 s`, `2 min 5 s`, `3 h 10 min`, `4 d`
    package static func span(_ seconds: Int64) -> String {
        switch seconds {
        case ..<60: "\(max(0, seconds)) s"
        case ..<600 where seconds % 60 != 0: "\(seconds / 60) min \(seconds % 60) s"
        case ..<3600: "\(seconds / 60) min"
        case ..<86_400 where seconds / 60 % 60 != 0: "\(seconds / 3600) h \(seconds / 60 % 60) min"
        case ..<86_400: "\(seconds / 3600) h"
        default: "\(seconds / 86_400) d"
        }
    }

    /// `12/s`, `1.4/s`, `9/min`
    package static func rate(_ perSecond: Double) -> String {
        switch perSecond {
        case 10...: "\(number(Int64(perSecond.rounded())))/s"
        case 1...: "\(Double(Int(perSecond * 10)) / 10)/s"
        default: "\(max(1, Int((perSecond * 60).rounded())))/min"
        }
    }

    /// `12 345`: groups of three, which a narrow space would be better for, if all terminals had one.
    package static func number(_ number: Int64) -> String {
        guard number >= 10_000 else { return String(number) }
        var text = ""
        for (index, digit) in String(number).reversed().enumerated() {
            if index > 0, index % 3 == 0 { text.append(" ") }
            text.append(digit)
        }
        return String(text.reversed())
    }

    package static func counted(_ count: Int64, _ noun: String) -> String {
        "\(number(count)) \(noun)\(count == 1 ? "" : "s")"
    }

    private static func padded(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
