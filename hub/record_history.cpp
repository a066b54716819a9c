#include "hub/record_history.hpp"

#include "hub/failure.hpp"
#include "hub/row_texts.hpp"
#include "hub/stored_json.hpp"

#include <optional>
#include <string>
#include <utility>

namespace casebridge::hub {

namespace {

namespace asio = boost::asio;
using pipeline::PastVersion;

// The index over (record, seq) finds them.
constexpr auto history_sql =
    "SELECT seq, kind, agency, entity, envelope, payload FROM casebridge.journal"
    " WHERE record = $1::bigint AND kind IN ('row_read', 'row_deleted', 'value_decided') ORDER BY seq";

// What `read` gives; nothing for what the present configuration does not have.
template <class Read>
auto if_readable(const Read& read) -> std::optional<decltype(read())>
{
    try {
        return read();
    } catch (const Unreadable&) {
        return std::nullopt;
    } catch (const Json::exception&) {
        return std::nullopt;
    }
}

// Adds what one row of the journal says.
class RowReader {
public:
    RowReader(const Names& names, const libpq::QueryResult& rows, std::size_t row)
        : names_(names),
          seq_(to_int64(rows.text(row, 0))),
          kind_(rows.text(row, 1)),
          agency_(to_string(rows.value(row, 2)).value_or("")),
          entity_(names.find_entity(rows.text(row, 3))),
          envelope_(parse_versioned(rows.text(row, 4)))
    {
        if (const auto payload = rows.value(row, 5))
            payload_ = parse_stored(*payload);
    }

    void add_to(pipeline::RecordHistory& history) const
    {
        if (kind_ == "row_read")
            if (const auto change = read_enum<LinkChange>(envelope_.at("link")); change != LinkChange::none)
                history.links.push_back({seq_, agency_, change});
        const auto& heads = read_list(envelope_, "units");
        for (std::size_t i = 0; i < heads.size(); ++i) {
            const auto unit =
                if_readable([&] { return names_.find_unit(entity_, read_text(heads[i], "unit")); });
            if (unit)
                history.versions.push_back(version(*unit, heads[i], i));
        }
    }

private:
    [[nodiscard]] PastVersion version(UnitIndex unit, const Json& head, std::size_t place) const
    {
        PastVersion version{
            .seq = seq_,
            .author = agency_,
            .unit = unit,
            .value = std::nullopt,
            .stamp = read_optional_time(head, "stamp"),
            .superseded = read_seqs(read_list(head, "superseded")),
            .admission = read_admission(head),
        };
        version.suspect = head.contains("suspect");
        if (kind_ == "value_decided") {
            version.by = PastVersion::By::person;
            version.taken = read_optional_seq(envelope_, "taken");
        } else if (kind_ == "row_read" && read_enum<RowSource>(envelope_.at("source")) == RowSource::echo) {
            version.by = PastVersion::By::trigger;
        }
        if (payload_)
            add_values(version, place);
        return version;
    }

    void add_values(PastVersion& version, std::size_t place) const
    {
        const auto& fields = names_.unit_fields(entity_, version.unit);
        version.value = if_readable([&] { return fields.read(payload_->at("values").at(place)); });
        const auto& tallies = read_list(*payload_, "tallies");
        if (!tallies.empty())
            version.tally = read_tally(tallies.at(place));
        const auto& conflicts = read_list(envelope_, "conflicts");
        for (std::size_t i = 0; i < conflicts.size() && !version.base; ++i)
            if (read_text(conflicts[i], "unit") == names_.unit(entity_, version.unit))
                version.base =
                    if_readable([&] { return fields.read(payload_->at("conflicts").at(i).at("base")); });
    }

    const Names& names_;
    JournalSeq seq_;
    std::string kind_;
    AgencyId agency_;  // Of a decision: whose value was taken.
    EntityIndex entity_;
    Json envelope_;
    std::optional<Json> payload_;  // Nothing: erased.
};

}  // namespace

asio::awaitable<pipeline::RecordHistory> read_history(
    libpq::Connection& connection, const Names& names, RecordId record
)
{
    const auto rows =
        co_await connection.execute(history_sql, libpq::parameters(std::to_string(record.value())));
    pipeline::RecordHistory history;
    history.record = record;
    for (std::size_t row = 0; row < rows.rows(); ++row) {
        const auto what = "journal entry " + std::string{rows.text(row, 0)};
        const auto read = [&] {
            RowReader{names, rows, row}.add_to(history);
            return true;
        };
        static_cast<void>(value_or_throw(reading_stored(what, read)));
    }
    co_return history;
}

}  // namespace casebridge::hub
