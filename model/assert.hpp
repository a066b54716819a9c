#pragma once

#include <cstdio>
#include <cstdlib>

// CASEBRIDGE_ASSERT stays on in release builds: a broken invariant stops the process, systemd restarts it and durable
// progress makes that safe. The condition must not contain personal values, its text is printed.

namespace casebridge::detail {

[[noreturn]] inline void assertion_failed(const char* condition, const char* file, int line) noexcept
{
    std::fprintf(stderr, "<0>casebridge: assertion failed: %s (%s:%d)\n", condition, file, line);
    std::abort();
}

}  // namespace casebridge::detail

#define CASEBRIDGE_ASSERT(condition) \
    ((condition) ? void(0) : ::casebridge::detail::assertion_failed(#condition, __FILE__, __LINE__))
