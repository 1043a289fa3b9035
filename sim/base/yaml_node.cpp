// SPDX-License-Identifier: Apache-2.0
#include "sim/base/yaml_node.h"

#include <sys/stat.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>
#include <utility>

#include "sim/base/errors.h"

namespace skipsim::base {
namespace {

constexpr std::size_t kShownCharacters = 60;  // of a scalar quoted in a message

std::string place(const std::string& name, YamlMark mark) {
    return name + ':' + std::to_string(mark.line) + ':' + std::to_string(mark.column) + ": ";
}

YamlMark mark_of(const YAML::Mark& mark) {
    if (mark.line < 0 || mark.column < 0) {
        return {1, 1};
    }
    return {static_cast<std::uint32_t>(mark.line) + 1, static_cast<std::uint32_t>(mark.column) + 1};
}

/// Builds the tree from the parser's events. `open_` holds the containers being filled; a key
/// waits in `pending_key_` until its value is complete.
class TreeBuilder : public YAML::EventHandler {
public:
    explicit TreeBuilder(std::string name) : name_(std::move(name)) {}

    YamlNode take() { return std::move(root_); }

    void OnDocumentStart(const YAML::Mark& /*mark*/) override {}
    void OnDocumentEnd() override {}

    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        YamlNode node;
        node.mark = mark_of(mark);
        refuse_anchor(node.mark, anchor);
        add(std::move(node));
    }

    void OnAlias(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override {
        refuse(mark_of(mark), "an alias (*name)");
    }

    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  const std::string& value) override {
        YamlNode node;
        node.kind = YamlNode::Kind::kScalar;
        node.mark = mark_of(mark);
        node.scalar = value;
        node.is_quoted = tag == "!";
        refuse_anchor(node.mark, anchor);
        refuse_tag(node.mark, tag);
        add(std::move(node));
    }

    void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value /*style*/) override {
        open(YamlNode::Kind::kList, mark, tag, anchor);
    }
    void OnSequenceEnd() override { close(); }
    void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value /*style*/) override {
        open(YamlNode::Kind::kMapping, mark, tag, anchor);
    }
    void OnMapEnd() override { close(); }

private:
    struct Open {
        YamlNode node;
        bool has_key = false;
        std::string key;
        YamlMark key_mark;
    };

    [[noreturn]] void refuse(YamlMark mark, const std::string& found) const {
        throw InputError(place(name_, mark) + "expected plain YAML, found " + found);
    }

    void refuse_anchor(YamlMark mark, YAML::anchor_t anchor) const {
        if (anchor != 0) {
            refuse(mark, "an anchor (&name)");
        }
    }

    void refuse_tag(YamlMark mark, const std::string& tag) const {
        if (!tag.empty() && tag != "?" && tag != "!") {
            refuse(mark, "a tag (" + tag.substr(0, kShownCharacters) + ")");
        }
    }

    void open(YamlNode::Kind kind, const YAML::Mark& mark, const std::string& tag,
              YAML::anchor_t anchor) {
        Open next;
        next.node.kind = kind;
        next.node.mark = mark_of(mark);
        refuse_anchor(next.node.mark, anchor);
        refuse_tag(next.node.mark, tag);
        if (open_.size() >= kYamlDepthLimit) {
            refuse(next.node.mark, "more than " + std::to_string(kYamlDepthLimit) + " levels");
        }
        open_.push_back(std::move(next));
    }

    void close() {
        YamlNode done = std::move(open_.back().node);
        open_.pop_back();
        add(std::move(done));
    }

    void add(YamlNode node) {
        if (++node_count_ > kYamlNodesLimit) {
            refuse(node.mark, "more than " + std::to_string(kYamlNodesLimit) + " values");
        }
        if (open_.empty()) {
            root_ = std::move(node);
        } else if (open_.back().node.kind == YamlNode::Kind::kList) {
            open_.back().node.items.push_back(std::move(node));
        } else {
            add_to_mapping(open_.back(), std::move(node));
        }
    }

    void add_to_mapping(Open& mapping, YamlNode node) const {
        if (mapping.has_key) {
            mapping.node.entries.push_back(
                {std::move(mapping.key), mapping.key_mark, std::move(node)});
            mapping.has_key = false;
            return;
        }
        if (node.kind != YamlNode::Kind::kScalar) {
            refuse(node.mark, "a key that is " + node.description());
        }
        mapping.key = std::move(node.scalar);
        mapping.key_mark = node.mark;
        mapping.has_key = true;
    }

    std::string name_;
    YamlNode root_;
    std::vector<Open> open_;
    std::uint64_t node_count_ = 0;
};

}  // namespace

const YamlNode* YamlNode::find(const std::string& key) const {
    for (const YamlEntry& entry : entries) {
        if (entry.key == key) {
            return &entry.value;
        }
    }
    return nullptr;
}

YamlNode* YamlNode::find(const std::string& key) {
    return const_cast<YamlNode*>(static_cast<const YamlNode&>(*this).find(key));
}

std::string YamlNode::description() const {
    switch (kind) {
        case Kind::kNull:
            return "nothing";
        case Kind::kScalar:
            return '"' + scalar.substr(0, kShownCharacters) +
                   (scalar.size() > kShownCharacters ? "…\"" : "\"");
        case Kind::kList:
            return "a list of " + std::to_string(items.size());
        case Kind::kMapping:
            break;
    }
    return "a mapping";
}

YamlNode parse_yaml(const std::string& text, const std::string& name) {
    if (text.size() > kYamlBytesLimit) {
        throw InputError(name + ": expected at most " + std::to_string(kYamlBytesLimit) +
                         " bytes of YAML, found " + std::to_string(text.size()));
    }
    try {
        std::istringstream in(text);
        YAML::Parser parser(in);
        TreeBuilder builder(name);
        if (!parser.HandleNextDocument(builder)) {
            return {};
        }
        TreeBuilder second(name);
        if (parser.HandleNextDocument(second)) {
            throw InputError(place(name, second.take().mark) +
                             "expected one YAML document, found a second one");
        }
        return builder.take();
    } catch (const YAML::Exception& error) {
        throw InputError(place(name, mark_of(error.mark)) + "expected YAML, found: " + error.msg);
    }
}

std::string read_text_file(const std::string& path, std::uint64_t limit_bytes) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) {
        throw InputError(path + ": cannot be read: " + std::strerror(errno));
    }
    if (!S_ISREG(status.st_mode)) {
        throw InputError(path + ": expected a file, found " +
                         (S_ISDIR(status.st_mode) ? "a folder" : "a device or pipe"));
    }
    if (static_cast<std::uint64_t>(status.st_size) > limit_bytes) {
        throw InputError(path + ": expected at most " + std::to_string(limit_bytes) +
                         " bytes, found " + std::to_string(status.st_size));
    }
    errno = 0;
    std::ifstream in(path, std::ios::binary);
    std::string text(static_cast<std::size_t>(status.st_size), '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (!in) {
        throw InputError(path + ": cannot be read: " +
                         (errno != 0 ? std::strerror(errno) : "it is shorter than its size"));
    }
    const std::size_t zero = text.find('\0');
    if (zero != std::string::npos) {
        throw InputError(path + ": expected text, found a zero byte at offset " +
                         std::to_string(zero));
    }
    return text;
}

}  // namespace skipsim::base
