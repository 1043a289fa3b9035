// SPDX-License-Identifier: Apache-2.0
// Entry point of test programs that use SystemC: any SystemC warning or error during a test is a
// failure of that test, not noise on the console.
#include <gtest/gtest.h>

#include <systemc>

namespace {

void fail_on_report(const sc_core::sc_report& report, const sc_core::sc_actions& actions) {
    if (report.get_severity() >= sc_core::SC_WARNING && actions != sc_core::SC_DO_NOTHING) {
        ADD_FAILURE() << report.what();
    }
    sc_core::sc_report_handler::default_handler(report, actions);
}

}  // namespace

int sc_main(int argc, char** argv) {
    testing::InitGoogleTest(&argc, argv);
    sc_core::sc_report_handler::set_handler(fail_on_report);
    return RUN_ALL_TESTS();
}
