// SPDX-License-Identifier: Apache-2.0
// Numbers of a comparison for people.
#pragma once

#include <optional>
#include <string>

namespace skipsim::compare {

/// In a unit that leaves few digits: "1,230", "12.35 M", "1.50 MB", "22.24 nJ", "0.90 mW",
/// "2.310x", "7.86 %".
/// "-" if there is none.
std::string value_text(const std::optional<double>& value, const std::string& unit);

/// The same with its sign, "0" for no difference; of shares in points: "+2.32 pt".
std::string difference_text(const std::optional<double>& value, const std::string& unit);

/// "+2.10 %", "-0.04 %", "0 %".
std::string percent_text(const std::optional<double>& percent);

/// "1.021x"
std::string ratio_text(const std::optional<double>& ratio);

/// Every digit, whole numbers without a point; "" if there is none. For machines.
std::string raw_text(const std::optional<double>& value);

}  // namespace skipsim::compare
