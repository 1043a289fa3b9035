// SPDX-License-Identifier: Apache-2.0
#include "sim/system/timeline_writer.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace skipsim::system {
namespace {

/// Names in traces may hold any bytes; JSON may not.
std::string quoted(const std::string& text) {
    using Json = nlohmann::json;
    return Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
}

/// [us], exact.
std::string microseconds(std::uint64_t time_ps) {
    constexpr std::uint64_t kPerMicrosecond = 1'000'000;
    constexpr std::size_t kDigits = 6;
    std::string text = std::to_string(time_ps / kPerMicrosecond);
    std::uint64_t rest = time_ps % kPerMicrosecond;
    if (rest == 0) {
        return text;
    }
    std::string digits = std::to_string(rest);
    digits.insert(0, kDigits - digits.size(), '0');
    digits.erase(digits.find_last_not_of('0') + 1);
    return text + '.' + digits;
}

std::string place(std::size_t process, std::uint64_t thread) {
    return R"(,"pid":)" + std::to_string(process) + R"(,"tid":)" + std::to_string(thread);
}

std::string arguments(const std::vector<kernel::Timeline::Detail>& details) {
    std::string text;
    for (const kernel::Timeline::Detail& detail : details) {
        text += (text.empty() ? "" : ",") + quoted(detail.name) + ':';
        if (const auto* number = std::get_if<std::uint64_t>(&detail.value)) {
            text += std::to_string(*number);
        } else {
            text += quoted(std::get<std::string>(detail.value));
        }
    }
    return text.empty() ? "" : R"(,"args":{)" + text + '}';
}

std::string metadata(const char* name, std::size_t process, std::uint64_t thread,
                     const std::string& argument) {
    return std::string(R"({"ph":"M","name":")") + name + '"' + place(process, thread) +
           R"(,"args":{)" + argument + "}}";
}

}  // namespace

TimelineWriter::TimelineWriter(const std::string& path) : file_(path) {
    file_.append(R"({"displayTimeUnit":"ns","traceEvents":[)");
}

std::uint32_t TimelineWriter::add_track(const std::string& group, const std::string& name) {
    auto found = std::find(processes_.begin(), processes_.end(), group);
    const auto process = static_cast<std::size_t>(found - processes_.begin()) + 1;
    if (found == processes_.end()) {
        processes_.push_back(group);
        event(metadata("process_name", process, 0, R"("name":)" + quoted(group)));
        event(metadata("process_sort_index", process, 0,
                       R"("sort_index":)" + std::to_string(process)));
    }
    tracks_.push_back({process, name, {}});
    add_lane(tracks_.back());
    return static_cast<std::uint32_t>(tracks_.size() - 1);
}

/// Thread numbers follow the order of tracks; lanes that come later get a place beside the first.
void TimelineWriter::add_lane(Track& track) {
    const std::size_t lane = track.lanes.size();
    track.lanes.push_back({++threads_, 0});
    const std::string name = lane == 0 ? track.name : track.name + ' ' + std::to_string(lane + 1);
    event(metadata("thread_name", track.process, threads_, R"("name":)" + quoted(name)));
    event(metadata("thread_sort_index", track.process, threads_,
                   R"("sort_index":)" + std::to_string(track.lanes.front().thread)));
}

TimelineWriter::Lane& TimelineWriter::lane_for(std::uint32_t track, std::uint64_t start_ps) {
    std::vector<Lane>& lanes = tracks_.at(track).lanes;
    const auto is_free = [start_ps](const Lane& lane) { return lane.end_ps <= start_ps; };
    const auto free = std::find_if(lanes.begin(), lanes.end(), is_free);
    if (free != lanes.end()) {
        return *free;
    }
    add_lane(tracks_[track]);
    return lanes.back();
}

void TimelineWriter::slice(std::uint32_t track, const std::string& name, std::uint64_t start_ps,
                           std::uint64_t end_ps, const std::vector<Detail>& details) {
    Lane& lane = lane_for(track, start_ps);
    const std::string where = place(tracks_[track].process, lane.thread);
    lane.end_ps = std::max(start_ps, end_ps);
    event(R"({"ph":"B")" + where + R"(,"ts":)" + microseconds(start_ps) + R"(,"name":)" +
          quoted(name) + arguments(details) + '}');
    event(R"({"ph":"E")" + where + R"(,"ts":)" + microseconds(lane.end_ps) + '}');
}

void TimelineWriter::event(const std::string& text) {
    file_.append(is_first_ ? "\n" : ",\n");
    is_first_ = false;
    file_.append(text);
}

void TimelineWriter::finish() {
    file_.append("\n]}\n");
    file_.finish();
}

}  // namespace skipsim::system
