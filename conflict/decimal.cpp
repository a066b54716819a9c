#include "conflict/decimal.hpp"

#include <algorithm>
#include <utility>

namespace casebridge::conflict {

namespace {

bool all_digits(std::string_view text)
{
    return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

// Digits with so many behind the point; both numbers of a sum are brought to one form.
std::string scaled(const std::string& digits, std::size_t fraction, std::size_t to)
{
    return digits + std::string(to - fraction, '0');
}

std::string padded(std::string digits, std::size_t length)
{
    return std::string(length - digits.size(), '0') + std::move(digits);
}

int digit(char c)
{
    return c - '0';
}

char digit(int value)
{
    return static_cast<char>('0' + value);
}

// Both of one length.
std::string added(const std::string& left, const std::string& right)
{
    std::string sum(left.size() + 1, '0');
    int carry = 0;
    for (std::size_t i = left.size(); i-- > 0;) {
        const int total = digit(left[i]) + digit(right[i]) + carry;
        sum[i + 1] = digit(total % 10);
        carry = total / 10;
    }
    sum[0] = digit(carry);
    return sum;
}

// Both of one length, left not less than right.
std::string subtracted(const std::string& left, const std::string& right)
{
    std::string rest(left.size(), '0');
    int borrow = 0;
    for (std::size_t i = left.size(); i-- > 0;) {
        const int difference = digit(left[i]) - digit(right[i]) - borrow;
        borrow = difference < 0 ? 1 : 0;
        rest[i] = digit(difference + 10 * borrow);
    }
    return rest;
}

}  // namespace

Decimal::Decimal(bool negative, std::string digits, std::size_t fraction)
    : negative_(negative), digits_(std::move(digits)), fraction_(fraction)
{
    digits_.erase(0, std::min(digits_.find_first_not_of('0'), digits_.size()));
    while (fraction_ > 0 && !digits_.empty() && digits_.back() == '0') {
        digits_.pop_back();
        --fraction_;
    }
    if (digits_.empty()) {
        negative_ = false;
        fraction_ = 0;
    }
}

std::optional<Decimal> Decimal::parse(std::string_view text)
{
    const bool negative = text.starts_with('-');
    if (negative)
        text.remove_prefix(1);
    const auto point = text.find('.');
    const auto whole = text.substr(0, point);
    const auto fraction = point == std::string_view::npos ? std::string_view{} : text.substr(point + 1);
    if (!all_digits(whole) || (point != std::string_view::npos && !all_digits(fraction)))
        return std::nullopt;
    return Decimal{negative, std::string{whole} + std::string{fraction}, fraction.size()};
}

std::string Decimal::to_string() const
{
    if (digits_.empty())
        return "0";
    auto digits = padded(digits_, std::max(digits_.size(), fraction_ + 1));
    if (fraction_ > 0)
        digits.insert(digits.size() - fraction_, 1, '.');
    return (negative_ ? "-" : "") + digits;
}

Decimal Decimal::operator-() const
{
    return {!negative_, digits_, fraction_};
}

Decimal operator+(const Decimal& left, const Decimal& right)
{
    const auto fraction = std::max(left.fraction_, right.fraction_);
    auto a = scaled(left.digits_, left.fraction_, fraction);
    auto b = scaled(right.digits_, right.fraction_, fraction);
    const auto length = std::max(a.size(), b.size());
    a = padded(std::move(a), length);
    b = padded(std::move(b), length);
    if (left.negative_ == right.negative_)
        return {left.negative_, added(a, b), fraction};
    return a < b ? Decimal{right.negative_, subtracted(b, a), fraction}
                 : Decimal{left.negative_, subtracted(a, b), fraction};
}

std::strong_ordering operator<=>(const Decimal& left, const Decimal& right)
{
    const auto difference = left - right;
    if (difference.digits_.empty())
        return std::strong_ordering::equal;
    return difference.negative_ ? std::strong_ordering::less : std::strong_ordering::greater;
}

}  // namespace casebridge::conflict
