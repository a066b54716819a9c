#pragma once

#include "model/strong.hpp"

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

namespace casebridge::pgoutput {

// Why bytes were refused. `what` is a literal without any content of the message.
struct Fault {
    std::size_t offset = 0;  // Of the first byte of the refused field, counted from the start of the bytes.
    const char* what = "";
};

template <class T>
concept WireInteger = std::integral<T> && !std::same_as<T, bool>;

// Reads big-endian fields one after the other and never past the end. Every function answers true when the
// field was read, and false when it was refused; then fault() tells why, the destination is unspecified, and
// the caller stops: chains of && do that by themselves. The bytes must outlive the reader.
class Reader {
public:
    explicit Reader(std::span<const std::byte> bytes) noexcept : bytes_(bytes) {}

    template <WireInteger T>
    [[nodiscard]] bool read(T& to)
    {
        if (!begin_field(sizeof(T)))
            return false;
        std::make_unsigned_t<T> value = 0;
        for (const std::byte part : bytes_.subspan(offset_).template first<sizeof(T)>())
            value = static_cast<std::make_unsigned_t<T>>(
                static_cast<std::uint64_t>(value) << 8 | std::to_integer<std::uint64_t>(part)
            );
        offset_ += sizeof(T);
        to = static_cast<T>(value);
        return true;
    }

    template <class Tag, WireInteger Rep>
    [[nodiscard]] bool read(Strong<Tag, Rep>& to)
    {
        Rep value = 0;
        if (!read(value))
            return false;
        to = Strong<Tag, Rep>{value};
        return true;
    }

    // A string that ends with NUL; the NUL is consumed and not part of it.
    [[nodiscard]] bool read(std::string& to)
    {
        begin_field();
        const auto rest = text_from(offset_);
        const auto length = rest.find('\0');
        if (length == std::string_view::npos)
            return refuse("string without an end");
        to.assign(rest.substr(0, length));
        offset_ += length + 1;
        return true;
    }

    // An Int32 length and as many bytes.
    [[nodiscard]] bool read_counted(std::string& to)
    {
        std::int32_t length = 0;
        if (!read(length))
            return false;
        if (length < 0)
            return refuse("negative length");
        const auto size = static_cast<std::size_t>(length);
        if (!begin_field(size))
            return false;
        to.assign(text_from(offset_).substr(0, size));
        offset_ += size;
        return true;
    }

    // True when nothing is left.
    [[nodiscard]] bool at_end()
    {
        begin_field();
        return remaining() == 0 || refuse("bytes behind the end of the message");
    }

    [[nodiscard]] std::size_t remaining() const noexcept { return bytes_.size() - offset_; }

    // What is left, not consumed.
    [[nodiscard]] std::span<const std::byte> rest() const { return bytes_.subspan(offset_); }

    // Refuses the field that was read last because of its content. Answers false, to end a chain.
    [[nodiscard]] bool refuse(const char* what)
    {
        fault_ = Fault{.offset = field_, .what = what};
        return false;
    }

    [[nodiscard]] const Fault& fault() const noexcept { return fault_; }

private:
    void begin_field() noexcept { field_ = offset_; }

    [[nodiscard]] bool begin_field(std::size_t size)
    {
        begin_field();
        return size <= remaining() || refuse("message ends inside this field");
    }

    [[nodiscard]] std::string_view text_from(std::size_t offset) const
    {
        const auto part = bytes_.subspan(offset);
        return {reinterpret_cast<const char*>(part.data()), part.size()};
    }

    std::span<const std::byte> bytes_;
    std::size_t offset_ = 0;
    std::size_t field_ = 0;  // Where the field read last began.
    Fault fault_;
};

}  // namespace casebridge::pgoutput
