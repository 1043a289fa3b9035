// SPDX-License-Identifier: Apache-2.0
#include "sim/system/waveform_writer.h"

#include "sim/base/check.h"

namespace skipsim::system {
namespace {

constexpr const char* kClock = "!";  // id of the clock
constexpr std::size_t kLongestTime = 22;

/// Printable characters from '"' to '~', lowest digit first; '!' is the clock.
std::string id_of(std::size_t number) {
    constexpr std::size_t kDigits = '~' - '"' + 1;
    std::string id;
    do {
        id += static_cast<char>('"' + number % kDigits);
        number /= kDigits;
    } while (number != 0);
    return id;
}

}  // namespace

WaveformWriter::WaveformWriter(const std::string& path, std::uint64_t limit_bytes)
    : file_(path), limit_bytes_(limit_bytes) {}

void WaveformWriter::add(const std::string& name, const std::uint32_t& value, unsigned bits) {
    base::require(bits >= 1 && bits <= 32, "waveform: a signal of 1 to 32 bits is expected");
    Scope* scope = &root_;
    std::size_t begin = 0;
    for (std::size_t dot = name.find('.'); dot != std::string::npos; dot = name.find('.', begin)) {
        scope = &scope->scopes[name.substr(begin, dot - begin)];
        begin = dot + 1;
    }
    const bool is_new = scope->signals.emplace(name.substr(begin), signals_.size()).second;
    base::require(is_new, "waveform: two signals are called " + name);
    signals_.push_back({&value, bits, id_of(signals_.size()), 0, false});
}

void WaveformWriter::begin(std::uint64_t period_ps) {
    period_ps_ = period_ps;
    write(
        "$comment skipsim, clocked engine: a value stands for the cycle that begins with it "
        "$end\n$timescale 1 ps $end\n");
    write("$scope module chip $end\n$var wire 1 " + std::string(kClock) + " clk $end\n");
    write_scope(root_, 1);
    write("$upscope $end\n$enddefinitions $end\n");
}

void WaveformWriter::write_scope(const Scope& scope, unsigned depth) {
    const std::string indent(depth, ' ');
    for (const auto& [name, number] : scope.signals) {
        const Signal& signal = signals_[number];
        const std::string range =
            signal.bits == 1 ? "" : " [" + std::to_string(signal.bits - 1) + ":0]";
        write(indent + "$var wire " + std::to_string(signal.bits) + ' ' + signal.id + ' ' + name +
              range + " $end\n");
    }
    for (const auto& [name, inner] : scope.scopes) {
        write(indent + "$scope module " + name + " $end\n");
        write_scope(inner, depth + 1);
        write(indent + "$upscope $end\n");
    }
}

std::uint64_t WaveformWriter::most_bytes_per_cycle() const noexcept {
    std::uint64_t bytes = 2 * (kLongestTime + 3);  // both edges of the clock
    for (const Signal& signal : signals_) {
        bytes += signal.id.size() + (signal.bits == 1 ? 2 : signal.bits + 3);
    }
    return bytes;
}

void WaveformWriter::append_change(const Signal& signal, std::uint32_t value) {
    if (signal.bits == 1) {
        changes_ += value == 0 ? '0' : '1';
    } else {
        changes_ += 'b';
        bool leading = true;
        for (unsigned bit = signal.bits; bit-- > 0;) {
            const bool one = (value >> bit & 1U) != 0;
            leading = leading && !one && bit > 0;
            if (!leading) {
                changes_ += one ? '1' : '0';
            }
        }
        changes_ += ' ';
    }
    changes_ += signal.id;
    changes_ += '\n';
}

void WaveformWriter::sample(std::uint64_t cycle) {
    if (is_full_) {
        return;
    }
    const std::uint64_t time = cycle * period_ps_;
    changes_ = '#' + std::to_string(time) + "\n1" + kClock + '\n';
    for (Signal& signal : signals_) {
        if (!signal.is_known || signal.last != *signal.value) {
            signal.is_known = true;
            signal.last = *signal.value;
            append_change(signal, signal.last);
        }
    }
    changes_ += '#' + std::to_string(time + period_ps_ / 2) + "\n0" + kClock + '\n';
    if (written_bytes_ + changes_.size() > limit_bytes_) {
        is_full_ = true;  // the cycles in the file are whole
        return;
    }
    write(changes_);
    end_cycle_ = cycle + 1;
}

void WaveformWriter::write(const std::string& text) {
    file_.append(text);
    written_bytes_ += text.size();
}

void WaveformWriter::finish() {
    write('#' + std::to_string(end_cycle_ * period_ps_) + '\n');
    file_.finish();
}

}  // namespace skipsim::system
