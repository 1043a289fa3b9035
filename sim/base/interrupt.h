// SPDX-License-Identifier: Apache-2.0
// Orderly end on SIGINT and SIGTERM. The handler only notes the signal; long loops call
// throw_if_interrupted() at places where stopping leaves nothing half-written.
#pragma once

namespace skipsim::base {

/// Notes SIGINT and SIGTERM from now on. A second signal of the same kind ends the program at once.
void install_interrupt_handlers();

/// A signal has arrived.
[[nodiscard]] bool is_interrupted() noexcept;

/// Throws Interrupted if a signal has arrived since the last call that threw.
void throw_if_interrupted();

}  // namespace skipsim::base
