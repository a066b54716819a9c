#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

// Random transactions on a schema that has whatever makes a stream hard to read.

namespace casebridge::pgoutput::test {

// Makes the tables and the publication `everything`, and sets what later sessions need; run once.
[[nodiscard]] std::string workload_schema();

// A script of whole transactions, some of which stay open while others commit; none fails. The same seed
// gives the same script.
class Workload {
public:
    explicit Workload(std::uint32_t seed) : random_(seed) {}

    [[nodiscard]] std::vector<std::string> transactions(int count);

private:
    [[nodiscard]] int below(int bound);
    [[nodiscard]] bool one_in(int chances) { return below(chances) == 0; }
    [[nodiscard]] std::string id() { return std::to_string(below(30)); }
    [[nodiscard]] std::string text();  // A literal.
    [[nodiscard]] std::string text_or_null();
    [[nodiscard]] std::string large_text();  // A literal that is stored out of line.
    [[nodiscard]] std::string transaction();
    [[nodiscard]] std::string held_transaction(const std::string& name);
    [[nodiscard]] std::string end_of(const std::string& held);
    [[nodiscard]] std::string statement();
    [[nodiscard]] std::string every_type_statement();
    [[nodiscard]] std::string toast_statement();
    [[nodiscard]] std::string identity_statement();
    [[nodiscard]] std::string other_statement();
    [[nodiscard]] std::string shape_statement();

    std::mt19937 random_;
};

}  // namespace casebridge::pgoutput::test
