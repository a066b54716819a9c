#include "tests/pgoutput/differential/workload.hpp"

#include <array>

namespace casebridge::pgoutput::test {
namespace {

// Many scripts, and what a careless reader of test_decoding's or of our own text would stumble over.
constexpr std::array pieces{
    "Ann",
    "Größe",
    "Ωμέγα",
    "Привет",
    "日本語",
    "مرحبا",
    "हिन्दी",
    "한국어",
    "עברית",
    "ไทย",
    "🙂👨‍👩‍👧",
    "e\xCC\x81",
    "'",
    "''",
    "\"",
    "\\",
    "\\'",
    "\n",
    "\r\n",
    "\t",
    ",",
    " ",
    "[x]:",
    "]:'",
    "null",
    "NULL",
    "{",
    "}",
    "(",
    ")",
    "$1",
    "%s",
    "\x01",
    "\x7f",
    " new-tuple: id[integer]:1",
    " old-key: ",
    "unchanged-toast-datum",
    "public.t: TRUNCATE:",
    "B'1'",
    "t",
};

std::string literal(const std::string& value)
{
    std::string text = "'";
    for (const char letter : value)
        text += letter == '\'' ? "''" : std::string{letter};
    return text + "'";
}

}  // namespace

std::string workload_schema()
{
    return R"(
CREATE SCHEMA "Amt ""Süd"", [1]";
ALTER DATABASE postgres SET search_path = "Amt ""Süd"", [1]", public;
ALTER DATABASE postgres SET lock_timeout = '10s';
SET search_path = "Amt ""Süd"", [1]", public;
CREATE TYPE "Status [x]" AS ENUM ('open', 'closed, "late"', 'it''s');
CREATE DOMAIN postcode AS text CHECK (length(value) < 9);
CREATE DOMAIN small_number AS integer;
CREATE TYPE pair AS (a integer, b text);
CREATE TABLE "Bürger, [x]: 'y'" (
    "Id [n]" integer, "sel""ect" integer, "Straße Nr" text, v varchar(40), c char(8), b boolean, s smallint, l bigint,
    n numeric, r real, d double precision, day date, ts timestamp, tz timestamptz, t time, i interval, u uuid, j json,
    jb jsonb, bytes bytea, ai integer[], at text[], bt bit(5), vb varbit, ip inet, e "Status [x]", z postcode,
    sn small_number, p pair, pt point, rg int4range, nm name, m money, ch "char", ae "Status [x]"[],
    twice integer GENERATED ALWAYS AS (s * 2) STORED, PRIMARY KEY ("Id [n]", "sel""ect"));
CREATE TABLE public.item (id integer PRIMARY KEY, big text, big2 text, note text);
ALTER TABLE public.item ALTER big SET STORAGE EXTERNAL, ALTER big2 SET STORAGE EXTERNAL;
CREATE TABLE public.full_row (a integer, b text, big text, d integer);
ALTER TABLE public.full_row ALTER big SET STORAGE EXTERNAL;
ALTER TABLE public.full_row REPLICA IDENTITY FULL;
CREATE TABLE public.by_index (id integer PRIMARY KEY, code text NOT NULL, note text, CONSTRAINT code_key UNIQUE (code));
ALTER TABLE public.by_index REPLICA IDENTITY USING INDEX code_key;
CREATE TABLE public.visit (id integer, year integer, note text, PRIMARY KEY (id, year)) PARTITION BY LIST (year);
CREATE TABLE public.visit_2024 PARTITION OF public.visit FOR VALUES IN (2024);
CREATE TABLE public."visit other" PARTITION OF public.visit DEFAULT;
CREATE TABLE public.line (number serial, line text);
ALTER TABLE public.line REPLICA IDENTITY NOTHING;
CREATE TABLE public.parent (id integer PRIMARY KEY);
CREATE TABLE public."Child" (id integer PRIMARY KEY, parent integer REFERENCES public.parent);
CREATE TABLE public.held (line text);
ALTER TABLE public.held REPLICA IDENTITY NOTHING;
CREATE PUBLICATION everything FOR ALL TABLES;
)";
}

int Workload::below(int bound)
{
    // Not a distribution of the library: those differ between libraries, and the seed shall mean the same.
    return static_cast<int>(random_() % static_cast<unsigned>(bound));
}

std::string Workload::text()
{
    std::string value;
    for (int count = below(5); count > 0; --count)
        value += pieces.at(static_cast<std::size_t>(below(static_cast<int>(pieces.size()))));
    return literal(value);
}

std::string Workload::text_or_null()
{
    return one_in(4) ? "NULL" : text();
}

std::string Workload::large_text()
{
    return "repeat(" + text() + " || 'large', " + std::to_string(500 + below(1500)) + ")";
}

std::vector<std::string> Workload::transactions(int count)
{
    std::vector<std::string> scripts;
    std::vector<std::string> held;
    for (; count > 0; --count) {
        if (one_in(8)) {
            held.push_back("held " + std::to_string(count));
            scripts.push_back(held_transaction(held.back()));
        } else if (!held.empty() && one_in(3)) {
            scripts.push_back(end_of(held.back()));
            held.pop_back();
        } else {
            scripts.push_back(transaction());
        }
    }
    for (const auto& name : held)
        scripts.push_back(end_of(name));
    return scripts;
}

std::string Workload::transaction()
{
    std::string script = "BEGIN;\n";
    for (int statements = 1 + below(6); statements > 0; --statements) {
        if (one_in(6))
            script += "SAVEPOINT s;\n" + statement() + ";\n" +
                      (one_in(2) ? "ROLLBACK TO SAVEPOINT s;\n" : "RELEASE SAVEPOINT s;\n");
        if (one_in(30))
            script += shape_statement() + ";\n";
        script += statement() + ";\n";
    }
    return script + (one_in(10) ? "ROLLBACK" : "COMMIT");
}

// It stays open while others commit, without a session that waits. It has a table of its own, so that nobody
// waits for its locks either.
std::string Workload::held_transaction(const std::string& name)
{
    std::string script = "BEGIN;\n";
    for (int statements = 1 + below(3); statements > 0; --statements) {
        script += "INSERT INTO held SELECT " + text() + " FROM generate_series(1, 10 * " + id() + ");\n";
        if (one_in(3))
            script += "SAVEPOINT s; INSERT INTO held VALUES (" + text() + "); ROLLBACK TO SAVEPOINT s;\n";
    }
    return script + "PREPARE TRANSACTION '" + name + "'";
}

std::string Workload::end_of(const std::string& held)
{
    return std::string{one_in(4) ? "ROLLBACK" : "COMMIT"} + " PREPARED '" + held + "'";
}

std::string Workload::statement()
{
    switch (below(4)) {
        case 0:
            return every_type_statement();
        case 1:
            return toast_statement();
        case 2:
            return identity_statement();
        default:
            return other_statement();
    }
}

std::string Workload::every_type_statement()
{
    const std::string table = R"("Bürger, [x]: 'y'")";
    const std::string key = R"("Id [n]")";
    const auto one = id();
    const auto two = id();
    switch (below(5)) {
        case 0:
            return "INSERT INTO " + table + " (" + key + R"(, "sel""ect") VALUES ()" + one + ", " + two +
                   ") ON CONFLICT DO NOTHING";
        case 1:
            return "DELETE FROM " + table + " WHERE " + key + " = " + one;
        case 2:
            return "UPDATE " + table + " SET " + key + " = 100 + " + two + R"(, "Straße Nr" = )" +
                   text_or_null() + " WHERE " + key + " = " + one + " AND NOT EXISTS (SELECT FROM " + table +
                   " WHERE " + key + " = 100 + " + two + ")";
        case 3:
            return "UPDATE " + table + R"( SET "Straße Nr" = )" + text_or_null() +
                   ", b = NOT b, s = NULL, at = ARRAY[" + text() + ", NULL] WHERE " + key + " < " + one;
        default:
            break;
    }
    const auto word = text();
    const auto number = std::to_string(below(2'000'000) - 1'000'000);
    return "INSERT INTO " + table + " VALUES (" + one + ", " + two + ", " + word + ", left(" + text() +
           ", 40), left(" + text() + ", 8), " + (one_in(2) ? "true" : "false") + ", " + id() + ", " + number +
           "::bigint * 1000000007, " + (one_in(5) ? std::string{"'NaN'"} : number + " / 7.0") + ", " +
           (one_in(5) ? "'-Infinity'" : number) + "::real / 3, " + number + "::float8 / 3, " +
           (one_in(9) ? "'infinity'" : "date '1900-02-28' + " + one) +
           (one_in(5) ? ", '0044-03-15 BC'" : ", '2024-02-29 12:34:56.789'") + ", '2024-06-01 00:00+0" +
           id().substr(0, 1) + "', '23:59:59.999999', interval '1 mon -2 days 03:04:05' * " + one + ", md5(" +
           word + ")::uuid, json_build_object('k', " + word + "), jsonb_build_array(" + word + ", " + number +
           ", null), decode(md5(" + word + "), 'hex'), ARRAY[1, NULL, " + number + "], ARRAY[" + word + ", " +
           text() + ", NULL], B'10110', B'" + std::string(static_cast<std::size_t>(below(6)), '1') +
           "', '10.0.0." + one + "/24', " + (one_in(2) ? "'it''s'" : R"('closed, "late"')") + ", left(" +
           text() + ", 8), " + number + ", ROW(" + one + ", " + word + "), point(" + one +
           ", 0.5), int4range(1, 2 + " + one + "), left(" + text() +
           ", 20), 12.34, 'q', ARRAY['open', NULL]::\"Status [x]\"[]) ON CONFLICT DO NOTHING";
}

std::string Workload::toast_statement()
{
    switch (below(6)) {
        case 0:
        case 1:
            return "INSERT INTO item (id, big, big2, note) VALUES (" + id() + ", " + large_text() + ", " +
                   (one_in(2) ? large_text() : text_or_null()) + ", " + text() +
                   ") ON CONFLICT (id) DO UPDATE SET note = excluded.note";
        case 2:
            return "UPDATE item SET note = " + text_or_null() + " WHERE id < " + id();
        case 3:
            return "UPDATE item SET big = " + large_text() + " WHERE id = " + id();
        case 4: {
            const auto fresh = std::to_string(100 + below(30));
            return "UPDATE item SET id = " + fresh + " WHERE id = " + id() +
                   " AND NOT EXISTS (SELECT FROM item WHERE id = " + fresh + ")";
        }
        default:
            return "DELETE FROM item WHERE id > 20 + " + id();
    }
}

std::string Workload::identity_statement()
{
    const auto one = id();
    switch (below(7)) {
        case 0:
            return "INSERT INTO full_row VALUES (" + (one_in(3) ? "NULL" : one) + ", " + text_or_null() +
                   ", " + (one_in(2) ? large_text() : text_or_null()) + ", 1)";
        case 1:
            return "UPDATE full_row SET b = " + text_or_null() + ", d = d + 1 WHERE a < " + one;
        case 2:
            return "DELETE FROM full_row WHERE a IS NOT DISTINCT FROM " + (one_in(2) ? "NULL" : one);
        case 3:
        case 4:
            return "INSERT INTO by_index VALUES (" + one + ", " + text() + ", " + text_or_null() +
                   ") ON CONFLICT DO NOTHING";
        case 5: {
            const auto code = text();
            return "UPDATE by_index SET code = " + code + " WHERE id = " + one +
                   " AND NOT EXISTS (SELECT FROM by_index WHERE code = " + code + ")";
        }
        default:
            return one_in(2) ? "DELETE FROM by_index WHERE id < " + one
                             : "UPDATE by_index SET note = " + text() + " WHERE id < " + one;
    }
}

std::string Workload::other_statement()
{
    const auto one = id();
    switch (below(14)) {
        case 0:
            return "TRUNCATE line RESTART IDENTITY";
        case 1:
            return "TRUNCATE parent CASCADE";
        case 2:
            return R"(TRUNCATE "visit other", full_row)";
        case 3:
            return "INSERT INTO line (line) SELECT " + text_or_null() + " FROM generate_series(1, " + one +
                   ")";
        case 4:
            return "COPY line (number) FROM PROGRAM 'seq 1 " + one + "'";
        case 5:
        case 6:
            return "INSERT INTO visit VALUES (" + one + ", " + (one_in(2) ? "2024" : "2023") + ", " + text() +
                   ") ON CONFLICT DO NOTHING";
        case 7:
            // Moves rows between partitions: a delete and an insert.
            return "UPDATE visit SET year = year + 1 WHERE id = " + one +
                   " AND NOT EXISTS (SELECT FROM visit AS other WHERE other.id = " + one +
                   " AND other.year = visit.year + 1)";
        case 8:
            return "DELETE FROM visit WHERE id < " + one;
        case 9:
            return "INSERT INTO parent VALUES (" + one + ") ON CONFLICT DO NOTHING";
        case 10:
            return "INSERT INTO \"Child\" SELECT " + one + ", max(id) FROM parent ON CONFLICT DO NOTHING";
        case 11:
        case 12:
            // Alone too large for the memory of decoding.
            return "INSERT INTO line (line) SELECT 'x' FROM generate_series(1, 600)";
        default:
            return "SELECT pg_logical_emit_message(true, 'casebridge', " + text() + ")";
    }
}

std::string Workload::shape_statement()
{
    switch (below(4)) {
        case 0:
            return "ALTER TABLE item DROP COLUMN IF EXISTS \"extra\", ADD COLUMN \"extra\" text DEFAULT " +
                   text();
        case 1:
            return "ALTER TABLE item DROP COLUMN IF EXISTS \"extra\"";
        case 2:
            return "ALTER TABLE parent REPLICA IDENTITY FULL";
        default:
            return "ALTER TABLE full_row ALTER d TYPE " + std::string{one_in(2) ? "bigint" : "integer"};
    }
}

}  // namespace casebridge::pgoutput::test
