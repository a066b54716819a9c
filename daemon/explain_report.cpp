#include "daemon/explain_report.hpp"

#include "daemon/case_report.hpp"
#include "daemon/report_text.hpp"

#include <sstream>
#include <utility>

namespace casebridge::daemon {

namespace {

std::string place_text(const hub::ExplainedVersion& version, std::optional<JournalSeq> stands)
{
    switch (version.place) {
        case hub::ExplainedVersion::Place::open:
            return stands == version.version.seq ? "stands" : "open";
        case hub::ExplainedVersion::Place::superseded:
            return version.superseded_by ? "superseded by " + std::to_string(version.superseded_by->value())
                                         : "superseded";
        case hub::ExplainedVersion::Place::recorded_only:
            return "recorded only: an authority's value stood";
    }
    return {};
}

// `entry 117 of 2026-…, stream, commit 0/16B3748 change 2, committed 2026-…`.
std::string entry_text(const hub::ExplainedEntry& entry)
{
    std::string text =
        "entry " + std::to_string(entry.seq.value()) + " of " + entry.recorded_at + ", " + entry.source;
    if (entry.commit_lsn)
        text += ", commit " + *entry.commit_lsn;
    if (entry.ordinal)
        text += " change " + std::to_string(*entry.ordinal);
    if (entry.commit_time)
        text += ", committed " + to_utc_text(*entry.commit_time);
    return text;
}

std::string configuration_text(
    const std::optional<hub::AppliedConfiguration>& applied, const std::string& present
)
{
    if (!applied)
        return "no longer kept";
    return std::to_string(applied->seq.value()) + " of " + applied->applied_at + ", " + applied->hash +
           (applied->hash == present ? " (the present one)" : " (not the present one)");
}

std::string showing_text(const hub::ShownAt& showing)
{
    const auto entry = showing.entry ? entry_text(*showing.entry) : std::string{};
    switch (showing.answer) {
        case hub::ShownAt::Answer::shown:
            return (showing.entry && showing.entry->source == "echo" ? "delivered, confirmed by "
                                                                     : "shown since ") +
                   entry;
        case hub::ShownAt::Answer::shown_before:
            return "showed the same value before: " + entry;
        case hub::ShownAt::Answer::not_shown:
            return "never shown";
        case hub::ShownAt::Answer::unknown:
            return "cannot be told: values that would tell are no longer kept, or of another mapping";
    }
    return {};
}

std::string state_text(const hub::UnitAtAgency& at)
{
    const auto reason = " (" + at.code + " at " + at.place + ")";
    switch (at.state) {
        case hub::UnitState::shown:
            return "shows what stands";
        case hub::UnitState::due:
            return "is to be written, or on its way";
        case hub::UnitState::on_hold:
            return "keeps what it has: on hold";
        case hub::UnitState::no_value:
            return "nothing stands that could be written";
        case hub::UnitState::not_mapped:
            return "not mapped";
        case hub::UnitState::no_row:
            return "no row, and its mapping creates none for this record";
        case hub::UnitState::unsurveyed:
            return "no row before its tables are surveyed";
        case hub::UnitState::row_reserved:
            return "a row is being created";
        case hub::UnitState::row_ended:
            return "its row was deleted";
        case hub::UnitState::parked:
            return "not written: its row is parked" + reason;
        case hub::UnitState::refused:
            return "refused" + reason;
        case hub::UnitState::no_agreement:
            return "no agreement lets it have this";
        case hub::UnitState::waits_for_row:
            return "waits until the record that it points at has a row there";
    }
    return {};
}

class Writer {
public:
    Writer(const hub::Explanation& explanation, Values values) : explanation_(explanation), values_(values) {}

    std::string run() &&
    {
        text_ << explanation_.entity << ' ' << explanation_.record.value() << '\n';
        for (const auto& row : explanation_.rows)
            add_row(row);
        for (const auto& unit : explanation_.units)
            add_unit(unit);
        return std::move(text_).str();
    }

private:
    [[nodiscard]] std::string value(const std::optional<hub::ShownValue>& value) const
    {
        return values_ == Values::shown ? value_text(value) : "(left out)";
    }

    void add_row(const hub::ExplainedRow& row)
    {
        text_ << "  " << row.agency << ": ";
        if (row.table.empty())
            text_ << "keeps no such entity";
        else
            text_ << row.table << ", row " << row.state;
        if (row.key && values_ == Values::shown)
            text_ << ", key " << printable(*row.key);
        if (row.parked)
            text_ << ", parked since entry " << row.parked->since.value() << " (" << row.parked->code
                  << " at " << row.parked->place << (row.parked->skipped ? ", set aside)" : ")");
        if (row.refusal)
            text_ << ", delivery refused (" << row.refusal->code << " at " << row.refusal->place
                  << (row.refusal->skipped ? ", set aside)" : ")");
        if (row.pause)
            text_ << ", paused by " << row.pause->requested_by;
        text_ << '\n';
    }

    void add_unit(const hub::ExplainedUnit& explained)
    {
        const auto& unit = explained.unit;
        text_ << '\n' << unit.unit << ": ";
        if (unit.now == hub::UnitNow::on_hold)
            text_ << "on hold";
        else if (explained.golden)
            text_ << value(explained.golden);
        else
            text_ << "no value stands";
        text_ << "; rule " << unit.rule << '\n';
        for (const auto& at : explained.agencies)
            text_ << "  " << at.agency.value() << (at.slots.empty() ? "" : ", " + at.table + " ")
                  << joined(at.slots, ", ") << ": " << state_text(at) << '\n';
        for (const auto& version : explained.versions)
            add_version(version, unit);
        for (const auto& head : unit.conflicts)
            text_ << "  conflict " << to_text(head.place) << " of " << head.decided_at << ": an edit of "
                  << head.agency << ", " << head.type << ", rule " << head.rule << ", " << head.verdict
                  << (head.winner ? ", version " + std::to_string(head.winner->value()) + " stood" : "")
                  << '\n';
        for (const auto& decision : unit.decisions)
            text_ << "  decision " << decision.seq.value() << " of " << decision.decided_at << ", request "
                  << decision.request << " by " << decision.requested_by.value_or("(no longer kept)") << ": "
                  << decision.reason.value_or("(no longer kept)") << '\n';
    }

    void add_version(const hub::ExplainedVersion& explained, const hub::ShownUnit& unit)
    {
        const auto& version = explained.version;
        text_ << "  version " << version.seq.value() << ", " << author_text(version.author, version.origin)
              << ": " << value(version.value) << "; " << place_text(explained, unit.stands) << '\n';
        if (!explained.entry) {
            text_ << "    its entry is no longer kept\n";
        } else {
            const auto& entry = *explained.entry;
            if (!entry.table.empty())
                text_ << "    from " << entry.agency << ' ' << entry.table << ' '
                      << joined(explained.slots, ", ") << '\n';
            text_ << "    " << entry_text(entry) << '\n'
                  << "    configuration "
                  << configuration_text(entry.configuration, explanation_.configuration) << '\n';
        }
        if (version.stamp)
            text_ << "    changed " << to_utc_text(*version.stamp) << '\n';
        for (const auto& showing : explained.shown_at)
            text_ << "    at " << showing.agency << ": " << showing_text(showing) << '\n';
    }

    const hub::Explanation& explanation_;
    Values values_;
    std::ostringstream text_;
};

}  // namespace

std::string explanation_text(const hub::Explanation& explanation, Values values)
{
    return Writer{explanation, values}.run();
}

}  // namespace casebridge::daemon
