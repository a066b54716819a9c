#pragma once

#include "pipeline/bridge_state.hpp"
#include "pipeline/record_values.hpp"
#include "tests/hub/projector_fixture.hpp"

// A hub with the story of one person: told at sp, delivered to es, changed there, refused at sp; and rows of
// sp that cannot be translated.

namespace casebridge::hub::test {

class StoryTest : public ProjectorTest {
protected:
    StoryTest()
    {
        for (const auto& entity : definition_.model.entities)
            definition_.rules.emplace_back(entity.units.size(), conflict::Latest{});
        for (const auto* from : {"sp", "es"}) {
            pipeline::Agreement agreement;
            agreement.id = from;
            agreement.from = AgencyId{from};
            agreement.to = AgencyId{agreement.from.value() == "sp" ? "es" : "sp"};
            for (const auto& entity : definition_.model.entities)
                agreement.shared.emplace_back(entity.units.size(), true);
            definition_.agreements.push_back(std::move(agreement));
        }
        state_.emplace(definition_);
        write(ConfigurationApplied{"sha256:one", "{}"});  // 1
        write(told_at_sp());                              // 2
        write(LinkReserved{AgencyId{"es"}, es_jobseeker, LocalKey{"3"}, record_id});
        write(read_at_es(RowSource::echo, "Berg", 0x20));  // 4
        write(ConfigurationApplied{"sha256:two", "{}"});   // 5
        auto changed = read_at_es(RowSource::stream, "Stern", 0x30);
        changed.link = LinkChange::none;
        VersionAdded added;
        added.unit = unit_name;
        added.value = {field("Stern"), field("Anna")};
        added.stamp = PgTime{3'000'000};
        added.superseded = {JournalSeq{2}};
        changed.versions = {added};
        write(std::move(changed));                                                              // 6
        write(DeliveryRefused{AgencyId{"sp"}, sp_person, record_id, "23514", "person_check"});  // 7
        write(parked(sp_household, "9", "unmappable_value"));                                   // 8
        auto waiting = parked(sp_person, "8", "unresolved_reference");
        waiting.waits_table = sp_household;
        waiting.waits_key = LocalKey{"9"};
        write(std::move(waiting));  // 9
    }

    void write(EntryBody body)
    {
        entries_.push_back({JournalSeq{state_->last_seq.value() + 1}, std::move(body)});
        pipeline::apply(*state_, entries_.back());
    }

    // The leader has journalled and projected all of it.
    asio::awaitable<Hub> open_story()
    {
        auto hub = co_await open_hub();
        co_await hub.journal.append(entries_);
        auto all = batch(0, state_->last_seq.value());
        all.entries = entries_;
        const auto& record = *state_->records.find(record_id);
        all.records.push_back(projected(record));
        all.records.back().keys = pipeline::keys_of(definition_, record);
        all.records.back().golden = pipeline::golden_values(definition_, record);
        for (const auto& [row, parked] : state_->parked)
            all.parked.push_back(parked);
        all.agencies.assign(state_->agencies.begin(), state_->agencies.end());
        co_await projector(hub).write(std::move(all));
        co_return hub;
    }

    static RowRead told_at_sp()
    {
        RowRead row;
        row.agency = AgencyId{"sp"};
        row.table = sp_person;
        row.key = LocalKey{"7"};
        row.position = {Lsn{0x10}, 4};
        row.entity = person;
        row.record = record_id;
        row.link = LinkChange::created;
        row.image = {field("Berg"), field("Anna"), field("1990-01-02"), field("12"), std::nullopt};
        row.commit_time = PgTime{1'000'000};
        VersionAdded name;
        name.unit = unit_name;
        name.value = {field("Berg"), field("Anna")};
        name.stamp = PgTime{1'000'000};
        VersionAdded born;
        born.unit = unit_birth_date;
        born.value = {field("1990-01-02")};
        row.versions = {name, born};
        return row;
    }

    static RowRead read_at_es(RowSource source, std::string surname, std::uint64_t lsn)
    {
        RowRead row;
        row.source = source;
        row.agency = AgencyId{"es"};
        row.table = es_jobseeker;
        row.key = LocalKey{"3"};
        row.position = {Lsn{lsn}, 0};
        row.entity = person;
        row.record = record_id;
        row.link = LinkChange::confirmed;
        row.image = {field(std::move(surname)), field("Anna"), std::nullopt, std::nullopt};
        row.commit_time = PgTime{2'000'000};
        return row;
    }

    RowParked parked(MappingIndex table, std::string key, std::string code) const
    {
        RowParked row;
        row.agency = AgencyId{"sp"};
        row.table = table;
        row.key = LocalKey{std::move(key)};
        row.position = {Lsn{0x40}, 0};
        row.code = std::move(code);
        row.place = "somewhere";
        row.image = Image(definition_.table(table).slots.size());
        row.image->front() = field("unreadable");
        return row;
    }

    static constexpr RecordId record_id{2};
    static constexpr std::chrono::year_month_day today{
        std::chrono::year{2026}, std::chrono::month{3}, std::chrono::day{1}};

    pipeline::BridgeDefinition definition_ = bridge;
    std::optional<pipeline::BridgeState> state_;
    std::vector<Entry> entries_;
};

}  // namespace casebridge::hub::test
