#pragma once

#include <compare>
#include <functional>
#include <utility>

// A value of type Rep that only mixes with values of the same Tag: ids and positions of different kinds
// cannot be confused by the order of two arguments.

namespace casebridge {

template <class Tag, class Rep>
class Strong {
public:
    using representation = Rep;

    constexpr Strong() = default;
    constexpr explicit Strong(Rep value) : value_(std::move(value)) {}

    [[nodiscard]] constexpr const Rep& value() const noexcept { return value_; }

    friend constexpr auto operator<=>(const Strong&, const Strong&) = default;
    friend constexpr bool operator==(const Strong&, const Strong&) = default;

private:
    Rep value_{};
};

}  // namespace casebridge

template <class Tag, class Rep>
struct std::hash<casebridge::Strong<Tag, Rep>> {
    std::size_t operator()(const casebridge::Strong<Tag, Rep>& id) const noexcept
    {
        return std::hash<Rep>{}(id.value());
    }
};
