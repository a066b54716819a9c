#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

// The one function of a fuzz target, as libFuzzer calls it; replay.cpp calls it with files. It returns 0 for
// every input and ends the process when a promise of the code under test is broken.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace casebridge::fuzz {

[[nodiscard]] inline std::span<const std::byte> input(const std::uint8_t* data, std::size_t size) noexcept
{
    return std::as_bytes(std::span{data, size});
}

}  // namespace casebridge::fuzz
