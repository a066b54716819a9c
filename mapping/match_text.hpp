#pragma once

#include <string>
#include <string_view>

// The text under which a name is found, however it is written. Only keys are made of it: values are kept and
// delivered as they are.

namespace casebridge::mapping {

// In this order:
// 1. apostrophes, of any form, and the Arabic tatweel are left out: O'Brien is OBrien;
// 2. compatibility forms and case are folded (NFKC_Casefold: full width is half width, ß is ss, what is
//    invisible goes);
// 3. marks above, below and around a letter are left out by their canonical combining class: 10 to 36 and 200
//    to 240. Those are accents, and the points of Hebrew, Arabic and Syriac. Signs that are vowels, viramas,
//    nuktas, the Japanese sound marks and tone marks of South-East Asia stay: without them other names would
//    be the same;
// 4. letters that Unicode does not take apart become what others write for them: ı i, đ d, ð d, ø o, ł l,
//    ħ h, ŧ t, æ ae, œ oe, þ th;
// 5. all that is neither letter nor mark nor number becomes one space between two words, and none at the
//    ends.
//
// Nothing is transliterated and no spelling is guessed: Müller is Muller and not Mueller, Иванов not Ivanov.
// Empty when nothing of the text is a letter or a number. What is not UTF-8 counts as U+FFFD, which separates
// words.
[[nodiscard]] std::string name_match_text(std::string_view utf8);

// What the text depends on besides this program: `15.0`, the version of Unicode that the library knows. A
// character that was assigned in that version or before has the same text for ever.
[[nodiscard]] std::string unicode_version();

}  // namespace casebridge::mapping
