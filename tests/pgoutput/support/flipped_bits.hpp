#pragma once

#include "tests/pgoutput/support/wire.hpp"

#include <cstddef>

namespace casebridge::pgoutput::test {

// Calls `check` with each of the bytes' variants that differ in one bit.
template <class Check>
void for_each_flipped_bit(Bytes bytes, Check check)
{
    for (auto& part : bytes)
        for (unsigned bit = 0; bit < 8; ++bit) {
            const auto mask = std::byte{1} << bit;
            part ^= mask;
            check(bytes);
            part ^= mask;
        }
}

}  // namespace casebridge::pgoutput::test
