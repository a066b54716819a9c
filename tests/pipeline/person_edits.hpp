#pragma once

#include "tests/pipeline/world.hpp"

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

// The books that a test keeps of the edits of people in a world: which value is whose, and what each edit's
// database had. After a world has fallen silent they say what must be true, whatever happened before.

namespace casebridge::pipeline {

// What of a person is edited: fields of both agencies that are written in different columns.
enum class Part { name, phone };

// One value that an agency's application wrote; values are unique, so a value names its edit.
struct Written {
    std::string agency;
    std::string number;
    Part part = Part::phone;
    std::string value;
    std::set<std::size_t> had;  // Edits whose value its database had, or had passed knowingly.
};

class PersonEdits {
public:
    // Follows the deliveries of the world, which outlives it and must not move.
    explicit PersonEdits(World& world);
    PersonEdits(const PersonEdits&) = delete;
    PersonEdits& operator=(const PersonEdits&) = delete;

    // Key of the person's row at an agency.
    [[nodiscard]] std::optional<std::string> row(const std::string& agency, const std::string& number);
    // The column with which an agency's application writes a new value of the part.
    [[nodiscard]] Column edit(const std::string& agency, const std::string& number, Part part);
    // As World::plan, and remembers what the hub had joined by then.
    bool plan(const std::string& agency);

    [[nodiscard]] const std::vector<Written>& written() const noexcept { return written_; }
    // The edits that the agency's database has of a part of the person.
    [[nodiscard]] const std::set<std::size_t>& had(
        const std::string& agency, const std::string& number, Part part
    )
    {
        return had_[{agency, number, part}];
    }

    // Every agency shows the same, no edit is gone without a trace, each is its author's, the journal alone
    // gives the same state, and nobody says anything more. The world has settled. Fails the test otherwise.
    void check();

private:
    [[nodiscard]] std::string shown(const std::string& agency, const std::string& key, Part part);
    void remember(const std::string& agency);
    void delivered(const Agency& side);
    [[nodiscard]] std::vector<std::size_t> joined(const std::string& number, Part part, JournalSeq to);
    [[nodiscard]] bool holds(const UnitValue& value, std::size_t edit) const;
    [[nodiscard]] bool recorded(std::size_t edit) const;
    void check_convergence();
    void check_no_edit_is_lost();
    void check_authors();
    void check_replay();

    World* world_;
    std::vector<Written> written_;
    std::map<std::tuple<std::string, std::string, Part>, std::set<std::size_t>> had_;
    std::map<std::string, std::pair<JournalSeq, std::map<RecordId, std::vector<FieldValue>>>> planned_;
};

}  // namespace casebridge::pipeline
