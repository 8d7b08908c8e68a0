import Worker

/// The memory of this process that only its past needed.
package enum ProcessMemory {
    /// To be called before threads are started.
    package static func limitHeaps() { system_limit_heaps(2) }

    /// Gives back what is free, and code that ran only once, after work that needed much.
    package static func trim() {
        system_trim_heaps()
        system_trim_code()
    }
}
