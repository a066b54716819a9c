#include "connectors/libpq/connection.hpp"
#include "connectors/libpq/identifier.hpp"
#include "tests/libpq/run.hpp"
#include "tests/libpq/shared_cluster.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

// Names and arrays that we write must be read by the server as what they were.

namespace casebridge::libpq {
namespace {

using test::options_for;
using test::run;

std::string awkward_text(std::mt19937& random)
{
    static const std::vector<std::string> pieces{
        "a",
        "NULL",
        "\"",
        "\\",
        "'",
        ",",
        "{",
        "}",
        "\n",
        "\r",
        "\t",
        " ",
        "ö",
        "王",
        "\x01",
        "$1",
        "--",
        "\\N",
        "%"};
    std::string text;
    for (auto length = random() % 12; length > 0; --length)
        text += pieces[random() % pieces.size()];
    return text;
}

asio::awaitable<void> arrays()
{
    auto connection = co_await Connection::open(options_for());
    std::mt19937 random{20'261'122};
    std::vector<std::string> texts;
    for (int i = 0; i < 5000; ++i)
        texts.push_back(awkward_text(random));
    std::vector<std::optional<std::string_view>> elements;
    for (const auto& text : texts)
        elements.push_back(random() % 7 == 0 ? std::nullopt : std::optional<std::string_view>{text});

    const auto result = co_await connection.execute(
        "SELECT u.e FROM unnest($1::text[]) WITH ORDINALITY AS u(e, n) ORDER BY n",
        parameters(to_array_literal(elements))
    );
    EXPECT_EQ(result.rows(), elements.size());
    for (std::size_t i = 0; i < std::min(result.rows(), elements.size()); ++i)
        EXPECT_EQ(result.value(i, 0), elements[i]) << i;
}

TEST(ArrayLiteral, IsReadByTheServerAsItWas)
{
    run(arrays());
}

asio::awaitable<void> names()
{
    auto connection = co_await Connection::open(options_for());
    std::mt19937 random{7};
    for (int i = 0; i < 50; ++i) {
        const auto name = "n" + awkward_text(random).substr(0, 40);
        // A character cut in the middle is no text.
        if (name.find_first_of("\xC3\xE7") != std::string::npos)
            continue;
        const auto result = co_await connection.execute("SELECT 1 AS " + quote_identifier(name));
        EXPECT_EQ(result.column_name(0), name);
        const auto literal = co_await connection.execute("SELECT" + quote_literal(name));
        EXPECT_EQ(literal.text(0, 0), name);
    }
    const auto result = co_await connection.execute("SELECT 1 AS " + quote_identifier("Größe \"x\""));
    EXPECT_EQ(result.column_name(0), "Größe \"x\"");
    const auto catalog =
        co_await connection.execute("SELECT count(*) FROM " + quote_qualified("pg_catalog", "pg_am"));
    EXPECT_NE(catalog.text(0, 0), "0");
}

TEST(QuoteIdentifier, IsReadByTheServerAsItWas)
{
    run(names());
}

}  // namespace
}  // namespace casebridge::libpq
