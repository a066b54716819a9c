#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace casebridge::hub {

// The input text of a one-dimensional array parameter, built while the rows are walked: one array is one
// column of a set-based statement. Elements are always quoted, so that "" and "NULL" stay texts.
class ArrayText {
public:
    void add(std::string_view element)
    {
        separate();
        text_.push_back('"');
        append_escaped(element);
        text_.push_back('"');
    }
    void add(std::int64_t element)
    {
        separate();
        text_.append(std::to_string(element));
    }
    void add_null()
    {
        separate();
        text_.append("NULL");
    }
    template <class Element>
    void add(const std::optional<Element>& element)
    {
        if (element)
            add(*element);
        else
            add_null();
    }

    [[nodiscard]] std::string copy() const { return text_ + "}"; }

    // The array; the builder is empty again.
    [[nodiscard]] std::string take()
    {
        text_.push_back('}');
        return std::exchange(text_, "{");
    }

private:
    void separate()
    {
        if (text_.size() > 1)
            text_.push_back(',');
    }

    void append_escaped(std::string_view element)
    {
        while (true) {
            const auto stop = element.find_first_of("\"\\");
            text_.append(element.substr(0, stop));
            if (stop == std::string_view::npos)
                return;
            text_.push_back('\\');
            text_.push_back(element[stop]);
            element.remove_prefix(stop + 1);
        }
    }

    std::string text_ = "{";
};

}  // namespace casebridge::hub
