// SPDX-License-Identifier: Apache-2.0
#include "sim/system/row_order.h"

#include <map>

namespace skipsim::system {

RowOrder row_order(const std::vector<PlannedRow>& rows, bool overlaps_updates) {
    std::map<std::uint32_t, std::size_t> last_backward;  // operator -> row
    for (std::size_t row = 0; row < rows.size(); ++row) {
        if (rows[row].stage == stats::Stage::bp || rows[row].stage == stats::Stage::wg) {
            last_backward[rows[row].place.layer] = row;
        }
    }
    RowOrder order;
    order.is_beside.assign(rows.size(), false);
    std::map<std::size_t, std::size_t> update_after;  // row -> the update behind it
    std::vector<std::size_t> at_the_end;
    for (std::size_t row = 0; row < rows.size(); ++row) {
        if (rows[row].stage != stats::Stage::wu) {
            continue;
        }
        const auto found = last_backward.find(rows[row].place.layer);
        if (overlaps_updates && found != last_backward.end()) {
            update_after[found->second] = row;
            order.is_beside[row] = true;
        } else {
            at_the_end.push_back(row);
        }
    }
    for (std::size_t row = 0; row < rows.size(); ++row) {
        if (rows[row].stage == stats::Stage::wu) {
            continue;
        }
        order.rows.push_back(row);
        if (const auto update = update_after.find(row); update != update_after.end()) {
            order.rows.push_back(update->second);
        }
    }
    order.rows.insert(order.rows.end(), at_the_end.begin(), at_the_end.end());
    return order;
}

}  // namespace skipsim::system
