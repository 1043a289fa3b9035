// SPDX-License-Identifier: Apache-2.0
// Signals of the clocked engine as a VCD file (value change dump, IEEE 1364-2001 §18), for GTKWave.
// A value stands from the edge that begins a cycle to the next one. Own code where SystemC has a
// writer: that one puts the date into the file, does not notice a full disk and cannot be limited.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "sim/base/atomic_file.h"

namespace skipsim::system {

class WaveformWriter {
public:
    /// Throws MachineError if no file can be made there.
    WaveformWriter(const std::string& path, std::uint64_t limit_bytes);

    /// `name` with dots between its scopes. The value must live as long as samples are taken.
    void add(const std::string& name, const std::uint32_t& value, unsigned bits);
    /// Writes the list of signals; after that none is added.
    void begin(std::uint64_t period_ps);
    /// What the signals were in that cycle. Nothing once the limit has been reached.
    void sample(std::uint64_t cycle);

    [[nodiscard]] std::size_t signal_count() const noexcept { return signals_.size(); }
    /// [bytes] if every signal changes.
    [[nodiscard]] std::uint64_t most_bytes_per_cycle() const noexcept;
    [[nodiscard]] std::uint64_t limit_bytes() const noexcept { return limit_bytes_; }
    [[nodiscard]] std::uint64_t written_bytes() const noexcept { return written_bytes_; }
    /// The file ends before the run.
    [[nodiscard]] bool is_full() const noexcept { return is_full_; }
    /// First cycle that is not in the file.
    [[nodiscard]] std::uint64_t end_cycle() const noexcept { return end_cycle_; }

    void throw_if_failed() const { file_.throw_if_failed(); }
    /// Writes the rest; then only commit() is left. Throws MachineError.
    void finish();
    void commit() { file_.commit(); }

private:
    struct Signal {
        const std::uint32_t* value = nullptr;
        unsigned bits = 1;
        std::string id;
        std::uint32_t last = 0;
        bool is_known = false;
    };
    struct Scope {
        std::map<std::string, Scope> scopes;
        std::map<std::string, std::size_t> signals;
    };

    void write_scope(const Scope& scope, unsigned depth);
    void append_change(const Signal& signal, std::uint32_t value);
    void write(const std::string& text);

    base::StreamedFile file_;
    std::uint64_t limit_bytes_;
    std::uint64_t period_ps_ = 1;
    std::uint64_t written_bytes_ = 0;
    std::uint64_t end_cycle_ = 0;
    bool is_full_ = false;
    std::vector<Signal> signals_;
    Scope root_;
    std::string changes_;  // of a cycle
};

}  // namespace skipsim::system
