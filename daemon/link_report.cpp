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

std::string target_text(const hub::ShownSplit& split)
{
    return split.into ? "record " + std::to_string(split.into->value()) : std::string{"a record of its own"};
}

// What is open in the record then; the rule of the field judges several.
std::string then_text(const hub::SplitField& field)
{
    if (!field.then)
        return "as it is";
    std::vector<std::string> texts;
    for (const auto& version : *field.then)
        texts.push_back(
            value_text(version.value) + " (" + (version.author.empty() ? "decided" : version.author) + ")"
        );
    return texts.empty() ? "empty" : joined(texts, " or ");
}

std::string field_text(const hub::SplitField& field, const std::string& record)
{
    auto text = field.unit + '\n';
    text += "    " + record + " now:  " + (field.now ? value_text(field.now) : "(nothing stands)") + '\n';
    text += "    " + record + " then: " + then_text(field) + '\n';
    return text + "    the row then: " + (field.row ? value_text(field.row) : "empty") + '\n';
}

// As it was asked for.
std::string into_option(const pipeline::SplitInto& into)
{
    if (const auto* record = std::get_if<RecordId>(&into))
        return " --into " + std::to_string(record->value());
    return std::holds_alternative<pipeline::NewRecord>(into) ? " --into new" : "";
}

Json field_json(const hub::SplitField& field)
{
    Json json;
    json["field"] = field.unit;
    json["now"] = value_json(field.now);
    json["then"] = nullptr;
    if (field.then) {
        json["then"] = Json::array();
        for (const auto& version : *field.then)
            json["then"].push_back({
                {"version", version.seq.value()      },
                {"author",  version.author           },
                {"value",   value_json(version.value)}
            });
    }
    json["row"] = value_json(field.row);
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

std::string split_text(const hub::ShownSplit& split)
{
    const auto& wanted = split.wanted;
    const auto record = "record " + std::to_string(wanted.record.value());
    const auto row = wanted.agency.value() + ' ' + wanted.entity + ' ';
    auto text =
        row + printable(wanted.key.value()) + " leaves " + record + " and is " + target_text(split) + '\n';
    for (const auto& field : split.fields)
        text += field_text(field, record);
    text += "rows of " + wanted.agency.value() + " that point at the row and mean " + target_text(split) +
            " then: " + std::to_string(split.references) + '\n';
    return text + "to do so:\n  casebridge links split " + row + shell_word(wanted.key.value()) + ' ' +
           std::to_string(wanted.record.value()) + into_option(wanted.into) + " --seen " +
           std::to_string(wanted.seen.value()) + " --yes --reason \"…\"\n";
}

std::string split_json(const hub::ShownSplit& split)
{
    Json json;
    json["agency"] = split.wanted.agency.value();
    json["entity"] = split.wanted.entity;
    json["key"] = split.wanted.key.value();
    json["record"] = split.wanted.record.value();
    json["into"] = split.into ? Json(split.into->value()) : Json("new");
    json["seen"] = split.wanted.seen.value();
    json["references"] = split.references;
    json["fields"] = Json::array();
    for (const auto& field : split.fields)
        json["fields"].push_back(field_json(field));
    return json.dump(2) + '\n';
}

}  // namespace casebridge::daemon
