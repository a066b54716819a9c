#include "mapping/match_text.hpp"

#include "model/assert.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <utility>

namespace casebridge::mapping {

namespace {

using icu::Normalizer2;
using icu::UnicodeString;

constexpr std::array<UChar32, 6> left_out{0x0027, 0x0060, 0x00B4, 0x2018, 0x2019, 0x0640};

// The modifier letters that stand for an apostrophe, a hamza, an ayn or a prime.
constexpr UChar32 first_modifier = 0x02B9;
constexpr UChar32 last_modifier = 0x02BF;

constexpr std::array<std::pair<UChar32, const char*>, 10> written_as{
    {{0x0131, "i"},
     {0x0111, "d"},
     {0x00F0, "d"},
     {0x00F8, "o"},
     {0x0142, "l"},
     {0x0127, "h"},
     {0x0167, "t"},
     {0x00E6, "ae"},
     {0x0153, "oe"},
     {0x00FE, "th"}}
};

// Both are part of the library and are always there.
const Normalizer2& folding()
{
    UErrorCode status = U_ZERO_ERROR;
    const auto* instance = Normalizer2::getNFKCCasefoldInstance(status);
    CASEBRIDGE_ASSERT(U_SUCCESS(status) && instance != nullptr);
    return *instance;
}

const Normalizer2& composing()
{
    UErrorCode status = U_ZERO_ERROR;
    const auto* instance = Normalizer2::getNFCInstance(status);
    CASEBRIDGE_ASSERT(U_SUCCESS(status) && instance != nullptr);
    return *instance;
}

const Normalizer2& decomposing()
{
    UErrorCode status = U_ZERO_ERROR;
    const auto* instance = Normalizer2::getNFDInstance(status);
    CASEBRIDGE_ASSERT(U_SUCCESS(status) && instance != nullptr);
    return *instance;
}

// Memory is all that can fail here.
UnicodeString normalized(const Normalizer2& form, const UnicodeString& text)
{
    UErrorCode status = U_ZERO_ERROR;
    UnicodeString result = form.normalize(text, status);
    CASEBRIDGE_ASSERT(U_SUCCESS(status));
    return result;
}

// Calls `visit` with each code point.
template <class Visit>
void for_each(const UnicodeString& text, Visit&& visit)
{
    for (std::int32_t at = 0; at < text.length(); at = text.moveIndex32(at, 1))
        visit(text.char32At(at));
}

UnicodeString without_apostrophes(const UnicodeString& text)
{
    UnicodeString kept;
    for_each(text, [&](UChar32 c) {
        const bool modifier = c >= first_modifier && c <= last_modifier;
        if (!modifier && std::ranges::find(left_out, c) == left_out.end())
            kept.append(c);
    });
    return kept;
}

bool is_accent(UChar32 c)
{
    const auto combining = u_getCombiningClass(c);
    return (combining >= 10 && combining <= 36) || (combining >= 200 && combining <= 240);
}

UnicodeString without_accents(const UnicodeString& text)
{
    UnicodeString kept;
    for_each(text, [&](UChar32 c) {
        if (is_accent(c))
            return;
        const auto* plain = std::ranges::find(written_as, c, &std::pair<UChar32, const char*>::first);
        if (plain == written_as.end())
            kept.append(c);
        else
            kept.append(UnicodeString::fromUTF8(plain->second));
    });
    return kept;
}

bool is_of_a_word(UChar32 c)
{
    return (U_GET_GC_MASK(c) & (U_GC_L_MASK | U_GC_M_MASK | U_GC_N_MASK)) != 0;
}

UnicodeString words(const UnicodeString& text)
{
    UnicodeString joined;
    bool apart = false;
    for_each(text, [&](UChar32 c) {
        if (!is_of_a_word(c)) {
            apart = true;
            return;
        }
        if (apart && !joined.isEmpty())
            joined.append(UChar32{' '});
        apart = false;
        joined.append(c);
    });
    return joined;
}

}  // namespace

std::string name_match_text(std::string_view utf8)
{
    const auto text =
        UnicodeString::fromUTF8(icu::StringPiece(utf8.data(), static_cast<std::int32_t>(utf8.size())));
    const auto folded = normalized(folding(), without_apostrophes(text));
    const auto plain = without_accents(normalized(decomposing(), folded));
    std::string result;
    words(normalized(composing(), plain)).toUTF8String(result);
    return result;
}

std::string unicode_version()
{
    UVersionInfo version{};
    u_getUnicodeVersion(version);
    return std::to_string(version[0]) + "." + std::to_string(version[1]);
}

}  // namespace casebridge::mapping
