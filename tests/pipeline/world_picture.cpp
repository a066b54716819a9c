#include "tests/pipeline/world_picture.hpp"

#include <cstdint>
#include <limits>
#include <map>
#include <variant>
#include <vector>

namespace casebridge::pipeline {
namespace {

// Text with places for positions and times, whose order is known only in the end.
class Picture {
public:
    void add(const std::string& text) { parts_.emplace_back(text); }
    void add(std::size_t number) { parts_.emplace_back(std::to_string(number)); }
    void add(JournalSeq seq) { place(seqs_, seq.value()); }
    void add(PgTime time) { place(times_, time.value()); }
    void add(const FieldValue& value) { add(value ? "'" + value->expose() + "'" : std::string{"-"}); }
    template <class Item>
    void add(const std::optional<Item>& item)
    {
        if (item)
            add(*item);
        else
            add(std::string{"-"});
    }
    template <class Item>
    void add(const std::vector<Item>& items)
    {
        for (const auto& item : items)
            add(item);
        add(std::string{";"});
    }

    [[nodiscard]] std::string text() &&
    {
        rank(seqs_);
        rank(times_);
        std::string text;
        for (const auto& part : parts_) {
            if (const auto* plain = std::get_if<std::string>(&part))
                text += *plain;
            else
                text += '#' + std::to_string(*std::get<const std::size_t*>(part));
            text += ' ';
        }
        return text;
    }

private:
    using Ranks = std::map<std::int64_t, std::size_t>;

    void place(Ranks& ranks, std::int64_t value) { parts_.emplace_back(&ranks[value]); }
    static void rank(Ranks& ranks)
    {
        std::size_t next = 0;
        for (auto& [value, rank] : ranks)
            rank = next++;
    }

    std::vector<std::variant<std::string, const std::size_t*>> parts_;
    Ranks seqs_;
    Ranks times_;
};

void add_image(Picture& picture, const Image& image)
{
    for (const auto& value : image)
        picture.add(value);
}

void add_writes(Picture& picture, const std::vector<SlotWrite>& writes)
{
    for (const auto& write : writes) {
        picture.add(write.slot);
        picture.add(write.value);
    }
}

void add_transaction(Picture& picture, const SourceTransaction& transaction)
{
    picture.add(std::string{"wal"});
    if (transaction.origin)
        picture.add(JournalSeq{static_cast<std::int64_t>(transaction.origin->position.value())});
    picture.add(transaction.commit_time);
    picture.add(transaction.messages.size());
    for (const auto& change : transaction.changes) {
        picture.add(static_cast<std::size_t>(change.operation));
        for (const auto& cell : change.new_row) {
            picture.add(static_cast<std::size_t>(cell.state));
            picture.add(cell.text);
        }
    }
}

void add_plan(Picture& picture, const DeliveryPlan& plan)
{
    picture.add(std::string{"sent"});
    picture.add(plan.to);
    for (const auto& table : plan.tables)
        for (const auto& update : table.updates) {
            add_writes(picture, update.writes);
            add_writes(picture, update.expectations);
        }
}

void add_agency(Picture& picture, World& world, const Agency& agency)
{
    picture.add(agency.id.value());
    for (const auto& [row, image] : agency.rows) {
        picture.add(row.key.value());
        add_image(picture, image);
    }
    picture.add(agency.progress);
    for (const auto& transaction : world.unread(agency.id.value()))
        add_transaction(picture, transaction);
    if (agency.sent)
        add_plan(picture, *agency.sent);
    if (agency.answer) {
        picture.add(std::string{"answer"});
        picture.add(agency.answer->to);
        picture.add(agency.answer->missed.size());
        picture.add(agency.answer->refused.size());
        picture.add(agency.answer->deferred.size());
    }
    const auto& known = world.state().agencies.at(agency.id);
    picture.add(known.seen);
}

void add_version(Picture& picture, const Version& version)
{
    picture.add(version.seq);
    picture.add(version.author.value());
    picture.add(version.value);
    picture.add(version.stamp);
    picture.add(std::size_t{version.decided});
    picture.add(std::size_t{version.suspect});
}

void add_delivered(Picture& picture, const std::vector<Delivered>& delivered)
{
    for (const auto& delivery : delivered) {
        picture.add(delivery.at);
        for (const auto& slot : delivery.slots) {
            picture.add(slot.slot);
            picture.add(slot.former);
            picture.add(slot.from);
        }
    }
    picture.add(std::string{";"});
}

void add_record(Picture& picture, const Record& record)
{
    for (const auto& unit : record.units) {
        picture.add(std::string{"unit"});
        for (const auto& version : unit.open)
            add_version(picture, version);
        picture.add(std::string{"past"});
        for (const auto& [version, by] : unit.past) {
            add_version(picture, version);
            picture.add(by);
        }
        picture.add(unit.stamp_floor);
        for (const auto& mark : unit.marks) {
            picture.add(mark.agency.value());
            picture.add(mark.from);
        }
        for (const auto& answers : unit.answers) {
            picture.add(answers.agency.value());
            picture.add(std::size_t{answers.count});
        }
    }
    for (const auto& link : record.links) {
        picture.add(static_cast<std::size_t>(link.state));
        picture.add(link.since);
        add_image(picture, link.image);
        add_delivered(picture, link.delivered);
    }
    for (const auto& refusal : record.refusals)
        picture.add(refusal.refusal.code);
    picture.add(record.last_seq);
}

void add_lane(Picture& picture, const Lane& lane, const std::vector<RecordId>& records)
{
    picture.add(static_cast<std::size_t>(lane.phase()));
    picture.add(lane.last_to());
    picture.add(std::size_t{lane.marker_asked()});
    picture.add(lane.pending_count());
    for (const auto& work : lane.queue()) {
        picture.add(work.seq);
        picture.add(work.group);
        picture.add(std::size_t{work.foreign});
    }
    for (const auto record : records) {
        picture.add(std::size_t{lane.deferred(record)});
        for (const auto* pending : lane.pending(record)) {
            picture.add(std::string{"pending"});
            add_writes(picture, pending->writes);
            for (const auto unit : pending->units)
                picture.add(std::size_t{unit.value()});
            picture.add(std::size_t{pending->missed});
        }
    }
    picture.add(lane.newly_linked.size());
    picture.add(lane.checks_up_to(JournalSeq{std::numeric_limits<std::int64_t>::max()}).size());
}

}  // namespace

std::string picture_of(World& world)
{
    Picture picture;
    const auto records = world.all_records();
    for (const auto& id : world.bridge().agencies)
        add_agency(picture, world, world.agency(id.value()));
    for (const auto record : records)
        add_record(picture, world.load(record));
    for (const auto& [id, lane] : world.lanes())
        add_lane(picture, lane, records);
    picture.add(world.state().last_seq);
    return std::move(picture).text();
}

}  // namespace casebridge::pipeline
