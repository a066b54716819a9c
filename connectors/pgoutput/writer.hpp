#pragma once

#include "connectors/pgoutput/reader.hpp"
#include "model/assert.hpp"
#include "model/strong.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace casebridge::pgoutput {

// Appends big-endian fields: what Reader reads, in the same words.
class Writer {
public:
    template <WireInteger T>
    void write(T value)
    {
        auto bits = static_cast<std::uint64_t>(static_cast<std::make_unsigned_t<T>>(value));
        std::array<std::byte, sizeof(T)> big_endian{};
        for (auto part = big_endian.rbegin(); part != big_endian.rend(); ++part, bits >>= 8U)
            *part = static_cast<std::byte>(bits & 0xFFU);
        append(big_endian);
    }

    template <class Tag, WireInteger Rep>
    void write(const Strong<Tag, Rep>& value)
    {
        write(value.value());
    }

    // With its NUL. A NUL inside would change the meaning of all that follows: a failure of the programmer.
    void write(std::string_view text)
    {
        CASEBRIDGE_ASSERT(text.find('\0') == std::string_view::npos);
        append(std::as_bytes(std::span{text}));
        write('\0');
    }

    // An Int32 length and the bytes.
    void write_counted(std::string_view content)
    {
        CASEBRIDGE_ASSERT(content.size() <= std::size_t{std::numeric_limits<std::int32_t>::max()});
        write(static_cast<std::int32_t>(content.size()));
        append(std::as_bytes(std::span{content}));
    }

    void append(std::span<const std::byte> bytes) { bytes_.insert(bytes_.end(), bytes.begin(), bytes.end()); }

    [[nodiscard]] std::vector<std::byte> take() { return std::move(bytes_); }

private:
    std::vector<std::byte> bytes_;
};

}  // namespace casebridge::pgoutput
