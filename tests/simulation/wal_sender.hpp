#pragma once

#include "tests/simulation/dice.hpp"
#include "tests/simulation/occurrences.hpp"
#include "tests/simulation/sim_agency.hpp"

#include <cstddef>
#include <deque>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace casebridge::simulation {

// The server's side of one replication connection: turns the WAL behind a position into the bytes of CopyData
// frames that hold pgoutput messages.
class WalSender {
public:
    // Sends every transaction whose commit record begins at or behind `from`. Both live longer than this.
    WalSender(const SimAgency& agency, std::string origin, Lsn from, Dice& dice, Occurrences& occurrences);

    // The next frame; nothing when all of the WAL was sent, together with a keepalive that says so.
    [[nodiscard]] std::optional<std::vector<std::byte>> next_frame();
    [[nodiscard]] bool has_more() const;

private:
    void encode_next();
    void describe(MappingIndex table);
    void encode(const WalChange& change);
    void message(const struct Payload& payload);

    const SimAgency* agency_;
    std::string origin_;
    Lsn from_;
    Dice* dice_;
    Occurrences* occurrences_;
    std::size_t next_ = 0;  // In the WAL.
    Lsn sent_to_;
    Lsn told_;  // By the last keepalive.
    std::deque<std::vector<std::byte>> frames_;
    std::set<MappingIndex> described_;
};

}  // namespace casebridge::simulation
