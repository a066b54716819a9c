#pragma once

#include "config/load.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <utility>
#include <vector>

// A configuration in memory: the good one of tests/config/good, with changes.

namespace casebridge::config {

inline constexpr const char* good_directory = CASEBRIDGE_SOURCE_DIR "/tests/config/good";

class Files {
public:
    Files()
    {
        for (const auto* name : {"bridge.jsonc", "model.jsonc", "sp.mapping.jsonc", "es.mapping.jsonc"}) {
            std::ifstream file{std::string{good_directory} + "/" + name};
            texts_[name] = std::string{std::istreambuf_iterator<char>{file}, {}};
        }
    }

    std::string& text(const std::string& name) { return texts_.at(name); }
    void remove(const std::string& name) { texts_.erase(name); }
    [[nodiscard]] const std::map<std::string, std::string>& texts() const { return texts_; }

    // Replaces what must occur exactly once.
    void replace(const std::string& name, const std::string& from, const std::string& to)
    {
        auto& text = texts_.at(name);
        const auto at = text.find(from);
        ASSERT_NE(at, std::string::npos) << name << " has no " << from;
        ASSERT_EQ(text.find(from, at + 1), std::string::npos) << name << " has more than one " << from;
        text.replace(at, from.size(), to);
    }

    [[nodiscard]] LoadResult load() const
    {
        return load_bridge("bridge.jsonc", [this](const std::string& name) -> Result<std::string> {
            const auto found = texts_.find(name);
            if (found != texts_.end())
                return found->second;
            Error error;
            error.message = "no such file";
            return error;
        });
    }

    // All mistakes, a line each; empty when there are none.
    [[nodiscard]] std::string mistakes() const
    {
        const auto result = load();
        std::string lines;
        if (const auto* mistakes = std::get_if<std::vector<Mistake>>(&result))
            for (const auto& mistake : *mistakes)
                lines += to_string(mistake) + "\n";
        return lines;
    }

private:
    std::map<std::string, std::string> texts_;
};

// One change of the good configuration, and everything that is then said about it, without the last line end.
struct Case {
    std::string file;
    std::string from;
    std::string to;
    std::string mistakes;
};

inline constexpr const char* bridge = "bridge.jsonc";
inline constexpr const char* model = "model.jsonc";
inline constexpr const char* sp = "sp.mapping.jsonc";
inline constexpr const char* es = "es.mapping.jsonc";

inline void expect_mistakes(const std::vector<Case>& cases)
{
    for (const auto& each : cases) {
        Files files;
        files.replace(each.file, each.from, each.to);
        EXPECT_EQ(files.mistakes(), each.mistakes + "\n") << each.from << " became " << each.to;
    }
}

}  // namespace casebridge::config
