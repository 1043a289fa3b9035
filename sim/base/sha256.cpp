// SPDX-License-Identifier: Apache-2.0
#include "sim/base/sha256.h"

#include <openssl/evp.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <memory>
#include <vector>

#include "sim/base/check.h"
#include "sim/base/errors.h"

namespace skipsim::base {
namespace {

class Sha256 {
public:
    Sha256() : context_(EVP_MD_CTX_new(), EVP_MD_CTX_free) {
        require(context_ != nullptr, "sha256: no context");
        require(EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) == 1, "sha256: init");
    }

    void add(const void* bytes, std::size_t size_bytes) {
        require(EVP_DigestUpdate(context_.get(), bytes, size_bytes) == 1, "sha256: update");
    }

    std::string hex() {
        std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
        unsigned int size_bytes = 0;
        require(EVP_DigestFinal_ex(context_.get(), digest.data(), &size_bytes) == 1,
                "sha256: final");
        constexpr const char* kDigits = "0123456789abcdef";
        std::string text;
        for (unsigned int i = 0; i < size_bytes; ++i) {
            text += kDigits[digest[i] >> 4U];
            text += kDigits[digest[i] & 15U];
        }
        return text;
    }

private:
    std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
};

}  // namespace

std::string sha256_hex(std::string_view bytes) {
    Sha256 hash;
    hash.add(bytes.data(), bytes.size());
    return hash.hex();
}

std::string sha256_hex_of_file(const std::string& path) {
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"),
                                                               std::fclose);
    if (file == nullptr) {
        throw InputError(path + ": cannot be opened: " + std::strerror(errno));
    }
    constexpr std::size_t kBlockBytes = std::size_t{1} << 18U;
    std::vector<unsigned char> block(kBlockBytes);
    Sha256 hash;
    while (const std::size_t got = std::fread(block.data(), 1, block.size(), file.get())) {
        hash.add(block.data(), got);
    }
    if (std::ferror(file.get()) != 0) {
        throw InputError(path + ": cannot be read: " + std::strerror(errno));
    }
    return hash.hex();
}

}  // namespace skipsim::base
