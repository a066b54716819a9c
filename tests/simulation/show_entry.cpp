#include "tests/simulation/show_entry.hpp"

#include "hub/entry_codec.hpp"
#include "hub/enum_texts.hpp"
#include "tests/simulation/rows.hpp"

namespace casebridge::simulation {
namespace {

std::string show_marks(EntityIndex entity, const std::vector<MarkChange>& marks)
{
    std::string text;
    for (const auto& mark : marks)
        text += std::string{" "} + unit_name(entity, mark.unit) +
                (mark.from ? " lacks from " + std::to_string(mark.from->value()) : " has all");
    return text;
}

std::string tell(const ConflictNote& note, EntityIndex entity)
{
    std::string text = std::string{"; conflict in "} + unit_name(entity, note.unit) + " " +
                       std::string{hub::to_text(note.verdict)} + " between";
    for (const auto& version : note.versions)
        text += " " + version.author.value() + "'s " + show(text_of(entity, note.unit, version.value)) + "@" +
                std::to_string(version.seq.value());
    return text;
}

struct Shower {
    std::string operator()(const RowRead& read) const
    {
        std::string text =
            " " + show(LinkKey{read.table, read.key}) + " of record " + std::to_string(read.record.value()) +
            " by " + std::string{hub::to_text(read.source)} + " at " + to_string(read.position.commit_lsn);
        if (read.link != LinkChange::none)
            text += ", link " + std::string{hub::to_text(read.link)};
        if (read.returns)
            text += ", returns";
        if (read.previous_key)
            text += ", was [" + read.previous_key->value() + "]";
        for (const auto& version : read.versions) {
            text += std::string{"; "} + unit_name(read.entity, version.unit) +
                    " := " + show(text_of(read.entity, version.unit, version.value)) +
                    (version.enters() ? "" : " rejected");
            for (const auto seq : version.superseded)
                text += " over " + std::to_string(seq.value());
        }
        for (const auto& note : read.conflicts)
            text += tell(note, read.entity);
        return text + show_marks(read.entity, read.marks);
    }
    std::string operator()(const RowDeleted& row) const
    {
        std::string text = " " + show(LinkKey{row.table, row.key}) + " " +
                           std::string{hub::to_text(row.effect)} +
                           (row.record ? " of record " + std::to_string(row.record->value()) : "");
        for (const auto& note : row.conflicts)
            text += tell(note, row.entity);
        return text;
    }
    std::string operator()(const DeletionDecided& decided) const
    {
        return " of record " + std::to_string(decided.record.value()) + ": " +
               std::string{hub::to_text(decided.choice)};
    }
    std::string operator()(const RowParked& row) const
    {
        return " " + show(LinkKey{row.table, row.key}) + " " + row.code + " at " +
               to_string(row.position.commit_lsn);
    }
    std::string operator()(const ParkedReleased& row) const
    {
        return " " + show(LinkKey{row.table, row.key});
    }
    std::string operator()(const MarksMoved& moved) const
    {
        return " of record " + std::to_string(moved.record.value()) + " for " + moved.agency.value() + ":" +
               show_marks(moved.entity, moved.marks);
    }
    std::string operator()(const StreamPosition& position) const
    {
        return " " + position.agency.value() + " " + to_string(position.end_lsn) + ", seen " +
               std::to_string(position.seen.value());
    }
    std::string operator()(const LinkReserved& link) const { return on(link.table, link.key, link.record); }
    std::string operator()(const LinkDissolved& link) const { return on(link.table, link.key, link.record); }
    std::string operator()(const DeliveryRefused& refused) const
    {
        return " record " + std::to_string(refused.record.value()) + " at " + refused.agency.value() + ": " +
               refused.code;
    }
    template <class Other>
    std::string operator()(const Other&) const
    {
        return {};
    }

private:
    static std::string on(MappingIndex table, const LocalKey& key, RecordId record)
    {
        return " " + show(LinkKey{table, key}) + " for record " + std::to_string(record.value());
    }
};

}  // namespace

std::string show(const Entry& entry)
{
    return "#" + std::to_string(entry.seq.value()) + " " +
           std::string{hub::to_text(hub::kind_of(entry.body))} + std::visit(Shower{}, entry.body);
}

}  // namespace casebridge::simulation
