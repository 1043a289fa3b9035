// SPDX-License-Identifier: Apache-2.0
// The catalogue and resolved configurations as documents for people, editors and result files.
#pragma once

#include "sim/config/config.h"

#include <nlohmann/json.hpp>

#include <string>

namespace skipsim::config {

/// Every resolved value as YAML in the shape of a configuration file, with the assumptions; reading
/// it gives the same configuration. `energy.table` becomes an absolute path, so that the text can
/// be kept in any folder.
std::string as_yaml(const Config& config);

/// Every resolved value, nested as in the file (`unlimited` stays that word).
nlohmann::ordered_json as_json(const Config& config);

/// JSON Schema (draft 2020-12) of a configuration file, for editors. It knows types and ranges; the
/// rules between parameters are checked by `config check` alone.
nlohmann::ordered_json json_schema();

/// The catalogue as a Markdown table: the generated part of README.md.
std::string catalogue_as_markdown();

/// The catalogue for a terminal.
std::string catalogue_as_text();

}  // namespace skipsim::config
