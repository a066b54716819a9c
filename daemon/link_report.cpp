#include "daemon/link_report.hpp"

#include <nlohmann/json.hpp>

#include <string_view>

namespace casebridge::daemon {

namespace {

using Json = nlohmann::ordered_json;

// A terminal must not obey what somebody typed into a field.
std::string printable(const std::string& text)
{
    constexpr std::string_view digits = "0123456789abcdef";
    std::string shown;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte >= 0x20 && byte != 0x7f) {
            shown += c;
            continue;
        }
        shown += "\\x";
        shown += digits[byte >> 4U];
        shown += digits[byte & 0xfU];
    }
    return shown;
}

// A word of a command line of the shell, whatever it holds.
std::string quoted(const std::string& word)
{
    std::string text = "'";
    for (const char c : printable(word)) {
        if (c == '\'')
            text += "'\\'";
        text += c;
    }
    return text + '\'';
}

std::string rules_text(const MatchCandidate& candidate)
{
    std::string text;
    for (const auto& rule : candidate.rules)
        text.append(text.empty() ? "" : ", ").append(rule);
    return text.empty() ? "decided by a person" : text;
}

std::string head(const hub::DoubtfulRow& row)
{
    return row.agency + "  " + row.entity + "  " + printable(row.key.value()) + "  " + row.code + '\n';
}

std::string values_text(const hub::NamedValues& values)
{
    std::string text;
    for (const auto& [name, value] : values)
        text += "    " + name + ": " + (value ? '"' + printable(*value) + '"' : "(none)") + '\n';
    return text.empty() ? "    (not kept)\n" : text;
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

Json values_json(const hub::NamedValues& values)
{
    auto json = Json::object();
    for (const auto& [name, value] : values)
        json[name] = value ? Json(*value) : Json(nullptr);
    return json;
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
    const auto named = row.agency + ' ' + row.entity + ' ' + quoted(row.key.value());
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
    json["columns"] = values_json(doubt.columns);
    for (std::size_t i = 0; i < doubt.records.size(); ++i)
        json["candidates"][i]["values"] = values_json(doubt.records[i]);
    return json.dump(2) + '\n';
}

}  // namespace casebridge::daemon
