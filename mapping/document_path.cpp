#include "mapping/document_path.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace casebridge::mapping {
namespace {

using PathIndices = std::vector<std::size_t>;

// Recursive descent over the grammar of RFC 8259. Every function leaves the position behind what it accepted,
// or returns false; after that the scanner is not used any more.
class Scanner {
public:
    Scanner(std::string_view text, std::span<const DocumentPath* const> paths)
        : text_(text), paths_(paths), values_(paths.size())
    {
    }

    std::optional<std::vector<FieldValue>> run()
    {
        PathIndices all(paths_.size());
        for (std::size_t i = 0; i < all.size(); ++i)
            all[i] = i;
        skip_space();
        if (!value(0, all))
            return std::nullopt;
        skip_space();
        if (at_ != text_.size())
            return std::nullopt;
        return std::move(values_);
    }

private:
    // `inside`: the paths whose first `depth` names lead to this value.
    bool value(std::size_t depth, const PathIndices& inside)
    {
        if (at_ == text_.size() || depth > document_depth_max)
            return false;
        switch (text_[at_]) {
            case '{':
                return object(depth, inside);
            case '[':
                return array(depth);
            case '"':
                return string().has_value();
            case 't':
                return word("true");
            case 'f':
                return word("false");
            case 'n':
                return word("null");
            default:
                return number();
        }
    }

    bool object(std::size_t depth, const PathIndices& inside)
    {
        ++at_;
        skip_space();
        if (accept('}'))
            return true;
        do {
            skip_space();
            const auto name = string();
            skip_space();
            if (!name || !accept(':'))
                return false;
            skip_space();
            if (!member(depth, inside, *name))
                return false;
            skip_space();
        } while (accept(','));
        return accept('}');
    }

    // Of repeated names the last one counts at the end of a path, as in the server's `json`; `jsonb` has
    // none.
    bool member(std::size_t depth, const PathIndices& inside, const std::string& name)
    {
        PathIndices matching;
        for (const auto path : inside)
            if (paths_[path]->size() > depth && (*paths_[path])[depth] == name)
                matching.push_back(path);
        const auto start = at_;
        if (!value(depth + 1, matching))
            return false;
        const auto source = text_.substr(start, at_ - start);
        for (const auto path : matching)
            if (paths_[path]->size() == depth + 1 && !keep(path, source))
                return false;
        return true;
    }

    bool keep(std::size_t path, std::string_view source)
    {
        if (source == "null") {
            values_[path] = std::nullopt;
            return true;
        }
        if (source.front() != '"') {
            values_[path] = Value{std::string{source}};
            return true;
        }
        auto characters = Scanner{source, {}}.string();
        if (!characters)
            return false;
        values_[path] = Value{std::move(*characters)};
        return true;
    }

    // Paths name members of objects only, so nothing inside an array is ever asked for.
    bool array(std::size_t depth)
    {
        ++at_;
        skip_space();
        if (accept(']'))
            return true;
        do {
            skip_space();
            if (!value(depth + 1, {}))
                return false;
            skip_space();
        } while (accept(','));
        return accept(']');
    }

    std::optional<std::string> string()
    {
        if (!accept('"'))
            return std::nullopt;
        std::string characters;
        while (at_ < text_.size()) {
            const char c = text_[at_++];
            if (c == '"')
                return characters;
            if (static_cast<unsigned char>(c) < 0x20)
                return std::nullopt;
            if (c != '\\')
                characters.push_back(c);
            else if (!escape(characters))
                return std::nullopt;
        }
        return std::nullopt;
    }

    bool escape(std::string& characters)
    {
        if (at_ == text_.size())
            return false;
        constexpr std::string_view names = R"("\/bfnrt)";
        constexpr std::string_view meanings = "\"\\/\b\f\n\r\t";
        const char c = text_[at_++];
        if (c == 'u')
            return code_point(characters);
        const auto found = names.find(c);
        if (found == std::string_view::npos)
            return false;
        characters.push_back(meanings[found]);
        return true;
    }

    bool code_point(std::string& characters)
    {
        const auto first = hex4();
        if (!first || *first == 0 || (*first >= 0xDC00 && *first <= 0xDFFF))
            return false;
        auto point = *first;
        if (point >= 0xD800 && point <= 0xDBFF) {
            if (!accept('\\') || !accept('u'))
                return false;
            const auto second = hex4();
            if (!second || *second < 0xDC00 || *second > 0xDFFF)
                return false;
            point = 0x10000U + ((point - 0xD800U) << 10U) + (*second - 0xDC00U);
        }
        append_utf8(characters, point);
        return true;
    }

    static void append_utf8(std::string& characters, std::uint32_t point)
    {
        const auto tail = [&](unsigned shift) {
            characters.push_back(static_cast<char>(0x80U | ((point >> shift) & 0x3FU)));
        };
        if (point < 0x80)
            characters.push_back(static_cast<char>(point));
        else if (point < 0x800) {
            characters.push_back(static_cast<char>(0xC0U | (point >> 6U)));
            tail(0);
        } else if (point < 0x10000) {
            characters.push_back(static_cast<char>(0xE0U | (point >> 12U)));
            tail(6);
            tail(0);
        } else {
            characters.push_back(static_cast<char>(0xF0U | (point >> 18U)));
            tail(12);
            tail(6);
            tail(0);
        }
    }

    std::optional<std::uint32_t> hex4()
    {
        std::uint32_t number = 0;
        for (int i = 0; i < 4; ++i) {
            if (at_ == text_.size())
                return std::nullopt;
            const char c = text_[at_++];
            std::uint32_t digit = 0;
            if (c >= '0' && c <= '9')
                digit = static_cast<std::uint32_t>(c - '0');
            else if (c >= 'a' && c <= 'f')
                digit = static_cast<std::uint32_t>(c - 'a') + 10U;
            else if (c >= 'A' && c <= 'F')
                digit = static_cast<std::uint32_t>(c - 'A') + 10U;
            else
                return std::nullopt;
            number = number * 16U + digit;
        }
        return number;
    }

    bool number()
    {
        accept('-');
        if (!accept('0') && !digits())
            return false;
        if (accept('.') && !digits())
            return false;
        if (accept('e') || accept('E')) {
            if (!accept('+'))
                accept('-');
            return digits();
        }
        return true;
    }

    bool digits()
    {
        const auto start = at_;
        while (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9')
            ++at_;
        return at_ > start;
    }

    bool word(std::string_view expected)
    {
        if (!text_.substr(at_).starts_with(expected))
            return false;
        at_ += expected.size();
        return true;
    }

    bool accept(char expected)
    {
        if (at_ == text_.size() || text_[at_] != expected)
            return false;
        ++at_;
        return true;
    }

    void skip_space()
    {
        while (at_ < text_.size() && std::string_view{" \t\n\r"}.find(text_[at_]) != std::string_view::npos)
            ++at_;
    }

    std::string_view text_;
    std::span<const DocumentPath* const> paths_;
    std::vector<FieldValue> values_;
    std::size_t at_ = 0;
};

}  // namespace

std::optional<std::vector<FieldValue>> read_document(
    std::string_view document, std::span<const DocumentPath* const> paths
)
{
    return Scanner{document, paths}.run();
}

}  // namespace casebridge::mapping
