// SPDX-License-Identifier: Apache-2.0
// Breaks three rules of .clang-tidy on purpose. No target compiles it; a test shows that
// clang-tidy reports every one of the three.
namespace skipsim::support {

class badly_named {
public:
    virtual ~badly_named() = default;
    virtual int Value() const { return 1; }
};

int use(const badly_named* thing) {
    int result;
    result = thing == 0 ? 0 : thing->Value();
    return result;
}

}  // namespace skipsim::support
