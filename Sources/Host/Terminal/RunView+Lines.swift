package import Core

extension RunView {
    /// The run as it stands, for a terminal of this many columns.
    package func lines(columns: Int, at now: ContinuousClock.Instant, clock: Timestamp, style: Style) -> [Line] {
        var lines = [header(at: now)]
        let names = collections.map(\.name) + [otherPosition?.step].compactMap { $0 }
        let label = min(names.map { CellWidth.of($0.printable) }.max() ?? 0, 20)
        let cells = min(Bar.cells, max(6, columns - label - 42))
        for collection in collections {
            lines.append(row(collection, label: label, cells: cells, at: now, style: style))
        }
        if let (step, position) = otherPosition {
            var line = Self.label(step, width: label)
            Self.add(position, to: &line, cells: cells, at: now, style: style)
            lines.append(line)
        }
        if !message.isEmpty { lines.append(Line("  ").adding(message)) }
        if let line = waiting(clock) { lines.append(line) }
        if let line = trouble(at: now) { lines.append(line) }
        if !remark.isEmpty { lines.append(Line("  ").adding(remark, .dim)) }
        return lines
    }

    private func header(at now: ContinuousClock.Instant) -> Line {
        let role: Line.Role =
            switch status {
            case .waiting, .cancelling, .queued: .warning
            default: .accent
            }
        return Line(integration, .strong).adding("  ").adding(status.rawValue, role)
            .adding("  \(Words.clock(start.duration(to: now)))").adding("  \(run)", .dim)
    }

    private func row(
        _ collection: Collection, label: Int, cells: Int, at now: ContinuousClock.Instant, style: Style
    ) -> Line {
        var line = Self.label(collection.name, width: label)
        let counts = collection.counts
        if let position = position(of: collection.name) {
            Self.add(position, to: &line, cells: cells, at: now, style: style)
        } else {
            // In a column with the numbers of those that have a bar.
            line.add(String(repeating: " ", count: cells + 7))
            line.add("\(Words.number(Int64(counts.imported + counts.failed + counts.skipped)))")
            if let rate = collection.rate.perSecond(at: now) { line.add("  \(Words.rate(rate))", .dim) }
        }
        if counts.failed > 0 { line.add("  \(Words.number(Int64(counts.failed))) failed", .bad) }
        return line
    }

    private static func label(_ name: String, width: Int) -> Line {
        Line("  ").adding(Line(name).cut(to: width).padded(to: width).text).adding("  ")
    }

    private static func add(
        _ position: Position, to line: inout Line, cells: Int, at now: ContinuousClock.Instant, style: Style
    ) {
        let part = Double(position.count) / Double(position.total)
        for (text, role) in Bar.spans(part, style, cells: cells) { line.add(text, role) }
        // What is not over is not shown as if it were.
        let percent = position.count < position.total ? min(99, Int(part * 100)) : 100
        line.add(" \(String(repeating: " ", count: percent < 10 ? 2 : percent < 100 ? 1 : 0))\(percent) %", .strong)
        line.add(" \(Words.number(position.count))/\(Words.number(position.total))")
        if let rate = position.rate.perSecond(at: now) { line.add("  \(Words.rate(rate))", .dim) }
        if let end = position.end, position.count < position.total {
            line.add("  ETA \(Words.span(max(1, now.duration(to: end).components.seconds)))")
        }
    }

    private func waiting(_ clock: Timestamp) -> Line? {
        guard let resumeAt else { return nil }
        let seconds = (resumeAt.milliseconds - clock.milliseconds + 999) / 1000
        guard seconds > 0 else { return nil }
        return Line("  waiting, resumes in \(Words.span(seconds))", .warning)
    }

    private func trouble(at now: ContinuousClock.Instant) -> Line? {
        guard case .lost(let reason, let nextTry) = connection else { return nil }
        let seconds = now.duration(to: nextTry).components.seconds
        let next = seconds > 0 ? "next try in \(Words.span(seconds))" : "trying again"
        return Line("  not connected, \(next)", .warning).adding("  \(reason)", .dim)
    }

    // MARK: The end

    /// What stays on the terminal when the run has ended.
    package func summary(at now: ContinuousClock.Instant, style: Style) -> [Line] {
        guard let ending else { return [] }
        let isGood = status == .succeeded || status == .completedWithErrors
        let mark = style.hasBlocks ? (isGood ? "✓" : "✗") : (isGood ? "ok" : "failed")
        let took = ending["result"]?["durationMs"]?.integerValue.map { Duration.milliseconds($0) }
        var lines = [
            Line(mark, isGood ? (status == .succeeded ? .good : .warning) : .bad).adding(
                " \(sentence(ending))", .strong
            )
            .adding("  in \(Words.clock(took ?? start.duration(to: now)))", .dim)
        ]
        let breakdown = ending["result"]?["breakdown"]?.members?.sorted { $0.key < $1.key } ?? []
        let label = min(breakdown.map { CellWidth.of($0.key.printable) }.max() ?? 0, 20)
        let digits = breakdown.map { Words.number($0.value["imported"]?.integerValue ?? 0).count }.max() ?? 0
        lines += breakdown.map { Self.row($0.key, $0.value, label: label, digits: digits) }
        lines += ReportWords.lines(of: ending["result"]).map {
            $0.spans.reduce(Line("  ")) { $0.adding($1.text, $1.role) }
        }
        if let hint = ending["hint"]?.stringValue { lines.append(Line("  hint: ", .accent).adding(hint)) }
        return lines
    }

    private func sentence(_ ending: JSONValue) -> String {
        // The step before the end says it in words.
        if step == "complete" || step == "error", !message.isEmpty { return message }
        guard let error = ending["error"]?.stringValue else { return "Import complete" }
        return "Import failed: \(error)"
    }

    private static func row(_ name: String, _ counts: JSONValue, label: Int, digits: Int) -> Line {
        func number(_ key: String) -> Int64 { counts[key]?.integerValue ?? 0 }
        let imported = Words.number(number("imported"))
        var line = Line("  ").adding(Line(name).cut(to: label).padded(to: label).text)
            .adding("  \(String(repeating: " ", count: digits - imported.count))\(imported) imported")
        let parts = ["new", "updated", "unchanged", "deleted", "skipped"].filter { number($0) > 0 }
            .map { "\(Words.number(number($0))) \($0)" }
        if !parts.isEmpty { line.add("  \(parts.joined(separator: ", "))", .dim) }
        if number("failed") > 0 { line.add("  \(Words.number(number("failed"))) failed", .bad) }
        return line
    }
}
