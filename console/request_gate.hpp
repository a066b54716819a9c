#pragma once

#include "console/message.hpp"

#include <string>
#include <string_view>
#include <variant>
#include <vector>

// Decides which requests reach a handler at all. Pure: it knows no socket, so every refusal is a table test.

namespace casebridge::console {

// How the length of a body is announced. Two announcements at once are how requests are smuggled past a
// proxy.
enum class Framing { at_most_one, conflicting };

// What the gate has to know of a request's header. Views into the parser, alive during admit() only.
struct RequestHead {
    std::string_view method;
    std::string_view target;
    std::vector<std::string_view> hosts;  // The value of every Host header, in order.
    Framing framing = Framing::at_most_one;
};

// Host values (`name:port`) that may ask. Compared as a whole and without regard to case; there are no
// patterns. A browser that a hostile page has rebound to our address still sends that page's name, and is
// stopped by this.
class AllowedHosts {
public:
    explicit AllowedHosts(std::vector<std::string> hosts);

    [[nodiscard]] bool allows(std::string_view host) const;

private:
    std::vector<std::string> hosts_;  // Lower case.
};

// A request for the handler, or the answer that refuses it.
using Admission = std::variant<Request, Response>;

// In this order: conflicting framing, no or several Host headers: 400; a host that is not allowed: 403; a
// target that is not a path: 400; a method that is neither GET nor HEAD: 405. A refusal says nothing about
// what exists.
[[nodiscard]] Admission admit(const RequestHead& head, const AllowedHosts& allowed);

// The plain answer that consists of the status and one line.
[[nodiscard]] Response refusal(unsigned status);

}  // namespace casebridge::console
