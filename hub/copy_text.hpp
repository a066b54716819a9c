#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace casebridge::hub {

// Rows in the text format of COPY, appended column by column.
class CopyText {
public:
    void add(std::string_view value)
    {
        separate();
        while (true) {
            const auto stop = value.find_first_of("\\\t\n\r");
            text_.append(value.substr(0, stop));
            if (stop == std::string_view::npos)
                return;
            text_.push_back('\\');
            text_.push_back(letter(value[stop]));
            value.remove_prefix(stop + 1);
        }
    }
    void add(std::int64_t value)
    {
        separate();
        text_.append(std::to_string(value));
    }
    template <class Column>
    void add(const std::optional<Column>& value)
    {
        if (value) {
            add(*value);
        } else {
            separate();
            text_.append("\\N");
        }
    }
    void end_row() { text_.push_back('\n'); }

    [[nodiscard]] std::string_view text() const noexcept { return text_; }
    void clear() noexcept { text_.clear(); }

private:
    static char letter(char character)
    {
        switch (character) {
            case '\t':
                return 't';
            case '\n':
                return 'n';
            case '\r':
                return 'r';
            default:
                return character;
        }
    }

    void separate()
    {
        if (!text_.empty() && text_.back() != '\n')
            text_.push_back('\t');
    }

    std::string text_;
};

}  // namespace casebridge::hub
