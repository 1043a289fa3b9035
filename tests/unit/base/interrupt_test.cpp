// SPDX-License-Identifier: Apache-2.0
#include "sim/base/interrupt.h"

#include <gtest/gtest.h>

#include <csignal>

#include "sim/base/errors.h"

namespace skipsim::base {
namespace {

TEST(Interrupt, IsThrownAtEveryCheckSoThatAllThreadsStop) {
    for (const int signal_number : {SIGINT, SIGTERM}) {
        install_interrupt_handlers();
        EXPECT_NO_THROW(throw_if_interrupted());
        ASSERT_EQ(std::raise(signal_number), 0);
        EXPECT_THROW(throw_if_interrupted(), Interrupted);
        try {
            throw_if_interrupted();
            ADD_FAILURE() << "signal " << signal_number << " was lost";
        } catch (const Interrupted& interrupted) {
            EXPECT_EQ(interrupted.signal, signal_number);
        }
    }
    install_interrupt_handlers();
    EXPECT_NO_THROW(throw_if_interrupted());
}

TEST(InterruptDeathTest, SecondSignalEndsAProgramThatDoesNotCheck) {
    EXPECT_EXIT(
        {
            install_interrupt_handlers();
            std::raise(SIGTERM);
            std::raise(SIGTERM);
        },
        testing::KilledBySignal(SIGTERM), "");
}

}  // namespace
}  // namespace skipsim::base
