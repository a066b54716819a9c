#include "daemon/link_report.hpp"

#include "daemon/report_text.hpp"

#include <algorithm>

namespace casebridge::daemon {

namespace {

bool is_control(char c)
{
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7f;
}

// `\033`
std::string octal(char c)
{
    const auto byte = static_cast<unsigned char>(c);
    const auto digit = [](unsigned bits) { return static_cast<char>('0' + (bits & 7U)); };
    return {'\\', digit(byte >> 6U), digit(byte >> 3U), digit(byte)};
}

// A word of a command line of the shell that means just this text and that no terminal obeys. Bash, ksh and
// zsh know $'…'.
std::string shell_word(const std::string& text)
{
    const bool ansi = std::ranges::any_of(text, is_control);
    std::string word = ansi ? "$'" : "'";
    for (const char c : text) {
        if (is_control(c))
            word += octal(c);
        else if (ansi && (c == '\'' || c == '\\'))
            word.append({'\\', c});
        else
            word += c == '\'' ? R"('\'')" : std::string(1, c);
    }
    return word + '\'';
}

std::string rules_text(const MatchCandidate& candidate)
{
    return candidate.rules.empty() ? "decided by a person" : joined(candidate.rules, ", ");
}

std::string head(const hub::DoubtfulRow& row)
{
    return row.agency + "  " + row.entity + "  " + printable(row.key.value()) + "  " + row.code + '\n';
}

std::string values_text(const std::optional<hub::ShownValue>& values)
{
    return values ? value_lines(*values) : "    (no longer kept)\n";
}

Json row_json(const hub::DoubtfulRow& row)
{
    Json candidates = Json::array();
    for (const auto& candidate : row.candidates)
        candidates.push_back({
            {"record", candidate.record.value()},
            {"rules",  candidate.rules         }
        });
    return {
        {"agency",     row.agency           },
        {"entity",     row.entity           },
        {"key",        row.key.value()      },
        {"doubt",      row.code             },
        {"candidates", std::move(candidates)}
    };
}

}  // namespace

std::string doubts_text(const std::vector<hub::DoubtfulRow>& doubts)
{
    if (doubts.empty())
        return "no row is in doubt\n";
    std::string text;
    for (const auto& row : doubts) {
        text += head(row);
        for (const auto& candidate : row.candidates)
            text +=
                "  record " + std::to_string(candidate.record.value()) + "  " + rules_text(candidate) + '\n';
    }
    return text;
}

std::string doubts_json(const std::vector<hub::DoubtfulRow>& doubts)
{
    Json list = Json::array();
    for (const auto& row : doubts)
        list.push_back(row_json(row));
    return list.dump(2) + '\n';
}

std::string doubt_text(const hub::ShownDoubt& doubt)
{
    const auto& row = doubt.row;
    auto text = head(row) + values_text(doubt.columns);
    const auto named = row.agency + ' ' + row.entity + ' ' + shell_word(row.key.value());
    for (std::size_t i = 0; i < row.candidates.size(); ++i) {
        const auto record = std::to_string(row.candidates[i].record.value());
        text += "record " + record + "  " + rules_text(row.candidates[i]) + '\n';
        text += values_text(doubt.records[i]);
        text += "  it is:     casebridge links confirm " + named + ' ' + record + " --reason \"…\"\n";
        text += "  it is not: casebridge links reject " + named + ' ' + record + " --reason \"…\"\n";
    }
    return text;
}

std::string doubt_json(const hub::ShownDoubt& doubt)
{
    auto json = row_json(doubt.row);
    json["columns"] = value_json(doubt.columns);
    for (std::size_t i = 0; i < doubt.records.size(); ++i)
        json["candidates"][i]["values"] = value_json(doubt.records[i]);
    return json.dump(2) + '\n';
}

}  // namespace casebridge::daemon
